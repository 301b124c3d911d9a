"""Pieces of the documentation that tests run as they stand there.

A piece is the fenced block after a comment that names it: `<!-- tested: name -->`.
"""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def excerpt(page: str, name: str) -> str:
    """Return a named block of a page of docs/."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(rf"<!-- tested: {re.escape(name)} -->\n+```[a-z]*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise AssertionError(f"docs/{page} has no block named {name}")
    return found[1]
