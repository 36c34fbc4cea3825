"""Time of day as it is written in messages. Durations use the monotonic clock, not this."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time of day, aware, UTC."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """Write an aware time as RFC 3339 in UTC with milliseconds: sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
