"""The program `hirag-embedder`: serves a model, exports one to ONNX, or fetches one from a hub."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

from hirag_embedder.app import server
from hirag_embedder.core.cpu import available_cpus
from hirag_embedder.core.export.exporter import export, write_atomically
from hirag_embedder.core.folder import ModelFolder
from hirag_embedder.fetching import fetch
from hirag_embedder.settings import Settings, unknown_variables
from hirag_kit import logs
from hirag_kit.errors import HiragError
from hirag_kit.interruption import INTERRUPTED, end_on_request

_FAILED = 1
_WRONG_USE = 2

_log = structlog.get_logger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program; the result is its exit status: 0 done, 1 failed, 2 wrongly set up, 130 interrupted."""
    parsed = _parser().parse_args(arguments)
    end_on_request()
    try:
        return int(parsed.run(parsed))
    except HiragError as error:
        _last_word(error)
        return _WRONG_USE
    except KeyboardInterrupt:
        print("hirag-embedder: interrupted", file=sys.stderr)  # noqa: T201  as above
        return INTERRUPTED


def _serve(_parsed: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    settings.api_key()
    logs.configure(settings.log_level)
    for name in unknown_variables():
        _log.warning("no setting reads this variable", variable=name)
    # Read by the tokenizer's thread pool when it is first used: it has to keep to the CPU quota too.

    os.environ.setdefault("RAYON_NUM_THREADS", str(settings.threads or available_cpus()))

    failure = server.run(settings)
    if failure is None:
        return 0
    _last_word(failure)
    return _FAILED


def _last_word(error: HiragError) -> None:
    """Say why the program ends, on the last line of all: that is what a kubelet keeps of a container that ended."""
    print(f"hirag-embedder: {error.message}", file=sys.stderr)  # noqa: T201  a program speaks to its user


def _export(parsed: argparse.Namespace) -> int:
    write_atomically(parsed.out, export(ModelFolder(parsed.model)))
    return 0


def _fetch(parsed: argparse.Namespace) -> int:
    for path in fetch(parsed.repo, parsed.revision, parsed.to, parsed.endpoint):
        print(path)  # noqa: T201  what the command gives
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hirag-embedder", description="Turns texts into vectors.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve a model; settings come from HIRAG_EMBEDDER_* variables")
    serve.set_defaults(run=_serve)
    exporting = commands.add_parser("export", help="write a model folder's encoder as one ONNX file")
    exporting.add_argument(
        "--model", type=Path, required=True, metavar="DIR", help="folder with config.json and weights"
    )
    exporting.add_argument("--out", type=Path, required=True, metavar="FILE", help="the ONNX file to write")
    exporting.set_defaults(run=_export)
    fetching = commands.add_parser("fetch", help="download a model folder from a hub, pinned and checked")
    fetching.add_argument("--repo", required=True, help="for example sentence-transformers/all-MiniLM-L6-v2")
    fetching.add_argument("--revision", required=True, help="the commit, 40 hexadecimal digits")
    fetching.add_argument("--to", type=Path, required=True, metavar="DIR", help="the folder to fill")
    fetching.add_argument("--endpoint", metavar="URL", help="the hub; HF_ENDPOINT or the public one when absent")
    fetching.set_defaults(run=_fetch)
    return parser


if __name__ == "__main__":
    sys.exit(main())
