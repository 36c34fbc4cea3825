from __future__ import annotations

import json
import stat
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings

from firmware_py.feedback.store import SESSIONS_PER_ERASE, FeedbackStore
from firmware_py.messages.erase import EraseRequest
from firmware_py.messages.errors import LullError, UserError
from firmware_py.messages.feedback import Feedback
from firmware_py.messages.mood import Mood
from tests.feedback.samples import MOOD, SECRET, TARGET, add, feedback, fill, new_id


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "feedback.sqlite3"


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


def everything_on_disk(file: Path) -> bytes:
    return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))


def test_a_reaction_is_there_after_opening_again(file: Path) -> None:
    with FeedbackStore(file, "bed") as store:
        assert store.quarantined is None
        session = store.begin_session(MOOD, "sleep", "rules")
        first = add(store, session.id)
        rated = store.record(
            "rating",
            session=session.id,
            mood=None,
            goal="calm",
            target=TARGET,
            played_s=0,
            rating=4,
        )
    with FeedbackStore(file, "bed") as store:
        assert store.history(1) == (first, rated)
        assert store.sessions(1) == (session,)
        assert store.pending(10) == (first, rated)
    assert [first.seq, rated.seq] == [1, 2]


@settings(max_examples=25, deadline=None)
@given(item=feedback())
def test_every_reaction_comes_back_as_it_was(
    item: Feedback, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with FeedbackStore(tmp_path_factory.mktemp("store") / "f", item.device) as store:
        session = store.begin_session(item.mood, item.goal, "model 0123abcd").id
        kept = store.record(
            item.kind,
            session=session,
            mood=item.mood,
            goal=item.goal,
            target=item.target,
            played_s=item.played_s,
            rating=item.rating,
        )
        assert store.history(1) == (kept,)
    mood = item.mood and replace(item.mood, because=(), goal_hint=None)
    assert kept == replace(item, id=kept.id, seq=1, at=kept.at, session=session, mood=mood)


def test_nothing_that_was_said_reaches_the_disk(file: Path) -> None:
    store = FeedbackStore(file, "bed")
    fill(store, 3)
    assert SECRET.encode() not in everything_on_disk(file)
    store.close()
    assert SECRET.encode() not in everything_on_disk(file)


def test_only_the_owner_can_read_the_files(file: Path) -> None:
    with FeedbackStore(file, "bed") as store:
        fill(store, 1)
        names = sorted(path.name for path in file.parent.iterdir())
        assert f"{file.name}-wal" in names
        for path in file.parent.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_row_leaves_the_outbox_only_when_acknowledged(file: Path) -> None:
    with FeedbackStore(file, "bed") as store:
        rows = fill(store, 5)
        assert store.pending(2) == tuple(rows[:2])
        assert store.acknowledge([rows[0].id, rows[3].id, new_id()]) == 2
        assert store.acknowledge([rows[0].id]) == 0
    with FeedbackStore(file, "bed") as store:
        assert [row.seq for row in store.pending(10) if isinstance(row, Feedback)] == [2, 3, 5]
        assert len(store.history(1)) == 5


def test_forget_leaves_no_trace_and_asks_the_fleet(file: Path) -> None:
    store = FeedbackStore(file, "bed")
    rows = fill(store, 40)
    store.acknowledge([row.id for row in rows[:39]])
    session = rows[0].session.encode()
    aside = file.with_name(f"{file.name}.damaged-20261120T000000Z")
    aside.write_bytes(b"old feedback")
    assert session in everything_on_disk(file)
    assert struct.pack(">d", rows[0].played_s) in everything_on_disk(file)

    store.forget()

    assert not aside.exists()
    assert store.history(1) == ()
    assert store.sessions(1) == ()
    left = everything_on_disk(file)
    assert not any(row.id.encode() in left for row in rows)
    assert struct.pack(">d", rows[0].played_s) not in left  # as SQLite writes a number
    (request,) = store.pending(10)
    assert isinstance(request, EraseRequest)
    assert request.sessions == (rows[0].session,)


def test_forget_without_anything_on_its_way_names_no_session(file: Path) -> None:
    with FeedbackStore(file, "bed") as store:
        rows = fill(store, 2)
        store.acknowledge([row.id for row in rows])
        store.forget()
        (request,) = store.pending(10)
        assert isinstance(request, EraseRequest)
        assert request.sessions == ()
        assert rows[0].session.encode() not in everything_on_disk(file)


def test_new_feedback_waits_until_the_fleet_has_erased(file: Path) -> None:
    with FeedbackStore(file, "bed") as store:
        fill(store, 2)
        store.forget()
        (new,) = fill(store, 1)
        assert new.seq == 3  # numbers are never used again
        (request,) = store.pending(10)
        assert store.acknowledge([request.id]) == 1
        assert store.pending(10) == (new,)


def test_a_forgotten_session_takes_no_more_feedback(file: Path) -> None:
    with FeedbackStore(file, "bed") as store:
        (row,) = fill(store, 1)
        store.forget()
        with pytest.raises(LullError, match="session is not there"):
            add(store, row.session)


def test_many_sessions_make_several_erase_requests(file: Path) -> None:
    with FeedbackStore(file, "bed") as store:
        connection = store._database.connection
        connection.execute("BEGIN")
        store._queue_erasure(connection, [new_id() for _ in range(SESSIONS_PER_ERASE + 1)])
        connection.execute("COMMIT")
        sizes = [len(row.sessions) for row in store.pending(10) if isinstance(row, EraseRequest)]
        assert sizes == [SESSIONS_PER_ERASE, 1]


def test_old_feedback_is_pruned_and_recent_kept(file: Path) -> None:
    clock = Clock()
    with FeedbackStore(file, "bed", now=clock) as store:
        fill(store, 2)
        clock.at += timedelta(days=300)
        recent = fill(store, 1)
        clock.at += timedelta(days=100)
        assert store.prune(365) == 2
        assert store.history(1000) == tuple(recent)
        assert len(store.sessions(1000)) == 1
        assert store.history(99) == ()


@pytest.mark.parametrize(
    ("target", "played_s"),
    [
        (replace(TARGET, tempo=float("nan")), 1.0),
        (replace(TARGET, tempo=200.0), 1.0),
        (replace(TARGET, start_s=float("inf")), 1.0),
        (TARGET, float("nan")),
        (TARGET, -1.0),
    ],
)
def test_impossible_numbers_are_refused(file: Path, target: object, played_s: float) -> None:
    with FeedbackStore(file, "bed") as store:
        session = store.begin_session(None, "calm", "rules").id
        with pytest.raises(LullError, match="not kept"):
            store.record(
                "like",
                session=session,
                mood=None,
                goal="calm",
                target=target,  # type: ignore[arg-type]
                played_s=played_s,
            )
        assert store.history(1) == ()


@pytest.mark.parametrize(("kind", "rating"), [("rating", None), ("rating", 6), ("like", 3)])
def test_a_rating_belongs_to_the_kind_rating(file: Path, kind: object, rating: int) -> None:
    with FeedbackStore(file, "bed") as store:
        session = store.begin_session(None, "calm", "rules").id
        with pytest.raises(LullError, match="not kept"):
            store.record(
                kind,  # type: ignore[arg-type]
                session=session,
                mood=None,
                goal="calm",
                target=TARGET,
                played_s=1,
                rating=rating,
            )


def test_export_holds_everything_but_words(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.json"
    with FeedbackStore(file, "bed") as store:
        rows = fill(store, 2)
        store.begin_session(Mood("calm", 0.4, -0.4), "focus", "rules")
        out.write_text("old")
        store.export(out)
    document = json.loads(out.read_text())
    assert [len(session["feedback"]) for session in document["sessions"]] == [2, 0]
    first = document["sessions"][0]["feedback"][0]
    assert (first["id"], first["targets"]["tempo"]) == (rows[0].id, 72.0)
    assert SECRET not in out.read_text()
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["mine.json"]


def test_export_to_a_missing_folder_is_the_persons_mistake(file: Path, tmp_path: Path) -> None:
    with FeedbackStore(file, "bed") as store, pytest.raises(UserError, match="Cannot write"):
        store.export(tmp_path / "nowhere" / "mine.json")


def test_a_state_folder_that_is_a_file_is_the_persons_mistake(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(UserError, match="LULL_STATE"):
        FeedbackStore(tmp_path / "state" / "feedback.sqlite3", "bed")
