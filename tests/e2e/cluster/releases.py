"""A server of releases on loopback, laid out the way the projects lay theirs out."""

import gzip
import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from e2e.cluster.toolchain.pins import TOOLS, Tool


class ReleaseServer:
    """Serves a small shell script as every tool's release.

    Attributes:
        files: URL path → content; change it to publish something else.
        cut: URL paths whose transfer ends in the middle.
        silent: URL paths that accept the request and never answer.
        waited: How many requests the silence has held so far.
        asked: URL paths of all requests so far.
        url: Root of all releases.
    """

    def __init__(self, architecture: str) -> None:
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()
        self.silent: set[str] = set()
        self.asked: list[str] = []
        self.waited = 0
        self.released = threading.Event()
        self.url = ""
        sums: dict[str, list[bytes]] = {}
        for tool in (tool for tool in TOOLS if tool.asset):
            asset, checksum = (
                "/" + path.format(version=tool.module.version, arch=architecture)
                for path in (tool.asset, tool.checksum)
            )
            content = _archive(tool) if tool.member else program(tool)
            self.files[asset] = content
            name = asset.rsplit("/", 1)[1]
            value = hashlib.sha256(content).hexdigest()
            # etcd publishes the output of sha256sum for all its files, the others a bare sum for each file.
            line = f"{value}  {name}\n" if checksum.endswith("SHA256SUMS") else value
            sums.setdefault(checksum, [f"{'0' * 64}  other.zip\n".encode()] if "SUMS" in checksum else []).append(
                line.encode()
            )
        self.files |= {path: b"".join(lines) for path, lines in sums.items()}

    def path(self, ending: str) -> str:
        """The one path that ends so."""
        (path,) = [path for path in self.files if path.endswith(ending)]
        return path


@contextmanager
def serving(releases: ReleaseServer) -> Iterator[ReleaseServer]:
    """Serve until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            releases.asked.append(self.path)
            if self.path in releases.silent:
                releases.waited += 1
                releases.released.wait(60)
                return
            content = releases.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if self.path in releases.cut else content)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    releases.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield releases
    finally:
        releases.released.set()
        server.shutdown()
        server.server_close()


def publish(releases: ReleaseServer, ending: str, content: bytes) -> None:
    """Replace a file and publish the checksum of the new content beside it."""
    path = releases.path(ending)
    releases.files |= {path: content, f"{path}.sha256": hashlib.sha256(content).hexdigest().encode()}


def program(tool: Tool) -> bytes:
    """A program that says the pinned version."""
    return f"#!/bin/sh\necho {tool.name} Version: v{tool.module.version}\n".encode()


def _archive(tool: Tool) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, content in (("README.md", b"read me"), (tool.member, program(tool))):
            entry = tarfile.TarInfo(f"release/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(raw.getvalue(), mtime=0)
