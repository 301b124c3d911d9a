"""What the routes stand on: the model being served, its queue, and whether it is ready."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, cast

import structlog
from fastapi import Depends, Request

from hirag_embedder.app.body import Bodies
from hirag_embedder.app.metrics import Metrics
from hirag_embedder.core.coalescing import Coalescer
from hirag_embedder.core.job import Embedded
from hirag_embedder.core.loading import LoadedModel, load
from hirag_embedder.settings import Settings
from hirag_kit.errors import EmbeddingError, HiragError, InternalError, InvalidRequestError, TooLargeError
from hirag_kit.health import Health
from hirag_kit.wire import EmbedderMeta, InputType

_log = structlog.get_logger(__name__)


class Serving:
    """One process's model, from loading to the end.

    Args:
        settings: the process's.
        on_failure: told when the model cannot be loaded; the process is of no use then.
    """

    def __init__(self, settings: Settings, on_failure: Callable[[HiragError], None]) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.bodies = Bodies(settings.max_body_bytes, settings.max_held_bytes)
        self.health = Health("loading", "the model is being loaded")
        self._on_failure = on_failure
        self._model: LoadedModel | None = None
        self._queue: Coalescer | None = None
        self.metrics.queue_capacity.set(settings.queue_texts)
        self.metrics.queue_texts.set_function(lambda: self._queue.texts if self._queue else 0)

    @property
    def meta(self) -> EmbedderMeta:
        """What is served.

        Raises:
            EmbeddingError: while the model is not ready.
        """
        return self._loaded()[0].meta

    @property
    def room(self) -> int:
        """Texts that the queue still takes."""
        return self._loaded()[1].room

    async def load(self) -> None:
        """Loads the model beside the event loop, so that liveness is answered meanwhile."""
        try:
            model = await asyncio.to_thread(load, self.settings.model(), self.settings.runtime())
        except Exception as error:  # noqa: BLE001  any failure to load means the same: say why, and end the process
            failure = error if isinstance(error, HiragError) else InternalError(f"the model cannot be loaded: {error}")
            _log.error("the model cannot be loaded", code=failure.code, reason=failure.message, exc_info=error)
            self.health = Health("failed", failure.message)
            self._on_failure(failure)
            return
        queue = Coalescer(
            model.engine, self.settings.queue_texts, self.settings.runtime().turn_batches, self.metrics.observe_batch
        )
        queue.start()
        self._model, self._queue = model, queue
        self.metrics.observe_model(model.meta)
        self.health = Health("ready")

    async def close(self) -> None:
        """Ends the queue; requests in flight have been answered by then."""
        if self._queue is not None:
            await self._queue.stop()

    async def embed(self, texts: Sequence[str], input_type: InputType) -> Embedded:
        """The vectors of one request's texts.

        Raises:
            TooLargeError: when there are too many texts, or a text is too long.
            RateLimitError: when the queue is full.
            EmbeddingError: while the model is not ready, or when the computation fails.
        """
        _, queue = self._loaded()
        self._check(texts)
        answer = await queue.embed(texts, input_type)
        self.metrics.observe_answer(input_type, answer)
        return answer

    def check_dimensions(self, asked: int | None) -> None:
        """Refuses a length of vectors that the model does not have; they are never cut.

        Raises:
            InvalidRequestError: naming the model's.
        """
        if asked is not None and asked != self.meta.dimensions:
            raise InvalidRequestError(
                f"dimensions: this model's vectors have {self.meta.dimensions}, not {asked}; leave the field out",
                {"dimensions": self.meta.dimensions},
            )

    def _check(self, texts: Sequence[str]) -> None:
        limits = self.settings
        if len(texts) > limits.max_texts:
            raise TooLargeError(
                f"{len(texts)} texts are above the limit of {limits.max_texts} a request", {"limit": limits.max_texts}
            )
        for index, text in enumerate(texts):
            if len(text) > limits.max_characters:
                raise TooLargeError(
                    f"text {index} has {len(text)} characters, above the limit of {limits.max_characters}; split it",
                    {"limit": limits.max_characters, "index": index},
                )

    def _loaded(self) -> tuple[LoadedModel, Coalescer]:
        if self._model is None or self._queue is None:
            raise NotReadyError(self.health.reason)
        return self._model, self._queue


class NotReadyError(EmbeddingError):
    """The model is not loaded yet, or could not be."""

    status = 503


def _serving_of(request: Request) -> Serving:
    return cast("Serving", request.app.state.serving)


ServingHere = Annotated[Serving, Depends(_serving_of)]
