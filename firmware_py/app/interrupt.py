"""Signals that ask the program to end, as exceptions that unwind it in order."""

from __future__ import annotations

import _thread
import signal
import sys
from contextlib import suppress
from threading import Timer
from types import FrameType


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP: the same orderly end as Ctrl-C."""

    def __init__(self, signum: int) -> None:
        super().__init__()
        self.signum = signum


def raise_on_signals() -> None:
    """Let SIGTERM and SIGHUP raise ``Terminated``; one that is ignored (nohup) stays ignored.

    Python drops an exception that is raised while an object is taken down; Ctrl-C is not lost.
    """
    sys.unraisablehook = _deliver_again
    for signum in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, _raise)


def exit_code(stop: KeyboardInterrupt) -> int:
    """Return what a shell expects of a program that a signal ended: 130 for Ctrl-C."""
    return 128 + (stop.signum if isinstance(stop, Terminated) else signal.SIGINT)


def interrupt_behind(error: BaseException) -> KeyboardInterrupt | None:
    """Return the Ctrl-C that made ``error``: a C library may turn it into an ImportError."""
    behind: BaseException | None = error
    while behind is not None and not isinstance(behind, KeyboardInterrupt):
        behind = behind.__cause__ or behind.__context__
    return behind


def ignore_unraisable() -> None:
    """Let half-built objects of libraries be taken down without their complaints (vosk's do)."""
    sys.unraisablehook = _say_nothing


def _deliver_again(dropped: sys.UnraisableHookArgs) -> None:
    if not issubclass(dropped.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(dropped)
        return
    with suppress(RuntimeError):  # the interpreter is ending anyway
        Timer(0.02, _thread.interrupt_main).start()


def _say_nothing(_dropped: sys.UnraisableHookArgs) -> None:
    return


def _raise(signum: int, _frame: FrameType | None) -> None:
    raise Terminated(signum)
