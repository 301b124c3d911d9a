"""The locks satisfy pyproject.toml; told without a network, so that a forgotten `make lock` shows at once."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

_ROOT = Path(__file__).parents[1]
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
_EXTRAS = _PROJECT["optional-dependencies"]
_PARTS = {"encoder"}  # included by two extras; nothing runs with it alone
_UNTESTED = {"embedder-cuda"}  # needs a GPU; what it shares with the others is tested with them
_LOCKED = sorted(_EXTRAS.keys() - _PARTS)
_LOCKS = sorted([*_ROOT.glob("*.lock"), *_ROOT.glob("e2e/cluster/*.lock")])


def _required(extra: str) -> Iterator[Requirement]:
    """What an extra needs, with the extras of this project that it includes."""
    for text in (*_PROJECT["dependencies"], *_EXTRAS[extra]):
        requirement = Requirement(text)
        if requirement.name == _PROJECT["name"]:
            for included in requirement.extras:
                yield from _required(included)
        else:
            yield requirement


def _pins(lock: Path) -> dict[str, list[Version]]:
    """Distribution → its pinned versions; more than one where they depend on the Python version."""
    pins: dict[str, list[Version]] = {}
    for name, version in re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(), re.MULTILINE):
        pins.setdefault(canonicalize_name(name), []).append(Version(version))
    return pins


@pytest.mark.parametrize("extra", _LOCKED)
def test_the_lock_of_an_extra_meets_all_that_it_requires(extra: str) -> None:
    pins = _pins(_ROOT / f"requirements-{extra}.lock")
    unmet = [
        str(requirement)
        for requirement in _required(extra)
        if not any(requirement.specifier.contains(pin) for pin in pins.get(canonicalize_name(requirement.name), []))
    ]
    assert unmet == [], "run `make lock`"


def test_the_bootstrap_lock_pins_the_uv_of_the_dev_lock() -> None:
    bootstrap = _pins(_ROOT / "requirements-bootstrap.lock")
    assert bootstrap == {"uv": _pins(_ROOT / "requirements-dev.lock")["uv"]}


def test_processes_run_with_the_versions_that_were_tested() -> None:
    tested = _pins(_ROOT / "requirements-dev.lock")
    for extra in _LOCKED:
        pins = _pins(_ROOT / f"requirements-{extra}.lock")
        if extra in _UNTESTED:
            pins = {name: versions for name, versions in pins.items() if name in tested}
        assert {name: tested.get(name) for name in pins} == pins, f"requirements-{extra}.lock: run `make lock`"


@pytest.mark.parametrize("lock", _LOCKS, ids=lambda lock: lock.name)
def test_every_pin_has_a_hash_and_no_host_is_named(lock: Path) -> None:
    text = lock.read_text()
    for pin in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in pin
    assert "://" not in text
