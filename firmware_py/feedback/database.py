"""Opening the feedback database: durable, checked, and begun anew when it is damaged.

Everyone who has the file open holds a shared lock on ``<file>.lock``; only who holds it alone may
put a damaged file aside, so that nobody's open file is renamed under them.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from firmware_py.config.wal import begin_wal
from firmware_py.feedback import schema
from firmware_py.messages.errors import LullError, MissingError, UserError

BUSY_TIMEOUT_S: Final = 5.0
_NEWER_SCHEMAS: Final = range(schema.SCHEMA_VERSION + 1, schema.SCHEMA_VERSION + 1000)
_SIDE_FILES: Final = ("", "-wal", "-shm")


class _DamagedError(Exception):
    """The file is not a whole feedback database."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database and the descriptor that holds its lock."""

    connection: sqlite3.Connection
    lock: int
    quarantined: Path | None
    """Where a damaged file was put when this was opened, else None."""

    def close(self) -> None:
        """Close the file and let go of the lock."""
        self.connection.close()
        os.close(self.lock)


def open_database(path: Path, now: datetime) -> Database:
    """Open or create the database at ``path``, whose folder is made when missing.

    A damaged file is renamed to ``<name>.damaged-<time>`` and a new one begun. Raises
    ``UserError`` when the folder cannot be written, ``MissingError`` when the disk is full,
    ``LullError`` when it fails, when a newer Lull made the file, or when it is damaged while
    another process has it open.
    """
    lock = _open_lock(path)
    try:
        connection, quarantined = _open_checked(path, lock, now)
    except sqlite3.Error as error:
        os.close(lock)
        raise explain(error, path) from error
    except BaseException:
        os.close(lock)
        raise
    return Database(connection, lock, quarantined)


def explain(error: sqlite3.Error, path: Path) -> LullError:
    """Return what a failure of SQLite means for a person."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return MissingError(
                f"The disk is full: feedback is not kept in {path}.", fix="free some space there"
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return LullError(
                f"Another program has been holding {path} for {BUSY_TIMEOUT_S:.0f} s: feedback is "
                "not kept. Close that program."
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return LullError(
                f"{path} is damaged: feedback is not kept. Start Lull again: it puts the damaged "
                "file aside and begins a new one."
            )
        case _:
            return LullError(f"Feedback is not kept in {path}: {error}. Check the disk.")


def remove_damaged_files(path: Path) -> None:
    """Delete every file that was put aside because it was damaged.

    Raises ``LullError`` when one cannot be deleted.
    """
    for file in path.parent.glob(f"{path.name}.damaged-*"):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise LullError(f"Cannot delete {file}: {error.strerror}. Delete it.") from error


def _open_lock(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise UserError(
            f"Cannot write {path}: {error.strerror}. Mend its rights, or name another folder with "
            "LULL_STATE."
        ) from error
    return lock


def _open_checked(path: Path, lock: int, now: datetime) -> tuple[sqlite3.Connection, Path | None]:
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    quarantined = None
    while True:
        fcntl.flock(lock, fcntl.LOCK_SH)
        try:
            return _connect(path), quarantined
        except _DamagedError as damage:
            if _lock_alone(lock):
                quarantined = _put_aside_if_damaged(path, now) or quarantined
            elif time.monotonic() > deadline:
                raise LullError(
                    f"{path} is damaged ({damage}) and another Lull has it open. Stop that one "
                    "and start again: the damaged file is then put aside."
                ) from damage
            else:
                fcntl.flock(lock, fcntl.LOCK_UN)
                time.sleep(0.05)


def _lock_alone(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _put_aside_if_damaged(path: Path, now: datetime) -> Path | None:
    """Look again, alone: another process may have mended it meanwhile. Then rename."""
    try:
        _connect(path).close()
    except _DamagedError:
        target = _free_name(path, now)
        for suffix in _SIDE_FILES:
            side = Path(f"{path}{suffix}")
            if side.exists():
                side.rename(f"{target}{suffix}")
        _sync_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        return target
    return None


def _free_name(path: Path, now: datetime) -> Path:
    base = f"{path.name}.damaged-{now:%Y%m%dT%H%M%SZ}"
    names = [base, *(f"{base}-{n}" for n in range(1, 1000))]
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    try:
        _prepare(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        if _means_damage(error, path):
            raise _DamagedError(str(error)) from error
        raise
    except UnicodeDecodeError as error:  # SQLite quotes damaged text in its message
        connection.close()
        raise _DamagedError("damaged text") from error
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    begin_wal(connection, BUSY_TIMEOUT_S)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    _create_when_empty(connection)
    _check_structure(connection)
    findings = connection.execute("PRAGMA integrity_check(1)").fetchall()
    if findings[0][0] != "ok":
        raise _DamagedError(str(findings[0][0]))


def _create_when_empty(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")  # one of two processes creates it
    try:
        if not _structure(connection):
            _create(connection)
        connection.execute("DELETE FROM erasure WHERE 0")  # fails unless it can be written
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _create(connection: sqlite3.Connection) -> None:
    for statement in schema.SCHEMA.split(";\n"):
        connection.execute(statement)


def _structure(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    query = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name"
    return [tuple(row) for row in connection.execute(query)]


def _check_structure(connection: sqlite3.Connection) -> None:
    """Compare version and tables with what this Lull makes: one flipped bit is damage, not news."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        _create(fresh)
        same = _structure(fresh) == _structure(connection)
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != schema.APPLICATION_ID:
        raise _DamagedError("not a feedback database of Lull")
    if same and version == schema.SCHEMA_VERSION:
        return
    if not same and version in _NEWER_SCHEMAS:
        raise LullError(
            f"The feedback database has version {version}, this Lull knows "
            f"{schema.SCHEMA_VERSION}. Install the newer Lull again."
        )
    raise _DamagedError(f"its tables are not those of version {version}")


def _means_damage(error: sqlite3.Error, path: Path) -> bool:
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_ERROR:
            return True  # SQLITE_ERROR: the schema does not parse
        case sqlite3.SQLITE_READONLY:
            return os.access(path, os.W_OK)  # a flipped "format version" in the header
        case _:
            return False
