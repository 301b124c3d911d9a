"""Steps of the operator's plan in words, before they are done."""

from hirag_operator.plan.steps import (
    AddProperty,
    CreateAlias,
    CreateCollection,
    CreateTenants,
    DeleteAlias,
    DeleteCollection,
    DeleteTenants,
    MoveAlias,
    SchemaStep,
    SetTenantStates,
    UpdateCollection,
)


def in_words(step: SchemaStep) -> str:  # noqa: PLR0911  one sentence for each
    """Return what a step would do."""
    match step:
        case CreateCollection(schema):
            return f"make collection {schema['class']}"
        case UpdateCollection(collection, _, paths):
            return f"change in place {', '.join(paths)} of {collection}"
        case AddProperty(collection, schema):
            return f"add property {schema['name']} to {collection}"
        case CreateAlias(alias, collection) | MoveAlias(alias, collection):
            return f"point alias {alias} at {collection}"
        case DeleteAlias(alias):
            return f"remove alias {alias}"
        case DeleteCollection(collection):
            return f"remove collection {collection} with its data"
        case CreateTenants(collection, tenants):
            return f"make {len(tenants):,} tenants in {collection}"
        case SetTenantStates(collection, tenants):
            return f"change the state of {len(tenants):,} tenants of {collection}"
        case DeleteTenants(collection, names):
            return f"remove {len(names):,} tenants of {collection} with their data"
