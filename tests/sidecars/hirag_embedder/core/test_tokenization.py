from pathlib import Path

import pytest

from hirag_embedder.core.folder import ModelFolder
from hirag_embedder.core.tokenization import TextTokenizer
from hirag_kit.errors import ConfigurationError, InvalidRequestError
from tests.sidecars.hirag_embedder.tiny import tiny_tokenizer


def _tokenizer(folder: Path, max_tokens: int = 16, query: str = "", passage: str = "") -> TextTokenizer:
    return TextTokenizer(ModelFolder(folder), max_tokens, {"query": query, "passage": passage})


def test_texts_are_not_padded_whatever_the_file_says(model_folder: Path) -> None:
    short, long = _tokenizer(model_folder)(["hello", "hello world again"], "passage")
    assert list(short.ids) == [101, 7592, 102]
    assert len(long) == 5


def test_a_long_text_is_cut_and_keeps_its_special_tokens(tiny_model: Path) -> None:
    cut, whole = _tokenizer(tiny_model, max_tokens=6)(["a b c d e f g", "a b c d"], "passage")
    assert (len(cut), cut.truncated, cut.ids[0], cut.ids[-1]) == (6, True, 2, 3)
    assert (len(whole), whole.truncated) == (6, False)


def test_instructions_stand_before_the_text_by_its_kind(tiny_model: Path) -> None:
    tokenize = _tokenizer(tiny_model, query="q ", passage="p ")
    plain = _tokenizer(tiny_model)
    assert list(tokenize(["a"], "query")[0].ids) == list(plain(["q a"], "query")[0].ids)
    assert list(tokenize(["a"], "passage")[0].ids) == list(plain(["p a"], "query")[0].ids)


def test_an_empty_text_is_the_special_tokens_alone(tiny_model: Path) -> None:
    assert list(_tokenizer(tiny_model)([""], "passage")[0].ids) == [2, 3]


def test_an_empty_text_is_refused_where_it_has_no_token_at_all(tiny_model: Path) -> None:
    tiny_tokenizer(special_tokens=False).save(str(tiny_model / "tokenizer.json"))
    with pytest.raises(InvalidRequestError, match="leave it out"):
        _tokenizer(tiny_model)(["a", ""], "passage")


def test_a_damaged_tokenizer_is_named(tiny_model: Path) -> None:
    (tiny_model / "tokenizer.json").write_text("{}", "utf-8")
    with pytest.raises(ConfigurationError, match=r"tokenizer\.json cannot be read"):
        _tokenizer(tiny_model)
