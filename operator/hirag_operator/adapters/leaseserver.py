"""The Lease by which replicas agree who acts: read and written at the API server.

By connections of its own, so that no other call holds up a renewal; and past the fence, for it is what opens it.
"""

from collections.abc import Mapping
from typing import Any

import httpx
from kubernetes.client import Configuration

from hirag_operator.adapters.kubeapi import NOT_FOUND, SERVER, async_client, credentials, failure
from hirag_operator.adapters.resources import RESOURCES
from hirag_operator.errors import Garbled, OperatorError, Refused, Unreachable
from hirag_operator.plan.election import Take, lease_manifest

Json = dict[str, Any]


class LeaseServer:
    """One Lease, for one event loop. Every call takes as long as its caller lets it.

    Args:
        configuration: How to connect.
        agent: As what the process names itself to the server.
        namespace: Of the Lease.
        name: Of the Lease.

    Raises:
        Unreachable, NotAuthorized, Conflict, Refused, Garbled: of `hirag_operator.errors`.
    """

    def __init__(self, configuration: Configuration, agent: str, namespace: str, name: str) -> None:
        self._configuration = configuration
        self._client = async_client(configuration, httpx.Timeout(None), agent)
        self.namespace, self.name = namespace, name

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def read(self) -> Json | None:
        """Return the Lease, or None when there is none."""
        try:
            return await self._send("GET", RESOURCES["Lease"].path(self.namespace, self.name))
        except Refused as error:
            if error.status == NOT_FOUND:
                return None
            raise

    async def write(self, take: Take) -> Json:
        """Write the Lease and return what it is then; Conflict when somebody else wrote it first.

        What else stands in it, labels for instance, stays.
        """
        body = lease_manifest(self.namespace, self.name, take)
        if take.version is None:
            return await self._send("POST", RESOURCES["Lease"].path(self.namespace), body)
        return await self._send("PATCH", RESOURCES["Lease"].path(self.namespace, self.name), body)

    async def post(self, event: Mapping[str, Any]) -> None:
        """Create an Event in the Lease's namespace."""
        await self._send("POST", RESOURCES["Event"].path(self.namespace), event)

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Json:
        try:
            request = self._client.build_request(method, path, json=body, **credentials(self._configuration))
            if method == "PATCH":
                request.headers["Content-Type"] = "application/merge-patch+json"
            answer = await self._client.send(request)
        except httpx.HTTPError as error:
            raise Unreachable(SERVER, f"Lease: {type(error).__name__} {error}") from error
        if not answer.is_success:
            raise _refusal(answer)
        try:
            decoded: Json = answer.json()
        except ValueError as error:
            raise Garbled(SERVER, "Lease: the answer is not JSON") from error
        return decoded


def _refusal(answer: httpx.Response) -> OperatorError:
    return failure("Lease", answer.status_code, answer.content, answer.reason_phrase)
