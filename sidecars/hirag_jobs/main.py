"""`hirag-jobs`: the command line.

Exit status: 0 done, 1 something failed, 2 refused to start, 3 measured and below what was asked for, 130 interrupted.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from hirag_jobs.archive import export, restore
from hirag_jobs.archive.settings import ExportSettings, ImportSettings
from hirag_jobs.copying import command as migrate
from hirag_jobs.copying.settings import MigrateSettings
from hirag_jobs.ingest import command as ingest
from hirag_jobs.measure import command as measure
from hirag_jobs.measure.settings import MeasureSettings
from hirag_jobs.settings import IngestSettings, WeaviateSettings
from hirag_jobs.survey import command as survey
from hirag_jobs.survey.settings import SurveySettings
from hirag_kit import logs
from hirag_kit.errors import HiragError
from hirag_kit.interruption import INTERRUPTED, end_on_request

_FAILED = 1
_REFUSED = 2


@dataclass(frozen=True)
class Command:
    """A subcommand.

    Args:
        about: what it does, in the imperative.
        settings: what it is told; each field is a flag.
        run: takes the positional arguments and the settings, and returns the exit status.
        positional: name and help of each argument without a flag.
        interrupted: what a person is told who interrupts it.
    """

    about: str
    settings: type[WeaviateSettings]
    run: Callable[..., int]
    positional: tuple[tuple[str, str], ...] = ()
    interrupted: str = "what is written stays, and the next run goes on from there"


_INGEST = "read text, Markdown or JSON lines into a collection; repeat it at will, it writes what changed"
_EXPORT = "write a collection into an archive, a folder with checksums; run it again to go on where it was killed"
_IMPORT = "read an archive into an existing collection; run it again to go on where it was killed"
_MIGRATE = "carry a collection into another, with its vectors or new ones, while it is written to; repeat it at will"
_MEASURE = "measure recall, latency and memory of a collection's vector index; it changes nothing"
_SURVEY = "tell from a sample what carrying a collection would take, and how long; it changes nothing"
COMMANDS = {
    "ingest": Command(_INGEST, IngestSettings, ingest.run, (("path", "folder or file to read; - is standard input"),)),
    "export": Command(_EXPORT, ExportSettings, export.run, (("path", "folder to write; made where there is none"),)),
    "import": Command(_IMPORT, ImportSettings, restore.run, (("path", "folder of the archive"),)),
    "measure": Command(_MEASURE, MeasureSettings, measure.run, interrupted="nothing was changed or reported"),
    "migrate": Command(_MIGRATE, MigrateSettings, migrate.run),
    "survey": Command(_SURVEY, SurveySettings, survey.run, interrupted="nothing was changed or reported"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one subcommand.

    Args:
        arguments: the command line behind the program's name; None takes the process's own.

    Returns:
        The exit status.
    """
    given = vars(_parser().parse_args(arguments))
    command = COMMANDS[given.pop("command")]
    positional = [given.pop(name) for name, _ in command.positional]
    end_on_request()
    try:
        settings = command.settings(**given)
        logs.configure(settings.log_level)
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it would write a line for each batch
        return command.run(*positional, settings)
    except ValidationError as error:
        return _say(_complaint(error), _REFUSED)
    except HiragError as error:
        return _say(f"{error.message} ({error.code})", _FAILED if error.retryable else _REFUSED)
    except KeyboardInterrupt:
        return _say(f"interrupted; {command.interrupted}", INTERRUPTED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hirag-jobs", description="Work on HiRAG collections that runs to its end.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, told in COMMANDS.items():
        command = commands.add_parser(name, help=told.about, description=f"{told.about[0].upper()}{told.about[1:]}.")
        for argument, meaning in told.positional:
            command.add_argument(argument, metavar=argument.upper(), help=meaning)
        for setting, field in told.settings.model_fields.items():
            _add_flag(command, setting, field)
    return parser


def _add_flag(command: argparse.ArgumentParser, name: str, field: FieldInfo) -> None:
    """A flag for a setting, absent unless given, so that the environment and the default come behind it."""
    flag = f"--{name.replace('_', '-')}"
    default = "" if field.default in (None, False, ()) or field.is_required() else f" (default: {field.default})"
    options: dict[str, Any] = {"dest": name, "default": argparse.SUPPRESS, "help": f"{field.description}{default}"}
    if field.annotation is bool:
        command.add_argument(flag, action=argparse.BooleanOptionalAction, **options)
    else:
        action = "append" if get_origin(field.annotation) is tuple else "store"
        command.add_argument(flag, action=action, choices=_choices(field.annotation), **options)


def _choices(annotation: Any) -> tuple[str, ...] | None:
    for alternative in (annotation, *get_args(annotation)):
        if get_origin(alternative) is Literal:
            return get_args(alternative)
    return None


def _complaint(error: ValidationError) -> str:
    """Which flags are wrong, and how."""
    said = []
    for item in error.errors(include_url=False, include_input=False):
        name = "-".join(str(part) for part in item["loc"]).replace("_", "-")
        said.append(f"--{name}: {item['msg']}" if name else item["msg"])
    return "; ".join(said)


def _say(message: str, status: int) -> int:
    print(f"hirag-jobs: {message}", file=sys.stderr)  # noqa: T201  a command speaks to the person who runs it
    return status


if __name__ == "__main__":
    sys.exit(main())
