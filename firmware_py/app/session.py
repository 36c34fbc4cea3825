"""A session on the speaker: keys, display, reactions, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from firmware_py.app.arguments import MAX_SEED
from firmware_py.app.journey import Journey
from firmware_py.app.keys import Keys
from firmware_py.app.performance import Performance
from firmware_py.app.reactions import Reactions
from firmware_py.app.scene import Moment
from firmware_py.app.wiring import open_composer, open_levelled_renderer
from firmware_py.config.settings import Settings
from firmware_py.messages.feedback import FeedbackKind
from firmware_py.play.player import Player

_TICK_S = 0.2
_VOLUME_STEP = 5
_FADE_OUT_S = 2.0
_LATE = "the next bar is late; the last ones are played again"


class View(Protocol):
    """Shows moments to a person."""

    def show(self, moment: Moment) -> None:
        """Show ``moment``."""


class Session:
    """Plays one journey on a player to its end, or until the person stops it."""

    def __init__(
        self, journey: Journey, settings: Settings, player: Player, reactions: Reactions
    ) -> None:
        self.journey = journey
        self.reactions = reactions
        self.played_s = 0.0
        """Seconds of music heard."""
        self.stopped = False
        """The person stopped it, or is about to have."""
        self.pieces = 1
        """One, and one more for each time that something else was wanted."""
        self._plan = journey.plan
        self._seed = journey.seed
        self._settings = settings
        self._player = player
        renderer = open_levelled_renderer(settings, journey.seed)
        self._performance = Performance(journey.composer, renderer, journey.plan.bars)
        self._played_before_s = 0.0
        self._place = 0
        self._cap = player.status.cap
        self._paused = False
        self._repeating = False
        self._warned = len(journey.warnings)
        self._remark = ""
        self._actions: dict[str, Callable[[], None]] = {
            " ": self._pause_or_resume,
            "+": lambda: self._change_volume(_VOLUME_STEP),
            "=": lambda: self._change_volume(_VOLUME_STEP),
            "-": lambda: self._change_volume(-_VOLUME_STEP),
            "n": self._next,
            "l": self._like,
            "d": self._dislike,
            "q": self.stop,
        }

    @property
    def underruns(self) -> int:
        """Times the sound card ran dry."""
        return self._player.status.underruns

    @property
    def repeated_bars(self) -> int:
        """Bars that were played again because the next was not ready in time."""
        return self._player.status.repeated

    def begin(self) -> None:
        """Open the speaker and begin to compose. Raises ``MissingError`` without a speaker."""
        self._player.play(self._performance.blocks())
        self.reactions.begin()

    def run(self, keys: Keys, view: View) -> None:
        """Stay until the music has ended. Raises whatever ended the composing."""
        while not self._player.wait(0.0):
            for key in keys.wait(_TICK_S):
                self._actions.get(key, _nothing)()
            self._observe()
            view.show(self._moment())
        self._react("stopped" if self.stopped else "finished")

    def stop(self) -> None:
        """Begin the fade to the end."""
        self.stopped = True
        self._remark = "stopping"
        self._player.stop(_FADE_OUT_S)

    def abort(self) -> None:
        """Fade out now and wait for it: the program is told to end."""
        self.stop()
        end = time.monotonic() + _FADE_OUT_S + 0.5
        while not self._player.wait(_TICK_S) and time.monotonic() < end:
            self._observe()
        self._react("stopped")

    def _observe(self) -> None:
        status = self._player.status
        if status.bar >= 0:
            self._place = status.bar
            self.played_s = self._played_before_s + status.played_s
        if status.repeating != self._repeating:
            self._repeating = status.repeating
            self._remark = _LATE if status.repeating else "the music goes on"
        if len(self.journey.warnings) > self._warned:
            self._warned = len(self.journey.warnings)
            self._remark = self.journey.warnings[-1]
        cap = self._settings.playback.cap(datetime.now().astimezone().time())
        if cap != self._cap:  # night has begun or ended
            self._cap = cap
            self._player.set_cap(cap)

    def _moment(self) -> Moment:
        status = self._player.status
        return Moment(
            sounding=self._performance.bar_at(status.bar),
            piece=self.pieces,
            written=self._performance.written,
            position_s=self.played_s,
            ahead_s=status.ready_s,
            volume=status.volume,
            paused=self._paused,
            remark=self.reactions.problem or self._remark,
        )

    def _pause_or_resume(self) -> None:
        # What was asked for counts: the player follows at its next block, a moment later.
        self._paused = not self._paused
        if self._paused:
            self._player.pause()
        else:
            self._player.resume()
        self._remark = "paused" if self._paused else "on again"

    def _change_volume(self, step: int) -> None:
        wanted = max(0, min(100, self._player.status.volume + step))
        volume = self._player.set_volume(wanted)
        self._remark = f"volume {volume} %" + (" is the most" if volume < wanted else "")

    def _like(self) -> None:
        self._react("like")
        self._remark = "liked"

    def _dislike(self) -> None:
        self._react("dislike")
        self._begin_another("disliked; something else")

    def _next(self) -> None:
        self._react("next")
        self._begin_another("something else")

    def _begin_another(self, remark: str) -> None:
        """Write another piece for what is left of the plan, crossfaded from this one."""
        left = self._plan.bars[self._place + 1 :]
        if not left:
            self._remark = "the music is about to end"
            return
        self._seed = (self._seed + 1) % (MAX_SEED + 1)
        composer = open_composer(self._settings, self._seed, left[0], self.journey.warn)
        renderer = open_levelled_renderer(self._settings, self._seed)
        self._performance = Performance(composer, renderer, left)
        self.pieces += 1
        self._played_before_s = self.played_s
        self._player.play(self._performance.blocks())
        self._paused = False
        self._remark = remark

    def _react(self, kind: FeedbackKind) -> None:
        self.reactions.add(kind, self._plan.bars[self._place], self.played_s)


def _nothing() -> None:
    """Answer a key that means nothing."""
