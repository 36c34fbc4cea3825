"""Tables of the feedback database, version 1, and how rows become messages.

Every column carries a CHECK: it keeps words out (no column takes free text but the composer's
name), and ``PRAGMA quick_check`` verifies it, so that a flipped bit in a row is found too.
"""

from __future__ import annotations

import sqlite3
from typing import Final, cast

from firmware_py.feedback.session import Session
from firmware_py.messages.feedback import FEEDBACK_KINDS, Feedback
from firmware_py.messages.mood import MOOD_LABELS, Mood
from firmware_py.messages.plan import GOALS, BarTarget, Goal

SCHEMA_VERSION: Final = 1
APPLICATION_ID: Final = int.from_bytes(b"Lull", "big")
"""Written to the file's header: tells our files from other SQLite databases."""

_HEX: Final = "[0-9a-f]"
_UUID: Final = "-".join(_HEX * n for n in (8, 4, 4, 4, 12))
_DIGIT: Final = "[0-9]"
_INSTANT: Final = (
    f"{_DIGIT * 4}-{_DIGIT * 2}-{_DIGIT * 2}T{_DIGIT * 2}:{_DIGIT * 2}:{_DIGIT * 2}.{_DIGIT * 3}Z"
)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"CHECK ({column} IN ({', '.join(repr(value) for value in values)}))"


_MOOD: Final = f"""
    mood_label TEXT {_one_of("mood_label", MOOD_LABELS)},
    mood_valence REAL CHECK (mood_valence BETWEEN -1 AND 1),
    mood_arousal REAL CHECK (mood_arousal BETWEEN -1 AND 1),
    mood_confidence REAL CHECK (mood_confidence BETWEEN 0 AND 1)"""
_MOOD_WHOLE: Final = (
    "CHECK ((mood_label IS NULL) + (mood_valence IS NULL) + (mood_arousal IS NULL)"
    " + (mood_confidence IS NULL) IN (0, 4))"
)

SCHEMA: Final = f"""
CREATE TABLE session (
    id TEXT PRIMARY KEY NOT NULL CHECK (id GLOB '{_UUID}'),
    started_at TEXT NOT NULL CHECK (started_at GLOB '{_INSTANT}'),
    {_MOOD},
    goal TEXT NOT NULL {_one_of("goal", GOALS)},
    composer TEXT NOT NULL CHECK (composer NOT GLOB '*[^ -~]*' AND length(composer) <= 80),
    {_MOOD_WHOLE}
) STRICT;
CREATE TABLE feedback (
    -- AUTOINCREMENT: a number is not used again, not even after everything was forgotten.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE CHECK (id GLOB '{_UUID}'),
    at TEXT NOT NULL CHECK (at GLOB '{_INSTANT}'),
    kind TEXT NOT NULL {_one_of("kind", FEEDBACK_KINDS)},
    rating INTEGER CHECK (rating BETWEEN 1 AND 5),
    {_MOOD},
    goal TEXT NOT NULL {_one_of("goal", GOALS)},
    bar INTEGER NOT NULL CHECK (bar >= 0),
    start_s REAL NOT NULL CHECK (start_s >= 0),
    tempo REAL NOT NULL, density REAL NOT NULL, register REAL NOT NULL, dynamics REAL NOT NULL,
    mode REAL NOT NULL, tension REAL NOT NULL, brightness REAL NOT NULL, swell REAL NOT NULL,
    played_s REAL NOT NULL CHECK (played_s >= 0),
    session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    acknowledged INTEGER NOT NULL DEFAULT 0 CHECK (acknowledged IN (0, 1)),
    CHECK ((kind = 'rating') = (rating IS NOT NULL)),
    {_MOOD_WHOLE}
) STRICT;
CREATE INDEX feedback_session ON feedback (session);
CREATE INDEX feedback_pending ON feedback (seq) WHERE acknowledged = 0;
CREATE TABLE erasure (
    id TEXT PRIMARY KEY NOT NULL CHECK (id GLOB '{_UUID}'),
    at TEXT NOT NULL CHECK (at GLOB '{_INSTANT}')
) STRICT;
CREATE TABLE erasure_session (
    erasure TEXT NOT NULL REFERENCES erasure (id) ON DELETE CASCADE,
    session TEXT NOT NULL CHECK (session GLOB '{_UUID}'),
    PRIMARY KEY (erasure, session)
) STRICT, WITHOUT ROWID;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""

_MOOD_COLUMNS: Final = "mood_label, mood_valence, mood_arousal, mood_confidence"
_TARGET_COLUMNS: Final = (
    "bar, start_s, tempo, density, register, dynamics, mode, tension, brightness, swell"
)
SESSION_COLUMNS: Final = f"id, started_at, {_MOOD_COLUMNS}, goal, composer"
FEEDBACK_COLUMNS: Final = (
    f"id, at, kind, rating, {_MOOD_COLUMNS}, goal, {_TARGET_COLUMNS}, played_s, session"
)
"""Without ``seq``, which the database gives."""

Value = str | int | float | None


def session_values(session: Session) -> tuple[Value, ...]:
    """Return a session in the order of ``SESSION_COLUMNS``."""
    mood = _mood_values(session.mood)
    return (session.id, session.started_at, *mood, session.goal, session.composer)


def feedback_values(item: Feedback) -> tuple[Value, ...]:
    """Return feedback in the order of ``FEEDBACK_COLUMNS``."""
    mood = _mood_values(item.mood)
    target = tuple(getattr(item.target, name) for name in _TARGET_COLUMNS.split(", "))
    head = (item.id, item.at, item.kind, item.rating)
    return (*head, *mood, item.goal, *target, item.played_s, item.session)


def session_of(row: sqlite3.Row) -> Session:
    """Build a session from a row with ``SESSION_COLUMNS``."""
    goal = cast("Goal", row["goal"])
    return Session(row["id"], row["started_at"], _mood_of(row), goal, row["composer"])


def feedback_of(row: sqlite3.Row, device: str) -> Feedback:
    """Build feedback from a row with ``seq`` and ``FEEDBACK_COLUMNS``."""
    return Feedback(
        id=row["id"],
        device=device,
        seq=row["seq"],
        at=row["at"],
        kind=row["kind"],
        rating=row["rating"],
        mood=_mood_of(row),
        goal=row["goal"],
        target=BarTarget(*(row[name] for name in _TARGET_COLUMNS.split(", "))),
        played_s=row["played_s"],
        session=row["session"],
    )


def _mood_values(mood: Mood | None) -> tuple[Value, ...]:
    if mood is None:
        return (None, None, None, None)
    return (mood.label, mood.valence, mood.arousal, mood.confidence)


def _mood_of(row: sqlite3.Row) -> Mood | None:
    if row["mood_label"] is None:
        return None
    return Mood(*(row[name] for name in _MOOD_COLUMNS.split(", ")))
