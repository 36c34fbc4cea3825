"""A person's wish that the fleet forgets what it stored of this device."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EraseRequest:
    """Erase everything that was stored of ``device`` when this arrives for the first time.

    Feedback that was on its way may come later than the request: it belongs to one of
    ``sessions``, or to a session the fleet already knew, and is dropped.
    """

    id: str
    """UUID 4; the fleet acts on it once."""
    device: str
    at: str
    """RFC 3339, UTC."""
    sessions: tuple[str, ...]
    """UUID 4 of every session whose feedback may still be on its way."""
