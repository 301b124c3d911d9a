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

{{/* The way to the gRPC API, which jobs take; nothing where the one to REST leads there too. Takes {root, connection}. */}}
{{- define "hirag-operator.weaviateGrpcEgress" -}}
{{- $host := regexReplaceAll ":[0-9]+$" (urlParse .connection.httpUrl).host "" -}}
{{- $url := printf "grpc://%s" (.connection.grpcAddress | default (printf "%s:50051" $host)) -}}
{{- $declared := .connection.networkPolicy | default dict -}}
{{- $ports := list -}}
{{- if $declared.ports -}}
{{- $ports = list (dict "port" (include "hirag-operator.portOf" $url | int) "protocol" "TCP") -}}
{{- end -}}
{{- $grpc := dict "httpUrl" $url "networkPolicy" (dict "to" $declared.to "ports" $ports) -}}
{{- $rule := include "hirag-operator.weaviateEgress" (dict "root" .root "connection" $grpc) -}}
{{- if ne $rule (include "hirag-operator.weaviateEgress" .) -}}
{{- $rule -}}
{{- end -}}
{{- end }}

{{/* One egress rule to the embedders of all that is watched. Takes the root. */}}
{{- define "hirag-operator.embedderEgress" -}}
- ports: [{port: 8080, protocol: TCP}]
  to:
    - podSelector:
        matchExpressions:
          - {key: hirag.dev/embedding-model, operator: Exists}
      {{- if .Values.watchNamespaces }}
      namespaceSelector:
        matchExpressions:
          - {key: kubernetes.io/metadata.name, operator: In, values: {{ .Values.watchNamespaces | toJson }}}
      {{- else }}
      namespaceSelector: {}
      {{- end }}
{{- end }}

{{/* Labels of the pods that carry data; the operator sets them. */}}
{{- define "hirag-operator.migrationLabels" -}}
app.kubernetes.io/managed-by: hirag-operator
app.kubernetes.io/component: migration
{{- end }}

{{/* What selects all Jobs of the operator: those that carry data, and those that measure. */}}
{{- define "hirag-operator.jobsSelector" -}}
matchLabels:
  app.kubernetes.io/managed-by: hirag-operator
matchExpressions:
  - {key: app.kubernetes.io/component, operator: In, values: [migration, measurement]}
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
