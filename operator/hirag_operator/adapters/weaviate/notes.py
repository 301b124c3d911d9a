"""Notes between the operator and those who copy, as objects of one collection; read and written one by one."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from hirag_operator.adapters.http import JsonServer
from hirag_operator.errors import Garbled, Refused
from hirag_operator.plan.collection.migration.notes import (
    NOTES,
    SCHEMA,
    Freeze,
    Survey,
    Told,
    freeze_about,
    identity,
    read_freeze,
    read_survey,
    read_told,
    share_about,
    survey_about,
)
from hirag_operator.plan.collection.objectives.notes import NOTHING, Noted, read_noted
from hirag_operator.plan.moves import Holder

Json = Mapping[str, Any]

_NO_COLLECTION = 422  # of notes: then there is none


class Notes:
    """Reads and writes notes of one server. Raises what the server's calls raise; thread-safe."""

    def __init__(self, server: JsonServer) -> None:
        self._server = server

    def freeze_of(self, target: Holder) -> Freeze:
        """Return what is noted of a holder; a note without content where there is none."""
        found = self._read(freeze_about(target))
        return Freeze() if found is None else read_freeze(*found)

    def told(self, target: Holder, shares: int) -> tuple[Told, ...]:
        """Return what each share of a copy says; one that has said nothing yet as if it had said nothing."""
        found = [self._read(share_about(target, number, shares)) for number in range(1, shares + 1)]
        return tuple(Told() if one is None else read_told(*one) for one in found)

    def measurements(self, about: str) -> Noted:
        """Return what is noted of a level's index; nothing where it was never measured."""
        found = self._read(about)
        return NOTHING if found is None else read_noted(found[0])

    def forget(self, about: str) -> None:
        """Remove a note; one that is gone already is no failure."""
        try:
            self._server.ask("delete_note", "DELETE", f"/v1/objects/{quote(NOTES)}/{identity(about)}")
        except Refused as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise

    def survey_of(self, target: Holder) -> Survey:
        """Return what a survey for a holder says; one without content where there is none."""
        found = self._read(survey_about(target))
        return Survey() if found is None else read_survey(*found)

    def write_freeze(self, target: Holder, said: Json) -> None:
        """Note something of a holder, in place of what was noted before."""
        about = freeze_about(target)
        body = {
            "class": NOTES,
            "id": str(identity(about)),
            "properties": {"about": about, "said": json.dumps(dict(said))},
        }
        try:
            self._write(body)
        except Refused:  # the first note of all, most likely
            self.prepare()
            self._write(body)

    def prepare(self) -> None:
        """Make the collection of notes where there is none."""
        if self._server.find("get_class", f"/v1/schema/{NOTES}") is None:
            self._server.ask("create_class", "POST", "/v1/schema", SCHEMA)

    def _write(self, body: Json) -> None:
        answer = self._server.ask("write_note", "POST", "/v1/batch/objects", {"objects": [body]})
        try:
            errors = [one["result"]["errors"]["error"] for one in answer if (one["result"].get("errors") or {})]
        except (KeyError, TypeError, AttributeError) as error:
            raise Garbled(self._server.name, "the answer to a note has not Weaviate's form") from error
        if errors:
            raise Refused(self._server.name, f"a note was refused: {errors[0]}", 422)

    def _read(self, about: str) -> tuple[Json, int] | None:
        """Return what is said in a note, and when it was, by the server's clock in milliseconds."""
        try:
            found = self._server.find("read_note", f"/v1/objects/{quote(NOTES)}/{identity(about)}")
        except Refused as error:
            if error.status == _NO_COLLECTION:
                return None
            raise
        if found is None:
            return None
        try:
            return json.loads(found["properties"]["said"]), int(found["lastUpdateTimeUnix"])
        except (KeyError, TypeError, ValueError) as error:
            raise Garbled(self._server.name, f"the note {about!r} cannot be understood") from error
