"""The watches on a real API server, and on a double that answers what a real one does only in trouble."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kubernetes import config
from kubernetes.client import Configuration

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.faultproxy import TcpProxy
from e2e.cluster.faults import Fault
from e2e.cluster.namespace import eventually
from hirag_operator.adapters.watching import Watching
from hirag_operator.adapters.watchstream import Watch, WatchServer
from tests.operator.adapters.answering import Answer, AnsweringServer

Json = dict[str, Any]
NAMESPACE = "watched"
OURS = {"app.kubernetes.io/managed-by": "hirag-operator"}
MAPS = Watch("ConfigMap", NAMESPACE, labels=OURS)
CUT = Fault(cut=True)

_load_kube_config: Any = config.load_kube_config  # the client ships no types for it


class Seen:
    """A sink that remembers: names present by kind, the last object of each, and how often was listed."""

    def __init__(self) -> None:
        self.present: set[str] = set()
        self.bodies: dict[str, Json] = {}
        self.listings = 0

    def page(self, watch: Watch, bodies: list[Json]) -> None:
        for body in bodies:
            self.changed(watch, "ADDED", body)

    def listed(self, _watch: Watch, addresses: set[tuple[str, str]], _version: str) -> None:
        self.listings += 1
        self.present = {name for _, name in addresses}

    def changed(self, _watch: Watch, event: str, body: Json) -> None:
        name = body["metadata"]["name"]
        self.bodies[name] = body
        self.present = self.present - {name} if event == "DELETED" else self.present | {name}


@contextmanager
def watched(configuration: Configuration, *watches: Watch, **options: Any) -> Iterator[tuple[Watching, Seen]]:
    seen = Seen()
    watching = Watching(WatchServer(configuration, **options), seen)
    watching.start()
    try:
        for watch in watches:
            watching.add(watch)
        yield watching, seen
    finally:
        watching.stop()


@pytest.fixture(scope="module")
def configuration(control_plane: ControlPlane) -> Configuration:
    made = Configuration()
    _load_kube_config(config_file=str(control_plane.kubeconfig), client_configuration=made)
    return made


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[None]:
    control_plane.kubectl("apply", "-f", "-", stdin=json.dumps(manifest("Namespace", NAMESPACE)))
    yield
    control_plane.kubectl("-n", NAMESPACE, "delete", "configmap,secret", "--all", "--wait=false")


@pytest.fixture
def make(control_plane: ControlPlane, namespace: None) -> Callable[..., None]:  # noqa: ARG001  it must be there
    def apply(name: str, kind: str = "ConfigMap", labels: dict[str, str] | None = None, **fields: Any) -> None:
        body = {**manifest(kind, name, OURS if labels is None else labels), **fields}
        control_plane.kubectl("-n", NAMESPACE, "apply", "-f", "-", stdin=json.dumps(body))

    return apply


def manifest(kind: str, name: str, labels: dict[str, str] | None = None) -> Json:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "labels": labels or {}}}


def behind(proxy: TcpProxy, configuration: Configuration) -> Configuration:
    """How to connect through a proxy."""
    made = Configuration(host=proxy.url)
    made.ssl_ca_cert, made.api_key = configuration.ssl_ca_cert, configuration.api_key
    return made


def test_what_is_there_what_comes_and_what_goes_is_brought(
    configuration: Configuration, control_plane: ControlPlane, make: Callable[..., None]
) -> None:
    make("before")
    with watched(configuration, MAPS) as (_, seen):
        eventually(lambda: seen.present, lambda present: present == {"before"})
        make("after", data={"key": "value"})
        control_plane.kubectl("-n", NAMESPACE, "delete", "configmap", "before")
        eventually(lambda: seen.present, lambda present: present == {"after"})
        assert seen.bodies["after"]["data"] == {"key": "value"}
        assert (seen.bodies["after"]["apiVersion"], seen.bodies["after"]["kind"]) == ("v1", "ConfigMap")
        assert seen.listings == 1


def test_what_does_not_carry_the_labels_stays_at_the_server(
    configuration: Configuration, make: Callable[..., None]
) -> None:
    with watched(configuration, MAPS) as (_, seen):
        make("theirs", labels={"app": "theirs"})
        make("ours")
        eventually(lambda: seen.present, lambda present: "ours" in present)
        assert "theirs" not in seen.bodies
        make("ours", labels={"app": "theirs"})
        eventually(lambda: seen.present, lambda present: not present)


def test_one_secret_is_followed_by_its_name_and_its_value_stays_at_the_server(
    configuration: Configuration, control_plane: ControlPlane, make: Callable[..., None]
) -> None:
    make("key", "Secret", stringData={"token": "swordfish"})
    make("other", "Secret", stringData={"token": "swordfish"})
    with watched(configuration, Watch("Secret", NAMESPACE, "key", metadata_only=True)) as (_, seen):
        eventually(lambda: seen.present, lambda present: present == {"key"})
        before = seen.bodies["key"]["metadata"]["resourceVersion"]
        patch = json.dumps({"stringData": {"token": "herring"}})
        control_plane.kubectl("-n", NAMESPACE, "patch", "secret", "key", "-p", patch)
        eventually(lambda: seen.bodies["key"]["metadata"]["resourceVersion"], lambda version: version != before)
        assert set(seen.bodies) == {"key"}
        assert set(seen.bodies["key"]) == {"apiVersion", "kind", "metadata"}
        assert seen.bodies["key"]["kind"] == "Secret"


def test_watches_come_and_go(configuration: Configuration, make: Callable[..., None]) -> None:
    with watched(configuration) as (watching, seen):
        watching.add(MAPS)
        watching.add(MAPS)
        eventually(lambda: seen.listings, bool)
        watching.drop(MAPS)
        eventually(watching.ages, lambda ages: not ages)
        make("unseen")
        watching.add(MAPS)
        eventually(lambda: seen.present, lambda present: present == {"unseen"})
        assert seen.listings == 2, "once for each time that it was asked for"


def test_a_connection_that_is_cut_is_made_again_and_goes_on_where_it_was(
    configuration: Configuration, control_plane: ControlPlane, make: Callable[..., None]
) -> None:
    make("before")
    with TcpProxy(control_plane.url) as proxy, watched(behind(proxy, configuration), MAPS) as (watching, seen):
        eventually(lambda: seen.present, lambda present: present == {"before"})
        proxy.fault = CUT
        eventually(watching.troubles, lambda troubles: "ConfigMap" in troubles)
        control_plane.kubectl("-n", NAMESPACE, "delete", "configmap", "before")
        make("meanwhile")
        proxy.fault = Fault()
        eventually(lambda: seen.present, lambda present: present == {"meanwhile"})
        assert seen.listings == 1
        eventually(watching.troubles, lambda troubles: not troubles)


def test_a_server_that_has_forgotten_the_version_is_asked_for_all_anew(
    configuration: Configuration, control_plane: ControlPlane, make: Callable[..., None]
) -> None:
    """An API server that starts knows nothing of what was before: it answers 410 to who wants to go on from there."""
    make("before")
    with TcpProxy(control_plane.url) as proxy, watched(behind(proxy, configuration), MAPS) as (watching, seen):
        eventually(lambda: seen.present, lambda present: present == {"before"})
        proxy.fault = CUT
        eventually(watching.troubles, lambda troubles: "ConfigMap" in troubles)
        control_plane.kubectl("-n", NAMESPACE, "delete", "configmap", "before")
        make("meanwhile")
        control_plane.restart_apiserver()
        proxy.fault = Fault()
        eventually(lambda: seen.present, lambda present: present == {"meanwhile"})
        assert seen.listings == 2


def test_a_connection_that_is_silent_for_too_long_is_replaced_without_a_word(
    configuration: Configuration, control_plane: ControlPlane, make: Callable[..., None]
) -> None:
    with TcpProxy(control_plane.url) as proxy:
        through = behind(proxy, configuration)
        with watched(through, MAPS, quiet_seconds=0.5) as (watching, seen):
            eventually(lambda: seen.listings, bool)
            make("later")
            eventually(lambda: seen.present, lambda present: present == {"later"})
            eventually(watching.ages, lambda ages: ages["ConfigMap"] > 0.6)
            eventually(watching.ages, lambda ages: ages["ConfigMap"] < 0.4)
            assert (seen.listings, watching.troubles()) == (1, {})


def test_a_long_listing_comes_in_pages(
    configuration: Configuration, make: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abcde":
        make(name)
    monkeypatch.setattr("hirag_operator.adapters.watchstream.PAGE", 2)
    with watched(configuration, MAPS) as (_, seen):
        eventually(lambda: seen.listings, bool)
        assert seen.present == set("abcde")


def test_a_kind_whose_events_come_from_elsewhere_is_listed_again_and_again(
    configuration: Configuration, make: Callable[..., None]
) -> None:
    listed = Watch("ConfigMap", NAMESPACE, labels=OURS, listing_seconds=0.2)
    with watched(configuration, listed) as (_, seen):
        eventually(lambda: seen.listings, bool)
        make("later")
        eventually(lambda: seen.present, lambda present: present == {"later"})
        assert seen.listings > 1


LIST = {"metadata": {"resourceVersion": "7"}, "items": []}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(Answer(403, {"message": "no rights"}), "403", id="no rights"),
        pytest.param(Answer(503, b"later"), "503 later", id="not available"),
        pytest.param(Answer(200, b"<html>"), "not JSON", id="a page"),
        pytest.param(Answer(200, ["odd"]), "no object", id="an odd form"),
    ],
)
def test_what_is_wrong_with_a_watch_is_told_until_it_heals(server: AnsweringServer, answer: Answer, words: str) -> None:
    server.answer = answer
    with watched(Configuration(host=server.url), MAPS) as (watching, seen):
        eventually(watching.troubles, lambda troubles: words in troubles.get("ConfigMap", ""))
        server.answer = Answer(200, LIST)
        eventually(lambda: seen.listings, bool)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param({"type": "ERROR", "object": {"code": 410, "message": "too old"}}, id="expired"),
        pytest.param({"type": "ERROR", "object": {"code": 500, "message": "etcd"}}, id="an error in the stream"),
        pytest.param({"type": "MODIFIED", "object": {"metadata": {}}}, id="an object without a name"),
        pytest.param(["odd"], id="no event"),
    ],
)
def test_no_event_ends_a_watch(server: AnsweringServer, line: Any) -> None:
    """The same answer to a list and to a watch: a list in one line, or an event."""
    server.answer = Answer(200, LIST)
    with watched(Configuration(host=server.url), MAPS) as (_, seen):
        eventually(lambda: seen.listings, bool)
        server.answer = Answer(200, json.dumps(line).encode() + b"\n")
        asked = len(server.asked)
        eventually(lambda: len(server.asked), lambda now: now > asked + 2)
        server.answer = Answer(200, LIST)
        eventually(lambda: server.asked[-1].path, lambda path: "watch=true" in path)


def test_every_request_carries_the_token_of_its_moment(server: AnsweringServer) -> None:
    configuration: Any = Configuration(host=server.url)
    tokens = iter(range(1_000_000))

    def rotate(current: Any) -> None:
        current.api_key = {"BearerToken": f"Bearer token-{next(tokens)}"}

    configuration.refresh_api_key_hook = rotate
    server.answer = Answer(503)
    with watched(configuration, MAPS):
        eventually(lambda: len(server.asked), lambda asked: asked > 2)
    carried = [one.headers["Authorization"] for one in server.asked]
    assert len(set(carried)) == len(carried)
    assert carried[0] == "Bearer token-0"


def test_the_end_is_the_end(server: AnsweringServer) -> None:
    server.answer = Answer(held=True)
    with watched(Configuration(host=server.url), MAPS) as (watching, _):
        eventually(lambda: server.asked, bool)
    watching.add(MAPS)
    watching.drop(MAPS)
    assert "watches" not in {thread.name for thread in threading.enumerate()}
