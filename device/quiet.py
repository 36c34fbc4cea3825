"""PortAudio without its chatter: ALSA and JACK write to stderr whatever they try and miss."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

_AlsaErrorHandler: Final = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)
_say_nothing: Final = _AlsaErrorHandler(lambda _file, _line, _function, _error, _format: None)
_lock = threading.Lock()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send file descriptor 2 to nowhere meanwhile (a fraction of a second, one at a time).

    The libraries write past Python, so ``contextlib.redirect_stderr`` would not reach them. ALSA
    stays quiet afterwards too: what matters (an underrun) reaches the audio callback as a status.
    """
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    _silence_alsa()
    with _lock, Path(os.devnull).open("wb") as nowhere:
        saved = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)


@cache
def _silence_alsa() -> None:
    try:
        alsa = ctypes.CDLL("libasound.so.2")
    except OSError:  # PortAudio was built without ALSA
        return
    alsa.snd_lib_error_set_handler(_say_nothing)
