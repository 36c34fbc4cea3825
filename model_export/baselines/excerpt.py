"""A few bars of music as plain notes: what a two-sample test compares, whoever wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.condition import Texture


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Bars of one metre; a note may sound on beyond its bar, even beyond the last one."""

    notes: NDArray[np.int32]
    """(n, 4): bar from 0, start in its bar, duration (both in steps, 24 a quarter), key-relative
    MIDI pitch (moved to no sharps and flats); in order of time, from high to low at one instant."""
    bars: int
    bar_steps: int
    """Length of each bar in steps."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a baseline is told before it composes."""

    texture: Texture = "piano"
    metre: tuple[int, int] = (4, 4)
    """One of ``firmware_py.compose.condition.METRES``."""


class Sampler(Protocol):
    """Something that composes."""

    def sample(self, bars: int, seed: int) -> Excerpt:
        """Return the first ``bars`` bars of a new piece; the same seed, the same notes."""
        ...
