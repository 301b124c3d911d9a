"""OpenAI's embeddings API (https://platform.openai.com/docs/api-reference/embeddings): `/v1/embeddings`, `/v1/models`.

Where a key is configured, it is asked for here. Every answer advertises the queue's limits in OpenAI's headers, which
Weaviate's text2vec-openai needs before it sends batches.
"""

import base64
import hmac
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Request, Response

from hirag_embedder.app.body import unless_gone
from hirag_embedder.app.serving import Serving, ServingHere
from hirag_embedder.core.job import Embedded
from hirag_embedder.core.pooling import Floats
from hirag_kit.errors import NotFoundError, UnauthenticatedError
from hirag_kit.wire import EmbeddingRequest


def _check_key(serving: ServingHere, authorization: Annotated[str, Header()] = "") -> None:
    """Refuses a wrong key, in a time that does not depend on how wrong it is."""
    key = serving.settings.api_key()
    if key is None:
        return
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), key.encode()):
        raise UnauthenticatedError("a valid key is needed: send the header `Authorization: Bearer <key>`")


router = APIRouter(prefix="/v1", tags=["openai"], dependencies=[Depends(_check_key)])

_BODY = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": EmbeddingRequest.model_json_schema()}}}
}


@router.post("/embeddings", openapi_extra=_BODY)
async def embeddings(request: Request, serving: ServingHere) -> Response:
    """Embeds one text or a list of texts."""
    async with serving.bodies.read(request, EmbeddingRequest) as asked:
        return await _embed(request, serving, asked)


@router.get("/models")
async def models(serving: ServingHere) -> dict[str, Any]:
    """The models that can be asked for."""
    return {
        "object": "list",
        "data": [{"id": serving.meta.model, "object": "model", "created": 0, "owned_by": "hirag"}],
    }


async def _embed(request: Request, serving: Serving, asked: EmbeddingRequest) -> Response:
    if asked.model != serving.meta.model:
        raise NotFoundError(
            f"model: {asked.model!r} is not served here; use {serving.meta.model!r}", {"models": [serving.meta.model]}
        )
    serving.check_dimensions(asked.dimensions)
    answer = await unless_gone(request, serving.embed(asked.input, asked.input_type))
    body = _answer(serving.meta.model, answer, as_base64=asked.encoding_format == "base64")
    return Response(body, media_type="application/json", headers=_limits(serving))


def _answer(model: str, answer: Embedded, *, as_base64: bool) -> bytes:
    encoded = map(_base64, answer.vectors) if as_base64 else answer.vectors
    items = [{"object": "embedding", "index": index, "embedding": one} for index, one in enumerate(encoded)]
    usage = {"prompt_tokens": answer.tokens, "total_tokens": answer.tokens}
    body = {"object": "list", "data": items, "model": model, "usage": usage}
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


def _base64(vector: Floats) -> str:
    """Little-endian 32-bit floats, as OpenAI encodes them."""
    return base64.b64encode(vector.astype("<f4", copy=False).tobytes()).decode("ascii")


def _limits(serving: Serving) -> dict[str, str]:
    """The queue's limits as integers, and Go durations for the resets: Weaviate parses them that way."""
    texts, room, tokens = serving.settings.queue_texts, serving.room, serving.meta.max_tokens
    return {
        "x-ratelimit-limit-requests": str(texts),
        "x-ratelimit-remaining-requests": str(room),
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-limit-tokens": str(texts * tokens),
        "x-ratelimit-remaining-tokens": str(room * tokens),
        "x-ratelimit-reset-tokens": "1s",
    }
