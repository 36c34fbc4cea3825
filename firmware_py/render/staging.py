"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import glob
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from firmware_py.messages.errors import UserError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def explain(path: Path, error: OSError) -> UserError:
    """Return what a person should know and do about a failed write to ``path``."""
    if error.errno in _FULL:
        return UserError(
            f"Cannot write {path}: the disk is full. Free some space or choose another folder."
        )
    if error.errno in _FORBIDDEN:
        return UserError(
            f"Cannot write {path}: the folder does not allow it. Choose another folder."
        )
    if error.errno == errno.ENOENT and not path.parent.exists():
        return UserError(
            f"Cannot write {path}: the folder {path.parent} does not exist. "
            f"Create it (mkdir -p {path.parent}) or choose another."
        )
    return UserError(f"Cannot write {path}: {error.strerror or error}. Choose another name.")


@contextmanager
def staged(paths: Sequence[Path]) -> Iterator[dict[Path, Path]]:
    """Yield a temporary path beside each of ``paths``; on a clean exit they take the names.

    Each is fsynced before its rename and its folder after it. When the block raises, nothing of
    it stays. Raises ``UserError`` when a file cannot be created or made durable.
    """
    parts: dict[Path, Path] = {}
    with ExitStack() as opened:
        try:
            for path in paths:
                _remove_left_behind(path)
                parts[path] = _part_of(path)
                opened.enter_context(_created(path, parts[path]))
            yield parts
            for path, part in parts.items():
                with _explained(path):
                    _fsync(part)
            for path, part in parts.items():
                with _explained(path):
                    part.replace(path)
                    _fsync_folder(path.parent)
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)


def _part_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


@contextmanager
def _created(path: Path, part: Path) -> Iterator[None]:
    """Create ``part`` and hold its lock: who has the lock is still writing."""
    with _explained(path):
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    try:
        with suppress(OSError):  # some network file systems know no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _remove_left_behind(path: Path) -> None:
    """Remove the parts of ``path`` that a killed process or a power cut left behind."""
    for part in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        # In use, or not ours: then it is left where it is.
        with suppress(OSError), part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fsync_folder(path: Path) -> None:
    try:
        _fsync(path)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network file systems do not know it for folders
            raise


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise explain(path, error) from error
