"""The inference container's contract of Weaviate's text2vec-transformers: `POST /vectors`.

Taken from the client in Weaviate 1.35, usecases/modulecomponents/clients/transformers: one text a call, no content
type, and `error` in the body of a refusal. The module cannot send a key, so this surface is open: it belongs on
loopback or behind a network policy that lets only Weaviate in.
"""

from typing import Literal

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from hirag_embedder.app.body import unless_gone
from hirag_embedder.app.serving import Serving, ServingHere
from hirag_kit.errors import InvalidRequestError
from hirag_kit.wire import InputType

PATH = "/vectors"

router = APIRouter(tags=["weaviate"])


class VectorsConfig(BaseModel):
    """What the collection's vectorizer configuration asks for."""

    pooling_strategy: Literal["", "masked_mean", "cls"] = ""
    task_type: InputType = "passage"
    dimensions: int | None = None


class VectorsRequest(BaseModel):
    """One text; `dims`, `vector` and `error` come along empty and are left alone."""

    text: str
    config: VectorsConfig = Field(default_factory=VectorsConfig)


_BODY = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": VectorsRequest.model_json_schema()}}}
}


@router.post(PATH, openapi_extra=_BODY)
async def vectors(request: Request, serving: ServingHere) -> Response:
    """Embeds one text as a query or as a passage."""
    async with serving.bodies.read(request, VectorsRequest) as asked:
        return await _embed(request, serving, asked)


async def _embed(request: Request, serving: Serving, asked: VectorsRequest) -> Response:
    serving.check_dimensions(asked.config.dimensions)
    _check_pooling(serving, asked.config.pooling_strategy)
    answer = await unless_gone(request, serving.embed([asked.text], asked.config.task_type))
    vector = answer.vectors[0]
    body = {"text": asked.text, "vector": vector, "dim": len(vector), "dims": len(vector)}
    return Response(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")


def _check_pooling(serving: Serving, asked: str) -> None:
    """Weaviate always sends `masked_mean`, its default, so that says nothing; `cls` somebody has chosen."""
    if asked == "cls" and serving.meta.pooling != "cls":
        raise InvalidRequestError(
            f"config.pooling_strategy: this model pools by {serving.meta.pooling}, not cls; "
            "remove poolingStrategy from the collection's vectorizer",
        )
