"""One call to the Kubernetes API: sent, timed, decoded, its failure told in the operator's own errors.

The official client carries authentication, TLS and token rotation; its discovery is left out, since it would ask the
server for every group and keep the answer in a file.
"""

import ssl
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import httpx
import orjson
import urllib3
from kubernetes import config
from kubernetes.client import ApiClient, ApiException, Configuration
from kubernetes.dynamic import DynamicClient

from hirag_operator.adapters.fence import OPEN, Fence
from hirag_operator.errors import Conflict, Garbled, NotAllowed, NotAuthorized, OperatorError, Refused, Unreachable

Json = dict[str, Any]
Observer = Callable[[str, float], None]

# The client ships no types for these.
_dynamic_client: Any = DynamicClient
_load_incluster_config: Any = config.load_incluster_config
_load_kube_config: Any = config.load_kube_config

SERVER = "the Kubernetes API"
NOT_FOUND, CONFLICT, UNAUTHORIZED, FORBIDDEN, TOO_MANY, SERVER_ERROR = 404, 409, 401, 403, 429, 500
MESSAGE_LIMIT = 400


def configured() -> Configuration:
    """Return how to connect: by the pod's service account, or outside of a cluster as kubectl does (KUBECONFIG).

    Raises:
        NotAuthorized: There is neither.
    """
    configuration = Configuration()
    try:
        _load_incluster_config(client_configuration=configuration)
    except config.ConfigException:
        try:
            _load_kube_config(client_configuration=configuration)
        except config.ConfigException as error:
            remedy = "run in a pod with a service account, or name a kubeconfig in KUBECONFIG"
            raise NotAuthorized(SERVER, f"no way to it is known; {remedy} ({error})") from error
    # Retries belong to the work queue, which backs off per object; here they would only hide a server in trouble.
    configuration.retries = 0
    return configuration


def tls_context(configuration: Any) -> ssl.SSLContext:
    """Return what the official client does about TLS, for connections that are not made by it."""
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert, cadata=configuration.ca_cert_data)
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    context.check_hostname = bool(configuration.verify_ssl) and configuration.assert_hostname is not False
    if not configuration.verify_ssl:
        context.verify_mode = ssl.CERT_NONE
    return context


def async_client(configuration: Any, timeout: httpx.Timeout, agent: str = "hirag-operator") -> httpx.AsyncClient:
    """Return a client for an event loop; each request wants `credentials` of its own."""
    return httpx.AsyncClient(
        base_url=configuration.host,
        headers={"User-Agent": agent, "Accept-Encoding": "identity"},
        verify=tls_context(configuration),
        proxy=configuration.proxy,
        trust_env=False,
        limits=httpx.Limits(max_connections=None),
        timeout=timeout,
    )


def credentials(configuration: Any) -> dict[str, Any]:
    """Return what goes with one request, as arguments of httpx.

    Asked for with every request: a token of a service account is replaced about once an hour.
    """
    bearer = configuration.get_api_key_with_prefix("BearerToken", alias="authorization")
    name = configuration.tls_server_name
    return {
        "headers": {"Authorization": bearer} if bearer else {},
        "extensions": {"sni_hostname": name} if name else {},
    }


class _NoDiscovery:
    """Stands where the dynamic client expects a discoverer: the table of resources is all there is."""

    def __init__(self, _client: Any, _cache_file: Any) -> None: ...


class KubernetesServer:
    """Sends requests. Thread-safe; raises the errors of `hirag_operator.errors`.

    Args:
        api_client: Of the official client.
        timeout_seconds: The longest that one answer may take.
        fence: Passed by all that changes anything; `api_client` asks it once more when it sends.
        observe: Told of every call: operation and seconds.
    """

    def __init__(
        self, api_client: ApiClient, *, timeout_seconds: float, observe: Observer, fence: Fence = OPEN
    ) -> None:
        self._client: Any = _dynamic_client(api_client, discoverer=_NoDiscovery)
        self._timeout = timeout_seconds
        self._fence = fence
        self._observe = observe

    def ask(self, operation: str, kind: str, path: str, **parameters: Any) -> Json:
        """Send one request and return the decoded answer; `operation` is its name in metrics and says the method."""
        with nullcontext() if _METHODS[operation] == "get" else self._fence.step():
            return self._ask(operation, kind, path, parameters)

    def _ask(self, operation: str, kind: str, path: str, parameters: Json) -> Json:
        started = time.perf_counter()
        try:
            answer = self._client.request(
                _METHODS[operation], path, serialize=False, _request_timeout=self._timeout, **parameters
            )
        except ApiException as error:
            raise failure(kind, int(error.status or 0), error.body or "", str(error.reason)) from error
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(SERVER, type(getattr(error, "reason", None) or error).__name__) from error
        finally:
            self._observe(operation, time.perf_counter() - started)
        try:
            decoded: Json = orjson.loads(answer.data)
        except ValueError as error:
            raise Garbled(SERVER, f"{kind}: {path} answered what is not JSON") from error
        return decoded


_METHODS = {
    "get": "get",
    "list": "get",
    "apply": "patch",
    "patch_status": "patch",
    "patch_finalizers": "patch",
    "hold": "patch",
    "patch_annotations": "patch",
    "create": "post",
    "review": "post",
    "delete": "delete",
    "dry_run_apply": "patch",
    "dry_run_create": "post",
}


def failure(kind: str, status: int, body: str | bytes, reason: str) -> OperatorError:
    """Return the error that an answer means; the server's own words are in its body, else `reason` says it."""
    words, causes = _words(body, reason)
    message = f"{kind}: {status} {words}"
    if status == FORBIDDEN:
        return NotAllowed(SERVER, message)
    if status == UNAUTHORIZED:
        return NotAuthorized(SERVER, message)
    if status == CONFLICT:
        return Conflict(SERVER, message)
    if status == TOO_MANY or status >= SERVER_ERROR or status == 0:
        return Unreachable(SERVER, message)
    return Refused(SERVER, message, status, causes)


def _words(body: str | bytes, reason: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return what the server says of a failure, and of which fields it says what."""
    try:
        told = orjson.loads(body)
        causes = (told.get("details") or {}).get("causes") or []
        return str(told["message"])[:MESSAGE_LIMIT], tuple((one.get("field", ""), one["message"]) for one in causes)
    except (TypeError, ValueError, KeyError, AttributeError):
        return reason, ()
