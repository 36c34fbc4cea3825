"""Three sessions of an hour as pictures and numbers: does the music neither wander nor loop."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from firmware_py.compose.network import Network
from firmware_py.messages.mood import Mood, MoodLabel, label_position
from firmware_py.messages.plan import Goal
from firmware_py.messages.score import Bar
from firmware_py.plan.planner import make_plan
from firmware_py.ports.music import Renderer
from firmware_py.render.composition import Composition
from firmware_py.render.picture import write_png
from model_export.composer.evaluate import session
from model_export.evaluation.excerpts import excerpt_of
from model_export.evaluation.pictures import draw_likeness
from model_export.evaluation.repetition import repetition

HOURS: Final[tuple[tuple[MoodLabel, Goal], ...]] = (
    ("anxious", "sleep"), ("sad", "lift"), ("stressed", "calm"),
)  # fmt: skip
_MINUTES: Final = 60.0


@dataclass(frozen=True, slots=True)
class Hour:
    """One session of an hour."""

    label: MoodLabel
    goal: Goal
    seed: int
    bars: tuple[Bar, ...]

    @property
    def name(self) -> str:
        """``anxious-sleep``."""
        return f"{self.label}-{self.goal}"


def hours(network: Network) -> list[Hour]:
    """Compose the three sessions."""
    return [
        Hour(label, goal, seed, session(network, label, goal, _MINUTES, seed))
        for seed, (label, goal) in enumerate(HOURS, start=1)
    ]


def figures(hour: Hour) -> dict[str, Any]:
    """Return what comes again in it, its themes and its keys."""
    themes = {bar.section.rstrip("0123456789").rstrip("'") for bar in hour.bars}
    keys = {(bar.key.tonic, bar.key.mode) for bar in hour.bars}
    return {
        "name": hour.name,
        "seed": hour.seed,
        "bars": len(hour.bars),
        "themes": len(themes),
        "keys": len(keys),
        **asdict(repetition(excerpt_of(hour.bars))),
    }


def draw(hour: Hour, model: str, folder: Path) -> None:
    """Write ``hour-<name>-roll.png`` and ``hour-<name>-likeness.png``."""
    plan = make_plan(Mood(hour.label, *label_position(hour.label)), hour.goal, _MINUTES)
    piece = Composition(plan, hour.bars, model, hour.seed, _silent)
    with (folder / f"hour-{hour.name}-roll.png").open("wb") as file:
        write_png(file, piece)
    draw_likeness(
        excerpt_of(hour.bars),
        folder / f"hour-{hour.name}-likeness.png",
        f"{hour.label} to {hour.goal}, an hour: each bar beside each",
        [bar.section for bar in hour.bars],
    )


def _silent() -> Renderer:
    raise AssertionError("a picture makes no sound")
