"""Keys are told to nobody: not those of a file that holds no good one, nor those that come back from a server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import stamina

from hirag_jobs.connection import connect
from hirag_jobs.embedding import Embedder
from hirag_jobs.keys import read_key, without
from hirag_jobs.target import find_target
from hirag_kit.errors import ConfigurationError, HiragError

KEY = "sk-swordfish-4711"


@contextmanager
def speaking(answer: bytes) -> Iterator[str]:
    """The address of a server that says the same to everybody, be it HTTP or not."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:  # closed: the test is over
                    return
                with connection:
                    connection.recv(65_536)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize("text", [KEY, f"{KEY}\n", f"  {KEY}\r\n"])
def test_a_key_is_read_without_the_space_around_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    assert read_key(tmp_path / "key", "--api-key-file") == KEY


def test_without_a_file_there_is_no_key() -> None:
    assert read_key(None, "--api-key-file") is None


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b" \n", "is empty"),
        (b"\xff", "cannot be read"),
        (b"swordfish\nsecond", "must hold one line of printable ASCII characters"),
        ("Schwertfisch-schlüssel".encode(), "must hold one line of printable ASCII characters"),
    ],
)
def test_a_file_without_a_good_key_is_refused_and_not_quoted(tmp_path: Path, content: bytes, complaint: str) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError) as raised:
        read_key(file, "--api-key-file")
    assert raised.value.message == f"--api-key-file: {file} {complaint}"


def test_words_lose_the_key_wherever_it_stands() -> None:
    assert without(KEY, f"{KEY} is not {KEY}.") == "[key] is not [key]."
    assert without(None, "words") == "words"


NOT_HTTP = f"HTTP/1.1 401 No\r\nYou sent {KEY}\r\n\r\n".encode()
REFUSED = f"HTTP/1.1 400 No\r\nContent-Length: {len(KEY)}\r\nConnection: close\r\n\r\n{KEY}".encode()


@pytest.mark.parametrize("answer", [NOT_HTTP, REFUSED], ids=["not HTTP", "refused"])
def test_a_weaviate_that_repeats_the_key_does_not_spread_it(answer: bytes) -> None:
    with speaking(answer) as url, stamina.set_testing(True):  # one try says it all
        for asking in (lambda: find_target(url, KEY, "Alias", None), lambda: connect(url, "127.0.0.1:9", KEY)):
            with pytest.raises(HiragError) as raised:
                asking()
            assert KEY not in repr(raised.value)


def test_an_embedder_that_does_not_speak_http_does_not_spread_the_key() -> None:
    with speaking(NOT_HTTP) as url, pytest.raises(ConfigurationError, match=r"You sent \[key\]") as raised:
        Embedder(f"{url}/v1", api_key=KEY)
    assert KEY not in repr(raised.value)
