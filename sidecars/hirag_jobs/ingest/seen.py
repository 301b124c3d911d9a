"""Which documents a run has met: any number of them, in little memory."""

import sqlite3
from types import TracebackType
from typing import Self


class Seen:
    """A set of names kept in a temporary file; a context manager that removes it."""

    def __init__(self) -> None:
        # An empty path is SQLite's private temporary database, which spills to disk when it outgrows its cache.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE seen (name TEXT PRIMARY KEY) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()

    def add(self, name: str) -> bool:
        """Adds a name; returns whether it was new."""
        return self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (name,)).rowcount == 1

    def __contains__(self, name: str) -> bool:
        return self._database.execute("SELECT 1 FROM seen WHERE name = ?", (name,)).fetchone() is not None
