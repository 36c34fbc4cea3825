"""The fleet's database: each reaction once, erased when asked, and what could not be read.

First form: SQLite (WAL, ``synchronous=FULL``). Several workers may share the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cloud_sync.codec import encode_feedback
from cloud_sync.topics import Topics
from firmware_py.config.wal import begin_wal
from firmware_py.messages.clock import rfc3339, utc_now
from firmware_py.messages.erase import EraseRequest
from firmware_py.messages.errors import LullError, UserError
from firmware_py.messages.feedback import Feedback
from firmware_py.messages.mood import Mood

SCHEMA_VERSION: Final = 1
_BUSY_TIMEOUT_S: Final = 10.0
_SCHEMA: Final = f"""
CREATE TABLE feedback (
    id TEXT PRIMARY KEY NOT NULL,
    device TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    rating INTEGER,
    mood_label TEXT, mood_valence REAL, mood_arousal REAL, mood_confidence REAL,
    goal TEXT NOT NULL,
    bar INTEGER NOT NULL, start_s REAL NOT NULL,
    tempo REAL NOT NULL, density REAL NOT NULL, register REAL NOT NULL, dynamics REAL NOT NULL,
    mode REAL NOT NULL, tension REAL NOT NULL, brightness REAL NOT NULL, swell REAL NOT NULL,
    played_s REAL NOT NULL,
    session TEXT NOT NULL,
    received_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX feedback_device ON feedback (device, session);
-- Sessions whose feedback may still arrive but must not be stored any more.
CREATE TABLE forgotten_session (
    device TEXT NOT NULL, session TEXT NOT NULL, PRIMARY KEY (device, session)
) STRICT, WITHOUT ROWID;
CREATE TABLE erasure (
    id TEXT PRIMARY KEY NOT NULL, device TEXT NOT NULL, at TEXT NOT NULL, received_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE dead_letter (
    number INTEGER PRIMARY KEY,
    device TEXT, topic TEXT NOT NULL, payload BLOB NOT NULL, reason TEXT NOT NULL,
    received_at TEXT NOT NULL
) STRICT;
PRAGMA user_version = {SCHEMA_VERSION};
"""
_MARKS: Final = ", ".join("?" * 24)
_INSERT: Final = f"INSERT INTO feedback VALUES ({_MARKS}) ON CONFLICT (id) DO NOTHING"  # noqa: S608


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that could not be read, kept as it came."""

    device: str | None
    """From the topic; None when even that was wrong."""
    topic: str
    payload: bytes
    reason: str


@dataclass(slots=True)
class Tally:
    """What became of a batch, in messages."""

    stored: int = 0
    duplicates: int = 0
    forgotten: int = 0
    """Feedback that came after its device asked to be forgotten."""
    erasures: int = 0
    dead: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


class FleetStore:
    """Stores batches, each in one transaction. One object is used by one thread."""

    def __init__(self, path: Path, *, now: Callable[[], datetime] = utc_now) -> None:
        """Open or create the database.

        Raises ``UserError`` when it cannot be opened, is no fleet database, or is of another
        version; it is never replaced: it is the only copy of what the fleet confirmed.
        """
        self._path = path
        self._now = now
        try:
            self._connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
            self._create_when_empty()  # first: another program's database is not changed
            begin_wal(self._connection, _BUSY_TIMEOUT_S)
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA secure_delete = ON")
        except sqlite3.Error as error:
            raise UserError(f"Cannot open the fleet database {path}: {error}.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def save(self, batch: Iterable[Feedback | EraseRequest | DeadLetter]) -> Tally:
        """Write a batch, whole or not at all, and return what became of it.

        On the disk when it returns. Raises ``LullError`` when it could not be written.
        """
        tally = Tally()
        try:
            with self._transaction():
                for item in batch:
                    self._save(item, tally)
        except sqlite3.Error as error:
            raise LullError(f"Cannot write the fleet database {self._path}: {error}.") from error
        return tally

    def _save(self, item: Feedback | EraseRequest | DeadLetter, tally: Tally) -> None:
        match item:
            case Feedback():
                self._save_feedback(item, tally)
            case EraseRequest():
                self._erase(item, tally)
            case DeadLetter():
                self._bury(item, tally)

    def _save_feedback(self, item: Feedback, tally: Tally) -> None:
        if self._is_forgotten(item):
            tally.forgotten += 1
            return
        values = _values(item)
        received = rfc3339(self._now())
        if self._connection.execute(_INSERT, (*values, received)).rowcount:
            tally.stored += 1
            return
        tally.duplicates += 1
        before = self._connection.execute("SELECT * FROM feedback WHERE id = ?", (item.id,))
        if before.fetchone()[: len(values)] != values:
            reason = "its id was stored before with other content"
            topic = Topics(item.device)("feedback")
            self._bury(DeadLetter(item.device, topic, encode_feedback(item), reason), tally)

    def _is_forgotten(self, item: Feedback) -> bool:
        found = self._connection.execute(
            "SELECT 1 FROM forgotten_session WHERE device = ? AND session = ?",
            (item.device, item.session),
        )
        return found.fetchone() is not None

    def _erase(self, request: EraseRequest, tally: Tally) -> None:
        """Erase all there is of the device; a repeated request must not touch what came since."""
        fresh = self._connection.execute(
            "INSERT INTO erasure VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (request.id, request.device, request.at, rfc3339(self._now())),
        ).rowcount
        if not fresh:
            tally.duplicates += 1
            return
        tally.erasures += 1
        device = (request.device,)
        forget = "INSERT OR IGNORE INTO forgotten_session"
        self._connection.execute(
            f"{forget} SELECT DISTINCT device, session FROM feedback WHERE device = ?",  # noqa: S608
            device,
        )
        self._connection.executemany(
            f"{forget} VALUES (?, ?)",
            [(request.device, session) for session in request.sessions],
        )
        self._connection.execute("DELETE FROM feedback WHERE device = ?", device)
        self._connection.execute("DELETE FROM dead_letter WHERE device = ?", device)

    def _bury(self, letter: DeadLetter, tally: Tally) -> None:
        tally.dead += 1
        self._connection.execute(
            "INSERT INTO dead_letter (device, topic, payload, reason, received_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (letter.device, letter.topic, letter.payload, letter.reason, rfc3339(self._now())),
        )

    def _create_when_empty(self) -> None:
        with self._transaction():  # one of two workers creates it
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
            tables = self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if version == 0 and tables == 0:
                for statement in _SCHEMA.split(";\n"):
                    self._connection.execute(statement)
            elif version != SCHEMA_VERSION:
                raise UserError(
                    f"{self._path} is not a fleet database of version {SCHEMA_VERSION} "
                    f"(it says {version}). Name another file."
                )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def _values(item: Feedback) -> tuple[object, ...]:
    """Return the columns of ``feedback`` but the last, in their order."""
    mood = _mood_values(item.mood)
    head = (item.id, item.device, item.seq, item.at, item.kind, item.rating)
    return (*head, *mood, item.goal, *astuple(item.target), item.played_s, item.session)


def _mood_values(mood: Mood | None) -> tuple[object, ...]:
    if mood is None:
        return (None, None, None, None)
    return (mood.label, mood.valence, mood.arousal, mood.confidence)
