"""One playing Lull at a time on one state folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from firmware_py.messages.errors import UserError


@contextmanager
def playing_lock(state: Path) -> Iterator[None]:
    """Hold the state folder's lock; the kernel lets go of it however the process ends.

    Raises ``UserError`` that names the process which holds it, or says why the folder cannot be
    written.
    """
    path = state / "playing.lock"
    try:
        state.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UserError(
            f"Cannot write the state folder {state}: {error.strerror}. "
            "Mend its rights, or name another with LULL_STATE."
        ) from error
    try:
        _take(descriptor, state)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, state: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
        raise UserError(
            f"Lull is already playing with the state folder {state} (process {holder}). "
            f"Stop it first, or name another folder with LULL_STATE."
        ) from None
    with suppress(OSError):  # on a full disk the lock holds all the same, without a name
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
