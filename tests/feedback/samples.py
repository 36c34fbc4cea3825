"""Values and strategies for feedback, shared with ``tests/cloud_sync``."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from hypothesis import strategies as st

from firmware_py.feedback.store import FeedbackStore
from firmware_py.messages.clock import rfc3339
from firmware_py.messages.feedback import FEEDBACK_KINDS, Feedback, FeedbackKind
from firmware_py.messages.mood import MOOD_LABELS, Because, Mood
from firmware_py.messages.plan import GOALS, TARGET_RANGES, BarTarget

TARGET = BarTarget(3, 12.5, 72.0, 1.0, 60.0, 0.4, -0.5, 0.2, 0.3, 0.5)
SECRET = "my-grandmother-died"
MOOD = Mood("sad", -0.6, -0.3, 0.8, (Because(SECRET, 1.0),), goal_hint="sleep")
"""A mood with the words that decided it: they must stay where they are."""


def add(store: FeedbackStore, session: str, kind: FeedbackKind = "like") -> Feedback:
    """Record one reaction."""
    return store.record(
        kind, session=session, mood=MOOD, goal="sleep", target=TARGET, played_s=61.25
    )


def fill(store: FeedbackStore, count: int) -> list[Feedback]:
    """Record ``count`` reactions in one session."""
    session = store.begin_session(MOOD, "sleep", "rules").id
    return [add(store, session) for _ in range(count)]


def uuids() -> st.SearchStrategy[str]:
    return st.uuids(version=4).map(str)


def instants() -> st.SearchStrategy[str]:
    millis = st.integers(0, 4_000_000_000_000)  # millimillis, to the year 2096
    return millis.map(lambda ms: rfc3339(datetime.fromtimestamp(ms / 1000, UTC)))


def moods() -> st.SearchStrategy[Mood | None]:
    words = st.lists(st.builds(Because, st.just(SECRET), st.floats(0, 1)), max_size=2).map(tuple)
    signed, unit = st.floats(-1, 1), st.floats(0, 1)
    labels, hints = st.sampled_from(MOOD_LABELS), st.sampled_from((None, *GOALS))
    return st.none() | st.builds(Mood, labels, signed, signed, unit, words, hints)


def targets() -> st.SearchStrategy[BarTarget]:
    times = st.floats(0, 40_000)
    ranges = {name: st.floats(*limits) for name, limits in TARGET_RANGES.items()}
    return st.builds(BarTarget, bar=st.integers(0, 10_000), start_s=times, **ranges)


@st.composite
def feedback(draw: st.DrawFn) -> Feedback:
    kind = draw(st.sampled_from(FEEDBACK_KINDS))
    return Feedback(
        id=draw(uuids()),
        device=draw(st.from_regex(r"[a-zA-Z0-9_-]{1,64}", fullmatch=True)),
        seq=draw(st.integers(1, 2**53 - 1)),
        at=draw(instants()),
        kind=kind,
        rating=draw(st.integers(1, 5)) if kind == "rating" else None,
        mood=draw(moods()),
        goal=draw(st.sampled_from(GOALS)),
        target=draw(targets()),
        played_s=draw(st.floats(0, 40_000)),
        session=draw(uuids()),
    )


def new_id() -> str:
    return str(uuid.uuid4())
