"""The operator process: reads its settings once, wires adapters to reconcilers, and runs until told to stop."""

import asyncio
import functools
import sys
from importlib.metadata import version
from typing import get_args

from pydantic import ValidationError
from pydantic_settings import SettingsError

from hirag_operator import logs, metrics
from hirag_operator.adapters.connections import Connections, Target
from hirag_operator.adapters.election import Candidate, Election
from hirag_operator.adapters.embedder import EmbedderAdapter
from hirag_operator.adapters.fence import Fence, LeaseFence
from hirag_operator.adapters.fencedclient import fenced_client
from hirag_operator.adapters.http import Observer
from hirag_operator.adapters.kubeapi import configured
from hirag_operator.adapters.kubernetes import KubernetesAdapter
from hirag_operator.adapters.leaseserver import LeaseServer
from hirag_operator.adapters.store import Store
from hirag_operator.adapters.watchstream import WatchServer
from hirag_operator.api.quantities import to_number
from hirag_operator.errors import NotAuthorized
from hirag_operator.handlers.health import Patience
from hirag_operator.handlers.leadership import Contested, Seat, Told, Unopposed
from hirag_operator.handlers.operator import Runtime, run
from hirag_operator.handlers.watches import coverage
from hirag_operator.handlers.workers import Reconcilers
from hirag_operator.memory import share_arenas
from hirag_operator.plan.children.owned import FIELD_MANAGER
from hirag_operator.plan.collection.migration.space import Capacity
from hirag_operator.plan.election import HOLD_SHARE
from hirag_operator.plan.steps import Step
from hirag_operator.reconcile import collection, embeddingmodel, policy
from hirag_operator.reconcile.rest import Rests
from hirag_operator.reconcile.services import Services
from hirag_operator.settings import Settings

CONFIGURATION_ERROR = 2  # exit code
AGE_OF_VIEW = 0.25  # of a resync: how old the look at Weaviate may be by which a reconcile finds that all is well


def main() -> None:
    """Entry point of `hirag-operator`."""
    share_arenas()
    try:
        settings = Settings()
    except SettingsError as error:  # a variable that should be JSON and is not; its value may hold what is secret
        sys.stderr.write(f"hirag-operator: {error}; write it as JSON\n")
        sys.exit(CONFIGURATION_ERROR)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            name = "_".join(str(part) for part in one["loc"]).upper()
            sys.stderr.write(f"hirag-operator: HIRAG_OPERATOR_{name}: {one['msg']}\n")
        sys.exit(CONFIGURATION_ERROR)
    try:
        configured()
    except NotAuthorized as error:  # told in one line, before anything starts
        sys.stderr.write(f"hirag-operator: {error}\n")
        sys.exit(CONFIGURATION_ERROR)
    logs.configure(settings.log_level)
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    store = Store(coverage(settings.namespaces))
    name = settings.name()
    agent = f"hirag-operator/{version('hirag-operator')} ({name})"
    seat = seat_of(settings, name, agent)
    services = wire(settings, store, agent, seat.fence)
    runtime = Runtime(
        workers=settings.workers,
        resync_seconds=settings.resync_seconds,
        pulse_seconds=settings.pulse_seconds,
        patience=Patience(
            loop=settings.loop_stale_seconds, attempt=settings.attempt_stale_seconds, watch=settings.watch_stale_seconds
        ),
        host=settings.host,
        port=settings.port,
        namespaces=tuple(settings.namespaces),
    )
    by_kind = reconcilers(services)
    metrics.expect(kinds=by_kind, steps={step.reason for step in get_args(Step)})
    try:
        await run(runtime, services, by_kind, WatchServer(configured(), agent=agent), store, seat)
    finally:
        services.connections.close()


def seat_of(settings: Settings, name: str, agent: str) -> Seat:
    """Return how the process called `name` comes to lead: by a Lease, or without asking where it is the only one."""
    if not settings.lease_namespace:
        return Unopposed()
    candidate = Candidate(name, settings.lease_seconds)

    def stand(fence: LeaseFence, told: Told) -> Election:
        server = LeaseServer(configured(), agent, settings.lease_namespace, settings.lease())
        return Election(server, candidate, fence, told)

    return Contested(LeaseFence(unheard_seconds=settings.lease_seconds * (1 - HOLD_SHARE)), stand)


def wire(settings: Settings, store: Store, agent: str, fence: Fence) -> Services:
    """Build the adapters from settings; Kubernetes is read through `store`, and all is changed through `fence`."""
    targets = {
        name: Target(
            str(connection.http_url),
            connection.api_key_file,
            connection.timeout_seconds,
            connection.grpc_address,
            (secret.name, secret.key) if (secret := connection.api_key_secret) else None,
            Capacity(_bytes(connection.capacity.memory), _bytes(connection.capacity.disk)),
            connection.adoptable,
        )
        for name, connection in settings.weaviate.items()
    }
    return Services(
        kubernetes=KubernetesAdapter(
            fenced_client(configured(), agent, fence),
            field_manager=FIELD_MANAGER,
            store=store,
            fence=fence,
            observe=_latency("kubernetes"),
        ),
        connections=Connections(
            targets, max_age=settings.resync_seconds * AGE_OF_VIEW, fence=fence, observe=_latency("weaviate")
        ),
        embedder=EmbedderAdapter(observe=_latency("embedder")),
        instance=settings.instance,
        embedder_image=settings.embedder_image,
        jobs_image=settings.jobs_image,
        service_url=settings.service_url,
        namespaces=tuple(settings.namespaces),
        rests=Rests(fence.check),
        jobs_namespace=settings.jobs_namespace,
        jobs_resources=settings.jobs_resources,
        jobs_pull_secrets=tuple(settings.jobs_pull_secrets),
        migrations=settings.migrations,
    )


def reconcilers(services: Services) -> Reconcilers:
    """Return the reconciler of each kind."""
    return {
        "EmbeddingModel": functools.partial(embeddingmodel.reconcile, services),
        "HNSWIndexPolicy": functools.partial(policy.reconcile, services),
        "ContextCollection": functools.partial(collection.reconcile, services),
    }


def _bytes(quantity: str | None) -> int | None:
    return None if quantity is None else int(to_number(quantity))


def _latency(server: str) -> Observer:
    def observe(operation: str, seconds: float) -> None:
        metrics.CALL_SECONDS.labels(server, operation).observe(seconds)

    return observe


if __name__ == "__main__":
    main()
