from pathlib import Path

import pytest

from hirag_operator.adapters.connections import Connections, Target
from hirag_operator.errors import NotAuthorized, Unreachable
from tests.operator.adapters.answering import Answer, AnsweringServer


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "api-key"
    file.write_text("first-key\n")
    return file


def test_a_name_that_is_not_configured_is_none() -> None:
    assert Connections({}).get("default") is None


def test_the_configured_names_are_told_in_order() -> None:
    assert Connections({"b": Target("http://b"), "a": Target("http://a")}).names() == ["a", "b"]


def test_one_connection_serves_all_who_ask() -> None:
    connections = Connections({"default": Target("http://127.0.0.1")})
    assert connections.get("default") is connections.get("default")


def test_the_server_is_called_by_the_connections_name(server: AnsweringServer) -> None:
    server.answer = Answer(500, {})
    adapter = Connections({"default": Target(server.url)}).get("default")
    assert adapter is not None
    with pytest.raises(Unreachable, match="Weaviate 'default'"):
        adapter.alias_target("A")


def test_a_rotated_key_is_taken_up(server: AnsweringServer, key_file: Path) -> None:
    server.answer = Answer(404)
    connections = Connections({"default": Target(server.url, key_file)})
    for key in ("first-key", "second-key"):
        key_file.write_text(f"{key}\n")
        adapter = connections.get("default")
        assert adapter is not None
        assert adapter.alias_target("A") is None
        assert server.asked[-1].headers["Authorization"] == f"Bearer {key}"
    connections.close()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(None, "No such file", id="a file that is not there"),
        pytest.param(b"", "is empty", id="an empty file"),
        pytest.param(b" \n", "is empty", id="a file of blanks"),
        pytest.param(b"\xff\xfe", "is not text", id="a file of bytes"),
        pytest.param(b"x" * 5000, "more than the 4096 characters", id="a file of something else"),
        pytest.param(b"one\ntwo", "one line of printable ASCII", id="a file of two lines"),
    ],
)
def test_a_file_without_a_key_is_told_by_its_fault(tmp_path: Path, content: bytes | None, told: str) -> None:
    file = tmp_path / "api-key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(NotAuthorized, match=told):
        Connections({"default": Target("http://127.0.0.1", file)}).get("default")


def test_one_connections_missing_key_leaves_the_others_alone(tmp_path: Path) -> None:
    connections = Connections({"bad": Target("http://a", tmp_path / "none"), "good": Target("http://b")})
    with pytest.raises(NotAuthorized):
        connections.get("bad")
    assert connections.get("good") is not None


def test_a_server_that_lets_calls_wait_is_given_a_rest_and_the_others_are_not(server: AnsweringServer) -> None:
    connections = Connections(
        {"slow": Target(server.url, timeout_seconds=1.0), "good": Target(server.url, timeout_seconds=1.0)}
    )
    slow, good = connections.get("slow"), connections.get("good")
    assert slow is not None
    assert good is not None
    server.answer = Answer(held=True)
    with pytest.raises(Unreachable, match="within 1 s"):
        slow.alias_target("A")
    server.answer = Answer(404)
    asked = len(server.asked)
    with pytest.raises(Unreachable, match="was not asked"):
        slow.alias_target("A")
    assert len(server.asked) == asked
    assert good.alias_target("A") is None
