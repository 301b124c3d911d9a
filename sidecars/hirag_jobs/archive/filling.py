"""Filling a collection from an archive: part by part, each verified first; what is there already is left as it is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from hirag_jobs.archive.agreement import check_dimensions
from hirag_jobs.archive.datatypes import Types
from hirag_jobs.archive.errors import REMEDY, ArchiveError
from hirag_jobs.archive.journal import Done, Journal
from hirag_jobs.archive.lines import BadLineError, Dimensions, Result
from hirag_jobs.archive.manifest import Manifest, PartEntry
from hirag_jobs.archive.parts import read_lines, verify
from hirag_jobs.archive.progress import Progress
from hirag_jobs.archive.report import ImportReport
from hirag_jobs.archive.routes import Route
from hirag_jobs.archive.site import Site
from hirag_jobs.archive.tenancy import awake
from hirag_jobs.objects.pages import Range, fetch, identity, pages
from hirag_jobs.objects.part import Part
from hirag_jobs.objects.translation import batch_object, canonical
from hirag_jobs.objects.writing import write

_BATCH_BYTES = 4 * 2**20
_BATCH_OBJECTS = 1_000
_DENSE = 2  # times as many objects as are archived: where there are more, most of what is read would be others

Look = Callable[[Sequence[int]], Iterable[Result]]


@dataclass(frozen=True)
class Source:
    """An archive that is read.

    Args:
        folder: where it is.
        manifest: what it holds.
        parse: how a line of its version is read.
        types: of its properties.
    """

    folder: Path
    manifest: Manifest
    parse: Callable[[bytes, Types, Dimensions], Result]
    types: Types

    def objects(self, part: PartEntry) -> Iterator[tuple[Result, int]]:
        """The objects of a part, in the order of their ids, each with the bytes of its line.

        Raises:
            ArchiveError: it is damaged; nothing of it was handed out. Or it was made by something that does not keep
                to the format.
        """
        verify(self.folder, part)
        last = part.first.int - 1
        for number, line in enumerate(read_lines(self.folder, part), start=1):
            try:
                result = self.parse(line, self.types, self.manifest.dimensions)
            except BadLineError as error:
                raise ArchiveError(f"part {part.file}, line {number}: {error}; {REMEDY}") from error
            one = identity(result)
            if not last < one <= part.last.int:
                raise ArchiveError(f"part {part.file}, line {number}: its id is out of order; {REMEDY}")
            last = one
            yield result, len(line)


class Filling:
    """An import at work.

    Args:
        site: what is filled.
        source: the archive.
        journal: where it is noted which tenants were woken; None where none needs to be.
        report: what is told of it.
        progress: shown as it goes.
    """

    def __init__(
        self, site: Site, source: Source, journal: Journal | None, report: ImportReport, progress: Progress
    ) -> None:
        self._site, self._source, self._journal = site, source, journal
        self._report, self._progress = report, progress

    def fill(self, route: Route) -> None:
        """Fills one tenant, or a collection without tenants, and counts what it holds then.

        What a run that was killed had on its way may be stored behind the first count, and found when it is looked for.
        So of what was found nobody knows whether it was counted before.

        Raises:
            ArchiveError: a part cannot be believed; those before it are written.
            DisagreementError: vectors in a tenant that slept until now are of another size.
            VectorStoreError: Weaviate refuses an object for good, or takes nothing however often it is asked.
        """
        site, manifest, target = self._site, self._source.manifest, route.target
        with awake(site, target, self._journal):
            if self._journal is not None:
                self._report.woken += target in self._journal.asleep
            where = target or site.place.collection
            check_dimensions(manifest.dimensions, site.dimensions(target), where)
            before, new, moved = site.count(target), self._report.new, self._report.moved
            part = site.part(target)
            look = self._look(part, before, manifest.objects_of(route.source))
            for entry in manifest.of_tenant(route.source):
                self._part(entry, part, look)
            written = self._report.new - new
            found = self._report.moved - moved - written
            fewest, counted = before + written, site.count(target)
            if not fewest <= counted <= fewest + found:
                self._report.miscounted.append(
                    f"{where} holds {counted} objects, not {fewest}: it was written to meanwhile, or lost some"
                )
        if self._journal is not None:
            self._journal.append(Done(tenant=target))

    def _look(self, part: Part, there: int, archived: int) -> Look:
        """How to see which of a batch's ids are there, given how many objects there are, and how many are archived.

        Where most of what is there may be archived too, as behind a run that was killed, all between the batch's first
        id and its last is read. To ask for each by its id takes a request for every one that is not there.
        """
        channel = self._site.channel
        if not there:
            return lambda _: ()
        if there <= _DENSE * archived:
            return lambda ids: chain.from_iterable(pages(channel, part, Range(ids[0], ids[-1] + 1)))
        return lambda ids: fetch(channel, part, dict.fromkeys(ids, 0))

    def _part(self, entry: PartEntry, part: Part, look: Look) -> None:
        waiting: list[Result] = []
        weight = 0
        for result, size in self._source.objects(entry):
            if waiting and (weight + size > _BATCH_BYTES or len(waiting) == _BATCH_OBJECTS):
                self._write(waiting, part, look)
                waiting, weight = [], 0
            waiting.append(result)
            weight += size
        self._write(waiting, part, look)

    def _write(self, results: Sequence[Result], part: Part, look: Look) -> None:
        """Writes those of some objects, in the order of their ids, that are not there, or not so."""
        wanted = {identity(result): batch_object(result, part) for result in results}
        seen = ((identity(result), result) for result in look(list(wanted)))
        there = {key: canonical(batch_object(result, part)) for key, result in seen if key in wanted}
        objects = [one for key, one in wanted.items() if there.get(key) != canonical(one)]
        if objects:
            write(self._site.channel, objects)
        report = self._report
        report.new += len(wanted) - len(there)
        report.unchanged += len(wanted) - len(objects)
        report.replaced += len(objects) - (len(wanted) - len(there))
        report.moved += len(wanted)
        self._progress.show(report.moved, report.objects)
