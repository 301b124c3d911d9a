"""What is asked about the process itself: is it alive, is it ready, what does it serve, what has it counted."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from hirag_embedder.app.serving import ServingHere
from hirag_kit.wire import EmbedderMeta

router = APIRouter(tags=["process"])


@router.get("/.well-known/live")
async def live() -> dict[str, str]:
    """Answers as long as the event loop turns."""
    return {"status": "live"}


@router.get("/.well-known/ready")
async def ready(serving: ServingHere) -> JSONResponse:
    """200 once the model is loaded and its probe embedding was right, else 503 with the reason."""
    return JSONResponse(serving.health.body(), serving.health.status)


@router.get("/meta")
async def meta(serving: ServingHere) -> EmbedderMeta:
    """Everything about the model that decides its vectors."""
    return serving.meta


@router.get("/metrics")
async def metrics(serving: ServingHere) -> Response:
    """Prometheus' text format."""
    return Response(serving.metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")
