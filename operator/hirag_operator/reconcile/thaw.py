"""Giving up freezes that a crash left, where a collection is not looked after for now: writes must not wait for that.

A freeze lasts for a moment within one reconcile. After a crash in it the next reconcile ends it on its way; where it
does not get that far (the object is paused, its model is not ready, there is nowhere to run a Job), it is ended here.
"""

from collections.abc import Mapping
from typing import Any

import structlog

from hirag_operator.api.collection_levels import STORED_LEVELS
from hirag_operator.errors import OperatorError
from hirag_operator.plan.collection.migration.backward import unfreeze
from hirag_operator.plan.dig import dig
from hirag_operator.reconcile.progress import carry_out
from hirag_operator.reconcile.services import Services

log = structlog.get_logger(__name__)


def give_up_freezes(services: Services, body: Mapping[str, Any]) -> None:
    """Allow writes to what serves a ContextCollection, where a migration had frozen it; nothing where none had.

    `body` is the object as JSON, valid or not. A server that does not answer is asked again at the next look.
    """
    metadata, name = body["metadata"], dig(body, "spec", "weaviate", "connection") or "default"
    try:
        server = services.connections.get(str(name))
        if server is None:
            return
        for level in STORED_LEVELS:
            for here, there in server.freezes(services.instance, metadata["namespace"], metadata["name"], level):
                carry_out(services, body, server.apply, unfreeze(here, there))
    except OperatorError as error:
        log.warning("freeze_not_looked_for", error=str(error))
