"""Giving Jobs the keys of providers: each as a Secret of its own, which goes with the Job.

A Job is made first, for its Secret is to be owned by it; until that is there its pods wait. So a crash in between is
nothing special: every look at a Job that runs sees to its key, and a key that was rotated is given to it as well.
"""

from collections.abc import Iterable

from hirag_operator.plan.collection.migration.job import key_secret
from hirag_operator.plan.collection.migration.jobstate import awaiting_key
from hirag_operator.plan.collection.migration.seen import SeenJob
from hirag_operator.plan.steps import GiveKey
from hirag_operator.reconcile.progress import carried_out
from hirag_operator.reconcile.providerkey import SecretForbidden, SecretMissing, provider_key
from hirag_operator.reconcile.references import Obstacle
from hirag_operator.reconcile.road import Road


def give_keys(road: Road, level: str, jobs: Iterable[SeenJob | None]) -> None:
    """See to it that the Jobs of a level have the key of the provider that they were made for.

    Raises:
        Obstacle: the key cannot be read, or not be given.
    """
    for job in awaiting_key(jobs, road.means.provider):
        try:
            key = provider_key(road.services, road.references.model)
        except (SecretMissing, SecretForbidden) as error:
            raise Obstacle(error.verdict) from error
        if key.value is not None and not road.services.given.knows(job.key_in, key.version):
            secret = key_secret(road.owned(level), job, road.means.namespace, key.value)
            carried_out(road.apply, GiveKey(secret))
            road.services.given.note(job.key_in, key.version)
