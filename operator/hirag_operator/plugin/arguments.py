"""The command line of `kubectl hirag`, with kubectl's own names for what kubectl has too.

Nothing but the standard library is loaded here: help and a wrong flag are told at once.
"""

import argparse
from collections.abc import Sequence
from typing import Final

from hirag_operator.plugin.errors import Exit

COMMANDS: Final = {
    "status": "How objects stand: what is wrong and what to do, then the rest.",
    "explain": "What a field is, and what it takes to change it; or what a condition's reason means.",
    "plan": "What would happen if a file were applied. Nothing is written.",
    "rollback": "Goes back to what served before a change that the spec still declares. Sets one annotation.",
    "doctor": "Whether all that the operator needs is there: API server, CRDs, permissions, operator, Weaviate.",
}
_STATUS_EXAMPLES: Final = """\
examples:
  kubectl hirag status                  all objects of the context's namespace, those in trouble first
  kubectl hirag status -A               of all namespaces
  kubectl hirag status handbook         one ContextCollection as a tree
  kubectl hirag status emb/minilm       one EmbeddingModel
  kubectl hirag status hnsw -o json     all HNSWIndexPolicies, for a program
"""
_EXPLAIN_EXAMPLES: Final = """\
examples:
  kubectl hirag explain ctx                                      the fields of a kind
  kubectl hirag explain contextcollection.spec.levels.longTerm   a section
  kubectl hirag explain emb.pooling                              a field; spec. may be left out
  kubectl hirag explain MigrationRequired                        a reason in a condition
"""
_PLAN_EXAMPLES: Final = """\
examples:
  kubectl hirag plan -f collection.yaml
  kustomize build . | kubectl hirag plan -f -
  kubectl hirag plan -f all.yaml --weaviate-url http://localhost:8080   look at Weaviate itself too
"""


_ROLLBACK_EXAMPLES: Final = """\
examples:
  kubectl hirag rollback handbook --dry-run   what would go back to what; nothing is written
  kubectl hirag rollback handbook             say that the change is not wanted
  kubectl hirag rollback handbook --wait      and wait until what served before serves
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    codes = "\n".join(f"  {code.value}  {code.meaning}" for code in Exit)
    root = argparse.ArgumentParser(
        prog="kubectl hirag",
        description="Looks at the HiRAG operator's objects: how they stand, what a change would do. Writes "
        "nothing, but for rollback, which sets one annotation.",
        epilog=f"exit codes:\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    root.add_argument("--version", action="store_true", help="print the version and end")
    commands = root.add_subparsers(dest="command", metavar="COMMAND")
    _status(_command(commands, "status", _STATUS_EXAMPLES))
    _explain(_command(commands, "explain", _EXPLAIN_EXAMPLES))
    _plan(_command(commands, "plan", _PLAN_EXAMPLES))
    _rollback(_command(commands, "rollback", _ROLLBACK_EXAMPLES))
    _doctor(_command(commands, "doctor"))
    return root


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the parsed command line; ends the process with help or a complaint where that is what is due."""
    root = parser()
    parsed = root.parse_args(arguments)
    if parsed.command is None and not parsed.version:
        root.print_help()
        root.exit(Exit.USAGE)
    return parsed


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, examples: str = ""
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=COMMANDS[name],
        description=COMMANDS[name],
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_argument("-o", "--output", choices=("text", "json"), default="text", help="text (default) or json")
    return command


def _status(command: argparse.ArgumentParser) -> None:
    command.add_argument("target", nargs="*", help="NAME, KIND/NAME, KIND NAME or KIND; all objects when left out")
    command.add_argument("--full", action="store_true", help="a tree for each object, those that are fine too")
    _of_cluster(command)
    _namespaces(command, every=True)


def _explain(command: argparse.ArgumentParser) -> None:
    command.add_argument("field", help="KIND, KIND.FIELD… or a reason, e.g. ctx.spec.chunking.maxTokens")


def _plan(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-f",
        "--filename",
        action="append",
        required=True,
        help="YAML or JSON file, or - for standard input; repeatable",
    )
    command.add_argument(
        "--server-side",
        action="store_true",
        help="as with kubectl apply --server-side; otherwise as it was applied last",
    )
    command.add_argument("--field-manager", default=None, help="who applies, with --server-side (default kubectl)")
    command.add_argument(
        "--instance", default=None, help="name that the operator goes by in Weaviate (default: what Weaviate tells)"
    )
    _of_weaviate(command)
    _of_cluster(command)
    _namespaces(command, every=False)


def _rollback(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", help="of the ContextCollection")
    command.add_argument(
        "--dry-run", action="store_true", help="say what would happen, and whether you may; write nothing"
    )
    command.add_argument("--wait", action="store_true", help="end when what served before serves")
    command.add_argument(
        "--timeout", type=_long, default=1800.0, metavar="SECONDS", help="longest wait, with --wait (default 1800)"
    )
    _of_cluster(command)
    _namespaces(command, every=False)


def _doctor(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--operator-namespace", default=None, help="where the operator runs (looked for when left out)"
    )
    _of_weaviate(command)
    _of_cluster(command)
    _namespaces(command, every=True)


def _namespaces(command: argparse.ArgumentParser, *, every: bool) -> None:
    command.add_argument("-n", "--namespace", default=None, help="the namespace (default: that of the context)")
    if every:
        command.add_argument("-A", "--all-namespaces", action="store_true", help="all namespaces")


def _of_cluster(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("cluster")
    group.add_argument("--kubeconfig", default=None, help="the kubeconfig (default: KUBECONFIG, or ~/.kube/config)")
    group.add_argument("--context", default=None, help="the context in it (default: the current one)")
    group.add_argument(
        "--as", dest="user", default=None, metavar="USER", help="ask on behalf of a user, as kubectl --as"
    )
    group.add_argument(
        "--request-timeout",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="longest wait for an answer (default 10)",
    )


def _of_weaviate(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group(
        "Weaviate",
        "The terminal need not reach Weaviate; where it does (a port-forward), name it here to have it asked.",
    )
    group.add_argument("--weaviate-url", default=None, metavar="URL", help="base URL of its REST API")
    group.add_argument(
        "--weaviate-key-file",
        default=None,
        metavar="FILE",
        help="file with its API key; keys do not belong in arguments",
    )
    group.add_argument(
        "--connection", default="default", help="which connection of the operator it is (default: default)"
    )


def _long(text: str) -> float:
    """Return a number of seconds, with or without kubectl's unit, for what may take hours."""
    seconds = float(text.removesuffix("s"))
    if seconds <= 0:
        raise argparse.ArgumentTypeError("must be more than 0 seconds")
    return seconds


def _seconds(text: str) -> float:
    """Return a number of seconds, with or without kubectl's unit."""
    seconds = float(text.removesuffix("s"))
    if not 0 < seconds <= 600:  # noqa: PLR2004  ten minutes are longer than anybody waits at a terminal
        raise argparse.ArgumentTypeError("must be more than 0 and at most 600 seconds")
    return seconds
