"""Entry point of `kubectl-hirag`: parses, runs one command, and says what went wrong in one line.

Commands are imported when they are run: asking for help waits for none of their libraries.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from hirag_operator.errors import OperatorError
from hirag_operator.plugin.arguments import parse
from hirag_operator.plugin.errors import CommandError, Exit

INTERRUPTED = 130  # what a shell expects of a process that Ctrl-C ended


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command line; return the exit code."""
    parsed = parse(arguments)
    if parsed.version:
        import importlib.metadata  # noqa: PLC0415  help waits for nothing

        sys.stdout.write(f"kubectl-hirag {importlib.metadata.version('hirag-operator')}\n")
        return Exit.FINE
    try:
        code = _command(parsed.command)(parsed)
        sys.stdout.flush()
    except (CommandError, OperatorError) as error:
        sys.stderr.write(f"error: {error}\n")
        return Exit.FAILED
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FINE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _command(name: str) -> Callable[[argparse.Namespace], Exit]:
    match name:
        case "status":
            from hirag_operator.plugin.status.command import run as status  # noqa: PLC0415  see the module

            return status
        case "explain":
            from hirag_operator.plugin.explain.command import run as explain  # noqa: PLC0415

            return explain
        case "plan":
            from hirag_operator.plugin.plan.command import run as plan  # noqa: PLC0415

            return plan
        case "rollback":
            from hirag_operator.plugin.rollback.command import run as rollback  # noqa: PLC0415

            return rollback
        case _:
            from hirag_operator.plugin.doctor.command import run as doctor  # noqa: PLC0415

            return doctor


if __name__ == "__main__":
    main()
