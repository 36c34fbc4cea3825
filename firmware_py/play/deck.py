"""One source of music and its ready blocks, between the producer thread and the audio callback."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from firmware_py.play.ramp import Ramp, crossfade_curve
from firmware_py.ports.audio import Stereo

_START_S: Final = 0.5
"""Sound that must be ready before a source begins."""
_JOIN_S: Final = 0.25
"""Length of a crossfade at a bar line, between bars that are not neighbours in the music."""
_AGAIN: Final = 2
"""Bars that are played again, in turn, while the next one is late."""


@dataclass(frozen=True, slots=True)
class Block:
    """Sound of one bar, or of the tail after the last (which carries the last bar's index)."""

    audio: Stereo
    bar: int


@dataclass(frozen=True, slots=True)
class _Passage:
    """A block in its place: ``number`` counts from 0, ``lead`` is the end of the one before."""

    block: Block
    number: int
    lead: Stereo


class Deck:
    """A source being played.

    ``produce`` runs in the producer thread, ``read`` in the audio callback; they share two deques
    and counters that one side each writes. ``read`` never waits: while the next bar is not ready,
    the last ones are played again, in time; then the music goes on at the bar line.
    """

    def __init__(self, source: Iterator[Block], serial: int, rate: int) -> None:
        """Take the number ``serial``; ``rate`` in frames a second."""
        self.serial = serial
        self.mix = Ramp(0.0)
        """Place in a crossfade, 0 to 1."""
        self.finished = False
        """The source has ended: what is ready is all there will be."""
        self.abandoned = False
        """Nobody needs more of this source; it may sound until another one takes over."""
        self.leaving = False
        """There is nothing to wait for: after what is ready the music fades out."""
        self.error: Exception | None = None
        self.bar = -1
        """Index of the bar that sounds; -1 before the first."""
        self.repeated = 0
        """Bars that were played again because the next was late."""
        self.repeating = False
        """Such a bar sounds now."""
        self.played = 0
        """Frames of the source handed out, each counted once."""
        self._source = source
        self._start_frames = round(_START_S * rate)
        self._join_frames = round(_JOIN_S * rate)
        self._silence: Stereo = np.zeros((self._join_frames, 2), np.float32)
        self._lead = self._silence  # the producer's: the end of the newest block
        self._written = 0
        self._count = 0
        self._ready: deque[_Passage] = deque()
        self._spent: deque[_Passage] = deque()  # freed by the producer, not in the callback
        # The callback's own:
        self._heard: deque[_Passage] = deque()  # the last one is the newest
        self._late = 0  # repetitions in a row
        self._parts = self._in_parts()
        self._part = self._silence[:0]
        self._over = False

    # producer thread

    def produce(self) -> None:
        """Add the source's next block; an error of the source ends it and is kept."""
        self._spent.clear()
        try:
            block = next(self._source, None)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for the music
            self.error = error
            self.abandoned = self.leaving = True
            return
        if block is None:
            self.finished = True
        elif len(block.audio):
            self._ready.append(_Passage(block, self._count, self._lead))
            self._lead = block.audio[-self._join_frames :]
            self._count += 1
            self._written += len(block.audio)

    @property
    def ready(self) -> int:
        """Frames ready to be played."""
        return self._written - self.played

    # audio callback

    @property
    def can_start(self) -> bool:
        """True once enough is ready to begin."""
        return self.finished or self.ready >= self._start_frames

    @property
    def ended(self) -> bool:
        """True when nothing more will ever sound."""
        if self.bar >= 0:
            return self._over
        gone = self.finished or self.abandoned  # read first: nothing is added once it is set
        return gone and not (self._ready and self.can_start)

    def read(self, frames: int) -> Stereo:
        """Return the next ``frames``, mixed with the deck's gain."""
        out = np.zeros((frames, 2), np.float32)
        filled = 0
        while filled < frames and not self._over:
            part, self._part = self._part[: frames - filled], self._part[frames - filled :]
            out[filled : filled + len(part)] = part
            filled += len(part)
            self.played += 0 if self.repeating else len(part)
            if not len(self._part):
                self._take_part()
        out *= crossfade_curve(self.mix.take(frames))
        return out

    def _take_part(self) -> None:
        part = next(self._parts, None)
        if part is None:
            self._over = True
        else:
            self._part = part

    def _in_parts(self) -> Iterator[Stereo]:
        """Yield the music: each bar up to shortly before its end, then the way into the next.

        That is the end itself when the next bar is ready. If not, the end goes over into what was
        heard before the bar that is played again, which then begins as it did the first time; and
        so from a repeated bar to the new one.
        """
        passage = self._next()
        while passage is not None:
            self._begin(passage)
            audio = passage.block.audio
            cut = max(0, len(audio) - self._join_frames)
            yield audio[:cut]
            following = self._next()
            if following is None:
                yield _joined(audio[cut:], self._silence) if self.leaving else audio[cut:]
            elif following.number == passage.number + 1:
                yield audio[cut:]
            else:
                yield _joined(audio[cut:], following.lead)
            passage = following

    def _next(self) -> _Passage | None:
        """Return the next bar if it is ready, else the last ones in turn, the newest first."""
        gone = self.finished or self.leaving  # read first: nothing is added once it is set
        if self._ready:
            self._late = 0
            return self._ready.popleft()
        if gone:
            return None
        self._late += 1
        self.repeated += 1
        return self._heard[-1 - (self._late - 1) % len(self._heard)]

    def _begin(self, passage: _Passage) -> None:
        self.bar = passage.block.bar
        self.repeating = self._late > 0
        if not self.repeating:
            self._heard.append(passage)
        if len(self._heard) > _AGAIN:
            self._spent.append(self._heard.popleft())


def _joined(end: Stereo, lead: Stereo) -> Stereo:
    """Return ``end`` crossfaded, over the length of the shorter, into ``lead``."""
    frames = min(len(end), len(lead))
    if not frames:
        return end
    position = np.linspace(0.0, 1.0, frames, dtype=np.float32)[:, np.newaxis]
    out = end.copy()
    out[-frames:] *= crossfade_curve(1.0 - position)
    out[-frames:] += crossfade_curve(position) * lead[-frames:]
    return out
