"""One session as it is kept on the device."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_py.messages.mood import Mood
from firmware_py.messages.plan import Goal


@dataclass(frozen=True, slots=True)
class Session:
    """One stretch of music for one mood. ``mood`` holds no words (``because`` is empty)."""

    id: str
    """UUID 4."""
    started_at: str
    """RFC 3339, UTC."""
    mood: Mood | None
    goal: Goal
    composer: str
    """What wrote the music: ``model <sha256 prefix>`` or ``rules``."""
