"""`kubectl hirag explain KIND[.FIELD…]` or a word of a condition."""

import argparse
import difflib
import sys

from hirag_operator.api.group import GROUP
from hirag_operator.api.reasons import ConditionType, Reason
from hirag_operator.plugin.errors import CommandError, Exit
from hirag_operator.plugin.explain.compose import field_report, word_report
from hirag_operator.plugin.explain.fields import UnknownField, parts_of, root
from hirag_operator.plugin.explain.report import FieldReport, WordReport
from hirag_operator.plugin.explain.text import text
from hirag_operator.plugin.kinds import IN_ORDER, kind_named, names_of
from hirag_operator.plugin.terminal import show, show_json


def run(arguments: argparse.Namespace) -> Exit:
    """Explain a field or a word."""
    report = explained(arguments.field)
    if arguments.output == "json":
        show_json(sys.stdout, report.to_wire())
    else:
        show(sys.stdout, text(report))
    return Exit.FINE


def explained(words: str) -> FieldReport | WordReport:
    """Return the explanation of what was asked for.

    Raises:
        CommandError: there is no such kind, field or word.
    """
    first, *path = parts_of(words.replace(f".{GROUP}", "", 1)) or [""]
    kind = kind_named(first)
    if kind is None:
        word = word_report(words)
        if word is None:
            raise CommandError(_unknown(words))
        return word
    start = root(kind)
    try:
        below = start.children()
        if path and path[0] not in {child.path[0] for child in below}:
            path = ["spec", *path]
        return field_report(start.find(path))
    except UnknownField as error:
        raise CommandError(f"{error}") from error


def _unknown(words: str) -> str:
    known = [name for kind in IN_ORDER for name in names_of(kind)]
    of_conditions = [one.value for one in (*Reason, *ConditionType)]
    lowered = {one.lower(): one for one in (*known, *of_conditions)}
    close = difflib.get_close_matches(words.lower().partition(".")[0], lowered, 3)
    if close:
        return f"{words!r} is no kind and no reason; did you mean {' or '.join(lowered[one] for one in close)}?"
    return f"{words!r} is no kind and no reason; the kinds are {', '.join(known)}"
