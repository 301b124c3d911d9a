"""Puts the application together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from hirag_embedder.app import errors, openai, transformers, wellknown
from hirag_embedder.app.access import Access
from hirag_embedder.app.serving import Serving
from hirag_embedder.settings import Settings
from hirag_kit.errors import HiragError


def create_app(settings: Settings, on_failure: Callable[[HiragError], None]) -> FastAPI:
    """The embedder as an ASGI application. It answers at once, and is ready when its model is loaded.

    Args:
        settings: the process's.
        on_failure: told when the model cannot be loaded.
    """
    serving = Serving(settings, on_failure)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(serving.load(), name="loading the model")
        yield
        loading.cancel()
        await serving.close()

    # The interactive pages load scripts from elsewhere, so only the schema is served.
    app = FastAPI(
        title="HiRAG embedder", version=version("hirag-operator"), docs_url=None, redoc_url=None, lifespan=lifespan
    )
    app.state.serving = serving
    app.include_router(openai.router)
    app.include_router(transformers.router)
    app.include_router(wellknown.router)
    errors.install(app, serving.metrics, with_error_field={transformers.PATH})
    app.add_middleware(Access, metrics=serving.metrics)
    return app
