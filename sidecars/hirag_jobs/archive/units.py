"""Exporting tenant by tenant, or a collection without tenants as one, behind what is whole already."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from uuid import UUID

from hirag_jobs.archive.datatypes import has_blobs
from hirag_jobs.archive.errors import ArchiveError
from hirag_jobs.archive.journal import Done, Journal, Whole
from hirag_jobs.archive.lines import Result, line, sizes
from hirag_jobs.archive.manifest import PartEntry, part_name
from hirag_jobs.archive.parts import PartWriter, verify
from hirag_jobs.archive.progress import Progress
from hirag_jobs.archive.report import ExportReport
from hirag_jobs.archive.settings import ExportSettings
from hirag_jobs.archive.site import Site
from hirag_jobs.archive.tenancy import awake
from hirag_jobs.objects.pages import MOST_OBJECTS, Range, identity, pages

_MOST_WITH_BLOBS = 64
"""Objects of a page where some may take megabytes: the first page is asked for before one was seen."""


class Units:
    """What is in the archive's folder so far, by its journal.

    Args:
        folder: of the archive.
        journal: of its export.
    """

    def __init__(self, folder: Path, journal: Journal) -> None:
        self.folder, self.journal = folder, journal
        self.parts: list[PartEntry] = []
        self.dimensions: dict[str, int] = {}
        self.done: set[str | None] = set()
        self.objects = 0
        self._of_tenant: Counter[str | None] = Counter()
        self._next: dict[str | None, int] = {}
        for record in journal.records:
            if isinstance(record, Whole):
                self._count(record)
            elif isinstance(record, Done):
                self.done.add(record.tenant)

    def check(self) -> None:
        """Refuses to go on behind parts that are not as they were written.

        Raises:
            ArchiveError: one of them is missing or damaged.
        """
        for part in self.parts:
            verify(self.folder, part)

    def add(self, part: PartEntry) -> None:
        """Notes that a part is whole."""
        record = Whole(part=part, dimensions=self.dimensions)
        self.journal.append(record)
        self._count(record)

    def finish(self, tenant: str | None) -> None:
        """Notes that a tenant is through."""
        self.journal.append(Done(tenant=tenant))
        self.done.add(tenant)

    def objects_of(self, tenant: str | None) -> int:
        """How many objects of a tenant are archived."""
        return self._of_tenant[tenant]

    def next_id(self, tenant: str | None) -> int:
        """The first id that may not be archived yet."""
        return self._next.get(tenant, 0)

    def _count(self, record: Whole) -> None:
        self.parts.append(record.part)
        self.dimensions.update(record.dimensions)
        self.objects += record.part.objects
        self._of_tenant[record.part.tenant] += record.part.objects
        self._next[record.part.tenant] = record.part.last.int + 1


class Exporting:
    """An export at work.

    Args:
        site: what is exported.
        units: what is archived so far.
        settings: the size of parts, and their compression.
        report: what is told of it.
        progress: shown as it goes.
    """

    def __init__(
        self, site: Site, units: Units, settings: ExportSettings, report: ExportReport, progress: Progress
    ) -> None:
        self._site, self._units, self._settings = site, units, settings
        self._report, self._progress = report, progress
        self._total = 0

    def run(self, tenants: Sequence[str | None]) -> None:
        """Exports tenants one after the other; None stands for a collection without tenants."""
        expected = sum(self._units.objects_of(tenant) for tenant in tenants if tenant in self._units.done)
        for number, tenant in enumerate(tenants, start=1):
            if tenant in self._units.done:
                continue
            with awake(self._site, tenant, self._units.journal):
                self._report.woken += tenant in self._units.journal.asleep
                counted = self._site.count(tenant)
                expected += counted
                self._total = expected * len(tenants) // number
                self._unit(tenant)
                self._compare(tenant)
            self._units.finish(tenant)

    def _unit(self, tenant: str | None) -> None:
        objects = self._objects(tenant)
        while (first := next(objects, None)) is not None:
            self._part(tenant, chain([first], objects))

    def _part(self, tenant: str | None, objects: Iterator[Result]) -> None:
        units, settings = self._units, self._settings
        name = part_name(tenant, len(units.parts) + 1)
        with PartWriter(units.folder, name, tenant, settings.compression) as writer:
            for result in objects:
                self._size(result)
                writer.add(identity(result), _line(result))
                if writer.content_bytes >= settings.part_bytes:
                    break
                if writer.objects % 100 == 0:
                    self._progress.show(units.objects + writer.objects, self._total)
            units.add(writer.finish())
            self._report.moved += writer.objects
            self._progress.show(units.objects, self._total)

    def _objects(self, tenant: str | None) -> Iterator[Result]:
        site = self._site
        most = _MOST_WITH_BLOBS if has_blobs(site.types) else MOST_OBJECTS
        for page in pages(site.channel, site.part(tenant), Range(self._units.next_id(tenant)), most):
            yield from page

    def _size(self, result: Result) -> None:
        for name, size in sizes(result).items():
            if self._units.dimensions.setdefault(name, size) != size:
                raise ArchiveError(
                    f"object {UUID(int=identity(result))} has a vector of {size} numbers, others before it one of "
                    f"{self._units.dimensions[name]}: one archive holds one size; export the tenants apart by --tenant"
                )

    def _compare(self, tenant: str | None) -> None:
        counted, archived = self._site.count(tenant), self._units.objects_of(tenant)
        if counted != archived:
            of = "the collection" if tenant is None else f"tenant {tenant}"
            self._report.warnings.append(
                f"{of} counts {counted} objects and {archived} are archived: it was written to meanwhile"
            )


def _line(result: Result) -> bytes:
    try:
        return line(result)
    except ValueError as error:
        raise ArchiveError(f"object {UUID(int=identity(result))} holds a number that is infinite or none") from error
