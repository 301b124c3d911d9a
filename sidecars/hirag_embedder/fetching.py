"""Models from a Hugging Face hub, pinned by commit and checked file by file."""

import hashlib
import json
import re
from pathlib import Path

import structlog
from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.hf_api import RepoSibling

from hirag_embedder.core.export.exporter import write_atomically
from hirag_embedder.core.folder import sha256_of
from hirag_kit.errors import ConfigurationError, StorageError

# Small files that tell how the model is used; a repository has those that it needs.
_SETTINGS = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "modules.json",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
)
# The first that is there is taken: weights of our own exporting before somebody else's graph.
_WEIGHTS = ("model.safetensors", "model.onnx", "onnx/model.onnx")
_RECEIPT = ".fetched.json"  # what a folder was filled with, so that a full one needs no hub
# The root of the errors of whichever HTTP library the hub's client uses: a refused connection is one of them.
_HttpError = next(base for base in HfHubHTTPError.__bases__ if issubclass(base, Exception))
_COMMIT = re.compile(r"[0-9a-f]{40}")

_log = structlog.get_logger(__name__)


def fetch(repo: str, revision: str, to: Path, endpoint: str | None = None) -> list[Path]:
    """Downloads a model folder; what is already there and right is kept.

    A commit never changes, so a folder that was filled from it and still holds those very bytes is not asked for again:
    it serves while the hub is away, and when the hub no longer has it.

    Args:
        repo: for example sentence-transformers/all-MiniLM-L6-v2.
        revision: the commit, 40 hexadecimal digits: branches and tags move.
        to: the folder to fill.
        endpoint: the hub's URL; that of the variable HF_ENDPOINT, else the public hub, when absent.

    Returns:
        the files.

    Raises:
        ConfigurationError: when the revision pins nothing, or the repository has no weights that can be served.
        StorageError: when the hub does not give the files, or a file is not the one that it announced.
    """
    if not _COMMIT.fullmatch(revision):
        raise ConfigurationError(
            f"revision {revision!r} is not a commit of 40 hexadecimal digits; only a commit is pinned"
        )
    if (present := _present(repo, revision, to)) is not None:
        _log.info("model present", repo=repo, revision=revision, files=len(present))
        return present
    try:
        announced = HfApi(endpoint=endpoint).model_info(repo, revision=revision, files_metadata=True).siblings or []
        wanted = _wanted(repo, {file.rfilename: file for file in announced})
        for name in wanted:
            hf_hub_download(repo, name, revision=revision, local_dir=to, endpoint=endpoint)
    except (_HttpError, OSError) as error:
        raise StorageError(f"{repo} at {revision} cannot be fetched: {error}") from error
    for name, file in wanted.items():
        _check(to / name, file)
    receipt = {"repo": repo, "revision": revision, "files": {name: sha256_of(to / name) for name in wanted}}
    write_atomically(to / _RECEIPT, json.dumps(receipt).encode())
    _log.info("model fetched", repo=repo, revision=revision, files=len(wanted))
    return [to / name for name in wanted]


def _present(repo: str, revision: str, to: Path) -> list[Path] | None:
    """The files of a folder whose receipt is of this commit and still true; None when they must be fetched."""
    try:
        receipt = json.loads((to / _RECEIPT).read_text("utf-8"))
        files: dict[str, str] = dict(receipt["files"])
        of_this_commit = (receipt["repo"], receipt["revision"]) == (repo, revision)
        right = of_this_commit and all(sha256_of(to / name) == digest for name, digest in files.items())
    except (OSError, ValueError, KeyError, TypeError):  # none yet, or a damaged one
        return None
    return [to / name for name in files] if right else None


def _wanted(repo: str, announced: dict[str, RepoSibling]) -> dict[str, RepoSibling]:
    weights = next((name for name in _WEIGHTS if name in announced), None)
    if weights is None:
        raise ConfigurationError(f"{repo} has none of {', '.join(_WEIGHTS)}, so it cannot be served")
    return {name: announced[name] for name in (*_SETTINGS, weights) if name in announced}


def _check(path: Path, announced: RepoSibling) -> None:
    """Large files are announced with their SHA-256, small ones with git's own name for their content."""
    if announced.lfs is not None:
        right = sha256_of(path) == announced.lfs.sha256
    else:
        content = path.read_bytes()
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
        right = blob.hexdigest() == announced.blob_id
    if not right:
        path.unlink()
        raise StorageError(f"{path.name} is not the file that the hub announced, and was removed; fetch again")
