{{/*
Where the Weaviates are. Of a Service's name the namespace is known, not the pods' port behind it; of any other host the
port, not the address. What is known is used, and `networkPolicy` of the connection says the rest.
*/}}

{{/* The namespace of an address within the cluster: of host.namespace.svc…; the release's for a bare name; else nothing.
     Takes {root, url}. */}}
{{- define "hirag-operator.namespaceOf" -}}
{{- $host := (urlParse .url).hostname -}}
{{- if regexMatch "^[^.]+\\.[^.]+\\.svc(\\.|$)" $host -}}
{{- index (splitList "." $host) 1 -}}
{{- else if not (contains "." $host) -}}
{{- .root.Release.Namespace -}}
{{- end -}}
{{- end }}

{{- define "hirag-operator.portOf" -}}
{{- $url := urlParse . -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- $port | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end }}

{{- define "hirag-operator.namespacePeer" -}}
namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ . }}}}
{{- end }}

{{/* One egress rule. Takes {root, connection}. */}}
{{- define "hirag-operator.weaviateEgress" -}}
{{- $declared := .connection.networkPolicy | default dict -}}
{{- $namespace := include "hirag-operator.namespaceOf" (dict "root" .root "url" .connection.httpUrl) -}}
{{- $rule := dict -}}
{{- if $declared.to -}}
{{- $_ := set $rule "to" $declared.to -}}
{{- else if $namespace -}}
{{- $_ := set $rule "to" (list (include "hirag-operator.namespacePeer" $namespace | fromYaml)) -}}
{{- end -}}
{{- if $declared.ports -}}
{{- $_ := set $rule "ports" $declared.ports -}}
{{- else if not $namespace -}}
{{- $_ := set $rule "ports" (list (dict "port" (include "hirag-operator.portOf" .connection.httpUrl | int) "protocol" "TCP")) -}}
{{- end -}}
{{- toYaml (list $rule) -}}
{{- end }}

{{/* One egress rule to addresses. Takes {cidrs, ports}. */}}
{{- define "hirag-operator.addressEgress" -}}
- ports:
    {{- range .ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
  {{- with .cidrs }}
  to:
    {{- range . }}
    - ipBlock: {cidr: {{ . | quote }}}
    {{- end }}
  {{- end }}
{{- end }}
