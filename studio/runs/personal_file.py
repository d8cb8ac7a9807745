"""The SQLite file of what was learnt from typing: opened when it is needed, changed in whole transactions."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from studio.runs.folder import RunError

FORMAT = 1
_PATIENCE = 5.0  # seconds that another process may hold the file

_SCHEMA = """
CREATE TABLE phrases (
    id INTEGER PRIMARY KEY, text TEXT NOT NULL, pinyin TEXT NOT NULL, dictionary TEXT NOT NULL,
    count REAL NOT NULL, used REAL NOT NULL, UNIQUE (dictionary, text, pinyin));
CREATE INDEX phrases_by_use ON phrases (dictionary, used);
CREATE INDEX phrases_by_pinyin ON phrases (dictionary, pinyin);
CREATE TABLE contexts (
    phrase INTEGER NOT NULL REFERENCES phrases ON DELETE CASCADE, before TEXT NOT NULL,
    weight REAL NOT NULL, clock INTEGER NOT NULL, PRIMARY KEY (phrase, before)) WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


class Version(NamedTuple):
    """Which file it is, how often other connections changed it, and how often this one did."""

    inode: int
    others: int
    own: int


class PersonalFile:
    """A connection to the file, for one thread. While there is no file, reading makes none.

    All methods raise `RunError` if the file is damaged, held by another process, or a newer studio's.
    """

    def __init__(self, file: Path) -> None:
        self._path = file
        self._connection: sqlite3.Connection | None = None
        self._inode = -1
        self._changes = 0

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def version(self) -> Version:
        """Changes when the file was changed by somebody, or replaced."""
        with self.reading() as db:
            if db is None:
                return Version(-1, 0, self._changes)
            return Version(self._inode, db.execute("PRAGMA data_version").fetchone()[0], self._changes)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """The connection, or None while there is no file."""
        try:
            yield self._connected(create=False)
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """The connection in a transaction, which is taken back as a whole if anything goes wrong."""
        try:
            db = self._connected(create=True)
            assert db is not None
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
            self._changes += 1
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def overwrite(self) -> None:
        """Carry deletions into the file now, as far as nobody else reads it, and empty its journal."""
        with self.reading() as db:
            if db is not None:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _connected(self, create: bool) -> sqlite3.Connection | None:
        inode = _inode(self._path)
        if self._connection is not None and inode != self._inode:
            self.close()  # somebody has removed or replaced the file
        if self._connection is None and (create or inode >= 0):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if inode < 0:
                os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            db = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
            try:
                _prepare(db)
            except BaseException:
                db.close()
                raise
            self._connection, self._inode = db, _inode(self._path)
        return self._connection

    def _trouble(self, error: sqlite3.Error) -> RunError:
        if isinstance(error, sqlite3.OperationalError):
            return RunError(f"{self._path} cannot be used now: {error}")
        return RunError(f"{self._path} is damaged ({error}); move it away to begin anew")


def _prepare(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA secure_delete = ON")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > FORMAT:
        raise RunError("what was learnt from typing was written by a newer studio: update Hanzi Studio")
    if version == 0:
        # A write does not wait for the disk: a power cut may lose the last commits, but harms nothing.
        db.execute("PRAGMA journal_mode = WAL")
        with closing(db.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            if cursor.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in _SCHEMA.split(";"):
                    cursor.execute(statement)
                cursor.execute(f"PRAGMA user_version = {FORMAT}")
            cursor.execute("COMMIT")
    db.execute("PRAGMA synchronous = NORMAL")


def _inode(file: Path) -> int:
    try:
        return file.stat().st_ino
    except OSError:
        return -1
