"""A person at a terminal: starts ``lull``, reads the screen, presses keys."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.app.conftest import LULL


@dataclass
class Terminal:
    """One program in a terminal of 120 columns and 40 lines."""

    process: subprocess.Popen[bytes]
    master: int
    slave: int
    before: list[Any]
    """The terminal's modes before the program began."""
    screen: bytes = field(default=b"")
    """Everything that was ever written to it."""

    def wait_for(self, text: str, limit_s: float = 60.0, *, since: int = 0) -> None:
        """Read until ``text`` was written after ``since``."""
        end = time.monotonic() + limit_s
        while text.encode() not in self.screen[since:]:
            is_over = time.monotonic() > end or self.process.poll() is not None
            assert not is_over, f"{text!r} never came: {self.screen[-3000:]!r}"
            self._read(0.1)

    def press(self, keys: str, answer: str) -> None:
        """Press ``keys`` and wait for ``answer``."""
        since = len(self.screen)
        os.write(self.master, keys.encode())
        self.wait_for(answer, since=since)

    def end(self, limit_s: float = 30.0) -> int:
        """Wait for the program to end and return its exit code."""
        end = time.monotonic() + limit_s
        while self.process.poll() is None:
            assert time.monotonic() < end, self.screen[-3000:]
            self._read(0.1)
        self._read(0.1)
        return self.process.returncode

    @property
    def restored(self) -> bool:
        """Whether the terminal is as it was."""
        return termios.tcgetattr(self.slave) == self.before

    def _read(self, seconds: float) -> None:
        ready, _, _ = select.select([self.master], [], [], seconds)
        if ready:
            self.screen += os.read(self.master, 65536)


@contextmanager
def terminal(folder: Path, env: dict[str, str], *args: str) -> Iterator[Terminal]:
    """Run ``lull`` in a terminal of its own, as its foreground program."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    before = termios.tcgetattr(slave)
    # setsid and TIOCSCTTY make the terminal the child's own, so that Ctrl-C reaches it.
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", str(LULL), *args],
        cwd=folder,
        env={**env, "TERM": "xterm-256color"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    try:
        yield Terminal(process, master, slave, before)
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)
