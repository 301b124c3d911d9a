{{/* Names and labels of what the chart makes. */}}

{{- define "hirag-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "hirag-operator.fullname" -}}
{{- $name := include "hirag-operator.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* For what is outside of the release's namespace: releases of one name in two namespaces do not meet. */}}
{{- define "hirag-operator.outsideName" -}}
{{- printf "%s-%s" .Release.Namespace (include "hirag-operator.fullname" .) -}}
{{- end }}

{{- define "hirag-operator.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "hirag-operator.fullname" .) -}}
{{- end }}

{{- define "hirag-operator.leaseName" -}}
{{- .Values.leaderElection.leaseName | default (printf "hirag-operator-%s" .Values.instance) -}}
{{- end }}

{{- define "hirag-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "hirag-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "hirag-operator.labels" -}}
{{ include "hirag-operator.selectorLabels" . }}
app.kubernetes.io/part-of: hirag
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Takes {root, image}. */}}
{{- define "hirag-operator.image" -}}
{{- $registry := .root.Values.imageRegistry | trimSuffix "/" -}}
{{- $repository := ternary (printf "%s/%s" $registry .image.repository) .image.repository (ne $registry "") -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end }}
