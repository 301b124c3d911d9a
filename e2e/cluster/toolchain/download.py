"""One release: what its project says about it, and the way from there to a binary that can be trusted."""

import hashlib
import re
import shutil
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import httpx

from e2e.cluster.cache import publish
from e2e.cluster.errors import ClusterError
from e2e.cluster.toolchain.pins import Tool
from e2e.cluster.toolchain.sources import ToolCache

_MAX_CHECKSUM_CHARACTERS = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Limits:
    """What a release may cost before the next source is the better choice.

    Attributes:
        probe: Seconds in which every host together has to answer.
        stall: Seconds without a byte.
        download: Seconds for one file; a build takes about five minutes.
        size: Bytes of one file.
    """

    probe: float = 2.0
    stall: float = 10.0
    download: float = 240.0
    size: int = 1 << 30


class RefusedError(ClusterError):
    """A release cannot be used; the text is the reason."""


class UnreachableError(RefusedError):
    """The host of a release does not answer."""


@dataclass(frozen=True)
class Release:
    """One tool's release file and the file with its checksum.

    Attributes:
        tool: The tool.
        asset: URL of the binary, or of the archive that holds it.
        checksum: URL of its SHA-256, alone or in the output format of `sha256sum`.
        limits: When to give up.
    """

    tool: Tool
    asset: str
    checksum: str
    limits: Limits

    @property
    def host(self) -> str:
        """Who serves it."""
        return httpx.URL(self.asset).host

    def published_sha256(self) -> str:
        """Ask for the checksum; also the proof that the host can be reached.

        Raises:
            UnreachableError: The host does not answer.
            RefusedError: It has none.
        """
        try:
            answer = httpx.get(self.checksum, follow_redirects=True, timeout=self.limits.probe).raise_for_status()
        except httpx.TransportError as error:
            raise UnreachableError(f"{self.host}: {str(error) or type(error).__name__}") from error
        except httpx.HTTPError as error:
            raise RefusedError(f"{self.checksum}: {error}") from error
        name = self.asset.rsplit("/", 1)[1]
        for line in answer.text[:_MAX_CHECKSUM_CHARACTERS].splitlines():
            value, *file = line.split() or [""]
            if _SHA256.fullmatch(value) and (not file or file[0].lstrip("*") == name):
                return value
        raise RefusedError(f"{self.checksum} holds no SHA-256 of {name}")

    def install(self, sha256: str, cache: ToolCache) -> Path:
        """Download, verify and unpack into the cache.

        Args:
            sha256: What the download must have.
            cache: Where the binary goes; nothing is left there when it is refused.

        Raises:
            RefusedError: The download is not what was published, or it took too long.
        """
        place = cache.place(self.tool)
        with cache.cache.partial(place) as folder:
            asset, binary = folder / "asset", folder / self.tool.name
            try:
                actual = self._download(asset)
            except httpx.HTTPError as error:
                raise RefusedError(f"{self.asset}: {str(error) or type(error).__name__}") from error
            if actual != sha256:
                raise RefusedError(f"{self.asset} has SHA-256 {actual}, its project publishes {sha256}")
            if self.tool.member:
                _extract(asset, self.tool.member, binary)
            else:
                asset.rename(binary)
            binary.chmod(0o755)
            return publish(binary, place)

    def _download(self, to: Path) -> str:
        end = time.monotonic() + self.limits.download
        total = hashlib.sha256()
        size = 0
        headers = {"Accept-Encoding": "identity"}  # the checksum is of the file, not of a compressed transfer of it
        with (
            httpx.stream(
                "GET", self.asset, headers=headers, follow_redirects=True, timeout=self.limits.stall
            ) as answer,
            to.open("wb") as file,
        ):
            for piece in answer.raise_for_status().iter_raw():
                total.update(piece)
                size += file.write(piece)
                if time.monotonic() > end:
                    raise RefusedError(f"{self.asset} was not complete after {self.limits.download:g} s")
                if size > self.limits.size:
                    raise RefusedError(f"{self.asset} is larger than {self.limits.size} bytes")
        return total.hexdigest()


def _extract(archive: Path, member: str, to: Path) -> None:
    try:
        with tarfile.open(archive, "r:gz") as files:
            for entry in files:
                content = files.extractfile(entry) if PurePosixPath(entry.name).name == member else None
                if content is not None:
                    with to.open("wb") as out:
                        shutil.copyfileobj(content, out)
                    return
    except (tarfile.TarError, EOFError, OSError) as error:
        raise RefusedError(f"the archive cannot be read: {error}") from error
    raise RefusedError(f"the archive has no file {member}")
