{{/*
Exactly what the operator asks for, no more; e2e/cluster/audit.py holds the API server's audit log against it.
A create goes by server-side apply: the API server asks for patch and, where the object is not there yet, for create.
*/}}

{{/* In every namespace that is watched. */}}
{{- define "hirag-operator.rules" -}}
# Our own kinds. `patch` of a ContextCollection sets its finalizer, which keeps it until its data is seen to.
- apiGroups: [hirag.dev]
  resources: [embeddingmodels, hnswindexpolicies]
  verbs: [get, list, watch]
- apiGroups: [hirag.dev]
  resources: [contextcollections]
  verbs: [get, list, watch, patch]
- apiGroups: [hirag.dev]
  resources: [embeddingmodels/status, hnswindexpolicies/status, contextcollections/status]
  verbs: [patch]
# What serves a model.
- apiGroups: [""]
  resources: [services, serviceaccounts]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [get, list, watch, create, patch, delete]
# What holds a model cache, or what was learnt, is never deleted by the operator; it goes with its owner.
- apiGroups: [""]
  resources: [persistentvolumeclaims, configmaps]
  verbs: [get, list, watch, create, patch]
# What runs on a schedule.
- apiGroups: [batch]
  resources: [cronjobs]
  verbs: [get, list, watch, create, patch, delete]
# How all of it is doing.
- apiGroups: [batch]
  resources: [jobs]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- end }}

{{/* Of Secrets by their names, in each namespace; a list or watch of one name is granted by that name. Takes names. */}}
{{- define "hirag-operator.secretRules" -}}
- apiGroups: [""]
  resources: [secrets]
  resourceNames: {{ . | toJson }}
  verbs: [get, list, watch]
{{- end }}

{{- define "hirag-operator.subjects" -}}
- kind: ServiceAccount
  name: {{ include "hirag-operator.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}
