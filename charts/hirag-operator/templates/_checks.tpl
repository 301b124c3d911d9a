{{/* What no schema can say: values that do not go together. */}}
{{- define "hirag-operator.check" -}}
{{- if not .Values.weaviate -}}
{{- fail "weaviate: name at least one server, e.g. --set weaviate.default.httpUrl=http://weaviate.data.svc:80" -}}
{{- end -}}
{{- range .Values.secrets.allowed -}}
{{- if and $.Values.watchNamespaces (not (has .namespace $.Values.watchNamespaces)) -}}
{{- fail (printf "secrets.allowed: namespace %s is not in watchNamespaces, so none of its Secrets is ever read; add it there, or remove it here" .namespace) -}}
{{- end -}}
{{- end -}}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) -}}
{{- fail "serviceAccount.name: with serviceAccount.create off, name the ServiceAccount that the operator runs as" -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled (not .Values.metrics.service.enabled) -}}
{{- fail "metrics.serviceMonitor.enabled: it finds the operator by its Service; set metrics.service.enabled too" -}}
{{- end -}}
{{- end }}
