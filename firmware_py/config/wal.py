"""How every SQLite file of ours begins its write-ahead log."""

from __future__ import annotations

import sqlite3
import time


def begin_wal(connection: sqlite3.Connection, timeout_s: float) -> None:
    """Switch to WAL; only the first connection to a new file changes anything.

    When two do it at once, SQLite refuses one of them at once, whatever its own timeout: it is
    tried again for ``timeout_s`` seconds. Raises ``sqlite3.Error`` when it cannot be done.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
