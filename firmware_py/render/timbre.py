"""Timbre: a low-pass filter whose cutoff follows the plan's brightness."""

from __future__ import annotations

from math import pi, sqrt, tan
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from firmware_py.ports.audio import Stereo

DARKEST_HZ: Final = 1000.0
BRIGHTEST_HZ: Final = 14000.0
_SEGMENT: Final = 256
"""Frames between two settings of a moving filter: a step of the cutoff stays far below 1%."""
_SETTLED: Final = 1e-4


def cutoff(brightness: float) -> float:
    """Return the cutoff in Hz for a brightness of 0 to 1; octaves are even steps."""
    return float(DARKEST_HZ * (BRIGHTEST_HZ / DARKEST_HZ) ** min(1.0, max(0.0, brightness)))


class BrightnessFilter:
    """Second-order Butterworth low-pass with state; the cutoff glides along each block."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._log_cutoff: float | None = None
        self._state: NDArray[np.float64] = np.zeros((2, 2))

    def process(self, audio: Stereo, brightness: float) -> Stereo:
        """Return ``audio`` filtered, arriving at the cutoff of ``brightness`` at its end."""
        goal = float(np.log(min(cutoff(brightness), 0.45 * self._rate)))
        begin = goal if self._log_cutoff is None else self._log_cutoff
        self._log_cutoff = goal
        if abs(goal - begin) < _SETTLED:
            return self._run(audio, goal)
        out = np.empty_like(audio)
        for start in range(0, len(audio), _SEGMENT):
            part = audio[start : start + _SEGMENT]
            place = (start + len(part)) / len(audio)
            out[start : start + len(part)] = self._run(part, begin + (goal - begin) * place)
        return out

    def _run(self, audio: Stereo, log_cutoff: float) -> Stereo:
        numerator, denominator = _butterworth(np.exp(log_cutoff) / self._rate)
        filtered, self._state = signal.lfilter(
            numerator, denominator, audio, axis=0, zi=self._state
        )
        return np.asarray(filtered, dtype=np.float32)


def _butterworth(frequency: float) -> tuple[list[float], list[float]]:
    """Return a second-order low-pass for ``frequency`` in cycles a frame.

    The same as ``scipy.signal.butter(2, ...)``, without its general machinery: a gliding filter
    asks for this 170 times a second.
    """
    warped = tan(pi * frequency)
    scale = 1.0 / (1.0 + sqrt(2.0) * warped + warped * warped)
    gain = warped * warped * scale
    middle = 2.0 * (warped * warped - 1.0) * scale
    last = (1.0 - sqrt(2.0) * warped + warped * warped) * scale
    return [gain, 2.0 * gain, gain], [1.0, middle, last]
