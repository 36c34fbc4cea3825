"""PortAudio without its chatter: ALSA and JACK write to stderr whatever they try and miss."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_lock = threading.Lock()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send file descriptor 2 to nowhere meanwhile (a fraction of a second, one at a time).

    The libraries write past Python, so ``contextlib.redirect_stderr`` would not reach them.
    """
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    with _lock, Path(os.devnull).open("wb") as nowhere:
        saved = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
