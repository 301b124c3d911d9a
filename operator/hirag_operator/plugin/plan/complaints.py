"""Why a document would be refused, field by field, with what may have been meant."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from hirag_operator.errors import Refused
from hirag_operator.plugin.explain.fields import UnknownField, parts_of, root
from hirag_operator.plugin.plan.documents import KINDS
from hirag_operator.plugin.plan.report import FieldError

Json = Mapping[str, Any]


# Before it the server quotes the whole object; after it, the fields that it does not know, which we tell in more words.
UNKNOWN: Final = "strict decoding error: "
NO_FIELD: Final = "<nil>"  # where the server says that, of a wrong object, it has not held all rules


def complaints(body: Json) -> list[FieldError]:
    """Return what our own rules say against an object; a field that there is not gets suggestions."""
    kind = KINDS[str(body["kind"])]
    try:
        kind.from_wire(dict(body))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return [FieldError(field=_dotted(one["loc"]), message=_message(body, one)) for one in found]
    return []


def refusal(error: Refused, own: list[FieldError]) -> list[FieldError]:
    """Return what the API server says, and what our own rules say beside it of other fields, in better words."""
    told = {_plain(one.field) for one in own}
    named = [(field, message) for field, message in error.causes if field != NO_FIELD and UNKNOWN not in message]
    causes = [FieldError(field=field, message=message) for field, message in named]
    if not causes and not own:
        return [FieldError(field="", message=error.message.rpartition(UNKNOWN)[2])]
    return [*own, *(one for one in causes if _plain(one.field) not in told)]


def _message(body: Json, one: Any) -> str:
    if one["type"] != "extra_forbidden":
        return str(one["msg"])
    path = parts_of(re.sub(r"\.\d+(?=\.|$)", "", _dotted(one["loc"])))
    try:
        root(KINDS[str(body["kind"])]).find(path)
    except UnknownField as unknown:
        return str(unknown)
    return str(one["msg"])


def _dotted(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc)


def _plain(field: str) -> str:
    """Return a path without the indices of lists, which the two write differently."""
    return re.sub(r"\[[^\]]*\]|\.\d+(?=\.|$)", "", field)
