from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hirag_embedder.core.backend import Backend, OutOfMemoryError
from hirag_embedder.core.engine import Engine
from hirag_embedder.core.loading import load
from hirag_embedder.core.pooling import Floats, Ints
from hirag_embedder.core.spec import ModelSpec, Pooling, RuntimeSpec
from hirag_kit.errors import EmbeddingError
from tests.sidecars.hirag_embedder.reference import ReferenceBert

TEXTS = {
    "a sentence": "Parse command line options with argparse.",
    "one word": "hello",
    "one character": "a",
    "nothing": "",
    "only spaces": " \t\n ",
    "accents and capitals": "Ä CAFÉ, naïve façade — déjà vu!",
    "other scripts": "日本語のテキスト и русский текст",
    "emoji": "🙂🚀 to the moon 🌕",
    "a word the vocabulary does not have": "x" * 300,
    "control characters": "a\x00b\x07c\u200bd\u2028e",
    "code": "def f(x: int) -> int:\n    return x ** 2  # squared",
    "a paragraph": "The quick brown fox jumps over the lazy dog. " * 8,
    "cut at the limit": "Memory is the residue of thought, and thought is costly. " * 100,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_vectors_agree_with_an_independent_computation(engine: Engine, reference: ReferenceBert, text: str) -> None:
    assert float(engine.embed([text])[0] @ reference.embed(text)) > 0.9999


@pytest.mark.parametrize("pooling", ["mean", "cls", "lastToken"])
def test_every_pooling_agrees_with_it(engine: Engine, reference: ReferenceBert, pooling: Pooling) -> None:
    texts = ["short", "a somewhat longer text, so that one of the two is padded"]
    vectors = replace(engine, pooling=pooling).embed(texts)
    for text, vector in zip(texts, vectors, strict=True):
        assert float(vector @ reference.embed(text, pooling)) > 0.9999


def test_a_text_has_the_same_vector_alone_and_among_others(engine: Engine) -> None:
    together = engine.embed(list(TEXTS.values()))
    alone = np.concatenate([engine.embed([text]) for text in TEXTS.values()])
    assert (together * alone).sum(axis=1).min() > 0.9999


@settings(max_examples=25)
@given(order=st.permutations(range(6)), budget=st.sampled_from([1, 8, 64, 1024]))
def test_vectors_come_back_in_the_order_of_the_texts(engine: Engine, order: list[int], budget: int) -> None:
    words = ["sun", "moon and stars", "a river runs", "the mountain stands still tonight", "sea", "wind over the hills"]
    straight = engine.embed(words)
    mixed = replace(engine, batch_tokens=budget).embed([words[index] for index in order])
    assert ((mixed * straight[order]).sum(axis=1) > 0.9999).all()


def test_like_meaning_is_nearer_than_other_meaning(engine: Engine) -> None:
    question, answer, other = engine.embed(
        ["How do I parse arguments?", "argparse reads options", "Bake bread at home"]
    )
    assert question @ answer > question @ other + 0.2


def test_vectors_have_length_one_only_if_so_declared(engine: Engine) -> None:
    assert np.allclose(np.linalg.norm(engine.embed(["a", "b c d"]), axis=1), 1, atol=1e-5)
    raw = replace(engine, normalized=False).embed(["a", "b c d"])
    assert not np.allclose(np.linalg.norm(raw, axis=1), 1, atol=1e-2)


class _Small:
    """A backend whose memory ends at so many texts."""

    name = device = "small"

    def __init__(self, backend: Backend, most: int) -> None:
        self._backend = backend
        self._most = most

    def pooled(self, ids: Ints, mask: Ints, pooling: Pooling) -> Floats:
        if len(ids) > self._most:
            raise OutOfMemoryError("no memory for so many texts")
        return self._backend.pooled(ids, mask, pooling)


def test_a_batch_that_does_not_fit_the_memory_is_halved_until_it_does(engine: Engine) -> None:
    tokens = engine.tokenize(list(TEXTS.values()), "passage")
    found = replace(engine, backend=_Small(engine.backend, 2)).run(tokens)
    assert ((found * engine.run(tokens)).sum(axis=1) > 0.9999).all()


def test_a_single_text_that_does_not_fit_fails(engine: Engine) -> None:
    with pytest.raises(OutOfMemoryError, match="no memory"):
        replace(engine, backend=_Small(engine.backend, 0)).embed(["a", "b"])


class _Broken:
    """A backend as damaged weights would make it."""

    name = device = "broken"

    def pooled(self, ids: Ints, _mask: Ints, _pooling: Pooling) -> Floats:
        return np.full((len(ids), 32), np.nan, dtype=np.float32)


def test_the_probe_refuses_numbers_that_are_not_finite(tiny_model: Path) -> None:
    engine = load(ModelSpec(tiny_model, "tiny", max_tokens=32), RuntimeSpec()).engine
    with pytest.raises(EmbeddingError, match="not finite"):
        replace(engine, backend=_Broken()).probe()
