"""From what a person says to bars of music: mood, plan, composer."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from firmware_py.app.arguments import MAX_SEED
from firmware_py.app.wiring import mood_at, open_composer, open_mood_reader
from firmware_py.config.settings import Settings
from firmware_py.messages.errors import UserError
from firmware_py.messages.mood import Mood, MoodLabel, label_position
from firmware_py.messages.plan import GOALS, Goal, Plan
from firmware_py.messages.score import Bar
from firmware_py.plan.planner import make_plan

if TYPE_CHECKING:
    from firmware_py.ports.music import Composer


@dataclass(frozen=True, slots=True)
class Journey:
    """A plan and who writes the music for it."""

    plan: Plan
    seed: int
    composer: Composer
    warnings: list[str] = field(default_factory=list)
    """What is not as it was asked for about the composer; grows at its end only."""

    def warn(self, text: str) -> None:
        """Add a warning that was not given yet."""
        if text not in self.warnings:
            self.warnings.append(text)

    @property
    def warning(self) -> str | None:
        """All warnings so far in one text; None when all is well."""
        return " ".join(self.warnings) or None

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
    goal = args.goal or goal_for(mood, settings)
    minutes = minutes_for(args, settings)
    return open_journey(mood, goal, minutes, seed_for(args), settings, night=night)


def goal_for(mood: Mood, settings: Settings) -> Goal:
    """Return the goal that the sentence asks for, or the usual one."""
    return next((goal for goal in GOALS if goal == mood.goal_hint), settings.music.goal)


def seed_for(args: argparse.Namespace) -> int:
    """Return the seed that was asked for, or a new one."""
    return secrets.randbelow(MAX_SEED + 1) if args.seed is None else int(args.seed)


def minutes_for(args: argparse.Namespace, settings: Settings) -> float:
    """Return how long the music shall be."""
    return settings.music.minutes if args.minutes is None else float(args.minutes)


def open_journey(
    mood: Mood, goal: Goal, minutes: float, seed: int, settings: Settings, *, night: bool
) -> Journey:
    """Return the journey from ``mood`` to ``goal``."""
    plan = make_plan(mood, goal, minutes, strategy=settings.music.strategy, night=night)
    warnings: list[str] = []
    composer = open_composer(settings, seed, plan.bars[0], warnings.append)
    return Journey(plan, seed, composer, warnings)


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
