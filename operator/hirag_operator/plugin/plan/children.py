"""What a change comes to for the objects that the operator keeps in Kubernetes: rendered before and after, compared."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError

from hirag_operator.api import ContextCollection, EmbeddingModel
from hirag_operator.plan.children.drift import drift
from hirag_operator.plan.children.owned import Owner
from hirag_operator.plan.collection.cronjobs import cronjobs
from hirag_operator.plan.dig import dig
from hirag_operator.plan.model.embedder import embedder_objects
from hirag_operator.plan.model.gpuprofiles import choose
from hirag_operator.plugin.kinds import COLLECTION, MODEL

Json = Mapping[str, Any]
Child = tuple[str, str]  # kind, name

_MOST_NAMED: Final = 5  # fields of a child that are named
_IMAGE: Final = "the operator's"  # stands for the images that only the operator knows, before and after alike


def child_steps(before: Json | None, after: Json) -> list[str]:
    """Return what the operator would do to children in Kubernetes, one sentence each."""
    was, wanted = ({} if one is None else _rendered(one) for one in (before, after))
    return [
        *(f"make {kind} {name}" for kind, name in wanted if (kind, name) not in was),
        *(told for child in wanted if child in was for told in _changed(child, was[child], wanted[child])),
        *(
            f"remove {kind} {name}"
            for kind, name in was
            if (kind, name) not in wanted and kind != "PersistentVolumeClaim"
        ),
    ]


def _rendered(body: Json) -> dict[Child, Json]:
    try:
        manifests = list(_manifests(dict(body)))
    except ValidationError:
        return {}
    return {(one["kind"], one["metadata"]["name"]): one for one in manifests}


def _manifests(body: dict[str, Any]) -> Iterator[Json]:
    metadata = body["metadata"]
    owner = Owner(body["kind"], metadata["namespace"], metadata["name"], metadata.get("uid", ""))
    if body["kind"] == COLLECTION:
        yield from cronjobs(ContextCollection.from_wire(body), owner, _IMAGE)
    if body["kind"] == MODEL:
        model = EmbeddingModel.from_wire(body)
        profiles = model.spec.effective_serving.gpu_profiles or ()
        # Which profile is in use is the scheduler's doing; what is asked here is what the spec has to do with it.
        choice = choose(profiles, None, (), datetime.fromtimestamp(0, UTC))
        yield from embedder_objects(model, owner, _IMAGE, choice)


def _changed(child: Child, was: Json, wanted: Json) -> Iterator[str]:
    paths = [*dict.fromkeys([*drift(wanted, was), *drift(was, wanted)])]
    if not paths:
        return
    kind, name = child
    more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
    told = [_with_values(path, was, wanted) for path in paths[:_MOST_NAMED]]
    yield f"change {kind} {name}: {', '.join(told)}{more}"
    if kind == "Deployment" and any(path.startswith("spec.template") for path in paths):
        gap = dig(wanted, "spec", "strategy", "type") == "Recreate"
        how = "all at once: nothing answers meanwhile" if gap else "in turn"
        yield f"replace the pods of Deployment {name}, {how}"


def _with_values(path: str, was: Json, wanted: Json) -> str:
    """Return a path, with both values where they are short."""
    old, new = (dig(one, *path.split(".")) for one in (was, wanted))
    plain = all(isinstance(value, str | int | None) for value in (old, new)) and "[" not in path
    return f"{path} ({old} → {new})" if plain else path
