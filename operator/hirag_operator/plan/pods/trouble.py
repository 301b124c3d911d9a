"""A trouble of what runs for us, as a plan names it, and what its sentence is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hirag_operator.api.conditions import Reason

WORDS_LIMIT = 400  # characters that are quoted of what another program says


@dataclass(frozen=True)
class Trouble:
    """What is wrong, in a sentence with the remedy; `needs_person` when waiting alone is not likely to help."""

    reason: Reason
    message: str
    needs_person: bool = False


def brief(words: object) -> str:
    """Return what another program said on one line, without its full stop, cut where it is long."""
    text = " ".join(str(words).split()).rstrip(". ")
    return text if len(text) <= WORDS_LIMIT else f"{text[: WORDS_LIMIT - 1]}…"


def condition(body: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """Return a condition in an object's status; empty when it has none of that type."""
    found = (body.get("status") or {}).get("conditions") or []
    return next((item for item in found if item["type"] == kind), {})
