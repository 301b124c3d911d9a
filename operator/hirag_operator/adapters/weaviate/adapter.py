"""What the reconcilers ask of a Weaviate: look at a level, carry out a step."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate.calls import Calls
from hirag_operator.adapters.weaviate.hands import Hands
from hirag_operator.adapters.weaviate.migrations import Migrations
from hirag_operator.adapters.weaviate.ownership import Owner
from hirag_operator.adapters.weaviate.stored import Sample, Storage
from hirag_operator.adapters.weaviate.view import View
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.made import Made
from hirag_operator.plan.collection.migration.notes import Survey, Told
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenJob
from hirag_operator.plan.collection.migration.space import Stored
from hirag_operator.plan.collection.objectives.due import FEWEST
from hirag_operator.plan.collection.objectives.notes import Noted
from hirag_operator.plan.collection.schemas import has_tenants
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.names import alias_name, tenant_name
from hirag_operator.plan.steps import WeaviateStep

Json = dict[str, Any]


class WeaviateAdapter:
    """Observes and changes one Weaviate server. Raises the errors of `hirag_operator.errors`; thread-safe.

    A look that is not `fresh` may be `max_age` seconds old: enough to find that all is well.
    """

    def __init__(self, server: JsonServer, max_age: float = 0.0) -> None:
        self._calls = Calls(server)
        self._view = View(self._calls, max_age)
        self._migrations = Migrations(server, self._calls)
        self._hands = Hands(self._calls, self._view, self._migrations)
        self._storage = Storage(server, self._calls)

    def close(self) -> None:
        """Close the pooled connections."""
        self._calls.close()

    def forget(self) -> None:
        """Go by nothing that was seen until now: the server may have come back as another one."""
        self._view.forget()

    def observe_level(self, wanted: WantedLevel, made: Made | None = None, *, fresh: bool = False) -> SeenLevel:
        """Look at everything that stands at a level's address; `made` is what the record says of it."""
        alias = wanted.place.alias
        if fresh:
            self._calls.require_ready()
            self._view.note_alias(alias, self._calls.alias_target(alias))
        target = self._view.alias_target(alias)
        if target is None:
            clash = self._collection(alias, fresh=fresh) is not None
            seen = SeenLevel(clash=clash, made=made, **self._elsewhere(wanted, fresh=fresh))
            return replace(seen, filling=self._filling(seen.holders, made))
        live = self._collection(target, fresh=fresh)
        stamp = read_stamp(live) if live is not None else None
        if live is None or stamp is None or not wanted.owns(stamp):
            return SeenLevel(target=target, live=live, made=made, **self._elsewhere(wanted, fresh=fresh))
        filling = self._filling([live], made)
        seen = SeenLevel(target=target, live=live, made=made, beside=self._beside(wanted, target), filling=filling)
        if stamp.of_pool:
            return self._in_pool(wanted, seen, target, fresh=fresh)
        if not has_tenants(live):
            return replace(seen, count=self._view.count(target))
        tenants = self._tenants(target, fresh=fresh)
        if seen.beside:  # a copy is made: tenants that it wakes and puts to rest would be woken by being counted then
            return replace(seen, tenants=tenants)
        return replace(seen, tenants=tenants, count=_total(self._view.tenant_counts(target).values()))

    def observe_holder(self, holder: Holder, job: SeenJob | None = None, *, count_tenants: bool = False) -> SeenHolder:
        """Look, at this moment, at a holder of a level's data and at what is noted of it; `job` is what fills it."""
        return self._migrations.look(holder, job, count_tenants=count_tenants)

    def freezes(self, instance: str, namespace: str, name: str, level: str) -> list[tuple[SeenHolder, SeenHolder]]:
        """Return what serves a level beside the copy for which it was frozen; nothing where it is not."""
        target = self._view.alias_target(alias_name(namespace, name, level))
        tenant = tenant_name(namespace, name, level)
        if target is None:
            copies = [self.observe_holder(one) for one in self._holders((instance, namespace, name, level), tenant)]
            adopting = [one for one in copies if one.note.begun and self._adopts(one)]
            return [(SeenHolder(Holder(one.note.source)), one) for one in adopting]
        here = Holder(target, tenant if target in self._view.pools(instance) else None)
        holders = self._holders((instance, namespace, name, level), tenant)
        copies = [self.observe_holder(one) for one in holders if one != here]
        return [(SeenHolder(here), one) for one in copies if one.filled_from(here) and one.note.begun]

    def alias_target(self, alias: str) -> str | None:
        """Return the physical collection behind `alias` at this moment, or None when there is no such alias."""
        return self._calls.alias_target(alias)

    def collections(self, *, fresh: bool = False) -> list[Json]:
        """Return the schemas of all collections."""
        if not fresh:
            return self._view.collections()
        self._calls.require_ready()
        return self._calls.collections()

    def collection(self, name: str, *, fresh: bool = False) -> Json | None:
        """Return the schema of a physical collection, or None; by a look that may be a while old, or of this moment."""
        return self._collection(name, fresh=fresh)

    def served(self, alias: str, tenant: str) -> tuple[Json, int] | None:
        """Return the collection behind an alias and its objects, of a pool those of `tenant`; None where there is none.

        By a look that may be a while old; objects that cannot be counted without waking a tenant are none.
        """
        target = self._view.alias_target(alias)
        live = self._view.collection(target) if target is not None else None
        if target is None or live is None:
            return None
        if not has_tenants(live):
            return live, self._view.count(target) or 0
        counts = self._view.tenant_counts(target)
        return live, counts.get(tenant) or _total(counts.values()) or 0

    def told(self, holder: Holder, shares: int) -> tuple[Told, ...]:
        """Return what the shares of the Job that fills a holder say, at this moment."""
        return self._migrations.told(holder, shares)

    def measurements(self, about: str) -> Noted:
        """Return, at this moment, what is noted of a level's index; nothing where it was never measured."""
        return self._migrations.measurements(about)

    def largest_tenant(self, collection: str) -> str | None:
        """Return the tenant in use with the most objects; None where none has two, or none can be counted as it is.

        By a look that may be a while old.
        """
        counts = {tenant: count or 0 for tenant, count in self._view.tenant_counts(collection).items()}
        found = max(sorted(counts), key=lambda tenant: counts[tenant], default=None)
        return found if found is not None and counts[found] >= FEWEST else None

    def objects_in_use(self, collection: str) -> int:
        """Return how many objects the tenants hold that are in memory, by a look that may be a while old."""
        return sum(count or 0 for count in self._view.tenant_counts(collection).values())

    def surveyed(self, target: Holder) -> Survey:
        """Return the last word of a survey for a holder, at this moment; one without content where there is none."""
        return self._migrations.surveyed(target)

    def sample(self, holder: Holder) -> Sample | None:
        """Return how long objects of a holder are, by a sample; None where none could be looked at."""
        return self._storage.sample(holder.collection, holder.tenant)

    def stored(self) -> tuple[Stored, ...]:
        """Return what every collection of the server holds, some seconds ago at most; sleeping tenants are left out."""
        return self._storage.all()

    def dimensions(self, collection: str) -> int | None:
        """Return of how many dimensions the unnamed vectors of a collection are, by one of them; None: it has none."""
        return self._migrations.dimensions(collection)

    def present(self, pool: str, tenants: Iterable[str]) -> list[str]:
        """Return those of some tenants that a pool has at this moment."""
        return [tenant for tenant in tenants if self._calls.tenant(pool, tenant) is not None]

    def count_tenant(self, pool: str, tenant: str) -> int:
        """Return the exact number of objects of one tenant; one that is not in memory is brought there."""
        return self._view.count_tenant(pool, tenant)

    def has_tenants(self, pool: str) -> bool:
        """Return whether a pool has any tenant at this moment, or any alias that says it should."""
        self._calls.require_ready()
        return bool(self._calls.tenants(pool)) or pool in self._calls.aliases().values()

    def apply(self, step: WeaviateStep) -> None:
        """Carry out one step; raises NotLeading where this process may not."""
        with self._calls.step():
            self._hands.carry_out(step)

    def _beside(self, wanted: WantedLevel, target: str) -> tuple[str, ...]:
        """Return what holds data of a level besides the collection that serves: seldom anything."""
        holders = self._holders(wanted.owner, wanted.tenant_of_pool)
        return tuple(sorted({one.collection for one in holders} - {target}))

    def _holders(self, owner: Owner, tenant: str) -> list[Holder]:
        """Return what holds data of a level: collections with its stamp, and `tenant` of the pools that have it."""
        own = [Holder(one) for one in self._view.owned(owner)]
        pools = self._view.pools(owner[0])
        return own + [Holder(pool, tenant) for pool in pools if tenant in self._view.tenants(pool)]

    def _filling(self, holders: Iterable[Mapping[str, Any]], made: Made | None) -> tuple[str, ...]:
        """Return which of some collections are being filled from one that we did not make, and not known to be whole.

        One that the record tells to have been made was whole.
        """
        adopted = [str(one["class"]) for one in holders if (stamp := read_stamp(one)) is not None and stamp.adopted]
        if made is not None or not adopted:
            return ()
        return tuple(one for one in adopted if self._adopts(self.observe_holder(Holder(one))))

    def _adopts(self, copy: SeenHolder) -> bool:
        """Return whether a collection is noted to be filled from the one that its stamp says it was made of."""
        stamp = read_stamp(self._view.collection(copy.holder.collection) or {})
        return stamp is not None and bool(stamp.adopted) and copy.filled_from(Holder(stamp.adopted))

    def _in_pool(self, wanted: WantedLevel, seen: SeenLevel, pool: str, *, fresh: bool) -> SeenLevel:
        tenant = wanted.tenant_of_pool
        state = self._tenant(pool, tenant, fresh=fresh)
        count = self._view.tenant_counts(pool).get(tenant, 0) if state == "HOT" else None
        return replace(seen, tenants={} if state is None else {tenant: state}, count=count)

    def _elsewhere(self, wanted: WantedLevel, *, fresh: bool) -> dict[str, Any]:
        """Look for the level's data where its alias does not lead: by the wanted name, by stamp, by tenant."""
        standing = self._collection(wanted.collection, fresh=fresh)
        holders = [one for one in self._view.collections() if self._holds(one, wanted, fresh=False)]
        if fresh:
            now = [self._collection(str(one["class"]), fresh=True) for one in holders]
            holders = [one for one in now if one is not None and self._holds(one, wanted, fresh=True)]
        return {"standing": standing, "holders": tuple(holders)}

    def _holds(self, schema: Json, wanted: WantedLevel, *, fresh: bool) -> bool:
        stamp = read_stamp(schema)
        if stamp is None or not wanted.owns(stamp):
            return False
        return not stamp.of_pool or self._tenant(str(schema["class"]), wanted.tenant_of_pool, fresh=fresh) is not None

    def _collection(self, name: str, *, fresh: bool) -> Json | None:
        if fresh:
            self._view.note_collection(name, self._calls.collection(name))
        return self._view.collection(name)

    def _tenants(self, collection: str, *, fresh: bool) -> Mapping[str, str]:
        if fresh:
            self._view.note_all_tenants(collection, self._calls.tenants(collection))
        return self._view.tenants(collection)

    def _tenant(self, collection: str, tenant: str, *, fresh: bool) -> str | None:
        if fresh:
            self._view.note_tenants(collection, {tenant: self._calls.tenant(collection, tenant)})
        return self._view.tenants(collection).get(tenant)


def _total(counts: Iterable[int | None]) -> int | None:
    """Return the sum of counts; None where one of them cannot be told."""
    known = list(counts)
    told = [count for count in known if count is not None]
    return sum(told) if len(told) == len(known) else None
