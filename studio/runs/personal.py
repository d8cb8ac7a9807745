"""What the user's typing taught and the dictionaries that were imported: one SQLite file, without torch or Qt.

The file lies below the studio's data home, can be read by its owner alone, and is sent nowhere. Several windows and
workers may use it at once: every change is one transaction. What is deleted is overwritten in the file.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio import paths
from studio.runs.personal_file import PersonalFile, Version

RIVALRY = 0.5  # what is left of a phrase's count when another is chosen in its place
HALF_LIFE = 2000.0  # commits after which a choice counts half as much
MOST_PHRASES = 20_000  # learnt from typing; beyond it the ones not used for longest are forgotten
MOST_CONTEXTS = 6  # texts remembered in front of a phrase
MOST_WORDS = 500_000  # of all dictionaries together
LONGEST = 60  # characters of a phrase
LEFT = 3  # characters in front of a phrase that are remembered
EVERYTHING = -1  # a limit that is none
TYPED = ""  # the "dictionary" of what was typed


@dataclass(frozen=True)
class Phrase:
    """A phrase that was typed, or a word of a dictionary.

    Attributes:
        pinyin: its syllables with spaces between them, `v` for ü.
        dictionary: the name of the one it came with; empty if it was typed.
        count: how often it was committed; in a dictionary, its weight there (0: none is given).
        used: when it was last committed, or imported; seconds since the epoch.
        before: the ends of the texts it was typed behind, each once; an empty one is the beginning of a clause.
    """

    id: int
    text: str
    pinyin: str
    dictionary: str
    count: float
    used: float
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Use:
    """How much a phrase behind a text counted when `clock` commits had been made."""

    text: str
    pinyin: str
    before: str
    weight: float
    clock: int


@dataclass(frozen=True)
class Learnt:
    """What one commit changed.

    Attributes:
        clock: how many commits there were with it.
        rivals: what phrases of the same pinyin behind the same text lost by it, as `Use.weight`.
        forgotten: other phrases went to make room.
    """

    clock: int
    rivals: tuple[Use, ...] = ()
    forgotten: bool = False


@dataclass(frozen=True)
class ImportedDictionary:
    """One dictionary, and when it was imported (seconds since the epoch)."""

    name: str
    words: int
    imported: float


class PersonalStore:
    """The store of one file. Making one touches nothing on disk; use it from one thread.

    All methods raise `RunError` if the file is damaged, held by another process, or a newer studio's.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or paths.data_home() / "personal" / "learnt.sqlite3"
        self._file = PersonalFile(self.file)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    # --- looking -------------------------------------------------------------------------------------

    @property
    def enabled(self) -> bool:
        """Whether typing is recorded and what was learnt is used."""
        return self._setting("enabled", 1) != 0

    @property
    def clock(self) -> int:
        """How many commits were recorded so far."""
        return self._setting("clock", 0)

    def version(self) -> Version:
        """Changes when the file was changed by somebody, or replaced."""
        return self._file.version()

    def phrases(
        self, search: str = "", dictionary: str | None = TYPED, limit: int = 500
    ) -> tuple[tuple[Phrase, ...], int]:
        """Phrases, last used first, and how many there are in all.

        Args:
            search: a part of their text or, without spaces, of their pinyin.
            dictionary: of which one; None for all of them.
            limit: give at most so many.
        """
        where, values = ["1"], []
        if dictionary is not None:
            where.append("dictionary = ?")
            values.append(dictionary)
        if search.strip():
            where.append("(instr(text, ?) OR instr(replace(pinyin, ' ', ''), ?))")
            wanted = "".join(search.split())
            values += [wanted, wanted.lower().replace("'", "")]
        condition = " AND ".join(where)
        with self._file.reading() as db:
            if db is None:
                return (), 0
            total = db.execute(f"SELECT count(*) FROM phrases WHERE {condition}", values).fetchone()[0]
            rows = db.execute(
                "SELECT id, text, pinyin, dictionary, count, used, (SELECT group_concat(before, char(10)) FROM "
                f"(SELECT before FROM contexts WHERE phrase = id ORDER BY clock DESC)) FROM phrases "
                f"WHERE {condition} ORDER BY used DESC, count DESC, id LIMIT ?",
                [*values, limit],
            ).fetchall()
        found = []
        for number, text, pinyin, name, count, used, joined in rows:
            before = () if joined is None else tuple(joined.split("\n"))
            found.append(Phrase(number, text, pinyin, name, count, used, before))
        return tuple(found), int(total)

    def dictionaries(self) -> tuple[ImportedDictionary, ...]:
        """Those that were imported, by name."""
        with self._file.reading() as db:
            if db is None:
                return ()
            rows = db.execute(
                "SELECT dictionary, count(*), max(used) FROM phrases WHERE dictionary != '' "
                "GROUP BY dictionary ORDER BY dictionary"
            ).fetchall()
        return tuple(ImportedDictionary(*row) for row in rows)

    def uses(self) -> Iterator[Use]:
        """All that was typed."""
        with self._file.reading() as db:
            if db is not None:
                rows = db.execute(
                    "SELECT text, pinyin, before, weight, clock FROM contexts JOIN phrases ON id = phrase"
                )
                yield from (Use(*row) for row in rows)

    def words(self) -> Iterator[tuple[str, str, str, float]]:
        """Dictionary, text, pinyin and weight of all imported words, dictionary by dictionary."""
        with self._file.reading() as db:
            if db is not None:
                yield from db.execute(
                    "SELECT dictionary, text, pinyin, count FROM phrases WHERE dictionary != '' ORDER BY dictionary"
                )

    # --- changing ------------------------------------------------------------------------------------

    def enable(self, on: bool) -> None:
        """Switch recording and use on or off; what is there stays."""
        with self._file.changing() as db:
            _set(db, "enabled", int(on))

    def learn(self, text: str, pinyin: str, before: str = "") -> Learnt:
        """Count one commit of a phrase. What was chosen in its place before loses a part of its count.

        Args:
            before: the text in front of it, of which the last characters are kept.

        Raises:
            ValueError: if text and pinyin do not fit together.
        """
        _check(text, pinyin)
        before = before[-LEFT:]
        with self._file.changing() as db:
            now = _get(db, "clock", 0) + 1
            _set(db, "clock", now)
            number = db.execute(
                "INSERT INTO phrases (text, pinyin, dictionary, count, used) VALUES (?, ?, '', 1, ?) "
                "ON CONFLICT DO UPDATE SET count = count + 1, used = excluded.used RETURNING id",
                (text, pinyin, time.time()),
            ).fetchone()[0]
            old = db.execute(
                "SELECT weight, clock FROM contexts WHERE phrase = ? AND before = ?", (number, before)
            ).fetchone()
            weight = 1.0 + (old[0] * faded(now - old[1]) if old else 0.0)
            db.execute("INSERT OR REPLACE INTO contexts VALUES (?, ?, ?, ?)", (number, before, weight, now))
            rivals = db.execute(
                "SELECT text, weight, clock, phrase FROM contexts JOIN phrases ON id = phrase "
                "WHERE dictionary = '' AND pinyin = ? AND text != ? AND before = ?",
                (pinyin, text, before),
            ).fetchall()
            db.executemany(
                "UPDATE contexts SET weight = weight * ? WHERE phrase = ? AND before = ?",
                [(RIVALRY, phrase, before) for *_, phrase in rivals],
            )
            forgotten = _forget(db, number)
        lost = [Use(other, pinyin, before, w * (1 - RIVALRY), clock) for other, w, clock, _ in rivals]
        return Learnt(now, tuple(lost), forgotten)

    def change(self, id: int, pinyin: str, count: float) -> None:
        """Correct a phrase's pinyin, or how often it counts.

        Raises:
            ValueError: if they do not fit, or there is such a phrase already.
        """
        if not 0 < count < 1e9:
            raise ValueError(f"{count:g} is no count above 0")
        with self._file.changing() as db:
            row = db.execute("SELECT text, count FROM phrases WHERE id = ?", (id,)).fetchone()
            if row is None:
                raise ValueError("this phrase has been deleted meanwhile")
            _check(row[0], pinyin)
            try:
                db.execute("UPDATE phrases SET pinyin = ?, count = ? WHERE id = ?", (pinyin, count, id))
            except sqlite3.IntegrityError:
                raise ValueError(f"{row[0]} ({pinyin}) is there already") from None
            if row[1] > 0:
                db.execute("UPDATE contexts SET weight = weight * ? WHERE phrase = ?", (count / row[1], id))

    def delete(self, ids: Iterable[int]) -> int:
        """Forget some phrases for good; returns how many there were."""
        with self._file.changing() as db:
            gone = db.executemany("DELETE FROM phrases WHERE id = ?", ((number,) for number in ids)).rowcount
        self._file.overwrite()
        return gone

    def clear(self, dictionary: str | None = TYPED) -> int:
        """Forget all that was typed, or one dictionary, or (None) everything; returns how many there were."""
        condition, values = ("1", []) if dictionary is None else ("dictionary = ?", [dictionary])
        with self._file.changing() as db:
            gone = db.execute(f"DELETE FROM phrases WHERE {condition}", values).rowcount
        self._file.overwrite()
        return gone

    def add_dictionary(self, name: str, words: Iterable[tuple[str, str, float]]) -> int:
        """Put in a dictionary of (text, pinyin, weight); an older one of the same name goes. Returns its words.

        Raises:
            ValueError: if the name is empty, or there are too many words.
        """
        name = " ".join(name.split())
        if not name:
            raise ValueError("a dictionary needs a name")
        now = time.time()
        with self._file.changing() as db:
            db.execute("DELETE FROM phrases WHERE dictionary = ?", (name,))
            db.executemany(
                "INSERT INTO phrases (text, pinyin, dictionary, count, used) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET count = max(count, excluded.count)",
                ((text, pinyin, name, weight, now) for text, pinyin, weight in words),
            )
            total = db.execute("SELECT count(*) FROM phrases WHERE dictionary != ''").fetchone()[0]
            if total > MOST_WORDS:
                raise ValueError(f"all dictionaries together may hold {MOST_WORDS} words, these are {total}")
            own = db.execute("SELECT count(*) FROM phrases WHERE dictionary = ?", (name,)).fetchone()[0]
        return int(own)

    # --- inside --------------------------------------------------------------------------------------

    def _setting(self, name: str, otherwise: int) -> int:
        with self._file.reading() as db:
            return otherwise if db is None else _get(db, name, otherwise)


def faded(commits: float) -> float:
    """What is left of a count after so many further commits."""
    return float(0.5 ** (commits / HALF_LIFE))


def _forget(db: sqlite3.Connection, phrase: int) -> bool:
    """Make room: the oldest contexts of a phrase go, and the phrases not used for longest."""
    gone = db.execute(
        "DELETE FROM contexts WHERE phrase = ?1 AND clock <= (SELECT clock FROM contexts "
        "WHERE phrase = ?1 ORDER BY clock DESC LIMIT 1 OFFSET ?2)",
        (phrase, MOST_CONTEXTS),
    ).rowcount
    total = db.execute("SELECT count(*) FROM phrases WHERE dictionary = ''").fetchone()[0]
    if total > MOST_PHRASES:
        gone += db.execute(
            "DELETE FROM phrases WHERE id IN (SELECT id FROM phrases WHERE dictionary = '' "
            "ORDER BY used, id LIMIT ?)",
            (total - MOST_PHRASES + MOST_PHRASES // 20,),
        ).rowcount
    return gone > 0


def _get(db: sqlite3.Connection, name: str, otherwise: int) -> int:
    row = db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return otherwise if row is None else int(row[0])


def _set(db: sqlite3.Connection, name: str, value: int) -> None:
    db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))


def _check(text: str, pinyin: str) -> None:
    syllables = pinyin.split(" ")
    if not text or len(text) > LONGEST:
        raise ValueError(f"a phrase has 1 to {LONGEST} characters, not {len(text)}")
    if len(syllables) != len(text):
        raise ValueError(f"{text} has {len(text)} characters, '{pinyin}' has {len(syllables)} syllables")
    strange = next(
        (part for part in syllables if not (part.isascii() and part.isalpha() and part.islower())), None
    )
    if strange is not None:
        raise ValueError(f"'{strange}' is no syllable: write a to z, v for ü, a space between two")
