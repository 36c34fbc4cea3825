"""``history``, ``export`` and ``forget``: the person's own data, on the real store."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path

import pytest

from firmware_py.feedback.store import FeedbackStore
from firmware_py.messages.mood import Mood
from firmware_py.plan.planner import make_plan
from tests.app.conftest import Lull, assert_one_clear_line


@pytest.fixture
def store_file(lull: Lull) -> Path:
    """Two sessions, one of them liked and stopped."""
    file = Path(lull.env["LULL_STATE"]) / "feedback.db"
    plan = make_plan(Mood("sad", -0.6, -0.3), "calm", 3.0)
    with FeedbackStore(file, "bed") as store:
        liked = store.begin_session(plan.mood, plan.goal, "rules")
        store.begin_session(plan.mood, plan.goal, "rules")
        for kind, played_s in (("like", 60.0), ("stopped", 90.0)):
            store.record(
                kind,  # type: ignore[arg-type]
                session=liked.id,
                mood=plan.mood,
                goal=plan.goal,
                target=plan.bars[3],
                played_s=played_s,
            )
    return file


def test_history_shows_sessions_with_their_reactions(lull: Lull, store_file: Path) -> None:
    assert store_file.exists()
    rows = lull("history", "--json").json["rows"]
    assert [row["mood"]["label"] for row in rows] == ["sad", "sad"]
    assert [item["kind"] for item in rows[0]["reactions"]] == ["like", "stopped"]
    assert rows[1]["reactions"] == []
    out = lull("history").out
    assert "sad → calm  1.5 min  like, stopped" in out
    assert lull("history", "--days", "0").out == "Nothing was played in the last 0 days.\n"


def test_history_draws_a_plot(lull: Lull, store_file: Path) -> None:
    assert store_file.exists()
    assert lull("history", "--out", "h.png").code == 0
    assert (lull.folder / "h.png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in lull.folder.iterdir()] == ["h.png"]


def test_history_of_nobody_is_empty_and_can_be_drawn(lull: Lull) -> None:
    ran = lull("history", "--out", "h.png", "--json")
    assert ran.code == 0, ran
    assert ran.json["rows"] == []


def test_export_takes_everything_along(lull: Lull, store_file: Path) -> None:
    assert store_file.exists()
    ran = lull("export", "mine.json", "--json")
    assert ran.json["file"] == "mine.json"
    mine = json.loads((lull.folder / "mine.json").read_text())
    assert len(mine["sessions"]) == 2


def test_on_a_full_disk_room_is_what_is_missing(lull: Lull, mount: Path) -> None:
    with (mount / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 65536)
    ran = lull("history", "--json", LULL_STATE=str(mount))
    assert_one_clear_line(ran, 3, "disk is full", "free some space")
    assert ran.json["error"]["fix"]


def test_forget_asks_first(lull: Lull, store_file: Path) -> None:
    assert_one_clear_line(lull("forget"), 2, "--yes")
    assert len(lull("history", "--json").json["rows"]) == 2
    ran = lull("forget", "--yes", "--json")
    assert ran.json == {"erased": True, "sessions": 2}
    assert lull("history", "--json").json["rows"] == []
    with FeedbackStore(store_file, "bed") as store:
        assert store.history(math.inf) == ()
