"""Loudness while it plays: a slow, causal follower in front of the limiter."""

from __future__ import annotations

from typing import Final

import numpy as np

from firmware_py.messages.score import Bar
from firmware_py.ports.audio import Stereo
from firmware_py.ports.music import Renderer
from firmware_py.render.limiter import Limiter
from firmware_py.render.loudness import TARGET_LUFS, LoudnessMeter

_SLOPE_DB_PER_S: Final = 0.1
"""The gain moves by 1 dB in 10 s at most: slower than anybody hears as a change of volume."""
_LARGEST_CORRECTION_DB: Final = 10.0
_MEASURED_S: Final = 8.0
"""Audible sound that is measured before the follower begins to correct."""


def expected_lufs(dynamics: float) -> float:
    """Return the loudness FluidSynthRenderer is expected to have at ``dynamics`` (0 to 1).

    A line through quarters of rendered plans (rule composer, FluidR3; from 0.18 to 0.55 they lie
    within 1.2 dB of it); the follower takes care of the rest.
    """
    return -41.5 + 20.0 * dynamics


class LevelledRenderer:
    """``ports.music.Renderer`` that brings another one to a loudness, bar by bar.

    It begins with the gain that the first bar's dynamics let expect and then goes, slowly, to
    where the programme so far would have had the target. What the plan does to the dynamics stays:
    the whole programme so far is measured, not the moment.
    """

    def __init__(self, inner: Renderer, target_lufs: float = TARGET_LUFS) -> None:
        self.rate = inner.rate
        self._inner = inner
        self._target = target_lufs
        self._meter = LoudnessMeter(inner.rate)
        self._limiter = Limiter()
        self._calibration: float | None = None
        self._gain_db = 0.0

    def render_bar(self, bar: Bar) -> Stereo:
        """Return as many frames as the bar has, ``Limiter.latency`` frames (12 ms) late."""
        if self._calibration is None:
            self._calibration = self._target - expected_lufs(bar.target.dynamics)
            self._gain_db = self._calibration
        audio = self._inner.render_bar(bar)
        self._meter.add(audio)
        return self._limiter.process(audio * self._ramp(len(audio)))

    def finish(self) -> Stereo:
        """Return what still rings after the last bar, faded to silence."""
        audio = self._inner.finish() * np.float32(10 ** (self._gain_db / 20))
        return np.concatenate([self._limiter.process(audio), self._limiter.flush()])

    def _ramp(self, frames: int) -> Stereo:
        """Return the gain of the next frames, shape (frames, 1)."""
        begin = self._gain_db
        reach = _SLOPE_DB_PER_S * frames / self.rate
        self._gain_db = begin + min(reach, max(-reach, self._wanted() - begin))
        decibels = np.linspace(begin, self._gain_db, frames, endpoint=False)
        gain: Stereo = (10 ** (decibels / 20)).astype(np.float32)[:, np.newaxis]
        return gain

    def _wanted(self) -> float:
        assert self._calibration is not None
        measured = self._meter.integrated
        if measured is None or self._meter.seconds < _MEASURED_S:
            return self._calibration
        correction = self._target - measured - self._calibration
        bounded = min(_LARGEST_CORRECTION_DB, max(-_LARGEST_CORRECTION_DB, correction))
        return self._calibration + bounded
