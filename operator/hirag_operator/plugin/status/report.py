"""The shape of a status report."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from hirag_operator.plugin.reports import Part, Report

State = Literal["Stalled", "Reconciling", "Unseen", "Deleting", "Paused", "Ready"]


class Problem(Part):
    """Something that is not as it should be."""

    condition: str = Field(description="Type of the condition that says so.")
    reason: str = Field(description="Its reason, one CamelCase word.")
    message: str = Field(description="Its message: the cause in a sentence.")
    remedy: str = Field(default="", description="What to do; empty where nothing needs doing.")
    since: datetime | None = Field(default=None, description="When it began.")
    grave: bool = Field(description="Whether the object waits for a person.")


class Neighbour(Part):
    """An object of ours that another refers to."""

    namespace: str = Field(description="Its namespace.")
    name: str = Field(description="Its name.")
    state: State | Literal["Missing", "NotRead"] = Field(
        description="Its own state; Missing where it does not exist, NotRead where it was not looked at."
    )
    reason: str = Field(default="", description="Reason of its Ready condition.")
    summary: str = Field(default="", description="What it is, in a few words.")


class Child(Part):
    """An object that the operator made for another."""

    kind: str = Field(description="Its kind.")
    name: str = Field(description="Its name.")
    summary: str = Field(default="", description="How it stands, in a few words.")
    well: bool = Field(default=True, description="Whether it is as it should be.")


class Run(Part):
    """The last run of a schedule."""

    job: str = Field(default="", description="Name of the Job.")
    result: str = Field(default="", description="Running, Complete or Failed.")
    message: str = Field(default="", description="Why it failed.")
    finished_at: datetime | None = Field(default=None, description="When it ended.")


class ScheduleReport(Part):
    """A schedule of a ContextCollection."""

    section: str = Field(description="Section of the spec: summarization or compaction.")
    schedule: str = Field(description="When it runs, as cron writes it.")
    time_zone: str = Field(default="", description="The time zone that it is meant in.")
    suspended: bool | None = Field(default=None, description="Whether its CronJob is suspended; absent: not seen.")
    last_run: Run | None = Field(default=None, description="Its last run; absent when there is none.")


class PolicyUse(Neighbour):
    """The HNSWIndexPolicy of a level, and whether the level is as it says."""

    binding: str = Field(default="", description="Compliant, PendingRebuild, Rebuilding or Waiting.")


class LevelMigrationReport(Part):
    """The migration of one level."""

    level: str = Field(description="shortTerm or longTerm.")
    phase: str = Field(default="", description="Step that it is at.")
    plan: str = Field(default="", description="By which it came to what serves, while there is a way back.")
    source: str = Field(default="", description="What serves, or served: a collection, or pool/tenant.")
    target: str = Field(default="", description="What is to serve, or serves: a collection, or pool/tenant.")
    done: int | None = Field(default=None, description="Objects carried so far; absent where not known.")
    total: int | None = Field(default=None, description="Objects to carry; absent where not known.")
    per_second: int | None = Field(default=None, description="Objects carried a second; absent where not known.")
    tenants: int | None = Field(default=None, description="Tenants to carry; absent where not known, or none are.")
    tenants_done: int | None = Field(default=None, description="Of those, how many were carried and compared.")
    alike: int | None = Field(default=None, description="Objects found alike on both sides; absent until compared.")
    checksum: str = Field(default="", description="Of those, whatever their order.")
    recall: float | None = Field(default=None, description="Recall of the new index; absent until measured.")
    golden_recall: float | None = Field(default=None, description="The same over questions of the user's own.")
    came_back: int | None = Field(default=None, description="Deleted objects that were there again after the swap.")
    came_back_milliseconds: int | None = Field(
        default=None, description="For how long at most; absent until it is over."
    )
    carried_late: int | None = Field(default=None, description="Writes that were carried only after the swap.")
    previous_until: datetime | None = Field(default=None, description="Until when the previous revision is kept.")


class MigrationReport(Part):
    """The migration of a ContextCollection."""

    phase: str = Field(default="", description="Step that it is at.")
    plan: str = Field(default="", description="What an approval, or a way back, has to name.")
    change_class: str = Field(default="", description="build or embed: what it takes.")
    changes: list[str] = Field(default_factory=list, description="What is to change, by level and field.")
    done: int | None = Field(default=None, description="Objects carried so far; absent where not known.")
    total: int | None = Field(default=None, description="Objects to carry; absent where not known.")
    estimate: str = Field(default="", description="What it takes, or how much is left, in words.")
    levels: list[LevelMigrationReport] = Field(default_factory=list, description="The same by level.")


class LevelReport(Part):
    """A level of a ContextCollection."""

    level: str = Field(description="shortTerm or longTerm.")
    alias: str = Field(default="", description="Alias to read and write through.")
    tenant: str = Field(default="", description="Tenant to name; empty for none.")
    collection: str = Field(default="", description="Physical collection behind the alias.")
    revision: str = Field(default="", description="Revision that serves.")
    objects: int | None = Field(default=None, description="How many objects it holds; absent where not counted.")
    tenants: dict[str, int] = Field(default_factory=dict, description="Tenants by state.")
    pending: str = Field(default="", description="What only a new revision could change.")
    change_class: str = Field(default="", description="build or embed: what pending takes.")
    policy: PolicyUse | None = Field(default=None, description="Its index policy; absent where defaults are used.")
    measured: str = Field(default="", description="What its index achieves, where its policy has objectives.")
    objectives: str = Field(default="", description="Whether that meets them: ObjectivesMet, or the reason why not.")


class ObjectReport(Part):
    """How one object stands."""

    kind: str = Field(description="Its kind.")
    namespace: str = Field(description="Its namespace.")
    name: str = Field(description="Its name.")
    state: State = Field(
        description="Ready, Reconciling and Stalled as the conditions say; Unseen: the operator has not looked at the "
        "present spec; Paused, Deleting."
    )
    reason: str = Field(default="", description="Reason of Ready.")
    message: str = Field(default="", description="Message of Ready.")
    since: datetime | None = Field(default=None, description="Since when.")
    problems: list[Problem] = Field(default_factory=list, description="What is not as it should be, gravest first.")
    children: list[Child] = Field(default_factory=list, description="What the operator made for it in Kubernetes.")


class CollectionReport(ObjectReport):
    """How a ContextCollection stands."""

    placement: str = Field(default="Dedicated", description="Dedicated or Shared.")
    connection: str = Field(default="default", description="Which Weaviate it lives on.")
    objects: int | None = Field(default=None, description="Objects of all levels.")
    fingerprint: str = Field(default="", description="Embedding fingerprint of the revision that serves.")
    model: Neighbour = Field(description="Its EmbeddingModel.")
    levels: list[LevelReport] = Field(default_factory=list, description="Its levels that are stored in Weaviate.")
    migration: MigrationReport | None = Field(
        default=None, description="The migration that goes on, or whose previous revision is there; absent for none."
    )
    schedules: list[ScheduleReport] = Field(default_factory=list, description="Its schedules.")


class ModelReport(ObjectReport):
    """How an EmbeddingModel stands."""

    model: str = Field(default="", description="The model as served.")
    endpoint: str = Field(default="", description="URL under which it is served.")
    dimensions: int | None = Field(default=None, description="Length of its vectors.")
    fingerprint: str = Field(default="", description="Its embedding fingerprint.")
    ready_replicas: int | None = Field(default=None, description="Pods that are ready; absent for a provider.")
    replicas: int | None = Field(default=None, description="Pods that exist; absent for a provider.")
    gpu_profile: str = Field(default="", description="GPU profile in use.")
    used_by: list[str] = Field(default_factory=list, description="ContextCollections that refer to it, as far as read.")


class BindingReport(Part):
    """A level that uses a policy."""

    namespace: str = Field(description="Namespace of the ContextCollection.")
    name: str = Field(description="Name of the ContextCollection.")
    level: str = Field(description="Its level.")
    state: str = Field(description="Compliant, PendingRebuild, Rebuilding or Waiting.")
    pending: str = Field(default="", description="What differs.")
    change_class: str = Field(default="", description="build or embed: what pending takes.")


class PolicyReport(ObjectReport):
    """How an HNSWIndexPolicy stands."""

    index: str = Field(default="", description="Index type, distance and quantization.")
    binding_count: int = Field(default=0, description="Levels that use it.")
    compliant_count: int = Field(default=0, description="Levels of them that are as it says.")
    bindings: list[BindingReport] = Field(default_factory=list, description="These levels, those in trouble first.")


class StatusReport(Report):
    """How objects stand, those in trouble first."""

    title: ClassVar[str] = "Status"

    objects: list[CollectionReport | ModelReport | PolicyReport] = Field(description="The objects.")
    unseen: list[str] = Field(default_factory=list, description="What was not read for want of a permission.")
