"""What the migration of one collection goes by, gathered once for all of its levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hirag_operator.adapters.connections import UNDECLARED, Target
from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.api import ContextCollection, EmbeddingModel
from hirag_operator.api.group import GROUP
from hirag_operator.errors import OperatorError
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.migration.job import OF_LEVEL, Means, Owned, selector_of
from hirag_operator.plan.collection.migration.jobstate import carries, is_running
from hirag_operator.plan.collection.migration.space import Capacity
from hirag_operator.plan.collection.migration.target import declared, plan_name
from hirag_operator.plan.model.embedderprocess import served_name
from hirag_operator.plan.model.embeddingmodel import endpoint
from hirag_operator.plan.steps import KubernetesStep, Step
from hirag_operator.reconcile.outcome import kubernetes_verdict
from hirag_operator.reconcile.references import Obstacle, References
from hirag_operator.reconcile.services import Services

Json = Mapping[str, Any]

APPROVE: Final = f"{GROUP}/approve"  # annotation that approves a plan


@dataclass(frozen=True)
class Road:
    """What a migration of a collection goes by.

    Args:
        services: Of the operator.
        body: The collection as JSON, for Events.
        collection: The same as a model.
        references: What it refers to.
        server: Its Weaviate.
        means: What a Job is given.
        plan: What an approval has to name.
        beyond: Why there can be no Job; empty where there can.
        capacity: What its Weaviate may use for data, as far as anybody said.
        adoptable: Patterns of names of collections that its namespace may adopt.
    """

    services: Services
    body: Json
    collection: ContextCollection
    references: References
    server: WeaviateAdapter
    means: Means
    plan: str
    beyond: str = ""
    capacity: Capacity = UNDECLARED
    adoptable: Sequence[str] = ()

    @property
    def approved(self) -> bool:
        """Return whether a migration may begin."""
        migration, metadata = self.collection.spec.migration, self.collection.metadata
        given = {migration.approved_plan, metadata.annotations.get(APPROVE)}
        return migration.approval == "Auto" or self.plan in given

    def owned(self, level: str) -> Owned:
        """Return whose Jobs carry a level."""
        metadata = self.collection.metadata
        return Owned(metadata.namespace, metadata.name, level, metadata.generation)

    def all_of(self, kind: str, selector: str) -> list[dict[str, Any]]:
        """Return Jobs, or their pods, with these labels.

        Raises:
            Obstacle: they cannot be listed, which is not to be taken for none.
        """
        if not self.means.namespace:
            return []
        try:
            return self.services.kubernetes.all_of(kind, self.means.namespace, selector)
        except OperatorError as error:
            raise Obstacle(kubernetes_verdict(error)) from error

    def left(self) -> dict[str, bool]:
        """Return the levels of which a Job of a migration is left, which goes last, and whether one carries data."""
        metadata = self.collection.metadata
        left: dict[str, bool] = {}
        for job in self.all_of("Job", selector_of(metadata.namespace, metadata.name)):
            level = str((job["metadata"].get("labels") or {}).get(OF_LEVEL, ""))
            left[level] = left.get(level, False) or (carries(job) and is_running(job))
        return left

    def apply(self, step: Step) -> None:
        """Carry out one step, wherever it is to be done.

        Raises:
            Obstacle: Kubernetes refused it.
            OperatorError: Weaviate did not do it.
        """
        if not isinstance(step, KubernetesStep):
            self.server.apply(step)
            return
        try:
            self.services.kubernetes.apply(step)
        except OperatorError as error:
            raise Obstacle(kubernetes_verdict(error)) from error


def road_of(
    services: Services,
    body: Json,
    collection: ContextCollection,
    references: References,
    server: WeaviateAdapter,
    wanted: Sequence[WantedLevel],
) -> Road:
    """Return what the migration of a collection goes by; its plan is named by where all levels are to be."""
    model = references.model
    target = services.connections.target(collection.spec.weaviate.connection)
    means = Means(
        namespace=services.jobs_namespace,
        image=services.jobs_image,
        resources=services.jobs_resources,
        pull_secrets=services.jobs_pull_secrets,
        http_url=target.url.rstrip("/") if target else "",
        grpc_address=target.grpc_address if target else "",
        key=target.api_key_secret if target else None,
        embedding_url=endpoint(model, services.service_url),
        embedding_model=served_name(model),
        provider=_provider(model),
    )
    plan = plan_name([declared(one) for one in wanted])
    beyond, capacity = _beyond(services, target), target.capacity if target else UNDECLARED
    adoptable = target.adoptable.get(collection.metadata.namespace, ()) if target else ()
    return Road(services, body, collection, references, server, means, plan, beyond, capacity, adoptable)


def _beyond(services: Services, target: Target | None) -> str:
    """Return why no Job can carry data, with the way out; empty where one can."""
    if not services.jobs_namespace:
        return (
            "the operator has no namespace to run Jobs in; set HIRAG_OPERATOR_JOBS_NAMESPACE, or take the change back"
        )
    if target is not None and target.api_key_file is not None and target.api_key_secret is None:
        return (
            "a Job cannot be given the key of this Weaviate; set api_key_secret of the connection to its Secret in "
            f"namespace {services.jobs_namespace}"
        )
    return ""


def _provider(model: EmbeddingModel) -> str:
    """Return what has a key that new vectors are made by; empty where none is wanted.

    A key is given to a Job that was made for the very same, and to no other: where it is sent is a part of it.
    """
    external, metadata = model.spec.external, model.metadata
    if external is None or external.api_key_secret_ref is None:
        return ""
    secret = external.api_key_secret_ref
    return f"{metadata.namespace}/{metadata.name} by {secret.name}/{secret.key} at {external.url}"
