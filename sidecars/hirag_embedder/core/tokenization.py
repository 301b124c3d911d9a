"""From texts to token numbers, cut to what the model can take."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from hirag_embedder.core.folder import ModelFolder
from hirag_embedder.core.pooling import Ints
from hirag_kit.errors import ConfigurationError, InvalidRequestError
from hirag_kit.wire import InputType


@dataclass(frozen=True)
class Tokens:
    """One text's tokens.

    Args:
        ids: token numbers, special tokens included, [tokens].
        truncated: whether the text was cut.
    """

    ids: Ints
    truncated: bool

    def __len__(self) -> int:
        return len(self.ids)


class TextTokenizer:
    """Tokenises as the model was trained, without padding: padding is the batch's matter.

    Args:
        folder: where tokenizer.json is.
        max_tokens: longer texts are cut on the right, special tokens kept.
        instructions: what stands before a text, by its kind.
    """

    def __init__(self, folder: ModelFolder, max_tokens: int, instructions: dict[InputType, str]) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(folder.tokenizer))
        except Exception as error:  # the library raises bare Exception
            raise ConfigurationError(f"{folder.tokenizer} cannot be read as a tokenizer: {error}") from error
        # The file may carry the padding and truncation of the day it was saved; ours are the ones declared.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        self._instructions = instructions

    def __call__(self, texts: Sequence[str], kind: InputType) -> list[Tokens]:
        """The tokens of each text, the instruction of its kind put before it.

        Raises:
            InvalidRequestError: when a text has no tokens at all, which happens to an empty text where the model has
                no special tokens; with them an empty text has a vector like any other.
        """
        prefix = self._instructions[kind]
        encodings = self._tokenizer.encode_batch_fast([prefix + text for text in texts] if prefix else list(texts))
        tokens = [Tokens(np.asarray(one.ids, dtype=np.int64), bool(one.overflowing)) for one in encodings]
        for one in tokens:
            if len(one) == 0:
                raise InvalidRequestError(
                    "a text is empty, and this model has no vector for an empty text; leave it out"
                )
        return tokens
