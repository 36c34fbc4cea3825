"""A speaker turned by hand: frames come when the test asks for them."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from firmware_py.play.player import Player
from firmware_py.ports.audio import Fill, Stereo

RATE = 8000


class HandSpeaker:
    """``ports.audio.Speaker`` without a clock."""

    name = "hand"
    underruns = 0
    lost = False

    def __init__(self, rate: int = RATE) -> None:
        self.rate = rate
        self.stopped = 0
        self._fill: Fill | None = None

    def start(self, fill: Fill) -> None:
        self._fill = fill

    def stop(self) -> None:
        self.stopped += 1

    def pull(self, frames: int = 256) -> Stereo:
        """What the sound card would play next."""
        assert self._fill is not None
        out = self._fill(frames)
        assert out.shape == (frames, 2)
        assert out.dtype == np.float32
        assert np.isfinite(out).all()
        return out

    def play_seconds(self, seconds: float, player: Player | None = None) -> Stereo:
        """Pull that long; with ``player``, never faster than its music gets ready."""
        blocks = []
        for _ in range(round(seconds * self.rate / 256)):
            if player is not None:
                until(lambda: player.status.ready_s > 1.0 or player.status.state == "stopped")
            blocks.append(self.pull())
        return np.concatenate(blocks)


def until(condition: Callable[[], bool], limit_s: float = 10.0) -> None:
    """Wait for ``condition``; fail after ``limit_s``."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.002)
