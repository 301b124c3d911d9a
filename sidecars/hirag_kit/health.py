"""Liveness and readiness as a process reports them."""

from dataclasses import dataclass
from typing import Literal

Phase = Literal["loading", "ready", "failed"]


@dataclass(frozen=True)
class Health:
    """Where a process stands in its life, and why.

    Args:
        phase: only a process that is `ready` should be sent work.
        reason: one sentence for a person.
    """

    phase: Phase
    reason: str = ""

    @property
    def ready(self) -> bool:
        """Whether work may be sent."""
        return self.phase == "ready"

    @property
    def status(self) -> int:
        """The HTTP status of the readiness endpoint."""
        return 200 if self.ready else 503

    def body(self) -> dict[str, str]:
        """The body of the readiness endpoint."""
        return {"status": self.phase, "reason": self.reason}
