"""Rendering an EmbeddingModel's embedder: Deployment, Service and, where asked for, a HorizontalPodAutoscaler."""

from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.pods import GpuProfile
from hirag_operator.plan.environment import environment
from hirag_operator.plan.hardening import USER_ID, hardened_container, hardened_pod
from hirag_operator.plan.modelfiles import ModelFiles, model_files
from hirag_operator.plan.names import workload_name
from hirag_operator.plan.owned import Owner

Json = dict[str, Any]

PORT = 8080
CACHE_DIR = "/var/cache/hirag"
PROBE_PERIOD_SECONDS = 5


def embedder_name(model: EmbeddingModel) -> str:
    """Return the name of the Deployment and of the Service."""
    return workload_name(model.metadata.name, "embedder")


def embedder_objects(model: EmbeddingModel, owner: Owner, default_image: str) -> list[Json]:
    """Return the manifests that serve a model from `spec.source`; none for an external provider."""
    if model.spec.source is None:
        return []
    objects = [_deployment(model, owner, default_image), _service(model, owner)]
    if model.spec.effective_serving.autoscaling is not None:
        objects.append(_autoscaler(model, owner))
    return objects


def embedder_environment(model: EmbeddingModel, model_dir: str) -> dict[str, str]:
    """Return the environment of the embedder's process, as its Settings read it."""
    spec, runtime = model.spec, model.spec.effective_runtime
    values: dict[str, Any] = {
        "MODEL_DIR": model_dir,
        "MODEL_NAME": served_name(model),
        "MODEL_REVISION": _revision(model),
        "DIMENSIONS": spec.dimensions,
        "MAX_TOKENS": spec.max_tokens,
        "POOLING": spec.pooling,
        "NORMALIZE": str(spec.normalize).lower(),
        "QUERY_INSTRUCTION": spec.instructions.query,
        "PASSAGE_INSTRUCTION": spec.instructions.passage,
        "BACKEND": runtime.backend,
        "PRECISION": runtime.precision,
        "DEVICE": runtime.device,
        "PRESET": runtime.preset,
        "CACHE_DIR": CACHE_DIR,
        "HOST": "0.0.0.0",  # noqa: S104  the Service reaches the pod from outside of it
        "PORT": PORT,
    }
    if runtime.batching is not None and runtime.batching.max_tokens is not None:
        values["BATCH_TOKENS"] = runtime.batching.max_tokens
    return {f"HIRAG_EMBEDDER_{name}": str(value) for name, value in values.items() if value != ""}


def served_name(model: EmbeddingModel) -> str:
    """Return the model's name in requests: the provider's, the repository's, or the object's own."""
    if model.spec.external is not None:
        return model.spec.external.model
    source = model.spec.source
    return source.hugging_face.repo if source and source.hugging_face else model.metadata.name


def _revision(model: EmbeddingModel) -> str:
    source = model.spec.source
    return source.hugging_face.revision if source and source.hugging_face else ""


def _deployment(model: EmbeddingModel, owner: Owner, default_image: str) -> Json:
    serving = model.spec.effective_serving
    spec: Json = {
        "selector": {"matchLabels": owner.labels},
        "progressDeadlineSeconds": serving.startup_deadline_seconds,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "template": {"metadata": {"labels": owner.labels}, "spec": _pod(model, serving.image or default_image)},
    }
    if serving.autoscaling is None:  # an autoscaler owns the replicas where there is one
        spec["replicas"] = 1 if serving.replicas is None else serving.replicas
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": owner.metadata(embedder_name(model)),
        "spec": spec,
    }


def _pod(model: EmbeddingModel, image: str) -> Json:
    serving = model.spec.effective_serving
    profile = serving.gpu_profiles[0] if serving.gpu_profiles else None
    files = model_files(model, image)
    tolerations = [*(serving.tolerations or []), *(profile.tolerations or [] if profile else [])]
    optional: Json = {
        "nodeSelector": {**(serving.node_selector or {}), **(profile.node_selector or {} if profile else {})},
        "tolerations": [toleration.to_wire() for toleration in tolerations],
        "affinity": serving.affinity,
        "schedulerName": serving.scheduler_name,
        "runtimeClassName": (profile.runtime_class_name if profile else None) or serving.runtime_class_name,
        "priorityClassName": serving.priority_class_name,
        "initContainers": files.init_containers,
    }
    return {
        **hardened_pod(fsGroup=USER_ID),
        "terminationGracePeriodSeconds": 60,
        "containers": [_container(model, image, files, profile)],
        "volumes": [files.volume, {"name": "cache", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}],
        **{key: value for key, value in optional.items() if value},
    }


def _container(model: EmbeddingModel, image: str, files: ModelFiles, profile: GpuProfile | None) -> Json:
    serving = model.spec.effective_serving
    return {
        "name": "embedder",
        "image": image,
        "command": ["hirag-embedder", "serve"],
        "env": environment(embedder_environment(model, files.model_dir)),
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "resources": _resources(model, profile),
        "volumeMounts": [
            files.mount,
            {"name": "cache", "mountPath": CACHE_DIR},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108  a volume of the pod's own
        ],
        "securityContext": hardened_container(),
        # The server stops listening at SIGTERM, while for a moment the Service still sends requests to the pod.
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        "startupProbe": _probe("ready", max(1, serving.startup_deadline_seconds // PROBE_PERIOD_SECONDS)),
        "readinessProbe": _probe("ready", 3),
        "livenessProbe": _probe("live", 6),
    }


def _probe(path: str, failures: int) -> Json:
    request = {"path": f"/.well-known/{path}", "port": "http"}
    return {
        "httpGet": request,
        "periodSeconds": PROBE_PERIOD_SECONDS,
        "timeoutSeconds": 3,
        "failureThreshold": failures,
    }


def _resources(model: EmbeddingModel, profile: GpuProfile | None) -> Json:
    declared = model.spec.effective_serving.resources
    resources = declared.to_wire() if declared else {}
    if profile is not None:
        # An extended resource's request equals its limit; naming the limit sets both.
        limits = {**resources.get("limits", {}), profile.resource.name: str(profile.resource.count)}
        resources = {**resources, "limits": limits}
    return resources


def _service(model: EmbeddingModel, owner: Owner) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": owner.metadata(embedder_name(model)),
        "spec": {
            "selector": owner.labels,
            "ports": [{"name": "http", "port": PORT, "targetPort": "http", "protocol": "TCP"}],
        },
    }


def _autoscaler(model: EmbeddingModel, owner: Owner) -> Json:
    autoscaling = model.spec.effective_serving.autoscaling
    if autoscaling is None:
        raise ValueError("spec.serving.autoscaling is not set")
    target = {"type": "Utilization", "averageUtilization": autoscaling.target_cpu_utilization_percentage}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": owner.metadata(embedder_name(model)),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": embedder_name(model)},
            "minReplicas": autoscaling.min_replicas,
            "maxReplicas": autoscaling.max_replicas,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        },
    }
