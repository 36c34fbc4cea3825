"""What the audio callback does: decks, fades, volume and limiter, summed into the next block.

Everything here but ``post`` runs in the callback. It never waits and never computes music.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np

from firmware_py.play.deck import Deck
from firmware_py.play.limit import limit
from firmware_py.play.ramp import Ramp, loudness_curve
from firmware_py.ports.audio import Stereo

_PAUSE_FADE_S: Final = 0.5


class Mixer:
    """Sums the sounding decks under one fade, one volume and one ceiling."""

    def __init__(self, rate: int, *, volume: float, cap: float, fade_in_s: float) -> None:
        """``volume`` and ``cap`` are positions of 0 to 1."""
        self._rate = rate
        self._fade_in_s = fade_in_s
        self._commands: deque[Callable[[], None]] = deque()
        self._decks: list[Deck] = []  # sounding; the last is the present one
        self._next: Deck | None = None  # begins as soon as enough of it is ready
        self._serial = 0
        self._crossfade_s = 0.0
        self._stopping = False
        self._fade = Ramp(0.0)
        self._volume = Ramp(volume)
        self._cap = Ramp(cap)
        self.paused = False
        self.ended = 0
        """Serial number of the last deck after which nothing sounded any more."""
        self.repeated = 0
        """Bars that decks which are gone played again."""
        self.retired: deque[Deck] = deque()
        """Decks that are gone, for the producer to free."""

    def post(self, command: Callable[[], None]) -> None:
        """Have ``command`` (a method of this object) run before the next block; any thread."""
        self._commands.append(command)

    @property
    def present(self) -> Deck | None:
        """The deck that plays, or is about to."""
        decks = self._decks
        return decks[-1] if decks else self._next

    # commands

    def begin(self, deck: Deck, crossfade_s: float) -> None:
        """Let ``deck`` follow what sounds now as soon as enough of it is ready."""
        if self._next is not None:
            self._retire(self._next)
        self._next = deck
        self._serial = deck.serial
        self._crossfade_s = crossfade_s
        self.paused = self._stopping = False

    def pause(self) -> None:
        """Fade out and hold."""
        self.paused = True
        self._fade.go(0.0, self._frames(_PAUSE_FADE_S))

    def resume(self, fade_s: float) -> None:
        """Take back a pause or a stop."""
        self.paused = self._stopping = False
        self._fade.go(1.0, self._frames(fade_s))

    def stop(self, fade_s: float) -> None:
        """Fade out from wherever the fade is, then drop everything."""
        self._stopping = True
        self._fade.go(0.0, self._frames(fade_s))

    def go_volume(self, position: float, seconds: float) -> None:
        """Move the volume."""
        self._volume.go(position, self._frames(seconds))

    def go_cap(self, position: float, seconds: float) -> None:
        """Move the ceiling: down slowly, up at once (nothing sounds up there yet)."""
        self._cap.go(position, self._frames(seconds) if position < self._cap.value else 1)

    # sound

    def fill(self, frames: int) -> Stereo:
        """Return the next ``frames`` for the speaker."""
        while self._commands:
            self._commands.popleft()()
        self._start_next()
        out = np.zeros((frames, 2), np.float32)
        silent = self._fade.at_rest and self._fade.value == 0.0
        if not silent:
            for deck in self._decks:
                out += deck.read(frames)
            out *= loudness_curve(self._fade.take(frames))
        out *= loudness_curve(self._volume.take(frames))
        limit(out, loudness_curve(self._cap.take(frames)))
        self._clear_away()
        return out

    def _start_next(self) -> None:
        deck = self._next
        if deck is None or self.paused or not deck.can_start:
            return
        self._next = None
        if self._decks and self._fade.value > 0.0:
            for old in self._decks:
                old.mix.go(0.0, self._frames(self._crossfade_s))
            deck.mix.go(1.0, self._frames(self._crossfade_s))
            self._fade.go(1.0, self._frames(self._crossfade_s))
        else:
            self._drop_decks()
            deck.mix = Ramp(1.0)
            self._fade = Ramp(0.0)
            self._fade.go(1.0, self._frames(self._fade_in_s))
        self._decks.append(deck)

    def _clear_away(self) -> None:
        if self._stopping and self._fade.at_rest:
            self._stopping = False
            self._drop_decks()
            if self._next is not None:
                self._retire(self._next)
                self._next = None
        for deck in list(self._decks):
            if deck.ended or (deck.mix.at_rest and deck.mix.value == 0.0):
                self._decks.remove(deck)
                self._retire(deck)
        if self._next is not None and self._next.ended:  # it failed before it could begin
            self._retire(self._next)
            self._next = None
            for deck in self._decks:
                deck.leaving = True
        if not self._decks and self._next is None:
            self.ended = self._serial

    def _drop_decks(self) -> None:
        for deck in self._decks:
            self._retire(deck)
        self._decks = []

    def _retire(self, deck: Deck) -> None:
        deck.abandoned = True
        self.repeated += deck.repeated
        self.retired.append(deck)

    def _frames(self, seconds: float) -> int:
        return round(seconds * self._rate)
