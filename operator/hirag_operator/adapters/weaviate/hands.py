"""Carrying out steps: what was done is known to the view at once, so that the next look does not contradict it."""

from collections.abc import Mapping
from typing import Final

from hirag_operator.adapters.weaviate.calls import Calls
from hirag_operator.adapters.weaviate.migrations import Migrations
from hirag_operator.adapters.weaviate.view import View
from hirag_operator.plan.moves import MigrationStep, OpenAlias, SwapAlias
from hirag_operator.plan.steps import (
    AddProperty,
    CreateAlias,
    CreateCollection,
    CreateTenants,
    DeleteAlias,
    DeleteCollection,
    DeleteTenants,
    MoveAlias,
    SetTenantStates,
    UpdateCollection,
    WeaviateStep,
)

_READS_AS: Final = {"ACTIVE": "HOT", "INACTIVE": "COLD"}  # Weaviate writes and reads different words


class Hands:
    """Changes one Weaviate server, a step at a time.

    Args:
        calls: to the server.
        view: what was seen of it.
        migrations: what is done to holders that are migrated.
    """

    def __init__(self, calls: Calls, view: View, migrations: Migrations) -> None:
        self._calls, self._view, self._migrations = calls, view, migrations

    def carry_out(self, step: WeaviateStep) -> None:
        """Carry out one step, within `Calls.step`."""
        match step:
            case CreateAlias() | MoveAlias() | DeleteAlias():
                self._to_alias(step)
            case CreateTenants() | SetTenantStates() | DeleteTenants():
                self._to_tenants(step)
            case CreateCollection() | UpdateCollection() | AddProperty() | DeleteCollection():
                self._to_collection(step)
            case _:
                self._to_migration(step)

    def _to_collection(self, step: CreateCollection | UpdateCollection | AddProperty | DeleteCollection) -> None:
        match step:
            case CreateCollection(schema):
                self._calls.create_collection(schema)
                self._view.forget_collection(str(schema["class"]))
            case UpdateCollection(collection, changes, _):
                self._calls.update_collection(collection, changes)
                self._view.forget_collection(collection)
            case AddProperty(collection, schema):
                self._calls.add_property(collection, schema)
                self._view.forget_collection(collection)
            case DeleteCollection(collection):
                self._calls.delete_collection(collection)
                self._view.note_collection(collection, None)

    def _to_alias(self, step: CreateAlias | MoveAlias | DeleteAlias) -> None:
        match step:
            case CreateAlias(alias, collection):
                self._calls.create_alias(alias, collection)
                self._view.note_alias(alias, collection)
            case MoveAlias(alias, collection):
                self._calls.move_alias(alias, collection)
                self._view.note_alias(alias, collection)
            case DeleteAlias(alias):
                self._calls.delete_alias(alias)
                self._view.note_alias(alias, None)

    def _to_tenants(self, step: CreateTenants | SetTenantStates | DeleteTenants) -> None:
        match step:
            case CreateTenants(collection, tenants):
                self._calls.create_tenants(collection, tenants)
                self._view.note_new_tenants(collection, _as_read(tenants))
            case SetTenantStates(collection, tenants):
                self._calls.set_tenant_states(collection, tenants)
                self._view.note_tenants(collection, _as_read(tenants))
            case DeleteTenants(collection, names):
                self._calls.delete_tenants(collection, names)
                self._view.note_tenants(collection, dict.fromkeys(names))

    def _to_migration(self, step: MigrationStep) -> None:
        self._migrations.apply(step)
        if isinstance(step, SwapAlias | OpenAlias):
            self._view.note_alias(step.alias, step.target.collection)


def _as_read(tenants: Mapping[str, str]) -> dict[str, str]:
    return {name: _READS_AS.get(state, state) for name, state in tenants.items()}
