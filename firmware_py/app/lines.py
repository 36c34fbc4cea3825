"""The display where there is no terminal: a line when something new is to be told."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from firmware_py.app.chords import bar_name, key_name
from firmware_py.app.output import Output
from firmware_py.app.scene import Moment, Scene, clock, curve, plan_sentence
from firmware_py.app.views import mood_sentence


class LineView:
    """Prints the scene once, each phrase when it was written, each remark when it was made."""

    def __init__(self, output: Output, scene: Scene) -> None:
        self._output = output
        self._scene = scene
        self._piece = 1
        self._told = 0
        self._remark = ""

    def __enter__(self) -> Self:
        scene = self._scene
        if scene.heard is not None:
            self._output.say(f"Heard: “{scene.heard}”")
        self._output.say(mood_sentence(scene.plan.mood))
        self._output.say(f"Plan: {plan_sentence(scene.plan)}")
        self._output.say(f"Tempo: {curve(scene.plan, 'tempo', 60)}")
        for reason in scene.plan.why:
            self._output.say(f"  {reason}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def show(self, moment: Moment) -> None:
        """Print what is new since the last moment."""
        if moment.piece != self._piece:
            self._piece, self._told = moment.piece, 0
        while (phrase := self._next_phrase(moment)) > 0:
            bars = moment.written[self._told : self._told + phrase]
            names = " | ".join(bar_name(bar) for bar in bars)
            self._output.say(f"{clock(bars[0].target.start_s)}  {key_name(bars[0].key)}: {names}")
            self._told += phrase
        if moment.remark != self._remark:
            self._remark = moment.remark
            self._output.say(moment.remark)

    def _next_phrase(self, moment: Moment) -> int:
        """Return how many bars the next whole phrase has; 0 when it is not written yet."""
        for count, bar in enumerate(moment.written[self._told :], start=1):
            if bar.is_cadence:
                return count
        return 0
