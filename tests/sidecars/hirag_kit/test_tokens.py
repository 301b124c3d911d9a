"""Counts are cl100k_base's where its ranks are on disk, and an estimate that says so where they are not."""

import hashlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2e.cluster.data import tiktoken_cache
from hirag_kit.tokens import RANKS_FILE, EstimatingCounter, TokenCounter, token_counter


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module")
def exact() -> TokenCounter:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(tiktoken_cache()))
        return token_counter()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("hello world", 2),
        ("tiktoken is great!", 6),
        ("antidisestablishmentarianism", 6),
        ("2 + 2 = 4", 7),
        ("お誕生日おめでとう", 9),
        ("<|endoftext|>", 7),
    ],
)
def test_counts_are_those_published_for_cl100k_base(exact: TokenCounter, text: str, tokens: int) -> None:
    assert exact.exact
    assert exact.name == "cl100k_base"
    assert exact.count(text) == tokens


@given(texts=st.lists(st.text(max_size=200), max_size=8))
def test_a_batch_counts_as_its_texts_do_one_by_one(exact: TokenCounter, texts: list[str]) -> None:
    estimate = EstimatingCounter()
    assert exact.count_batch(texts) == [exact.count(text) for text in texts]
    assert estimate.count_batch(texts) == [estimate.count(text) for text in texts]


def test_a_megabyte_without_a_space_is_counted(exact: TokenCounter) -> None:
    assert exact.count("a" * 1_000_000) == 125_000


def test_more_blanks_than_the_encoding_takes_at_once_are_counted(exact: TokenCounter) -> None:
    text = f"x{' ' * 1_600_000}y"
    assert exact.count_batch([text, "x"]) == [exact.count(text), 1]
    assert 1_600_000 / 128 < exact.count(text) < 1_600_000 / 64


@pytest.mark.parametrize(
    "text",
    ["日本語の文章には空白がない。" * 20, "https://example.com/" + "a1b2/" * 40, hashlib.sha256(b"").hexdigest() * 9],
)
def test_an_estimate_of_what_has_no_spaces_is_of_the_right_size(exact: TokenCounter, text: str) -> None:
    assert 0.4 < EstimatingCounter().count(text) / exact.count(text) < 2.5


def _no_folder(folder: Path) -> str:
    return str(folder / "absent")


def _corrupt_ranks(folder: Path) -> str:
    (folder / RANKS_FILE).write_bytes((tiktoken_cache() / RANKS_FILE).read_bytes()[:-1])
    return str(folder)


def _no_cache(_: Path) -> str:
    return ""


@pytest.mark.parametrize("cache", [_no_folder, _corrupt_ranks, _no_cache])
def test_without_good_ranks_it_estimates_and_says_so_and_asks_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Callable[[Path], str]
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", cache(tmp_path))
    counter = token_counter()
    assert not counter.exact
    assert counter.name == "words"
    assert counter.count("ten words of English prose cost about thirteen tokens here") == 13
    assert counter.count("") == 0
