"""Scheduled work on a collection: summarization and compaction, each a CronJob."""

from typing import Annotated, Final, Literal

from pydantic import Field

from hirag_operator.api.durations import LongDuration
from hirag_operator.api.model import SpecModel
from hirag_operator.api.pods import ResourceRequirements
from hirag_operator.api.references import BaseUrl, SecretKeyReference
from hirag_operator.api.text import Matches


def _cron_field(value: str) -> str:
    """A list of values, ranges and steps, as Kubernetes' cron parser reads them."""
    item = rf"(\*|\?|({value})(-({value}))?)(/[1-9][0-9]*)?"
    return f"{item}(,{item})*"


_MONTHS: Final = "(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_DAYS: Final = "(?i:sun|mon|tue|wed|thu|fri|sat)"
_CRON_FIELDS: Final = (
    "[0-5]?[0-9]",
    "[01]?[0-9]|2[0-3]",
    "0?[1-9]|[12][0-9]|3[01]",
    f"0?[1-9]|1[0-2]|{_MONTHS}",
    f"[0-6]|{_DAYS}",
)
_MACROS: Final = "@(yearly|annually|monthly|weekly|daily|midnight|hourly)"

CronSchedule = Annotated[
    str,
    Matches(
        f"^({_MACROS}|{' +'.join(map(_cron_field, _CRON_FIELDS))})$",
        "must be five cron fields (minute 0-59, hour 0-23, day of month 1-31, month 1-12, day of week 0-6) or a macro, "
        "such as 0 3 * * * or @daily",
    ),
]
TimeZone = Annotated[
    str,
    Matches("^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$", "must be an IANA time zone, such as Etc/UTC or Europe/Berlin"),
]


class Schedule(SpecModel):
    """When a CronJob runs and what becomes of its Jobs, with Kubernetes' own names and defaults."""

    schedule: CronSchedule = Field(
        min_length=6,
        max_length=256,
        examples=["0 3 * * *"],
        description="When to run, as five cron fields (minute, hour, day of month, month, day of week 0-6 or SUN-SAT) "
        "or @hourly, @daily, @weekly, @monthly, @yearly.",
    )
    time_zone: TimeZone = Field(
        default="Etc/UTC",
        max_length=64,
        description="Time zone of the schedule, by its IANA name, e.g. Europe/Berlin.",
    )
    suspend: bool = Field(default=False, description="Whether no further runs are started.")
    starting_deadline_seconds: int | None = Field(
        default=None,
        ge=10,
        le=86_400,
        description="Seconds within which a missed run is made up; no bound when absent.",
    )
    concurrency_policy: Literal["Allow", "Forbid", "Replace"] = Field(
        default="Forbid", description="What happens when a run is due while another goes on."
    )
    successful_jobs_history_limit: int = Field(default=3, ge=0, le=100, description="Successful Jobs that are kept.")
    failed_jobs_history_limit: int = Field(default=1, ge=0, le=100, description="Failed Jobs that are kept.")
    backoff_limit: int = Field(default=6, ge=0, le=100, description="Retries before a run counts as failed.")
    active_deadline_seconds: int | None = Field(
        default=None, ge=1, le=604_800, description="Seconds after which a run is ended; no bound when absent."
    )
    ttl_seconds_after_finished: int | None = Field(
        default=None,
        ge=0,
        le=31_536_000,
        description="Seconds after which a finished Job is removed; kept when absent.",
    )
    resources: ResourceRequirements | None = Field(default=None, description="Compute resources of the Job's pod.")


class LanguageModel(SpecModel):
    """An OpenAI-compatible chat endpoint."""

    url: BaseUrl = Field(
        description="Base URL as OpenAI SDKs write it, up to and with the version, e.g. https://api.example.com/v1; "
        "http or https, without credentials, query or fragment.",
    )
    model: str = Field(min_length=1, max_length=256, description="Model name sent with each request.")
    api_key_secret_ref: SecretKeyReference | None = Field(
        default=None, description="Secret with the API key, sent as a bearer token; none when absent."
    )
    timeout_seconds: int = Field(default=30, ge=1, le=3600, description="Seconds after which a request is given up.")
    max_retries: int = Field(default=3, ge=0, le=10, description="Retries of a failed request, with growing pauses.")


class Summarization(Schedule):
    """Old short-term contexts become summaries on the long-term level."""

    llm: LanguageModel = Field(description="The language model that writes the summaries.")
    max_tokens: int = Field(default=1024, ge=16, le=131_072, description="Most tokens of one summary.")
    older_than: LongDuration = Field(
        default="7d", description="Age from which on contexts are summarized, such as 30d, 12h or 1d12h, at least 1m."
    )
    delete_summarized: bool = Field(
        default=False, description="Whether contexts are deleted once their summary is stored."
    )


class Compaction(Schedule):
    """Removes what is past its retention, and near-duplicates."""

    duplicate_threshold: float = Field(
        default=0.98, ge=0.5, le=1, description="Cosine similarity from which on two contexts are duplicates."
    )
