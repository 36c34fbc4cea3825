"""Single keys from a terminal; none where there is no terminal."""

from __future__ import annotations

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """Reads keys from ``descriptor``; None: there is nobody to press any."""

    descriptor: int | None

    def wait(self, seconds: float) -> str:
        """Return the keys pressed within ``seconds``, at once when there are some."""
        if self.descriptor is None:
            time.sleep(seconds)
            return ""
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        return os.read(self.descriptor, 32).decode("ascii", "ignore") if ready else ""


@contextmanager
def terminal_keys() -> Iterator[Keys]:
    """Read keys without Enter and without echo while the context lasts; Ctrl-C still works."""
    descriptor = _foreground_terminal()
    if descriptor is None:
        yield Keys(None)
        return
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield Keys(descriptor)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _foreground_terminal() -> int | None:
    """Return stdin's descriptor when it is a terminal that is ours to read.

    In the background (``lull play &``) touching the terminal would stop the process.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        return None
    descriptor = sys.stdin.fileno()
    return descriptor if os.tcgetpgrp(descriptor) == os.getpgrp() else None
