{{/* The operator's settings as environment variables; their names and meanings are in docs/operations.md. */}}

{{- define "hirag-operator.keyFolder" -}}
/var/run/hirag/weaviate/{{ . }}
{{- end }}

{{- define "hirag-operator.connections" -}}
{{- $connections := dict -}}
{{- range $name, $declared := .Values.weaviate -}}
{{- $connection := dict "http_url" $declared.httpUrl -}}
{{- with $declared.grpcAddress }}{{- $_ := set $connection "grpc_address" . -}}{{- end -}}
{{- with $declared.timeoutSeconds }}{{- $_ := set $connection "timeout_seconds" . -}}{{- end -}}
{{- with $declared.capacity }}{{- $_ := set $connection "capacity" . -}}{{- end -}}
{{- with $declared.adoptable }}{{- $_ := set $connection "adoptable" . -}}{{- end -}}
{{- with $declared.apiKeySecretRef -}}
{{- $_ := set $connection "api_key_file" (printf "%s/key" (include "hirag-operator.keyFolder" $name)) -}}
{{- $_ := set $connection "api_key_secret" (dict "name" .name "key" .key) -}}
{{- end -}}
{{- $_ := set $connections $name $connection -}}
{{- end -}}
{{- $connections | toJson -}}
{{- end }}

{{- define "hirag-operator.environment" -}}
- name: HIRAG_OPERATOR_INSTANCE
  value: {{ .Values.instance | quote }}
- name: HIRAG_OPERATOR_WEAVIATE
  value: {{ include "hirag-operator.connections" . | quote }}
- name: HIRAG_OPERATOR_NAMESPACES
  value: {{ .Values.watchNamespaces | toJson | quote }}
- name: HIRAG_OPERATOR_EMBEDDER_IMAGE
  value: {{ include "hirag-operator.image" (dict "root" . "image" .Values.embedder.image) | quote }}
- name: HIRAG_OPERATOR_JOBS_IMAGE
  value: {{ include "hirag-operator.image" (dict "root" . "image" .Values.jobs.image) | quote }}
- name: HIRAG_OPERATOR_JOBS_NAMESPACE
  value: {{ .Release.Namespace | quote }}
- name: HIRAG_OPERATOR_JOBS_RESOURCES
  value: {{ .Values.jobs.resources | default dict | toJson | quote }}
{{- $secrets := list }}
{{- range .Values.imagePullSecrets }}{{- $secrets = append $secrets .name }}{{- end }}
- name: HIRAG_OPERATOR_JOBS_PULL_SECRETS
  value: {{ $secrets | toJson | quote }}
- name: HIRAG_OPERATOR_LEASE_NAMESPACE
  value: {{ .Release.Namespace | quote }}
- name: HIRAG_OPERATOR_LEASE_NAME
  value: {{ include "hirag-operator.leaseName" . | quote }}
- name: HIRAG_OPERATOR_LEASE_SECONDS
  value: {{ .Values.leaderElection.leaseSeconds | quote }}
{{- range $name, $value := .Values.settings }}
- name: HIRAG_OPERATOR_{{ snakecase $name | upper }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
