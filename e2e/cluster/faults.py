"""How a server may misbehave, and what it was asked."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """How the server misbehaves; without arguments, not at all.

    Args:
        delay: Seconds before each answer begins.
        drip: Seconds between any two bytes of an answer, its head included.
        hang: Requests are taken and never answered; in front of TLS, bytes stop.
        cut: Connections are reset, those that are open too.
        lose: Requests are carried out, and the connection is reset instead of the answer.
        status: Answered in place of the server, with `body`.
        body: See `status`.
        endless: The body is repeated for as long as the client reads.
        methods: Only requests of these methods are hit; empty: all.
        path: Only requests whose path begins so are hit.
    """

    delay: float = 0.0
    drip: float = 0.0
    hang: bool = False
    cut: bool = False
    lose: bool = False
    status: int = 0
    body: bytes = b""
    endless: bool = False
    methods: frozenset[str] = frozenset()
    path: str = ""

    def hits(self, method: str, path: str) -> bool:
        """Return whether a request is one of those that are hit."""
        return path.startswith(self.path) and (not self.methods or method in self.methods)


NONE = Fault()


@dataclass(frozen=True)
class Asked:
    """A request as it arrived, `at` which time of day (seconds since the epoch); `path` includes the query."""

    method: str
    path: str
    body: bytes
    at: float = field(default=0.0, compare=False)
