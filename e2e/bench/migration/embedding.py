"""Embedding anew while copying, beside the embedder's own throughput on the same texts."""

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from weaviate.classes.data import DataObject
from weaviate.util import generate_uuid5

from e2e.bench.embedder.texts import texts_of_mixed_lengths
from e2e.bench.migration.copies import create
from e2e.bench.migration.report import Report
from e2e.cluster import data
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.connection import connect
from hirag_jobs.copying.passes import LANES, Way, backfill
from hirag_jobs.copying.rendering import EMBEDDED_AT_ONCE, Embedding
from hirag_jobs.embedding import Embedder
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.part import Part
from hirag_kit.composition import Composition

_ROUNDS = 2
_GOAL = 0.9


def measure_embedding(tools: Toolchain, count: int, report: Report) -> None:
    """Time the embedder alone, called from memory, and a copy that embeds the same texts anew; rounds interleave."""
    texts = texts_of_mixed_lengths(count)
    print(f"\n{count} texts of mixed lengths, embedded anew", flush=True)
    with TemporaryDirectory() as folder, WeaviateServer(tools) as server:
        address = f"127.0.0.1:{server.grpc_port}"
        with (
            EmbedderServer(data.model_folder(), Path(folder)) as embedding,
            connect(server.http_url, address, None) as client,
            ObjectChannel(address, None) as channel,
            Embedder(f"{embedding.url}/v1") as embedder,
        ):
            source = create(client, flat=True)
            source.data.insert_many(
                [DataObject(uuid=generate_uuid5(at), properties={"text": one}) for at, one in enumerate(texts)]
            )
            alone, copied = math.inf, math.inf
            for _ in range(_ROUNDS):
                alone = min(alone, _alone(embedder, texts))
                target = create(client)
                copied = min(copied, _copied(channel, embedder, source.name, target.name, count))
    peers = {"the embedder alone": count / alone}
    report.add("embed: objects carried a second", count / copied, "1/s", "higher", peers=peers)
    report.add("embed: carrying against the embedder alone", alone / copied, "x", "higher", _GOAL)


def _alone(embedder: Embedder, texts: list[str]) -> float:
    """How long the embedder takes for texts that lie in memory, with as many requests at once as a copy makes."""
    batches = [texts[start : start + EMBEDDED_AT_ONCE] for start in range(0, len(texts), EMBEDDED_AT_ONCE)]
    began = perf_counter()
    with ThreadPoolExecutor(LANES) as pool:
        made = sum(len(vectors) for vectors in pool.map(embedder.embed, batches))
    if made != len(texts):
        raise RuntimeError(f"{made} vectors for {len(texts)} texts")
    return perf_counter() - began


def _copied(channel: ObjectChannel, embedder: Embedder, source: str, target: str, count: int) -> float:
    rendering = Embedding(Part(target), composition=Composition(), embed=embedder.embed)
    began = perf_counter()
    carried = sum(backfill(Way(channel, Part(source), rendering, page=EMBEDDED_AT_ONCE)))
    if carried != count:
        raise RuntimeError(f"{carried} of {count} objects were carried")
    return perf_counter() - began
