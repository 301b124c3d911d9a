"""Pieces of the pages that tests run as they stand there.

A piece is the fenced block after a comment that names it: `<!-- tested: name -->`.
"""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[2]


def commands(page: str, name: str) -> list[list[str]]:
    """Return the commands of a named block, each as its words."""
    lines = excerpt(page, name).replace("\\\n", " ").splitlines()
    return [shlex.split(line.removeprefix("$ ")) for line in lines if line.startswith("$ ")]


def excerpt(page: str, name: str) -> str:
    """Return a named block of a page, which is named by its path from the root of the repository."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.search(rf"<!-- tested: {re.escape(name)} -->\n+```[a-z]*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise AssertionError(f"{page} has no block named {name}")
    return found[1]
