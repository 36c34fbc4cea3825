"""Plays sources of ready blocks on a speaker, ahead of time and without clicks.

Three threads meet here: callers give commands, the producer thread makes blocks, the speaker's
callback (``Mixer.fill``) copies them. Commands reach the callback through a deque; it takes no
lock. Nothing here reads a clock: time is frames played.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from time import monotonic, sleep
from typing import Final, Literal

from firmware_py.messages.errors import MissingError
from firmware_py.play.deck import Block, Deck
from firmware_py.play.mixer import Mixer
from firmware_py.ports.audio import Speaker

State = Literal["stopped", "playing", "paused"]

_VOLUME_RAMP_S: Final = 0.3
_CAP_RAMP_S: Final = 2.0
_NAP_S: Final = 0.1
"""How long the producer rests when enough is ready (a command wakes it), and ``wait`` between
two looks."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is going on, for a display."""

    state: State
    bar: int
    """Index of the bar that sounds; -1 before the first."""
    played_s: float
    """Seconds of the present source that were played."""
    ready_s: float
    """Seconds of it that are ready to be played."""
    underruns: int
    """Times the sound card ran dry."""
    repeated: int
    """Bars that were played again because the next was not ready in time."""
    repeating: bool
    """Such a bar sounds now."""
    volume: int
    cap: int


class Player:
    """One speaker's music. All methods may be called from any thread."""

    def __init__(
        self,
        speaker: Speaker,
        rate: int,
        *,
        volume: int,
        cap: int,
        fade_in_s: float = 1.0,
        ahead_s: float = 12.0,
    ) -> None:
        """``volume`` and ``cap`` 0 to 100; ``ahead_s``: seconds of sound made ready ahead.

        Raises ``ValueError`` when the speaker runs at another rate.
        """
        if speaker.rate != rate:
            raise ValueError(f"the speaker runs at {speaker.rate} Hz, the music at {rate} Hz")
        self._speaker = speaker
        self._rate = rate
        self._ahead = round(ahead_s * rate)
        self._cap = _percent(cap)
        self._volume = min(_percent(volume), self._cap)
        self._mixer = Mixer(
            rate, volume=self._volume / 100, cap=self._cap / 100, fade_in_s=fade_in_s
        )
        self._lock = threading.Lock()  # between callers
        self._serial = 0
        self._deck: Deck | None = None  # the last that was asked for: the producer's work
        self._started = False
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._producer = threading.Thread(target=self._produce, name="producer", daemon=True)

    def play(self, source: Iterator[Block], *, crossfade_s: float = 2.0) -> None:
        """Play ``source``: faded in from silence, or crossfaded from what sounds now.

        The producer thread iterates it, and never two sources at once: an earlier one is not
        touched again once this one is begun. Raises ``MissingError`` when the speaker cannot be
        opened.
        """
        with self._lock:
            if not self._started:
                self._speaker.start(self._mixer.fill)
                self._producer.start()
                self._started = True
            self._serial += 1
            deck = Deck(source, self._serial, self._rate)
            if self._deck is not None:
                self._deck.abandoned = True
            self._deck = deck
            self._mixer.post(partial(self._mixer.begin, deck, crossfade_s))
        self._wake.set()

    def pause(self) -> None:
        """Fade out and hold; ``resume`` goes on where the music stopped."""
        self._mixer.post(self._mixer.pause)

    def resume(self, fade_s: float = 0.5) -> None:
        """Take back a pause, or a stop that is still fading."""
        self._mixer.post(partial(self._mixer.resume, fade_s))

    def stop(self, fade_s: float = 2.0) -> None:
        """Fade out over ``fade_s`` seconds, then drop the source; ``wait`` tells when."""
        self._mixer.post(partial(self._mixer.stop, fade_s))

    def set_volume(self, percent: int) -> int:
        """Go to ``percent``, at most the cap; return the volume that was set."""
        with self._lock:
            self._volume = min(_percent(percent), self._cap)
            position = self._volume / 100
            self._mixer.post(partial(self._mixer.go_volume, position, _VOLUME_RAMP_S))
            return self._volume

    def set_cap(self, percent: int) -> None:
        """Bound the volume from now on. A lower cap takes the volume down; a higher leaves it."""
        with self._lock:
            self._cap = _percent(percent)
            self._volume = min(self._volume, self._cap)
            position = self._volume / 100
            self._mixer.post(partial(self._mixer.go_volume, position, _CAP_RAMP_S))
            self._mixer.post(partial(self._mixer.go_cap, self._cap / 100, _CAP_RAMP_S))

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing sounds or will; False if ``timeout_s`` passed first.

        Raises what the source raised, if that is what ended the music, and ``MissingError`` when
        the speaker went away.
        """
        if not self._settled(timeout_s):
            return False
        if self._lost:
            raise MissingError(
                f"The speaker {self._speaker.name!r} went away while it played.",
                fix="plug it in again, or choose another one: lull devices",
            )
        if self._deck is not None and self._deck.error is not None:
            raise self._deck.error
        return True

    def close(self) -> None:
        """Fade out quickly, close the speaker and end the producer; safe to call twice."""
        if not self._started or self._closing.is_set():
            return
        self.stop(fade_s=0.3)
        self._settled(1.0)
        self._closing.set()
        self._wake.set()
        self._speaker.stop()
        self._producer.join(5.0)

    @property
    def status(self) -> Status:
        """Return a picture of this moment."""
        deck = self._mixer.present or (self._deck if self._busy else None)
        playing: State = "paused" if self._mixer.paused else "playing"
        return Status(
            state=playing if self._busy else "stopped",
            bar=deck.bar if deck else -1,
            played_s=deck.played / self._rate if deck else 0.0,
            ready_s=deck.ready / self._rate if deck else 0.0,
            underruns=self._speaker.underruns if self._started else 0,
            repeated=self._mixer.repeated + (deck.repeated if deck else 0),
            repeating=deck.repeating if deck else False,
            volume=self._volume,
            cap=self._cap,
        )

    @property
    def _busy(self) -> bool:
        return self._mixer.ended < self._serial and not self._closing.is_set()

    @property
    def _lost(self) -> bool:
        return self._started and self._speaker.lost

    def _settled(self, timeout_s: float | None) -> bool:
        end = None if timeout_s is None else monotonic() + timeout_s
        while self._busy and not self._lost:
            left = _NAP_S if end is None else min(_NAP_S, end - monotonic())
            if left <= 0:
                return False
            sleep(left)
        return True

    def _produce(self) -> None:
        while not self._closing.is_set():
            self._mixer.retired.clear()
            deck = self._deck
            if deck is None or deck.finished or deck.abandoned or deck.ready >= self._ahead:
                self._wake.wait(_NAP_S)
                self._wake.clear()
            else:
                deck.produce()


def _percent(value: int) -> int:
    if not 0 <= value <= 100:
        raise ValueError(f"a volume is 0 to 100, not {value}")
    return value
