"""Work on one collection of a running Weaviate: its objects page by page, its tenants' states, its counts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hirag_jobs.archive.datatypes import types_of
from hirag_jobs.archive.lines import sizes
from hirag_jobs.archive.place import Place, find_place, spelled
from hirag_jobs.archive.settings import ArchiveSettings
from hirag_jobs.keys import read_key
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import whole
from hirag_jobs.objects.part import Part
from hirag_jobs.rest import Rest
from hirag_kit.errors import ConfigurationError


class Site:
    """One collection of a running Weaviate.

    Args:
        place: which.
        rest: for its tenants.
        channel: for its objects.
    """

    def __init__(self, place: Place, rest: Rest, channel: ObjectChannel) -> None:
        self.place = place
        self.channel = channel
        self.types = types_of(place.schema)
        self._rest = rest

    def part(self, tenant: str | None) -> Part:
        """The collection, or a tenant of it, to be read and written."""
        return Part.of_class(self.place.schema, tenant)

    def count(self, tenant: str | None) -> int:
        """How many objects there are, by Aggregate, which counts what is not flushed yet too."""
        return self.channel.count(self.place.collection, tenant)

    def dimensions(self, tenant: str | None) -> dict[str, int]:
        """The sizes of the vectors inside, from one object; empty where there is none."""
        part = self.part(tenant)
        request = part.request(whole(part), properties=False)
        request.limit = 1
        results = self.channel.search(request).results
        return sizes(results[0]) if results else {}

    def state(self, tenant: str) -> str:
        """The state of a tenant now.

        Raises:
            ConfigurationError: it is gone.
        """
        state = self._rest.tenant(self.place.collection, tenant)
        if state is None:
            raise ConfigurationError(f"collection {self.place.collection} has no tenant {tenant}")
        return spelled(state)

    def put(self, tenant: str, state: str) -> None:
        """Puts a tenant into a state, ACTIVE or INACTIVE."""
        self._rest.set_state(self.place.collection, tenant, state)

    def create(self, tenants: Sequence[str]) -> None:
        """Makes tenants, active; those that there are stay as they are."""
        self._rest.create_tenants(self.place.collection, tenants)


@contextmanager
def opened(settings: ArchiveSettings) -> Iterator[Site]:
    """Finds the collection and opens it; closes it in the end.

    Raises:
        ConfigurationError: a setting is wrong, or the collection is none that an archive can carry.
        VectorStoreError: Weaviate was not reached.
    """
    api_key = read_key(settings.api_key_file, "--api-key-file")
    with (
        Rest(settings.weaviate_http_url, api_key) as rest,
        ObjectChannel(settings.grpc, api_key, secure=settings.secure) as channel,
    ):
        yield Site(find_place(rest, settings.alias, settings.collection), rest, channel)
