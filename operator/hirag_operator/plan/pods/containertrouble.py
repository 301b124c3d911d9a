"""Why a container of a pod does not run, from what the kubelet says of it.

Shapes: `pkg/kubelet/images/types.go`, `pkg/kubelet/kuberuntime/kuberuntime_container.go` and
`pkg/kubelet/container/sync_result.go` (reasons of waiting containers) of Kubernetes 1.35. What a container says at its
end is quoted in part; its environment never is.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.pods.trouble import Trouble, brief

Json = Mapping[str, Any]

ENDED_TOO_OFTEN = 2  # restarts after which a container is not merely starting once more
_BACKING_OFF = re.compile(r'^Back-off pulling image "[^"]*"(: (\w+: )?|$)')
_NOT_PULLED = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImageInspectError",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    }
)
_NOT_CREATED = frozenset(
    {
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "PreCreateHookError",
        "PreStartHookError",
        "PostStartHookError",
    }
)


def image(pod: Json) -> Trouble | None:
    """Return that an image cannot be pulled, if one cannot."""
    for container in _containers(pod):
        waiting = container.get("state", {}).get("waiting") or {}
        if waiting.get("reason") in _NOT_PULLED:
            message = (
                f"An image of container {container['name']} of pod {pod['metadata']['name']} cannot be pulled: "
                f"{_pull_words(waiting)}. Check its name and tag, and the pull secrets."
            )
            return Trouble(Reason.IMAGE_PULL_FAILED, message, needs_person=True)
    return None


def not_created(pod: Json) -> Trouble | None:
    """Return that the node cannot make a container, if it cannot."""
    for container in _containers(pod):
        waiting = container.get("state", {}).get("waiting") or {}
        if waiting.get("reason") in _NOT_CREATED:
            said = brief(f"{waiting['reason']}: {waiting.get('message', '')}")
            message = f"Container {container['name']} of pod {pod['metadata']['name']} cannot be made: {said}."
            return Trouble(Reason.CONTAINER_NOT_CREATED, message, needs_person=True)
    return None


def ended(pod: Json) -> Trouble | None:
    """Return that a container ended that should run, and in what way."""
    for container in _containers(pod):
        state = container.get("state", {})
        last = state.get("terminated") or container.get("lastState", {}).get("terminated") or {}
        backing_off = (state.get("waiting") or {}).get("reason") == "CrashLoopBackOff"
        if container.get("ready") or not (backing_off or last.get("exitCode")):
            continue
        again = backing_off or container.get("restartCount", 0) >= ENDED_TOO_OFTEN
        if last.get("reason") == "OOMKilled":
            return _out_of_memory(pod, container, again=again)
        return _ending(pod, container, last, again=again)
    return None


def _out_of_memory(pod: Json, container: Json, *, again: bool) -> Trouble:
    limits = (_declared(pod, container["name"]).get("resources") or {}).get("limits") or {}
    limit = f"its limit of {limits['memory']}" if "memory" in limits else "its node has"
    message = (
        f"Container {container['name']} of pod {pod['metadata']['name']} was ended for using more memory than {limit}. "
        "Raise resources.limits.memory, or let it use less."
    )
    return Trouble(Reason.OUT_OF_MEMORY, message, needs_person=again)


def _ending(pod: Json, container: Json, last: Json, *, again: bool) -> Trouble:
    words = _last_words(str(last.get("message") or ""))
    how = f"signal {last['signal']}" if last.get("signal") else f"exit code {last.get('exitCode', 0)}"
    name = pod["metadata"]["name"]
    before = "" if container.get("state", {}).get("terminated") else " --previous"
    message = (
        f"Container {container['name']} of pod {name} {'ends again and again, last' if again else 'ended'} with "
        f"{how}{f': {words}' if words else ''}. See kubectl logs {name} -c {container['name']}{before}."
    )
    return Trouble(Reason.CRASH_LOOPING if again else Reason.POD_FAILED, message, needs_person=again)


def _containers(pod: Json) -> Iterator[Json]:
    """Yield the statuses of containers, those that run first first."""
    status = pod.get("status") or {}
    yield from status.get("initContainerStatuses") or []
    yield from status.get("containerStatuses") or []


def _declared(pod: Json, container: str) -> Json:
    declared = [*(pod["spec"].get("initContainers") or []), *pod["spec"]["containers"]]
    return next((item for item in declared if item["name"] == container), {})


def _pull_words(waiting: Json) -> str:
    """Return why, in the same words whether the kubelet has just tried or waits to try again."""
    message = str(waiting.get("message") or waiting["reason"])
    return brief(_BACKING_OFF.sub("", message) or message)


def _last_words(message: str) -> str:
    """Return the last line that a container wrote; of a line of ours, which is JSON, the event and its error."""
    line = next((line for line in reversed(message.splitlines()) if line.strip()), "")
    try:
        logged = json.loads(line)
    except ValueError:
        return brief(line)
    if not isinstance(logged, Mapping):
        return brief(line)
    return brief(": ".join(str(logged[key]) for key in ("event", "error") if logged.get(key)))
