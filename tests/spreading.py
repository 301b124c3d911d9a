"""How the tests are spread over processes, where `pytest -n` asks for several.

Tests with servers wait more than they work, so a few processes side by side end in a fraction of the time. Each has
servers of its own. The tests of a file stay together and in their order, for they may share what the file set up.
"""

import os
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# What takes longest comes first, and the short tables last: so all processes end at about the same time.
_LONGEST_FIRST: Final = (
    "tests/operator/reconcile/migration/",
    "tests/operator/reconcile/",
    "tests/operator/replicas/",
    "tests/sidecars/hirag_jobs/",
    "tests/operator/adapters/",
    "tests/operator/plugin/",
)
# Any process can take the next test of these: each is minutes of work, and sets up what it needs.
_APART: Final = "test_crashes.py"
_MOST: Final = 4  # each with its servers takes up to 3 GiB


def processes() -> int:
    """Return how many processes this machine carries: one more than it has cores, since they wait."""
    return min((os.cpu_count() or 1) + 1, _MOST)


def longest_first(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Return tests in the order in which processes are to take them."""
    return sorted(items, key=lambda item: _rank(item.nodeid))


def _rank(nodeid: str) -> int:
    return next((at for at, folder in enumerate(_LONGEST_FIRST) if nodeid.startswith(folder)), len(_LONGEST_FIRST))


class BySharedGround(LoadScopeScheduling):
    """Gives a process one file after the other, or one test after the other of a file whose tests share nothing."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if PurePosixPath(file).name == _APART else file


def scheduler(config: pytest.Config, log: Producer) -> BySharedGround:
    """Return what hands out the tests of a session."""
    config.option.loadscopereorder = False  # by their number, which says nothing of how long they take
    return BySharedGround(config, log)
