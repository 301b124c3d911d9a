"""What was learnt of a model's vectors when they were first proved: the ConfigMap `<name>-vectors`.

It stands for the vectors that lie in collections by now. As long as the declaration stays, what answers must agree with
it. It is rendered whole from what was learnt then, so that a probe which finds the same writes nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.conditions import Reason
from hirag_operator.plan.children.owned import Owner
from hirag_operator.plan.digest import canonical
from hirag_operator.plan.model.fingerprint import Identity, declaration, fingerprint, identity
from hirag_operator.plan.model.probe import Complaint, Probed
from hirag_operator.plan.names import workload_name
from hirag_operator.plan.vectors import agrees, cosine, readable, stretch

Json = Mapping[str, Any]
KIND = "ConfigMap"
_DIGITS = 12  # of a checksum, enough to tell two apart in a message


@dataclass(frozen=True)
class VectorReference:
    """What was learnt: the digest of the declaration at that time, who answered, and the sketch of the answers."""

    declaration: str
    identity: Identity
    sketch: str


def reference_name(model: EmbeddingModel) -> str:
    """Return the name of the ConfigMap."""
    return workload_name(model.metadata.name, "vectors")


def read_reference(configmap: Json | None) -> VectorReference | None:
    """Return what a ConfigMap holds; None where there is none, or none that we understand: then it is learnt again."""
    data = (configmap or {}).get("data") or {}
    try:
        identity = json.loads(data["identity"])
        found = VectorReference(data["declaration"], identity, data["sketch"])
    except (KeyError, ValueError, RecursionError):  # edited by hand: as good as none
        return None
    return found if isinstance(identity, dict) and readable(found.sketch) else None


def reference_manifest(model: EmbeddingModel, owner: Owner, reference: VectorReference) -> dict[str, Any]:
    """Return the ConfigMap; its `fingerprint` is for people, and is computed anew from the rest."""
    data = {
        "declaration": reference.declaration,
        "identity": canonical(reference.identity),
        "sketch": reference.sketch,
    }
    if (known := known_fingerprint(model, reference)) is not None:
        data["fingerprint"] = known
    return {"apiVersion": "v1", "kind": KIND, "metadata": owner.metadata(reference_name(model)), "data": data}


def is_current(model: EmbeddingModel, reference: VectorReference | None) -> bool:
    """Return whether a reference was learnt under the present declaration, so that what answers must agree with it."""
    return reference is not None and reference.declaration == declaration(model)


def known_fingerprint(model: EmbeddingModel, reference: VectorReference | None) -> str | None:
    """Return the fingerprint that a reference stands for; None where the present declaration is not proved yet."""
    current = reference is not None and is_current(model, reference)
    return fingerprint(model, reference.identity) if reference is not None and current else None


def wanted_reference(model: EmbeddingModel, present: VectorReference | None, probed: Probed) -> VectorReference:
    """Return the reference to keep after a probe that nothing stands against: the present one, or one learnt now."""
    if present is not None and is_current(model, present):
        return present
    return VectorReference(declaration(model), identity(model, probed.description), probed.sketch)


def changed(model: EmbeddingModel, present: VectorReference | None, probed: Probed) -> Complaint | None:
    """Return how the vectors differ from those learnt under the same declaration; None when they are the same."""
    if present is None or not is_current(model, present):
        return None
    differences = _differences(present.identity, identity(model, probed.description))
    if not differences and not agrees(present.sketch, probed.sketch):
        likeness, longer = cosine(present.sketch, probed.sketch), stretch(present.sketch, probed.sketch)
        differences = [f"cosine {likeness:.4f} between then and now, lengths that differ by a factor of {longer:.3g}"]
    if not differences:
        return None
    message = (
        f"the model answers other vectors than before, though spec declares the same: {'; '.join(differences)}. "
        f"Restore {_origin(model)}, or accept the new vectors by deleting ConfigMap {reference_name(model)}: "
        "collections then ask for a migration"
    )
    return Complaint(Reason.VECTORS_CHANGED, message)


def _differences(then: Identity, now: Identity) -> list[str]:
    names = [name for name in {**then, **now} if then.get(name) != now.get(name)]
    return [f"{name} {_short(then.get(name))} → {_short(now.get(name))}" for name in names]


def _short(value: object) -> str:
    text = "untold" if value is None else str(value)
    return text if len(text) <= _DIGITS else f"{text[:_DIGITS]}…"


def _origin(model: EmbeddingModel) -> str:
    return (
        "the files of the model"
        if model.spec.source
        else f"the provider at {model.spec.external and model.spec.external.url}"
    )
