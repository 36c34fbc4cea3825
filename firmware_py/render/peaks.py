"""True peaks: what a converter makes of the samples also lies between them.

Four times oversampled, as in annex 2 of ITU-R BS.1770-4.
"""

from __future__ import annotations

from math import log10
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from firmware_py.ports.audio import Stereo

_UP: Final = 4
_TAPS: Final = 12
HISTORY: Final = _TAPS
"""Frames around those judged that ``true_peaks`` needs: half before, half after."""
_INTERPOLATOR: Final[NDArray[np.float32]] = (
    _UP * signal.firwin(_UP * _TAPS + 1, 1 / _UP, window=("kaiser", 5.0))
).astype(np.float32)
OVERSHOOT: Final = float(
    max(1.0, *(np.abs(_INTERPOLATOR[phase::_UP]).sum() for phase in range(_UP)))
)
"""No true peak is above this times the highest sample near it: quieter sound needs no look."""


def true_peaks(known: Stereo) -> NDArray[np.float32]:
    """Return the true peak at each frame of ``known`` but the first and last six.

    Shape (len(known) - 12,): the larger of both channels from the frame to just before the next.
    """
    count = len(known) - HISTORY
    between = np.abs(signal.upfirdn(_INTERPOLATOR, known, up=_UP, axis=0)).max(axis=1)
    first = len(_INTERPOLATOR) // 2 + _UP * (HISTORY // 2)  # the filter's delay, then six frames
    quarters = between[first : first + _UP * count].reshape(count, _UP).max(axis=1)
    samples = np.abs(known[HISTORY // 2 : HISTORY // 2 + count]).max(axis=1)
    return np.asarray(np.maximum(quarters, samples))


class TruePeakMeter:
    """Highest true peak of everything added so far (the last six frames are not yet judged)."""

    def __init__(self) -> None:
        self._peak = 0.0
        self._history: Stereo = np.zeros((HISTORY, 2), np.float32)

    def add(self, audio: Stereo) -> None:
        """Measure the next frames."""
        known = np.concatenate([self._history, audio])
        self._history = known[-HISTORY:]
        if float(np.abs(known).max()) * OVERSHOOT > self._peak:
            self._peak = max(self._peak, float(true_peaks(known).max(initial=0.0)))

    @property
    def dbtp(self) -> float:
        """Highest true peak in dBTP; -inf for silence."""
        return 20 * log10(self._peak) if self._peak > 0 else float("-inf")
