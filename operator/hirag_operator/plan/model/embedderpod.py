"""The embedder's pod, from an EmbeddingModel's spec and the GPU profile that it runs under."""

from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.pods import GpuProfile
from hirag_operator.plan.children.owned import Owner
from hirag_operator.plan.digest import digest
from hirag_operator.plan.model.availability import spread
from hirag_operator.plan.model.embedderprocess import CACHE_DIR, PORT, embedder_environment
from hirag_operator.plan.model.gpuprofiles import Choice
from hirag_operator.plan.model.modelcache import claim_name
from hirag_operator.plan.model.modelfiles import ModelFiles, model_files
from hirag_operator.plan.pods.environment import environment
from hirag_operator.plan.pods.hardening import USER_ID, hardened_container, hardened_pod

Json = dict[str, Any]

PROBE_PERIOD_SECONDS = 5
VERSION = "hirag.dev/version"  # annotation of pods: digest of their template, which tells new ones from earlier ones


def pod_template(model: EmbeddingModel, owner: Owner, account: str, image: str, choice: Choice) -> Json:
    """Return the template of the embedder's pods, which run as the ServiceAccount `account`."""
    serving = model.spec.effective_serving
    spec = {
        **_pod(model, image, choice.profile),
        "serviceAccountName": account,
        "topologySpreadConstraints": spread(owner),
    }
    annotations = {**(serving.pod_annotations or {}), **choice.pod_annotations}
    labels = {**(serving.pod_labels or {}), **owner.labels}
    version = digest([labels, annotations, spec], 10)
    return {"metadata": {"labels": labels, "annotations": {**annotations, VERSION: version}}, "spec": spec}


def _pod(model: EmbeddingModel, image: str, profile: GpuProfile | None) -> Json:
    files = model_files(model, image)
    cache: Json = {"emptyDir": {}}
    if model.spec.effective_serving.model_cache is not None:
        cache = {"persistentVolumeClaim": {"claimName": claim_name(model)}}
    volumes = [files.volume, {"name": "cache", **cache}, {"name": "tmp", "emptyDir": {}}]
    return {
        # Of a cache of many gigabytes, a change of every file's group at each start would take minutes.
        **hardened_pod(fsGroup=USER_ID, fsGroupChangePolicy="OnRootMismatch"),
        "terminationGracePeriodSeconds": 60,
        "containers": [_container(model, image, files, profile)],
        "volumes": [volume for volume in volumes if volume],
        **_placement(model, profile),
        **({"initContainers": files.init_containers} if files.init_containers else {}),
    }


def _placement(model: EmbeddingModel, profile: GpuProfile | None) -> Json:
    """Return where the pods may run, as serving says and the profile adds."""
    serving = model.spec.effective_serving
    tolerations = [*(serving.tolerations or []), *(profile.tolerations or [] if profile else [])]
    placement: Json = {
        "nodeSelector": {**(serving.node_selector or {}), **(profile.node_selector or {} if profile else {})},
        "tolerations": [toleration.to_wire() for toleration in tolerations],
        "affinity": serving.affinity,
        "schedulerName": serving.scheduler_name,
        "runtimeClassName": (profile.runtime_class_name if profile else None) or serving.runtime_class_name,
        "priorityClassName": serving.priority_class_name,
        "imagePullSecrets": [secret.to_wire() for secret in serving.image_pull_secrets or []],
    }
    return {key: value for key, value in placement.items() if value}


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
        # The server's last words are in its log; so they reach the pod's status, and from there the model's.
        "terminationMessagePolicy": "FallbackToLogsOnError",
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
    if profile is not None and profile.resource is not None:
        # An extended resource's request equals its limit; naming the limit sets both.
        limits = {**resources.get("limits", {}), profile.resource.name: str(profile.resource.count)}
        resources = {**resources, "limits": limits}
    return resources
