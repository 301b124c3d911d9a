"""Secrets that are looked for afterwards, in every form that they are likely to be written in."""

import base64
from dataclasses import dataclass, fields
from urllib.parse import quote


@dataclass(frozen=True)
class Canaries:
    """One for each place where the product is given a secret; all are as long as real ones, and harmless."""

    weaviate: str = "canary/weaviate+right=1f0a7c"
    weaviate_refused: str = "canary/weaviate+wrong=9c3e42"
    embedder: str = "canary/embedder+right=77ab10"
    embedder_refused: str = "canary/embedder+wrong=5d21e8"
    provider: str = "canary/provider+echo=c0ffee"
    llm: str = "canary/llm+never+read=4b4b4b"

    def found_in(self, text: str) -> list[str]:
        """The names of those that stand in a text: as they are, as a Secret's data, or as a URL would carry them."""
        return [one.name for one in fields(self) if any(form in text for form in _forms(getattr(self, one.name)))]


def _forms(secret: str) -> set[str]:
    encoded = base64.b64encode(secret.encode()).decode()
    return {secret, quote(secret), quote(secret, safe=""), encoded, encoded.rstrip("="), repr(secret.encode())[2:-1]}
