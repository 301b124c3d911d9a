"""`kubectl_complete-hirag`: what kubectl asks when somebody presses Tab behind `kubectl hirag`.

It is called with the words so far, the last of them perhaps unfinished, and answers with candidates, one a line, and a
directive (https://github.com/spf13/cobra/blob/main/site/content/completions/_index.md).
"""

import argparse
import contextlib
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from hirag_operator.plugin.arguments import COMMANDS, parser

NO_SPACE, NO_FILES, FILES = 2, 4, 0  # directives: add no space behind it; no file names; file names
_OF_FILES: Final = frozenset({"-f", "--filename", "--kubeconfig", "--weaviate-key-file"})
_SECONDS: Final = 2.0  # longest wait for names: a person presses Tab again, and does not wait for a cluster


def main() -> None:
    """Entry point of the console script."""
    candidates, directive = complete(sys.argv[1:])
    sys.stdout.writelines(f"{one}\n" for one in candidates)
    sys.stdout.write(f":{directive}\n")


def complete(words: Sequence[str]) -> tuple[list[str], int]:
    """Return what may stand for the last of the words, and the directive."""
    *before, last = words or [""]
    command = next((word for word in before if word in COMMANDS), None)
    if command is None:
        return _beginning(last, COMMANDS), NO_FILES
    if before[-1] in _OF_FILES:
        return [], FILES
    if last.startswith("-"):
        return _beginning(last, _flags(command)), NO_FILES
    if before[-1] in {"-o", "--output"}:
        return _beginning(last, ("text", "json")), NO_FILES
    if command == "explain":
        return _beginning(last, _fields(last)), NO_SPACE | NO_FILES
    return (_beginning(last, _names(command, before)) if command in {"status", "rollback"} else []), NO_FILES


def _beginning(start: str, candidates: Iterable[str]) -> list[str]:
    return [one for one in candidates if one.startswith(start)]


def _flags(command: str) -> list[str]:
    groups = next(one for one in parser()._actions if isinstance(one, argparse._SubParsersAction))  # noqa: SLF001  argparse has no public way
    return [flag for action in groups.choices[command]._actions for flag in action.option_strings]  # noqa: SLF001


def _fields(last: str) -> Iterator[str]:
    """Yield the fields below what is written so far, or the kinds where nothing is."""
    from hirag_operator.plugin.explain.fields import UnknownField, parts_of, root  # noqa: PLC0415  flags wait for none
    from hirag_operator.plugin.kinds import IN_ORDER, kind_named  # noqa: PLC0415

    written, dot, _ = last.rpartition(".")
    if not dot:
        yield from (kind.resource.singular for kind in IN_ORDER)
        return
    first, *path = parts_of(written)
    kind = kind_named(first)
    try:
        fields = root(kind).find(path).children() if kind else []
    except UnknownField:
        return
    yield from (f"{written}.{field.path[-1]}" for field in fields)


def _names(command: str, before: Sequence[str]) -> list[str]:
    """Return the names of ContextCollections in the namespace; none where the cluster does not answer at once."""
    from hirag_operator.adapters.kubeconfig import connect  # noqa: PLC0415
    from hirag_operator.adapters.reader import ClusterReader  # noqa: PLC0415
    from hirag_operator.errors import OperatorError  # noqa: PLC0415
    from hirag_operator.plugin.kinds import COLLECTION  # noqa: PLC0415

    known, _ = _quiet(before[before.index(command) :])
    try:
        access = connect(known.kubeconfig, known.context, known.user)
        found = ClusterReader(access, timeout_seconds=_SECONDS).all_of(COLLECTION, known.namespace or access.namespace)
    except OperatorError:  # Tab is no place for complaints: the command itself will tell
        return []
    return [one["metadata"]["name"] for one in found]


def _quiet(words: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Parse what stands so far; an unfinished line may be wrong, and nobody is to see a complaint."""
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            return parser().parse_known_args(words)
    except SystemExit:
        return parser().parse_known_args(["status"])
