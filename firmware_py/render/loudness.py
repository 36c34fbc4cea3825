"""Loudness after ITU-R BS.1770-4 / EBU R 128, measured as the sound streams by.

The filter coefficients are pyloudnorm's; its ``Meter`` needs the whole piece in memory at once
(1.9 GB for 45 minutes), this one two histograms. A test holds the two against each other.
"""

from __future__ import annotations

from math import log10
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyloudnorm.iirfilter import IIRfilter
from scipy import signal

from firmware_py.ports.audio import Stereo

TARGET_LUFS: Final = -23.0
"""EBU R 128's programme loudness."""

_OFFSET: Final = -0.691  # BS.1770-4, equation 2
_ABSOLUTE_GATE: Final = -70.0
_RELATIVE_GATE: Final = -10.0
_BIN: Final = 0.01  # LU
_BINS: Final = 8000
_HOPS_PER_BLOCK: Final = 4  # 400 ms blocks, a new one every 100 ms


class LoudnessMeter:
    """Integrated loudness of everything added so far, with bounded memory.

    Blocks are counted in a histogram by loudness, so the relative gate falls on a border of 0.01
    LU; energies are summed exactly.
    """

    def __init__(self, rate: int) -> None:
        self._filter = _k_weighting(rate)
        self._state: NDArray[np.float64] = np.zeros((len(self._filter), 2, 2))
        self._hop = round(0.1 * rate)
        self._pending: NDArray[np.float64] = np.zeros(0)
        self._hops: NDArray[np.float64] = np.zeros(0)  # the last three hops' energies
        self._count: NDArray[np.float64] = np.zeros(_BINS)
        self._energy: NDArray[np.float64] = np.zeros(_BINS)

    def add(self, audio: Stereo) -> None:
        """Measure the next frames."""
        weighted, self._state = signal.sosfilt(
            self._filter, audio.astype(np.float64), axis=0, zi=self._state
        )
        power = np.concatenate([self._pending, np.square(weighted).sum(axis=1)])
        whole = len(power) // self._hop * self._hop
        self._pending = power[whole:]
        new_hops = power[:whole].reshape(-1, self._hop).mean(axis=1)
        hops = np.concatenate([self._hops, new_hops])
        self._hops = hops[-(_HOPS_PER_BLOCK - 1) :]
        if len(hops) >= _HOPS_PER_BLOCK:
            self._count_blocks(np.convolve(hops, np.full(4, 0.25), mode="valid"))

    def _count_blocks(self, energies: NDArray[np.float64]) -> None:
        audible = energies[energies > 10 ** ((_ABSOLUTE_GATE - _OFFSET) / 10)]
        loudness = _OFFSET + 10 * np.log10(audible)
        bins = np.clip((loudness - _ABSOLUTE_GATE) / _BIN, 0, _BINS - 1).astype(int)
        np.add.at(self._count, bins, 1.0)
        np.add.at(self._energy, bins, audible)

    @property
    def seconds(self) -> float:
        """Audible time measured so far (above the absolute gate)."""
        return float(self._count.sum()) * 0.1

    @property
    def integrated(self) -> float | None:
        """Gated loudness in LUFS; None while nothing audible was added."""
        if not self._count.any():
            return None
        gate = _lufs(float(self._energy.sum() / self._count.sum())) + _RELATIVE_GATE
        first = max(0, round((gate - _ABSOLUTE_GATE) / _BIN))
        return _lufs(float(self._energy[first:].sum() / self._count[first:].sum()))


def _lufs(energy: float) -> float:
    return _OFFSET + 10 * log10(energy)


def _k_weighting(rate: int) -> NDArray[np.float64]:
    """Return the K-weighting as second-order sections, by the formulas that meet the standard."""
    # B. De Man's form of the two filters: gain in dB, Q, frequency in Hz (pyloudnorm's "DeMan").
    shelf = IIRfilter(3.99984385397, 0.70717523696, 1681.97445096, rate, "high_shelf_DeMan")
    high_pass = IIRfilter(0.0, 0.50032703732, 38.13547087614, rate, "high_pass_DeMan")
    return np.array([[*part.b, *part.a] for part in (shelf, high_pass)], dtype=np.float64)
