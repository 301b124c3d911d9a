"""How every reconcile begins: the object as it is now, read into its model, or the reason to stop there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from hirag_operator.api import KubernetesObject
from hirag_operator.reconcile.outcome import DONE, GONE, Outcome
from hirag_operator.reconcile.report import write_invalid
from hirag_operator.reconcile.services import Services

Kind = TypeVar("Kind", bound=KubernetesObject)
Farewell = Callable[[Services, Mapping[str, Any]], Outcome]


@dataclass(frozen=True)
class Loaded(Generic[Kind]):
    """An object that is to be brought to its spec: as JSON, and as its model."""

    body: Mapping[str, Any]
    model: Kind

    @property
    def previous(self) -> dict[str, Any]:
        """Return the status that the object carries."""
        return dict(self.body.get("status") or {})


def load(
    services: Services,
    kind: type[Kind],
    namespace: str,
    name: str,
    farewell: Farewell = lambda _services, _body: DONE,
) -> Loaded[Kind] | Outcome:
    """Return the object, or how the reconcile ends: it is gone, invalid, or being deleted (`farewell` sees to it)."""
    body = services.kubernetes.get(kind.resource.kind, namespace, name)
    if body is None:
        return GONE
    if body["metadata"].get("deletionTimestamp"):
        return farewell(services, body)
    try:
        return Loaded(body, kind.from_wire(body))
    except ValidationError as error:
        write_invalid(services, body, error)
        return DONE
