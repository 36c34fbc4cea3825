"""From what a person says to bars of music: mood, plan, composer."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware_py.app.arguments import MAX_SEED
from firmware_py.app.wiring import mood_at, open_composer, open_mood_reader, open_renderer
from firmware_py.config.settings import Settings
from firmware_py.messages.errors import UserError
from firmware_py.messages.mood import Mood, MoodLabel, label_position
from firmware_py.messages.plan import GOALS, Goal, Plan
from firmware_py.messages.score import Bar
from firmware_py.plan.planner import make_plan
from firmware_py.render.composition import Composition

if TYPE_CHECKING:
    from firmware_py.ports.music import Composer


@dataclass(frozen=True, slots=True)
class Journey:
    """A plan and who writes the music for it."""

    plan: Plan
    seed: int
    composer: Composer
    warning: str | None
    """Why another composer plays than the trained one; None when all is well."""

    def bars(self) -> Iterator[Bar]:
        """Write the plan's bars, one by one."""
        last = len(self.plan.bars) - 1
        for index, target in enumerate(self.plan.bars):
            yield self.composer.next_bar(target, last - index)


def begin_journey(args: argparse.Namespace, settings: Settings, *, night: bool) -> Journey:
    """Return the journey that the mood options ask for.

    Raises ``UserError`` when they contradict each other or cannot be read.
    """
    mood = _mood(args)
    minutes = minutes_of(args, settings)
    seed = secrets.randbelow(MAX_SEED + 1) if args.seed is None else args.seed
    return open_journey(mood, _goal(args, mood, settings), minutes, seed, settings, night=night)


def minutes_of(args: argparse.Namespace, settings: Settings) -> float:
    """Return how long the music shall be."""
    return settings.music.minutes if args.minutes is None else float(args.minutes)


def open_journey(
    mood: Mood, goal: Goal, minutes: float, seed: int, settings: Settings, *, night: bool
) -> Journey:
    """Return the journey from ``mood`` to ``goal``."""
    plan = make_plan(mood, goal, minutes, strategy=settings.music.strategy, night=night)
    composer, warning = open_composer(seed, plan.bars[0])
    return Journey(plan, seed, composer, warning)


def compose(journey: Journey, settings: Settings, progress: Callable[[float], None]) -> Composition:
    """Write all of the journey's bars; ``progress`` is told the part written, 0 to 1."""
    bars: list[Bar] = []
    for bar in journey.bars():
        bars.append(bar)
        progress(len(bars) / len(journey.plan.bars))
    return Composition(
        journey.plan,
        tuple(bars),
        journey.composer.name,
        journey.seed,
        lambda: open_renderer(settings, journey.seed),
    )


def _mood(args: argparse.Namespace) -> Mood:
    """Return the mood that was told as a sentence, a label or a point; neutral if not at all."""
    is_point = args.valence is not None or args.arousal is not None
    ways = [args.text is not None, args.mood is not None, is_point]
    if sum(ways) > 1:
        raise UserError(
            "The mood was told in more than one way; give a sentence, or --mood, "
            "or --valence with --arousal."
        )
    if args.text is not None:
        return open_mood_reader().read(args.text)
    if not is_point:
        label: MoodLabel = args.mood or "neutral"
        return Mood(label, *label_position(label))
    if args.valence is None or args.arousal is None:
        raise UserError("--valence and --arousal go together; give both.")
    return mood_at(args.valence, args.arousal)


def _goal(args: argparse.Namespace, mood: Mood, settings: Settings) -> Goal:
    """Return the goal that was asked for, or that the sentence asks for, or the usual one."""
    hinted = next((goal for goal in GOALS if goal == mood.goal_hint), settings.music.goal)
    return args.goal or hinted
