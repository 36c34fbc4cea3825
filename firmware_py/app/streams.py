"""The standard streams, whatever the shell made of them: closed, full, or a terminal."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import Literal, TextIO


def prepare_streams() -> None:
    """Open what was closed (``lull >&-``) on nothing, and let no sign be unprintable.

    A closed stream is None in Python, and the next file opened would get its number.
    """
    sys.stdin = sys.stdin or _nothing("r")
    sys.stdout = sys.stdout or _nothing("w")
    sys.stderr = sys.stderr or _nothing("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that has no ✓ shows ? instead
            stream.reconfigure(errors="replace")


def silence(stream: TextIO) -> None:
    """Point ``stream`` at nothing, so that the interpreter's last flush does not fail again."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)


def _nothing(mode: Literal["r", "w"]) -> TextIO:
    return open(os.devnull, mode, encoding="utf-8")  # noqa: PTH123 - open to the end
