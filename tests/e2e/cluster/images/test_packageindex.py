from pathlib import Path

import pytest

from e2e.cluster.images.packageindex import secrets


@pytest.fixture(autouse=True)
def only_these_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real pip tells what it is configured with; here by nothing but what a test says."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST"):
        monkeypatch.delenv(name, raising=False)


def test_a_machine_without_an_index_of_its_own_tells_nothing(tmp_path: Path) -> None:
    assert secrets(tmp_path, {}) == []
    assert list(tmp_path.iterdir()) == []


def test_an_index_reaches_pip_and_uv_in_files_that_only_their_owner_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:word@index.test/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://a.test/simple https://b.test/simple")
    flags = secrets(tmp_path, {})
    assert flags == [f"--secret=id={name},src={tmp_path / name}" for name in ("pip", "uv")]
    assert not any("word" in flag for flag in flags)
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("pip", "uv")} == {0o600}
    assert "index-url = https://me:word@index.test/simple" in (tmp_path / "pip").read_text().splitlines()
    assert 'extra-index-url = ["https://a.test/simple", "https://b.test/simple"]' in (tmp_path / "uv").read_text()


def test_the_authorities_that_the_machine_trusts_are_told(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.crt"
    bundle.touch()
    assert secrets(tmp_path, {"SSL_CERT_FILE": str(bundle)}) == [f"--secret=id=ca,src={bundle}"]
    assert secrets(tmp_path, {"SSL_CERT_FILE": str(tmp_path / "gone")}) == []
