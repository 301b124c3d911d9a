"""Everything that can go wrong between the operator and the world, as one small tree.

    OperatorError
    ├── Unreachable      no answer: refused, timed out, 5xx; passes, so it is tried again with backoff
    ├── Refused          an answer that says no: the request is wrong for this server and stays wrong
    │   ├── ReadOnly     a change that was not even asked for, since the data takes no writes at present
    │   ├── TooEarly     a change that was not even asked for, since it would spoil an index without objects
    │   └── NotSealed    an alias that was not moved, since the copy behind it is not proved to be whole
    ├── NotAuthorized    401 or 403: credentials or RBAC need a person
    │   └── NotAllowed   403 of Kubernetes: it knows who asks, and RBAC does not let them do this
    ├── NoAccess         nothing was asked: there is no kubeconfig to connect by, or it is broken
    ├── Garbled          an answer that is none: not JSON, the wrong shape
    └── Conflict         somebody else changed it first; look again and plan anew

Adapters raise these; `reconcile/outcome.py` is the one place where they become conditions and requeues.

    NotLeading           this process may change nothing at present
    Outdated             the object is not any more as it was decided on

stand beside the tree: they are about us and not about a server, and nothing between an adapter and the worker may take
them for trouble that an object has.
"""


class OperatorError(Exception):
    """Base of the tree. `server` names who it was about, in words a user knows (never with credentials)."""

    def __init__(self, server: str, message: str) -> None:
        super().__init__(f"{server}: {message}")
        self.server = server
        self.message = message


class Unreachable(OperatorError):
    """The server did not answer, or answered that it cannot at present (5xx, 429)."""


class Refused(OperatorError):
    """The server understood and refused (4xx). `status` is the HTTP status.

    `causes` are (field, complaint) where the Kubernetes API names the fields that it refuses.
    """

    def __init__(self, server: str, message: str, status: int, causes: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(server, message)
        self.status = status
        self.causes = causes


class ReadOnly(Refused):
    """A collection takes no writes: its disk or memory is full, or a person set it so. `status` is 422."""

    def __init__(self, server: str, message: str) -> None:
        super().__init__(server, message, 422)


class TooEarly(Refused):
    """A collection cannot be changed before it holds an object. `status` is 422."""

    def __init__(self, server: str, message: str) -> None:
        super().__init__(server, message, 422)


class NotSealed(Refused):
    """An alias was not moved, for the copy that it was to lead to is not proved to be whole. `status` is 409."""

    def __init__(self, server: str, message: str) -> None:
        super().__init__(server, message, 409)


class NotAuthorized(OperatorError):
    """The server does not let us in (401) or does not let us do this (403)."""


class NotAllowed(NotAuthorized):
    """Kubernetes knows who asks and does not let them do this (403)."""


class NoAccess(OperatorError):
    """There is nothing to connect by: no kubeconfig, a broken one, or one without the context that was named."""


class Garbled(OperatorError):
    """The server's answer could not be understood."""


class Conflict(OperatorError):
    """The object changed between the look and the write (409)."""


class NotLeading(Exception):
    """A change was not sent, for another process may lead by now. It ends a reconcile without a word."""


class Outdated(Exception):
    """Nothing was changed, for the object has changed or gone since it was read. It ends a reconcile without a word."""
