"""What the nodes of a Weaviate say of their shards; asking loads nothing into memory, unlike the list of shards."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from hirag_operator.adapters.http import JsonServer
from hirag_operator.errors import Garbled


def shards_of(server: JsonServer, collection: str = "") -> list[Mapping[str, Any]]:
    """Return the active shards on every node, of one physical collection or of all; a tenant is a shard.

    Raises:
        Unreachable, NotAuthorized, Refused: as the server answered.
        Garbled: the answer has not Weaviate's form.
    """
    path = f"/v1/nodes/{quote(collection)}" if collection else "/v1/nodes"
    answer = server.ask("get_nodes", "GET", f"{path}?output=verbose")
    try:
        return [{**shard, "name": str(shard["name"])} for node in answer["nodes"] for shard in node.get("shards") or []]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Garbled(server.name, "/v1/nodes has not Weaviate's form: is this a Weaviate?") from error
