"""`hirag-jobs migrate`: checks both collections, carries what is asked for, reports."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hirag_jobs.copying.considerate import Consideration
from hirag_jobs.copying.course import Course
from hirag_jobs.copying.followed import follow, follow_tenants, tell_failure
from hirag_jobs.copying.pace import Pace
from hirag_jobs.copying.passes import Way
from hirag_jobs.copying.rendering import EMBEDDED_AT_ONCE, Embedding, Rendering, times_of
from hirag_jobs.copying.report import MigrationReport, PartReport
from hirag_jobs.copying.schemas import Json, has_tenants, indexes_timestamps, require_copyable
from hirag_jobs.copying.settings import MigrateSettings
from hirag_jobs.copying.tenants import Pair, awake, pairs, require_unused
from hirag_jobs.embedding import Embedder
from hirag_jobs.keys import read_key
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import MOST_OBJECTS, WHOLE, Range
from hirag_jobs.objects.part import Part
from hirag_jobs.rest import Rest
from hirag_kit.composition import Composition
from hirag_kit.errors import ConfigurationError, HiragError


def run(settings: MigrateSettings) -> int:
    """Carries a collection, or some tenants of it, into another.

    Returns:
        The exit status: 0 when the target holds what the source does, else 1.

    Raises:
        HiragError: it could not start, or could not go on; what was done until then is reported.
    """
    api_key = read_key(settings.api_key_file, "--api-key-file")
    with Rest(settings.weaviate_http_url, api_key) as rest:
        try:
            return _migrate(settings, rest, api_key)
        except HiragError as error:
            if settings.follow:
                tell_failure(settings, rest, api_key, error)
            raise


def _migrate(settings: MigrateSettings, rest: Rest, api_key: str | None) -> int:
    began = time.monotonic()
    source, target = (_schema(rest, name) for name in (settings.source, settings.target))
    require_copyable(source, target, settings.vectors)
    if settings.follow and not indexes_timestamps(target):
        raise ConfigurationError(f"--follow needs a target with invertedIndexConfig.indexTimestamps: {target['class']}")
    carried = _pairs(settings, rest, source, target)
    report = MigrationReport(
        source=settings.source, target=settings.target, vectors=settings.vectors, share=settings.share_name
    )
    try:
        with ObjectChannel(settings.grpc, api_key, secure=settings.secure) as channel:
            _carry(settings, rest, channel, (source, target), carried, report)
        report.finished = True
    finally:
        report.seconds = round(time.monotonic() - began, 3)
        _publish(report, settings.report)
    return 0 if report.agrees else 1


def _carry(
    settings: MigrateSettings,
    rest: Rest,
    channel: ObjectChannel,
    schemas: tuple[Json, Json],
    carried: list[Pair],
    report: MigrationReport,
) -> None:
    source, target = schemas
    since = None if settings.since is None else int(settings.since.timestamp() * 1000)
    number, of = settings.portion
    total = channel.count(settings.source) // of if carried and carried[0].source is None else None
    pace = Pace(total, rate=settings.rate, every_seconds=settings.progress_seconds, stream=sys.stderr)
    with _rendered(settings, target) as rendering, pace:
        course = Course(
            rest,
            pace,
            since,
            rest.now(),
            indexes_timestamps(source),
            settings.verify,
            Consideration(source, settings.search_slowdown),
            resumed=settings.follow,  # a Job's pod, in place of one that died
        )
        if _all_tenants(settings, source):
            follow_tenants(
                course,
                channel,
                lambda name: _way(settings, channel, source, rendering, Pair(name, name), WHOLE),
                target,
                settings,
                report,
            )
        for pair in carried:
            way = _way(settings, channel, source, rendering, pair, Range.split(of)[number - 1])
            report.parts.append(PartReport(tenant=pair.source))
            with awake(rest, (way.source, way.target)):
                if settings.follow:
                    follow(course, way, target, settings, report.parts[-1])
                else:
                    require_unused(rest, target, pair.target)
                    course.run(way, report.parts[-1])


def _pairs(settings: MigrateSettings, rest: Rest, source: Json, target: Json) -> list[Pair]:
    """What is carried where; nothing where all tenants are followed, for they come and go."""
    if not _all_tenants(settings, source):
        found = pairs(rest, source, target, settings.tenant, settings.into_tenant)
        if settings.follow and len(found) != 1:
            raise ConfigurationError("--follow is for one tenant, named by --tenant, or for all, without --tenant")
        return found
    if not has_tenants(target):
        raise ConfigurationError(f"{settings.source} has tenants and {settings.target} has none: say which by --tenant")
    if settings.into_tenant is not None:
        raise ConfigurationError("--into-tenant is for one tenant: name it by --tenant")
    return []


def _all_tenants(settings: MigrateSettings, source: Json) -> bool:
    """Whether all tenants are followed: then it is seen from look to look which there are."""
    return settings.follow and has_tenants(source) and not settings.tenant


def _way(
    settings: MigrateSettings, channel: ObjectChannel, source: Json, rendering: Rendering, pair: Pair, within: Range
) -> Way:
    return Way(
        channel,
        Part.of_class(source, pair.source),
        rendering.into(pair.target),
        within,
        settings.lanes,
        min(settings.rate or MOST_OBJECTS, EMBEDDED_AT_ONCE if settings.vectors == "embed" else MOST_OBJECTS),
    )


@contextmanager
def _rendered(settings: MigrateSettings, target: Json) -> Iterator[Rendering]:
    """What becomes of objects: they stay as they are, or are embedded by an endpoint that is asked here."""
    into, times = Part.of_class(target), times_of(target)
    if settings.vectors == "copy":
        yield Rendering(into, times)
        return
    composition = Composition.of_class(target)
    key = read_key(settings.embedder_api_key_file, "--embedder-api-key-file")
    with Embedder(settings.embedder_url, settings.model, api_key=key, dimensions=settings.dimensions) as embedder:
        yield Embedding(into, times, composition, embedder.embed)


def _schema(rest: Rest, name: str) -> Json:
    found = rest.schema(name)
    if found is None:
        raise ConfigurationError(f"Weaviate has no collection {name}")
    if found["class"] != name:
        raise ConfigurationError(f"{name} is an alias of {found['class']}, which may be moved: name the collection")
    return found


def _publish(report: MigrationReport, file: Path | None) -> None:
    print("\n".join(report.lines()), file=sys.stderr)  # noqa: T201  the report is what a person at a terminal reads
    if file is not None:
        file.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
