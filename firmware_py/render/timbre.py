"""Timbre: a low-pass filter whose cutoff follows the plan's brightness, and no rumble below."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, pi, sqrt, tan
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from firmware_py.ports.audio import Stereo

DARKEST_HZ: Final = 1000.0
BRIGHTEST_HZ: Final = 14000.0
RUMBLE_HZ: Final = 20.0
"""Below this nothing is heard: a soundfont's constant offset would only cost headroom."""
_STEP: Final = 0.002
"""Largest step of a gliding cutoff: 0.2%, far too small to be heard as steps."""
_SHORTEST: Final = 128
"""Frames that a step lasts at least."""


def cutoff(brightness: float) -> float:
    """Return the cutoff in Hz for a brightness of 0 to 1; octaves are even steps."""
    return float(DARKEST_HZ * (BRIGHTEST_HZ / DARKEST_HZ) ** min(1.0, max(0.0, brightness)))


class BrightnessFilter:
    """Second-order Butterworth low-pass with state; the cutoff glides along each block.

    A fixed high-pass of the same kind goes before it.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._log_cutoff: float | None = None
        self._rumble = signal.butter(2, RUMBLE_HZ, "highpass", fs=rate, output="sos")
        self._state: NDArray[np.float64] = np.zeros((2, 2, 2))

    def process(self, audio: Stereo, brightness: float) -> Stereo:
        """Return ``audio`` filtered, arriving at the cutoff of ``brightness`` at its end."""
        goal = float(np.log(min(cutoff(brightness), 0.45 * self._rate)))
        begin = goal if self._log_cutoff is None else self._log_cutoff
        self._log_cutoff = goal
        segments = min(ceil(abs(goal - begin) / _STEP), len(audio) // _SHORTEST) or 1
        borders = [len(audio) * place // segments for place in range(segments + 1)]
        out = np.empty_like(audio)
        for place, (start, end) in enumerate(pairwise(borders), start=1):
            out[start:end] = self._run(audio[start:end], begin + (goal - begin) * place / segments)
        return out

    def _run(self, audio: Stereo, log_cutoff: float) -> Stereo:
        sections = np.vstack([self._rumble, _butterworth(np.exp(log_cutoff) / self._rate)])
        filtered, self._state = signal.sosfilt(sections, audio, axis=0, zi=self._state)
        return np.asarray(filtered, dtype=np.float32)


def _butterworth(frequency: float) -> NDArray[np.float64]:
    """Return a second-order low-pass section for ``frequency`` in cycles a frame, shape (1, 6).

    The same as ``scipy.signal.butter(2, ...)``, without its general machinery: a gliding filter
    may ask for this hundreds of times a second.
    """
    warped = tan(pi * frequency)
    scale = 1.0 / (1.0 + sqrt(2.0) * warped + warped * warped)
    gain = warped * warped * scale
    middle = 2.0 * (warped * warped - 1.0) * scale
    last = (1.0 - sqrt(2.0) * warped + warped * warped) * scale
    return np.array([[gain, 2.0 * gain, gain, 1.0, middle, last]])
