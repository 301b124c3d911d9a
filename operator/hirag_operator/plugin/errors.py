"""How a command ends: exit codes, and what ends it early."""

from enum import IntEnum
from typing import Self


class Exit(IntEnum):
    """Exit codes of all commands; those of `plan` from BUILD on, the highest that applies."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Self:
        """Make a member of its code and what the code means."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    FINE = 0, "All went well. plan: nothing changes, or only what is new or hot. doctor: nothing is wrong."
    FAILED = 1, "There is no answer: no connection, a missing permission, no such object. doctor: something is wrong."
    USAGE = 2, "The command line is wrong."
    BUILD = 3, "plan: a new revision of the data is needed."
    EMBED = 4, "plan: a new revision with new vectors is needed."
    HELD = 5, "plan: the operator would stop before it, and wait for a person."
    FORBIDDEN = 6, "plan: a field cannot change."
    INVALID = 7, "plan: the API server would refuse a document, or it is none."


class CommandError(Exception):
    """A command that cannot answer; its text says why, and what to do."""
