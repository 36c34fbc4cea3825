"""One setup at a time on a models folder."""

from __future__ import annotations

import fcntl
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOG = logging.getLogger(__name__)


@contextmanager
def only_run(models: Path) -> Iterator[Path]:
    """Wait for any other setup, then lend a folder for half-finished things.

    The lock dies with its process. What a killed run left is kept only where it can be resumed.
    """
    models.mkdir(parents=True, exist_ok=True)
    incoming = models / ".incoming"
    with (models / ".setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _LOG.warning("Another lull setup is running; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        incoming.mkdir(exist_ok=True)
        _clear(incoming, keep=(".part", ".whl"))
        try:
            yield incoming
        finally:
            _clear(incoming, keep=(".part",))
            if not any(incoming.iterdir()):
                incoming.rmdir()


def _clear(folder: Path, keep: tuple[str, ...]) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.suffix not in keep:
            path.unlink()
