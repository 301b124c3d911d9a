"""A Weaviate that the terminal reaches, asked by the calls that the operator asks it by."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hirag_operator.adapters.connections import Connections, Target
from hirag_operator.api.reasons import Reason
from hirag_operator.errors import OperatorError
from hirag_operator.plan.collection.serverhealth import ServerSeen, server_fit, unsupported
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plugin.doctor.report import Finding
from hirag_operator.plugin.terminal import counted
from hirag_operator.reconcile.outcome import weaviate_verdict

AREA: Final = "Weaviate"
_NO_KEY: Final = "it was asked without a key; --weaviate-key-file names the file that holds one"


def check_weaviate(url: str, key_file: str | None, timeout_seconds: float) -> Iterator[Finding]:
    """Yield findings about one server: that it answers and lets one in, its version, its settings, its shards."""
    key = Path(key_file) if key_file else None
    connections = Connections({url: Target(url, key, timeout_seconds)})
    try:
        server, seen = connections.get(url), connections.health(url)
        if server is None or seen is None:
            return
        schemas = server.collections(fresh=True)
    except OperatorError as error:
        verdict = weaviate_verdict(error)
        remedy = verdict.reason.remedy if key_file else f"{verdict.reason.remedy} ({_NO_KEY}.)"
        yield Finding(area=AREA, level="wrong", message=f"{url}: {error}.", remedy=remedy)
        return
    finally:
        connections.close()
    yield from _fitness(url, seen)
    stamps = [stamp for schema in schemas if (stamp := read_stamp(schema)) is not None]
    instances = ", ".join(sorted({stamp.instance for stamp in stamps}))
    whose = f", {len(stamps):,} of them the operator's (instance {instances})" if stamps else ", none the operator's"
    accepted = "It accepts the key" if key_file else "It asks for no key"
    yield Finding(
        area=AREA, level="ok", message=f"{url}: {accepted}, and has {counted(len(schemas), 'collection')}{whose}."
    )


def _fitness(url: str, seen: ServerSeen) -> Iterator[Finding]:
    old, fit = unsupported(url, seen), server_fit(url, seen)
    level: Finding
    if old is not None:
        level = Finding(area=AREA, level="wrong", message=old.message, remedy=old.reason.remedy)
    elif fit.holds:
        level = Finding(area=AREA, level="ok", message=fit.message)
    else:
        level = Finding(area=AREA, level="warning", message=fit.message, remedy=fit.reason.remedy)
    yield level
    if seen.auto_schema is None:
        message = f"{url}: whether AutoSchema is on was not told; the key may not write objects."
        yield Finding(area=AREA, level="note", message=message)
    if seen.read_only:
        shards = sum(map(len, seen.read_only.values()))
        message = f"{url}: {counted(shards, 'shard')} of {counted(len(seen.read_only), 'collection')} READONLY."
        yield Finding(area=AREA, level="wrong", message=message, remedy=Reason.WEAVIATE_READ_ONLY.remedy)
