"""The moving display in a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from firmware_py.app.chords import bar_name, key_name
from firmware_py.app.scene import Moment, Scene, clock, curve, plan_sentence
from firmware_py.messages.plan import BarTarget

KEYS = "space pause · + - volume · n next · l like · d dislike · q stop"
_SHOWN_BARS = 8
_CURVES = ("tempo", "density", "dynamics", "brightness", "tension")


class LiveView:
    """Draws a scene and its moments in place, on stdout."""

    def __init__(self, console: Console, scene: Scene) -> None:
        self._scene = scene
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, moment: Moment) -> None:
        """Draw ``moment``."""
        self._live.update(self._drawing(moment), refresh=True)

    def _drawing(self, moment: Moment) -> Group:
        rows = Table.grid(padding=(0, 2))
        rows.add_column(style="dim", no_wrap=True)
        rows.add_column(overflow="fold")
        scene = self._scene
        if scene.heard is not None:
            rows.add_row("heard", Text(f"“{scene.heard}”"))
        rows.add_row("mood", self._mood())
        rows.add_row("plan", Text(plan_sentence(scene.plan)))
        rows.add_row("", Text(scene.plan.why[0] if scene.plan.why else "", style="italic"))
        for name in _CURVES:
            rows.add_row(name, self._curve(name, moment))
        rows.add_row("written", self._written(moment))
        rows.add_row("now", self._now(moment))
        rows.add_row("keys", Text(KEYS, style="dim"))
        return Group(rows)

    def _mood(self) -> Text:
        mood = self._scene.plan.mood
        text = Text()
        text.append(mood.label, style="bold")
        text.append(f"  valence {mood.valence:+.2f}  arousal {mood.arousal:+.2f}")
        for reason in mood.because:
            text.append("  “")
            text.append(reason.text, style="bold" if reason.weight >= 0.25 else "")
            text.append(f"” {reason.weight:.0%}")
        return text

    def _curve(self, name: str, moment: Moment) -> Text:
        bars = self._scene.plan.bars
        width = max(10, min(60, self._console.width - 40))
        blocks = Text(curve(self._scene.plan, name, width))
        if moment.sounding is not None:
            heard = moment.sounding.target.bar * len(blocks) // len(bars)
            blocks.stylize("bold cyan", 0, heard + 1)
        return blocks + Text(f"  {_ends(name, bars[0], bars[-1])}", style="dim")

    def _written(self, moment: Moment) -> Text:
        text = Text()
        for bar in moment.written[-_SHOWN_BARS:]:
            is_sounding = bar is moment.sounding
            text.append(bar_name(bar), style="bold cyan" if is_sounding else "")
            text.append(" | ", style="dim")
        return text

    def _now(self, moment: Moment) -> Text:
        total = len(self._scene.plan.bars)
        if moment.sounding is None:
            place = "…"
        else:
            bar = moment.sounding
            place = f"bar {bar.target.bar + 1} of {total}  {bar_name(bar)}  in {key_name(bar.key)}"
            place += f"  tempo {bar.target.tempo:.0f}"
        state = "  paused" if moment.paused else ""
        text = Text(f"{clock(moment.position_s)}{state}  {place}  volume {moment.volume} %")
        text.append(f"  {moment.ahead_s:.0f} s ahead", style="dim")
        text.append(f"  {moment.remark}", style="green")
        return text


def _ends(name: str, first: BarTarget, last: BarTarget) -> str:
    return f"{getattr(first, name):.3g} → {getattr(last, name):.3g}"
