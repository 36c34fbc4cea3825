"""Values that move smoothly, frame by frame."""

from __future__ import annotations

from math import pi, sin

import numpy as np
from numpy.typing import NDArray

Gain = float | NDArray[np.float32]
"""One value for a whole block, or one a frame, shape (frames, 1)."""


def loudness_curve(position: Gain) -> Gain:
    """Return the amplitude for a volume position of 0 to 1.

    Cubic, as the volume controls of PulseAudio and ALSA: even steps of the position sound even,
    and a straight ramp of it is a fade that the ear can follow to its end.
    """
    return position * position * position


def crossfade_curve(position: Gain) -> Gain:
    """Return the amplitude for a position of 0 to 1 such that two opposite ramps keep the power."""
    if isinstance(position, float):
        return sin(position * pi / 2)
    return np.asarray(np.sin(position * np.float32(pi / 2)))


class Ramp:
    """A value on its straight way to a target."""

    def __init__(self, value: float) -> None:
        self.value = value
        self.target = value
        self._step = 0.0

    def go(self, target: float, frames: int) -> None:
        """Set out from the present value, to arrive in ``frames``."""
        self.target = target
        self._step = (target - self.value) / max(1, frames)

    @property
    def at_rest(self) -> bool:
        """True once the target is reached."""
        return self.value == self.target

    def take(self, frames: int) -> Gain:
        """Return the next ``frames`` values."""
        if self.at_rest:
            return self.value
        low, high = sorted((self.value, self.target))
        values = self.value + self._step * np.arange(1, frames + 1)
        end = self.value + self._step * frames
        self.value = min(high, max(low, end))
        if abs(end - self.target) < abs(self._step) / 2 or not low < end < high:
            self.value = self.target
        gains: NDArray[np.float32] = np.clip(values, low, high).astype(np.float32)[:, np.newaxis]
        return gains
