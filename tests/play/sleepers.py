"""A composer and a renderer that really sleep before one of their bars."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from firmware_py.messages.plan import BarTarget
from firmware_py.messages.score import Bar
from firmware_py.ports.audio import Stereo
from firmware_py.ports.music import Composer, Renderer


@dataclass
class SleepyComposer:
    """``ports.music.Composer``."""

    inner: Composer
    before: int
    seconds: float
    name: str = "sleepy"
    asleep: threading.Event = field(default_factory=threading.Event)

    def next_bar(self, target: BarTarget, bars_left: int | None) -> Bar:
        if target.bar == self.before:
            self.asleep.set()
            time.sleep(self.seconds)
        return self.inner.next_bar(target, bars_left)


@dataclass
class SleepyRenderer:
    """``ports.music.Renderer``."""

    inner: Renderer
    before: int
    seconds: float
    rate: int
    asleep: threading.Event = field(default_factory=threading.Event)

    def render_bar(self, bar: Bar) -> Stereo:
        if bar.index == self.before:
            self.asleep.set()
            time.sleep(self.seconds)
        return self.inner.render_bar(bar)

    def finish(self) -> Stereo:
        return self.inner.finish()
