"""A finished piece, ready to be written to files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firmware_py.messages.plan import Plan
from firmware_py.messages.score import Bar
from firmware_py.ports.music import Renderer


@dataclass(frozen=True, slots=True)
class Composition:
    """What was planned, what was written for it, and how to make it sound."""

    plan: Plan
    bars: tuple[Bar, ...]
    composer: str
    """``Composer.name``: what wrote the bars."""
    seed: int
    renderer: Callable[[], Renderer]
    """Opens a fresh renderer; called once, and only if a sound file is asked for."""

    @property
    def seconds(self) -> float:
        """Length to the last bar line, without the tail."""
        return sum(bar.target.seconds for bar in self.bars)
