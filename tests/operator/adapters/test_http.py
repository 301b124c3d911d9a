import traceback
from typing import Any

import pytest

from e2e.cluster.faultproxy import FaultProxy, TcpProxy
from e2e.cluster.faults import NONE, Fault
from e2e.cluster.ports import PortReservation
from hirag_operator.adapters.http import MESSAGE_LIMIT, JsonServer
from hirag_operator.errors import Garbled, NotAuthorized, OperatorError, Refused, Unreachable
from tests.operator.adapters.answering import Answer, AnsweringServer

KEY = "sk-0123456789abcdef"


def asking(server: AnsweringServer, **settings: Any) -> JsonServer:
    return JsonServer("Weaviate 'default'", server.url, **settings)


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        pytest.param(Answer(200, {"a": 1}), {"a": 1}, id="an object"),
        pytest.param(Answer(200, [1, 2]), [1, 2], id="a list"),
        pytest.param(Answer(200), None, id="nothing"),
        pytest.param(Answer(204), None, id="no content"),
        pytest.param(Answer(201, {"made": True}), {"made": True}, id="something made"),
    ],
)
def test_an_answer_is_read_as_json(server: AnsweringServer, answer: Answer, read: Any) -> None:
    server.answer = answer
    assert asking(server).ask("meta", "GET", "/v1/meta") == read


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        pytest.param(Answer(401, {"error": [{"message": "no key"}]}), NotAuthorized, "401 to GET /x: no key", id="401"),
        pytest.param(Answer(403, {"message": "not yours"}), NotAuthorized, "403 to GET /x: not yours", id="403"),
        pytest.param(Answer(404), Refused, "404 to GET /x: Not Found", id="404 without words"),
        pytest.param(
            Answer(422, {"error": [{"message": "one"}, {"message": "two"}]}), Refused, "one; two", id="422 of Weaviate"
        ),
        pytest.param(
            Answer(400, {"error": {"message": "no such model"}}), Refused, "400 to GET /x: no such model", id="OpenAI's"
        ),
        pytest.param(
            Answer(400, {"code": "VALIDATION_ERROR", "message": "too long", "details": {}}),
            Refused,
            "too long",
            id="our own error body",
        ),
        pytest.param(Answer(400, ["odd"]), Refused, "odd", id="a list for an error"),
        pytest.param(Answer(302, b"", {"Location": "http://elsewhere"}), Refused, "302", id="elsewhere"),
        pytest.param(Answer(429, {"message": "slow down"}), Unreachable, "slow down", id="too many requests"),
        pytest.param(Answer(500, b"<html>broken</html>"), Unreachable, "<html>broken</html>", id="broken, in HTML"),
        pytest.param(Answer(503), Unreachable, "503 to GET /x: Service Unavailable", id="not available"),
        pytest.param(Answer(200, b"<html>hello</html>"), Garbled, "/x answered what is not JSON", id="a page"),
        pytest.param(
            Answer(200, b"\x1f\x8b\x08", {"Content-Encoding": "gzip"}), Garbled, "not JSON", id="packed unasked"
        ),
        pytest.param(Answer(200, b"\xff\xfe\x00"), Garbled, "not JSON", id="no text at all"),
        pytest.param(Answer(200, b"[" * 100_000), Garbled, "not JSON", id="deeper than can be read"),
        pytest.param(Answer(999), Unreachable, "999 to GET /x: no words", id="a status that nobody knows"),
    ],
)
def test_a_failure_has_a_kind_and_the_servers_own_words(
    server: AnsweringServer, answer: Answer, kind: type[OperatorError], told: str
) -> None:
    server.answer = answer
    with pytest.raises(kind) as caught:
        asking(server).ask("x", "GET", "/x")
    assert type(caught.value) is kind
    assert str(caught.value).startswith("Weaviate 'default': ")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param({"error": {"message": "no such model"}}, "no such model", id="an error in OpenAI's form"),
        pytest.param({"message": "slow down"}, "slow down", id="an error in our own form"),
        pytest.param(b"root:x:0:0", "Bad Request", id="a text"),
        pytest.param({"users": ["ada"]}, "Bad Request", id="somebody's data"),
        pytest.param(["ada"], "Bad Request", id="a list"),
    ],
)
def test_of_a_server_that_users_name_only_what_has_the_form_of_an_error_is_quoted(
    server: AnsweringServer, content: Any, told: str
) -> None:
    server.answer = Answer(400, content)
    with pytest.raises(Refused) as caught:
        asking(server, quoted=False).ask("meta", "GET", "/x")
    assert caught.value.message == f"400 to GET /x: {told}"


def test_a_refusal_keeps_its_status(server: AnsweringServer) -> None:
    server.answer = Answer(422)
    with pytest.raises(Refused) as caught:
        asking(server).ask("x", "PUT", "/x", {})
    assert caught.value.status == 422


def test_what_is_not_there_is_none_to_who_looks_for_it(server: AnsweringServer) -> None:
    server.answer = Answer(404)
    assert asking(server).find("get_class", "/v1/schema/A") is None


def test_other_refusals_are_errors_to_who_looks_for_something(server: AnsweringServer) -> None:
    server.answer = Answer(422)
    with pytest.raises(Refused):
        asking(server).find("get_class", "/v1/schema/A")


def test_a_server_that_hangs_is_unreachable(server: AnsweringServer) -> None:
    server.answer = Answer(held=True)
    with pytest.raises(Unreachable, match=r"no answer to GET /x within 0\.2 s"):
        asking(server, timeout_seconds=0.2).ask("x", "GET", "/x")


@pytest.mark.parametrize("fault", [Fault(drip=0.05), Fault(delay=60)], ids=["byte by byte", "late"])
def test_a_call_ends_in_time_however_the_answer_comes(server: AnsweringServer, fault: Fault) -> None:
    server.answer = Answer(200, {"long": "x" * 1000})
    with FaultProxy(server.url) as proxy:
        proxy.fault = fault
        with pytest.raises(Unreachable, match=r"within 0\.3 s"):
            JsonServer("Weaviate", proxy.url, timeout_seconds=0.3).ask("x", "GET", "/x")


@pytest.mark.parametrize("body", [b" " * 65_536, b'{"a": "' + b"x" * 65_536], ids=["blanks", "a value"])
def test_an_answer_without_an_end_is_given_up(server: AnsweringServer, body: bytes) -> None:
    with FaultProxy(server.url) as proxy:
        proxy.fault = Fault(status=200, body=body, endless=True)
        with pytest.raises(Garbled, match="longer than 1000000 bytes"):
            JsonServer("Weaviate", proxy.url, max_bytes=1_000_000).ask("x", "GET", "/x")


def test_a_connection_that_was_cut_while_it_idled_is_opened_anew(server: AnsweringServer) -> None:
    with TcpProxy(server.url) as proxy:
        asking_server = JsonServer("Weaviate", proxy.url)
        asking_server.ask("x", "GET", "/x")
        proxy.fault = NONE  # cuts what is open
        asking_server.ask("x", "GET", "/x")


def test_a_server_that_refuses_connections_is_unreachable() -> None:
    with PortReservation() as port, pytest.raises(Unreachable, match=r"Weaviate: .*Connection refused"):
        JsonServer("Weaviate", f"http://127.0.0.1:{port.first}").ask("x", "GET", "/x")


def test_a_server_that_does_not_speak_http_is_unreachable(server: AnsweringServer) -> None:
    with pytest.raises(Unreachable):
        JsonServer("Weaviate", server.url.replace("http:", "https:")).ask("x", "GET", "/x")


@pytest.mark.parametrize("url", ["ftp://host", "host", "http://a..b", f"http://{'x' * 64}.example"])
def test_a_url_that_leads_nowhere_is_told_as_such(url: str) -> None:
    with pytest.raises(Unreachable, match=r"^Weaviate: its URL names no server"):
        JsonServer("Weaviate", url).ask("x", "GET", "/x")


def test_a_long_answer_is_told_in_part(server: AnsweringServer) -> None:
    server.answer = Answer(500, b"x" * 100_000)
    with pytest.raises(Unreachable) as caught:
        asking(server).ask("x", "GET", "/x")
    assert MESSAGE_LIMIT < len(str(caught.value)) < MESSAGE_LIMIT + 100


def test_the_key_goes_into_the_header_and_a_body_as_json(server: AnsweringServer) -> None:
    asking(server, bearer=KEY).ask("x", "POST", "/x", {"a": 1})
    (asked,) = server.asked
    assert asked.headers["Authorization"] == f"Bearer {KEY}"
    assert (asked.method, asked.body) == ("POST", b'{"a":1}')


def test_without_a_key_there_is_no_header(server: AnsweringServer) -> None:
    asking(server).ask("x", "GET", "/x")
    assert "Authorization" not in server.asked[0].headers


@pytest.mark.parametrize("status", [401, 403, 422, 500])
def test_a_key_that_the_server_repeats_is_not_passed_on(server: AnsweringServer, status: int) -> None:
    server.answer = Answer(status, {"error": [{"message": f"key {KEY} is not known"}]})
    with pytest.raises(OperatorError) as caught:
        asking(server, bearer=KEY).ask("x", "GET", "/x")
    assert "key [key] is not known" in str(caught.value)
    assert KEY not in repr(caught.value)


def test_a_key_does_not_show_where_the_limit_cuts_it(server: AnsweringServer) -> None:
    server.answer = Answer(500, ("x" * (MESSAGE_LIMIT - 5) + KEY).encode())
    with pytest.raises(Unreachable) as caught:
        asking(server, bearer=KEY).ask("x", "GET", "/x")
    assert KEY[:4] not in str(caught.value)


@pytest.mark.parametrize("line", ["HTTP/1.1 401 No\r\nYou sent {key}", "You sent {key}"], ids=["header", "status"])
def test_a_line_that_is_not_http_is_not_quoted(server: AnsweringServer, line: str) -> None:
    server.answer = Answer(spoken=f"{line}\r\n\r\n".format(key=KEY).encode())
    with pytest.raises(Unreachable, match=r"no answer to GET /x, or none that is HTTP$") as caught:
        asking(server, bearer=KEY).ask("x", "GET", "/x")
    assert "You sent" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("key", ["two\nlines", "Schlüssel", "tab\tinside"])
def test_a_key_that_no_header_can_carry_is_refused_without_saying_it(server: AnsweringServer, key: str) -> None:
    with pytest.raises(NotAuthorized) as caught:
        asking(server, bearer=key)
    assert "one line of printable ASCII" in str(caught.value)
    assert key not in str(caught.value)


def test_the_key_does_not_show_in_a_representation(server: AnsweringServer) -> None:
    asking_server = asking(server, bearer=KEY)
    assert KEY not in repr(asking_server)


def test_every_call_is_observed_failed_ones_too(server: AnsweringServer) -> None:
    seen: list[tuple[str, bool]] = []
    watched = asking(server, observe=lambda operation, seconds: seen.append((operation, seconds >= 0)))
    watched.ask("meta", "GET", "/v1/meta")
    server.answer = Answer(500)
    with pytest.raises(Unreachable):
        watched.ask("schema", "GET", "/v1/schema")
    assert seen == [("meta", True), ("schema", True)]
