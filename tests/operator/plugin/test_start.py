"""Asking for help waits for no library."""

import subprocess
import sys

import pytest

HEAVY = ("pydantic", "kubernetes", "rich", "httpcore", "yaml", "kopf")
LOADED = f"""
import sys
from hirag_operator.plugin.main import run
try:
    run(sys.argv[1:])
except SystemExit:
    pass
print([name for name in {HEAVY} if name in sys.modules])
"""


def loaded(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("arguments", [["--help"], ["plan", "--help"], ["--version"], ["nonsense"], []], ids=str)
def test_help_and_complaints_load_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(*arguments) == "[]"


def test_an_explanation_does_not_load_the_client_of_kubernetes() -> None:
    assert loaded("explain", "emb.pooling") == "['pydantic', 'rich']"
