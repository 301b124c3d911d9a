from pathlib import Path

import pytest

from e2e.cluster import debian
from e2e.cluster.cache import Cache
from e2e.cluster.errors import ToolUnavailableError
from e2e.cluster.progress import Progress


def test_a_program_that_is_there_is_found_without_installing_anything(tmp_path: Path) -> None:
    found = debian.programs({"sh": "dash"}, Cache(tmp_path / "cache"), Progress())
    assert found["sh"].name == "sh"
    assert not (tmp_path / "cache").exists()


def test_a_package_that_cannot_be_installed_is_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ToolUnavailableError, match="missing: no-such-package"):
        debian.programs({"no-such-program": "no-such-package"}, Cache(tmp_path), Progress())
