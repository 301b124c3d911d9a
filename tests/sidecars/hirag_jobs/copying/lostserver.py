"""A Weaviate that is killed and started again while a copy is made on it."""

import sys
from dataclasses import dataclass

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.notes import Notes
from tests.sidecars.hirag_jobs.copying.copies import Copy


@dataclass(frozen=True)
class Ground:
    """A Weaviate of one's own with a pair of collections on it."""

    server: WeaviateServer
    copy: Copy
    notes: Notes

    def program(self, *flags: str) -> list[str]:
        return [
            *(sys.executable, "-m", "hirag_jobs.main", "migrate"),
            *("--source", self.copy.source.name, "--target", self.copy.target.name),
            *("--weaviate-http-url", self.server.http_url),
            *("--weaviate-grpc", f"127.0.0.1:{self.server.grpc_port}", *flags),
        ]
