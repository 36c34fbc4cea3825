"""A person's reaction to what was played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from firmware_py.messages.mood import Mood
from firmware_py.messages.plan import BarTarget, Goal

FeedbackKind = Literal["like", "dislike", "next", "stopped", "finished", "rating"]
FEEDBACK_KINDS: Final[tuple[FeedbackKind, ...]] = get_args(FeedbackKind)


@dataclass(frozen=True, slots=True)
class Feedback:
    """One reaction. Nothing that was said is ever part of it."""

    id: str
    """UUID 4, made once on the device; the fleet stores by it."""
    device: str
    seq: int
    """Counts up by one per device, from 1."""
    at: str
    """RFC 3339, UTC."""
    kind: FeedbackKind
    rating: int | None
    """1 to 5 for ``rating``, else None."""
    mood: Mood | None
    goal: Goal
    target: BarTarget
    """What the music was aiming at when the person reacted."""
    played_s: float
    session: str
    """UUID 4 of the session."""
