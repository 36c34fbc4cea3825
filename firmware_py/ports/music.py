"""Composing and rendering, as the rest of the program sees them."""

from __future__ import annotations

from typing import Protocol

from firmware_py.messages.plan import BarTarget
from firmware_py.messages.score import Bar
from firmware_py.ports.audio import Stereo


class Composer(Protocol):
    """Writes music bar after bar. One object is one session; not thread-safe."""

    name: str
    """What wrote the music: ``model <sha256 prefix>`` or ``rules``."""

    def next_bar(self, target: BarTarget, bars_left: int | None) -> Bar:
        """Write the next bar for ``target``.

        ``bars_left`` counts the bars after this one until the music must have ended (0: this is
        the last bar, it closes on the tonic); None: no end is in sight. A target from another plan
        than the last one changes the course at this bar line. Constant cost per bar.
        """


class Renderer(Protocol):
    """Turns bars into sound, streaming. One object is one session; not thread-safe."""

    rate: int
    """Frames a second."""

    def render_bar(self, bar: Bar) -> Stereo:
        """Return the sound from this bar line to the next; notes ring on into later bars."""

    def finish(self) -> Stereo:
        """Return what still rings after the last bar, faded to silence."""
