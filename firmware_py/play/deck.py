"""One source of music and its ready blocks, between the producer thread and the audio callback."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from firmware_py.play.ramp import Ramp, crossfade_curve
from firmware_py.ports.audio import Stereo

_GUARD_FRAMES: Final = 1024
"""Length of the fade when the queue runs dry: 23 ms at 44.1 kHz."""


@dataclass(frozen=True, slots=True)
class Block:
    """Sound of one bar, or of the tail after the last (which carries the last bar's index)."""

    audio: Stereo
    bar: int


class Deck:
    """A source being played.

    ``produce`` runs in the producer thread, ``read`` in the audio callback; they share a deque and
    two counters, each written by one side only. ``read`` never waits: before the queue runs dry it
    fades to silence, and from silence it fades in again once enough is ready.
    """

    def __init__(self, source: Iterator[Block], serial: int, resume_frames: int) -> None:
        """Take the number ``serial``; ``resume_frames`` must be ready before it sounds."""
        self.serial = serial
        self.mix = Ramp(0.0)
        """Place in a crossfade, 0 to 1."""
        self.finished = False
        """The source has ended: what is ready is all there will be."""
        self.abandoned = False
        """Nobody needs more of this source."""
        self.error: Exception | None = None
        self.bar = -1
        """Index of the bar that sounds; -1 before the first."""
        self.underruns = 0
        self.played = 0
        """Frames handed out."""
        self._source = source
        self._resume_frames = resume_frames
        self._written = 0
        self._blocks: deque[Block] = deque()
        self._spent: deque[Block] = deque()  # freed by the producer, not in the callback
        self._offset = 0
        self._safe = Ramp(0.0)

    # producer thread

    def produce(self) -> None:
        """Add the source's next block; an error of the source ends it and is kept."""
        self._spent.clear()
        try:
            block = next(self._source, None)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for the music
            self.error = error
            self.abandoned = True
            return
        if block is None:
            self.finished = True
            return
        self._blocks.append(block)
        self._written += len(block.audio)

    @property
    def ready(self) -> int:
        """Frames ready to be played."""
        return self._written - self.played

    # audio callback

    @property
    def can_start(self) -> bool:
        """True once enough is ready to begin."""
        return self.finished or self.ready >= self._resume_frames

    @property
    def ended(self) -> bool:
        """True when nothing more will ever sound."""
        if self.finished:
            return self.ready == 0
        return self.abandoned and self._silent

    @property
    def _silent(self) -> bool:
        return self._safe.at_rest and self._safe.value == 0.0

    def read(self, frames: int) -> Stereo:
        """Return the next ``frames``, mixed with the deck's gains; silence while it is dry."""
        out = np.zeros((frames, 2), np.float32)
        self._keep_safe(frames)
        mix = crossfade_curve(self.mix.take(frames))
        if not self._silent:
            self._copy(out)
            out *= crossfade_curve(self._safe.take(frames))
            out *= mix
        return out

    def _keep_safe(self, frames: int) -> None:
        """Fade out while enough is left to do it, and in again when there is enough."""
        low = not self.finished and self.ready < 2 * frames + _GUARD_FRAMES
        if low and self._safe.target == 1.0:
            self._safe.go(0.0, max(1, min(_GUARD_FRAMES, self.ready)))
            self.underruns += not self.abandoned
        elif not low and self._safe.target == 0.0 and self.can_start:
            self._safe.go(1.0, _GUARD_FRAMES)

    def _copy(self, out: Stereo) -> None:
        filled = 0
        while filled < len(out) and self._blocks:
            block = self._blocks[0]
            part = block.audio[self._offset : self._offset + len(out) - filled]
            out[filled : filled + len(part)] = part
            filled += len(part)
            self._offset += len(part)
            self.bar = block.bar
            if self._offset == len(block.audio):
                self._spent.append(self._blocks.popleft())
                self._offset = 0
        self.played += filled
