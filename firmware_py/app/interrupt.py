"""Signals that ask the program to end, as exceptions that unwind it in order."""

from __future__ import annotations

import signal
from types import FrameType


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP: the same orderly end as Ctrl-C."""

    def __init__(self, signum: int) -> None:
        super().__init__()
        self.signum = signum


def raise_on_signals() -> None:
    """Let SIGTERM and SIGHUP raise ``Terminated``; one that is ignored (nohup) stays ignored."""
    for signum in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, _raise)


def exit_code(stop: KeyboardInterrupt) -> int:
    """Return what a shell expects of a program that a signal ended: 130 for Ctrl-C."""
    return 128 + (stop.signum if isinstance(stop, Terminated) else signal.SIGINT)


def _raise(signum: int, _frame: FrameType | None) -> None:
    raise Terminated(signum)
