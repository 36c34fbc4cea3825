"""A few bars of music as plain notes: what a two-sample test compares, whoever wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Bars of one metre; a note may sound on beyond its bar, even beyond the last one."""

    notes: NDArray[np.int32]
    """(n, 4): bar from 0, start in its bar, duration (both in steps, 24 a quarter), key-relative
    MIDI pitch (moved to no sharps and flats); in order of time, from high to low at one instant."""
    bars: int
    bar_steps: int
    """Length of each bar in steps."""


class Sampler(Protocol):
    """Something that composes."""

    def sample(self, bars: int, seed: int) -> Excerpt:
        """Return the first ``bars`` bars of a new piece in 4/4; the same seed, the same notes."""
        ...
