"""Files out of Python wheels that are downloaded for their content and never installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

from e2e.cluster.errors import ToolUnavailableError

_DOWNLOAD_SECONDS = 900


def download(lock: Path, into: Path) -> dict[str, Path]:
    """Download the wheels that a lock pins, from the package index that pip is configured with.

    Args:
        lock: Requirements with hashes; what does not match a hash is refused by pip.
        into: Folder for the wheels.

    Returns:
        Distribution name, as the wheel's file name spells it → wheel.

    Raises:
        ToolUnavailableError: pip could not get one; its own words are in the text.
    """
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download"]
    options = ["--require-hashes", "--no-deps", "--only-binary=:all:", f"--dest={into}", f"--requirement={lock}"]
    try:
        done = subprocess.run(
            [*command, *options], capture_output=True, text=True, timeout=_DOWNLOAD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ToolUnavailableError(f"pip could not download {lock.name} within {_DOWNLOAD_SECONDS} s") from error
    if done.returncode != 0:
        raise ToolUnavailableError(f"pip could not download what {lock} pins:\n{done.stderr.strip()}")
    return {wheel.name.split("-", 1)[0]: wheel for wheel in into.glob("*.whl")}


def unpack(wheel: Path, prefix: str, into: Path) -> Path:
    """Unpack the files below a folder of the wheel, or a single file, with their permissions.

    Args:
        wheel: The wheel.
        prefix: The folder inside it, ending in a slash, or the file.
        into: What takes its place.

    Returns:
        `into`.
    """
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            if entry.is_dir() or not entry.filename.startswith(prefix):
                continue
            rest = entry.filename.removeprefix(prefix)
            file = into / rest if rest else into
            if not file.resolve().is_relative_to(into.resolve()):
                raise ToolUnavailableError(f"{wheel.name} has a file outside its folder: {entry.filename}")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(archive.read(entry))
            if mode := entry.external_attr >> 16:
                file.chmod(mode & 0o777)
    if not into.exists():
        raise ToolUnavailableError(f"{wheel.name} has nothing at {prefix}")
    return into
