"""A look-ahead limiter for true peaks."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.ports.audio import Stereo
from firmware_py.render.peaks import HISTORY, OVERSHOOT, true_peaks

CEILING_DBTP: Final = -1.0
"""EBU R 128's highest permitted true peak."""
_MARGIN_DB: Final = 0.2
"""The oversampler reads up to 0.05 dB low, and a moving gain bends what lies between samples."""

_BLOCK: Final = 64
_AHEAD: Final = 6
"""Blocks over which the gain goes down before a peak: 9 ms at 44.1 kHz."""
_RELEASE: Final = 1.0 / 700
"""Rise of the gain a block: from half back to full in half a second at 44.1 kHz."""


class Limiter:
    """Keeps true peaks under a ceiling with a gain that never jumps.

    The gain is a line between nodes 64 frames apart. A node is the mean of the last seven held
    values, each the least gain that the blocks around it need, so the line is never above what a
    block needs. Sound that stays under the ceiling passes unchanged, only ``latency`` frames later.
    """

    latency: Final = _BLOCK * (_AHEAD + 2) + HISTORY // 2

    def __init__(self, ceiling_dbtp: float = CEILING_DBTP) -> None:
        self._ceiling = 10 ** ((ceiling_dbtp - _MARGIN_DB) / 20)
        silence = _BLOCK * (_AHEAD + 1)  # ahead of the music, so that its first peak is foreseen
        self._unjudged: Stereo = np.zeros((HISTORY // 2, 2), np.float32)
        self._waiting: Stereo = np.zeros((silence, 2), np.float32)  # judged, gain not yet known
        self._needed: NDArray[np.float64] = np.ones(_AHEAD + 2)  # from one block before _waiting
        self._held: NDArray[np.float64] = np.ones(_AHEAD + 1)
        self._ready: Stereo = np.zeros((self.latency - silence, 2), np.float32)

    def process(self, audio: Stereo) -> Stereo:
        """Return as many frames as came in, ``latency`` frames later."""
        self._unjudged = np.concatenate([self._unjudged, audio])
        self._judge()
        self._advance()
        out, self._ready = self._ready[: len(audio)], self._ready[len(audio) :]
        return out

    def flush(self) -> Stereo:
        """Return the last ``latency`` frames."""
        return self.process(np.zeros((self.latency, 2), np.float32))

    def _judge(self) -> None:
        """Work out the least gain of every whole block that came in."""
        half = HISTORY // 2
        frames = max(0, (len(self._unjudged) - HISTORY) // _BLOCK * _BLOCK)
        if not frames:
            return
        known = self._unjudged[: frames + HISTORY]
        if float(np.abs(known).max()) * OVERSHOOT <= self._ceiling:
            gains = np.ones(frames // _BLOCK)
        else:
            peaks = true_peaks(known).reshape(-1, _BLOCK).max(axis=1).astype(np.float64)
            gains = np.minimum(1.0, self._ceiling / np.maximum(peaks, 1e-9))
        self._needed = np.concatenate([self._needed, gains])
        self._waiting = np.concatenate([self._waiting, known[half : half + frames]])
        self._unjudged = self._unjudged[frames:]

    def _advance(self) -> None:
        """Apply the gain to every block whose right node is known."""
        blocks = len(self._needed) - 1 - (_AHEAD + 1)
        if blocks <= 0:
            return
        windows = np.lib.stride_tricks.sliding_window_view(self._needed, _AHEAD + 2)
        held = list(self._held)
        for least in windows[1 : blocks + 1].min(axis=1):
            held.append(min(float(least), held[-1] + _RELEASE))
        nodes = np.convolve(held, np.full(_AHEAD + 1, 1 / (_AHEAD + 1)), mode="valid")
        self._held = np.array(held[-(_AHEAD + 1) :])
        frames = blocks * _BLOCK
        audio, self._waiting = self._waiting[:frames], self._waiting[frames:]
        self._needed = self._needed[blocks:]
        if nodes.min() < 1.0:
            places = np.arange(frames) / _BLOCK
            gain = np.interp(places, np.arange(blocks + 1), nodes).astype(np.float32)
            audio = audio * gain[:, np.newaxis]
        self._ready = np.concatenate([self._ready, audio])
