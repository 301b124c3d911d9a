"""Which of `spec.serving.gpuProfiles` a model runs under: the first that the scheduler finds a node for.

What was tried is written on the Deployment, never read from a status: annotations name the profile in use, since when,
and a digest of the list, so that a change of the list begins again with its first. A Deployment has one template, so
falling back moves all pods; it happens only while not one pod of the profile has a node.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from hirag_operator.api.pods import GpuProfile
from hirag_operator.plan.digest import digest
from hirag_operator.plan.pods.podscheduling import unschedulable
from hirag_operator.plan.pods.trouble import brief

Json = Mapping[str, Any]

IN_USE = "hirag.dev/gpu-profile"  # annotation of the Deployment and of its pods: name and digest of the profile
FALLBACK = "GpuProfileFallback"  # reason of the Event
TRIED = "hirag.dev/gpu-profiles"  # annotation of the Deployment: digest of the list
SINCE = "hirag.dev/gpu-profile-since"  # annotation of the Deployment: when the profile came into use
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Choice:
    """The profile to run under (None where none is declared), and since when.

    `gave_up` names the profile that was left now, `exhausted` says that this is the last one and that it does not fit
    either; `words` are the scheduler's in both cases. `seconds_left`: until the profile would be left as things stand.
    """

    profile: GpuProfile | None = None
    profiles: tuple[GpuProfile, ...] = ()
    since: datetime | None = None
    gave_up: str = ""
    exhausted: bool = False
    words: str = ""
    seconds_left: float | None = None

    @property
    def deployment_annotations(self) -> dict[str, str]:
        """Return what the Deployment carries, from which the next look takes up."""
        if self.since is None:
            return {}
        return {**self.pod_annotations, SINCE: self.since.strftime(_TIME), TRIED: _list_digest(self.profiles)}

    @property
    def pod_annotations(self) -> dict[str, str]:
        """Return what tells pods of this profile from those of another."""
        return {IN_USE: _token(self.profile)} if self.profile else {}

    def told(self) -> str:
        """Return what happened, for an Event or a condition."""
        if self.profile is None or not self.words:
            return ""
        if self.exhausted:
            names = ", ".join(profile.name for profile in self.profiles)
            return (
                f"No node takes the pods under any profile of spec.serving.gpuProfiles ({names}); the scheduler says "
                f"of {self.profile.name}: {self.words}. Add nodes, or change the list, which begins anew."
            )
        return f"No node takes the pods under GPU profile {self.gave_up}: {self.words}; now trying {self.profile.name}."


def choose(profiles: Sequence[GpuProfile], deployment: Json | None, pods: Sequence[Json], now: datetime) -> Choice:
    """Return the profile to run under, given the live Deployment (None before there is one) and the model's pods."""
    if not profiles:
        return Choice()
    listed = tuple(profiles)
    index, begun = _attempt(listed, deployment) or (0, now)
    profile, waits = listed[index], _waits(listed[index], pods)
    present = Choice(profile, listed, begun)
    if not waits:
        return present
    longest = min(waits, key=_since)
    # Pods of an earlier attempt may have waited for long; each attempt has its whole time.
    left = profile.fallback_after_seconds - (now - max(begun, _since(longest))).total_seconds()
    if left > 0:
        return replace(present, seconds_left=left)
    words = brief(longest.get("message", ""))
    if index + 1 == len(listed):
        return replace(present, exhausted=True, words=words)
    return Choice(listed[index + 1], listed, now, gave_up=profile.name, words=words)


def _attempt(profiles: Sequence[GpuProfile], deployment: Json | None) -> tuple[int, datetime] | None:
    """Return which profile the Deployment says is in use, and since when; None when it says nothing of this list."""
    annotations = (deployment or {}).get("metadata", {}).get("annotations") or {}
    if annotations.get(TRIED) != _list_digest(profiles):
        return None
    tokens = [_token(profile) for profile in profiles]
    try:
        return tokens.index(annotations[IN_USE]), datetime.strptime(annotations[SINCE], _TIME).replace(tzinfo=UTC)
    except (KeyError, ValueError):  # taken away or changed by hand: it begins again
        return None


def _waits(profile: GpuProfile, pods: Sequence[Json]) -> list[Json]:
    """Return what the scheduler says of the profile's pods; nothing as soon as one of them has a node."""
    own = [pod for pod in pods if _belongs(pod, profile)]
    if any(pod["spec"].get("nodeName") for pod in own):
        return []
    said = [condition for pod in own if (condition := unschedulable(pod)) is not None]
    return [condition for condition in said if condition.get("lastTransitionTime")]


def _belongs(pod: Json, profile: GpuProfile) -> bool:
    metadata = pod["metadata"]
    return not metadata.get("deletionTimestamp") and (metadata.get("annotations") or {}).get(IN_USE) == _token(profile)


def _since(condition: Json) -> datetime:
    return datetime.fromisoformat(condition["lastTransitionTime"])


def _shape(profile: GpuProfile) -> dict[str, Any]:
    """Return what a profile makes of a pod; how long to wait for it is no part of that."""
    return {key: value for key, value in profile.to_wire().items() if key != "fallbackAfterSeconds"}


def _token(profile: GpuProfile) -> str:
    return f"{profile.name}.{digest(_shape(profile), 8)}"


def _list_digest(profiles: Sequence[GpuProfile]) -> str:
    return digest([_shape(profile) for profile in profiles], 16)
