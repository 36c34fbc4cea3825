"""What the person's reactions were, kept on this device until the fleet has them too."""

from __future__ import annotations

import logging
import math
import sqlite3
import threading
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from firmware_py.feedback import schema
from firmware_py.feedback.database import explain, open_database, remove_damaged_files
from firmware_py.feedback.export import write_export
from firmware_py.feedback.session import Session
from firmware_py.messages.clock import rfc3339, utc_now
from firmware_py.messages.erase import EraseRequest
from firmware_py.messages.errors import LullError
from firmware_py.messages.feedback import Feedback, FeedbackKind
from firmware_py.messages.mood import Mood
from firmware_py.messages.plan import TARGET_RANGES, BarTarget, Goal
from firmware_py.ports.outbox import Outgoing

SESSIONS_PER_ERASE: Final = 1000
"""Keeps an erase request under 40 kB."""

_log = logging.getLogger(__name__)


class FeedbackStore:
    """Sessions, feedback and the outbox in one SQLite file (WAL, ``synchronous=FULL``).

    A row is on the disk when a method returns. Safe for several threads and several processes.
    It implements ``firmware_py.ports.outbox.Outbox``. Nothing that was said is kept: a mood is
    stored without its ``because``.
    """

    quarantined: Path | None
    """Where a damaged file was put aside when this store was opened; None: it was whole."""

    def __init__(self, path: Path, device: str, *, now: Callable[[], datetime] = utc_now) -> None:
        """Open or create the file. ``device``: the name that goes into every message.

        Raises ``UserError`` or ``LullError`` as ``open_database`` does.
        """
        self._path = path
        self._device = device
        self._now = now
        self._database = open_database(path, now())
        self._mutex = threading.Lock()
        self.quarantined = self._database.quarantined
        if self.quarantined is not None:
            _log.warning(
                "The feedback database was damaged: it is now %s and a new one was begun.",
                self.quarantined,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        with self._mutex:
            self._database.close()

    def begin_session(self, mood: Mood | None, goal: Goal, composer: str) -> Session:
        """Write a new session and return it. ``composer``: as ``Composer.name`` says.

        Raises ``LullError`` when it could not be written.
        """
        session = Session(
            str(uuid.uuid4()), rfc3339(self._now()), _without_words(mood), goal, composer
        )
        with self._transaction() as connection:
            _insert(connection, "session", schema.SESSION_COLUMNS, schema.session_values(session))
        return session

    def record(
        self,
        kind: FeedbackKind,
        *,
        session: str,
        mood: Mood | None,
        goal: Goal,
        target: BarTarget,
        played_s: float,
        rating: int | None = None,
    ) -> Feedback:
        """Write one reaction and return it; it is on the disk, and pending, from then on.

        ``rating``: 1 to 5 for kind ``rating``, else None. Raises ``LullError`` when it could not
        be written: disk full, values out of range, or a session that is not there (the person
        may have had everything forgotten while it was playing).
        """
        _check_numbers(target, played_s)
        item = Feedback(
            id=str(uuid.uuid4()),
            device=self._device,
            seq=0,
            at=rfc3339(self._now()),
            kind=kind,
            rating=rating,
            mood=_without_words(mood),
            goal=goal,
            target=target,
            played_s=played_s,
            session=session,
        )
        with self._transaction() as connection:
            seq = _insert(
                connection, "feedback", schema.FEEDBACK_COLUMNS, schema.feedback_values(item)
            )
        return replace(item, seq=seq)

    def sessions(self, days: float) -> tuple[Session, ...]:
        """Return the sessions of the last ``days`` days, oldest first."""
        rows = self._select(
            f"SELECT {schema.SESSION_COLUMNS} FROM session"  # noqa: S608 (constants)
            " WHERE started_at >= ? ORDER BY started_at, rowid",
            (self._days_ago(days),),
        )
        return tuple(schema.session_of(row) for row in rows)

    def history(self, days: float) -> tuple[Feedback, ...]:
        """Return the feedback of the last ``days`` days, oldest first."""
        return self._feedback("at >= ?", (self._days_ago(days),))

    def export(self, path: Path) -> None:
        """Write everything to ``path`` as JSON, whole or not at all.

        Raises ``UserError`` when it cannot be written there.
        """
        write_export(
            path,
            self._device,
            rfc3339(self._now()),
            self.sessions(math.inf),
            self.history(math.inf),
        )

    def forget(self) -> None:
        """Erase everything here and queue a request that the fleet erases it too.

        Raises ``LullError`` when it could not be done, or could not be done wholly.
        """
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT DISTINCT session FROM feedback WHERE acknowledged = 0"
            ).fetchall()
            self._queue_erasure(connection, [row[0] for row in rows])
            connection.execute("DELETE FROM feedback")
            connection.execute("DELETE FROM session")
        remove_damaged_files(self._path)
        self._scrub()

    def prune(self, keep_days: int) -> int:
        """Delete what is older than ``keep_days`` days, sent or not; return how many reactions."""
        before = self._days_ago(keep_days)
        with self._transaction() as connection:
            deleted = connection.execute("DELETE FROM feedback WHERE at < ?", (before,)).rowcount
            connection.execute(
                "DELETE FROM session WHERE started_at < ?"
                " AND id NOT IN (SELECT session FROM feedback)",
                (before,),
            )
        return deleted

    def pending(self, limit: int) -> tuple[Outgoing, ...]:
        """Return what the fleet has not acknowledged, as ``Outbox`` says."""
        requests = self._select("SELECT id, at FROM erasure ORDER BY rowid LIMIT ?", (limit,))
        if requests:
            return tuple(self._erase_request(row["id"], row["at"]) for row in requests)
        return self._feedback("acknowledged = 0", (), limit)

    def acknowledge(self, ids: Collection[str]) -> int:
        """Let go of rows that the fleet has stored, as ``Outbox`` says."""
        rows = [(row_id,) for row_id in ids]
        with self._transaction() as connection:
            return sum(
                connection.executemany(statement, rows).rowcount
                for statement in (
                    "UPDATE feedback SET acknowledged = 1 WHERE id = ? AND acknowledged = 0",
                    "DELETE FROM erasure WHERE id = ?",
                )
            )

    def _feedback(
        self, condition: str, values: tuple[schema.Value, ...], limit: int = -1
    ) -> tuple[Feedback, ...]:
        rows = self._select(
            f"SELECT seq, {schema.FEEDBACK_COLUMNS} FROM feedback"  # noqa: S608 (constants)
            f" WHERE {condition} ORDER BY seq LIMIT ?",
            (*values, limit),
        )
        return tuple(schema.feedback_of(row, self._device) for row in rows)

    def _erase_request(self, request: str, at: str) -> EraseRequest:
        rows = self._select("SELECT session FROM erasure_session WHERE erasure = ?", (request,))
        return EraseRequest(request, self._device, at, tuple(row["session"] for row in rows))

    def _queue_erasure(self, connection: sqlite3.Connection, sessions: list[str]) -> None:
        for first in range(0, max(1, len(sessions)), SESSIONS_PER_ERASE):
            request = str(uuid.uuid4())
            _insert(connection, "erasure", "id, at", (request, rfc3339(self._now())))
            connection.executemany(
                "INSERT INTO erasure_session VALUES (?, ?)",
                [(request, session) for session in sessions[first : first + SESSIONS_PER_ERASE]],
            )

    def _scrub(self) -> None:
        """Leave no trace of deleted rows in the file or in its write-ahead log."""
        with self._mutex, self._explained() as connection:
            connection.execute("VACUUM")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise LullError(
                f"Everything was deleted, but traces stay in {self._path}-wal while another "
                "program reads it. Close that program and run `lull forget` again."
            )

    def _days_ago(self, days: float) -> str:
        """Return the time ``days`` ago as text; the beginning of time when that is too long."""
        try:
            return rfc3339(self._now() - timedelta(days=days))
        except OverflowError:
            return ""

    def _select(self, query: str, values: tuple[schema.Value, ...]) -> list[sqlite3.Row]:
        with self._mutex, self._explained() as connection:
            return connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._mutex, self._explained() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:  # a full disk may have rolled back already
                    connection.execute("ROLLBACK")

    @contextmanager
    def _explained(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._database.connection
        except sqlite3.IntegrityError as error:
            raise LullError(f"Feedback was not kept: {_integrity_text(error)}.") from error
        except sqlite3.Error as error:
            raise explain(error, self._path) from error


def _insert(
    connection: sqlite3.Connection, table: str, columns: str, values: tuple[schema.Value, ...]
) -> int:
    marks = ", ".join("?" * len(values))
    cursor = connection.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 (constants)
        values,
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _integrity_text(error: sqlite3.IntegrityError) -> str:
    if error.sqlite_errorname == "SQLITE_CONSTRAINT_FOREIGNKEY":
        return "its session is not there (was everything forgotten while it played?)"
    return str(error)


def _without_words(mood: Mood | None) -> Mood | None:
    return mood and Mood(mood.label, mood.valence, mood.arousal, mood.confidence)


def _check_numbers(target: BarTarget, played_s: float) -> None:
    for name, (low, high) in TARGET_RANGES.items():
        value: float = getattr(target, name)
        if not low <= value <= high:  # NaN fails too
            raise LullError(f"Feedback was not kept: {name} {value:g} is not {low:g} to {high:g}.")
    for name, value in (("start_s", target.start_s), ("played_s", played_s)):
        if not 0 <= value < math.inf:
            raise LullError(f"Feedback was not kept: {name} {value:g} is not a time.")
