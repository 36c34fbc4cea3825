from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cloud_sync.fleet_store import DeadLetter, FleetStore, Tally
from firmware_py.messages.clock import rfc3339, utc_now
from firmware_py.messages.erase import EraseRequest
from firmware_py.messages.errors import LullError, UserError
from firmware_py.messages.feedback import Feedback
from firmware_py.messages.mood import Mood
from tests.feedback.samples import TARGET, new_id


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fleet.sqlite3"


@pytest.fixture
def fleet(file: Path) -> Iterator[FleetStore]:
    with FleetStore(file) as store:
        yield store


def reaction(device: str = "bed", session: str | None = None) -> Feedback:
    mood, at = Mood("sad", -0.6, -0.3, 0.8), rfc3339(utc_now())
    ids = (new_id(), session or new_id())
    return Feedback(ids[0], device, 1, at, "like", None, mood, "calm", TARGET, 3.5, ids[1])


def erase(device: str, *sessions: str) -> EraseRequest:
    return EraseRequest(new_id(), device, rfc3339(utc_now()), sessions)


def rows(file: Path, table: str = "feedback") -> list[sqlite3.Row]:
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    found = connection.execute(f"SELECT * FROM {table}").fetchall()
    connection.close()
    return found


def test_five_times_the_same_is_stored_once(fleet: FleetStore, file: Path) -> None:
    item = reaction()
    assert fleet.save([item, item]) == Tally(stored=1, duplicates=1)
    for _ in range(3):
        assert fleet.save([item]) == Tally(duplicates=1)
    (row,) = rows(file)
    assert (row["id"], row["device"], row["mood_label"]) == (item.id, "bed", "sad")
    assert (row["tempo"], row["swell"], row["played_s"]) == (72.0, 0.5, 3.5)
    assert (row["kind"], row["goal"], row["session"]) == ("like", "calm", item.session)


def test_an_id_with_other_content_is_not_lost(fleet: FleetStore, file: Path) -> None:
    item = reaction()
    other = replace(item, device="sofa")
    assert fleet.save([item, other]) == Tally(stored=1, duplicates=1, dead=1)
    (letter,) = rows(file, "dead_letter")
    assert letter["device"] == "sofa"
    assert "other content" in letter["reason"]


def test_erasing_takes_one_device_and_what_comes_late(fleet: FleetStore, file: Path) -> None:
    known, late, other = reaction(), reaction(), reaction("sofa")
    letter = DeadLetter("bed", "lull/bed/feedback", b"\xff", "not UTF-8")
    fleet.save([known, other, letter])
    request = erase("bed", late.session)
    assert fleet.save([request]) == Tally(erasures=1)
    again = replace(reaction(), session=known.session)
    assert fleet.save([late, again, known]) == Tally(forgotten=3)
    assert [row["device"] for row in rows(file)] == ["sofa"]
    assert rows(file, "dead_letter") == []


def test_an_erase_request_that_comes_twice_spares_what_came_between(
    fleet: FleetStore, file: Path
) -> None:
    request = erase("bed")
    fleet.save([reaction(), request])
    new = reaction()
    assert fleet.save([new, request]) == Tally(stored=1, duplicates=1)
    assert [row["id"] for row in rows(file)] == [new.id]


def test_a_device_cannot_erase_another(fleet: FleetStore, file: Path) -> None:
    item = reaction("bed")
    fleet.save([item, erase("sofa", item.session), reaction("bed", item.session)])
    assert len(rows(file)) == 2


def test_a_batch_that_fails_leaves_nothing_half_done(fleet: FleetStore, file: Path) -> None:
    other = sqlite3.connect(file)
    other.execute("DROP TABLE dead_letter")
    other.close()
    with pytest.raises(LullError, match=r"fleet\.sqlite3"):
        fleet.save([reaction(), DeadLetter(None, "x", b"", "y")])
    assert rows(file) == []


def test_two_workers_share_a_file(file: Path) -> None:
    item = reaction()
    with FleetStore(file) as one, FleetStore(file) as two:
        assert one.save([item]) == Tally(stored=1)
        assert two.save([item]) == Tally(duplicates=1)


def test_another_file_is_not_touched(tmp_path: Path) -> None:
    text, other = tmp_path / "text", tmp_path / "other.sqlite3"
    text.write_bytes(b"not a database" * 100)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
    connection.close()
    for file in (text, other, tmp_path / "nowhere" / "fleet.sqlite3"):
        before = file.read_bytes() if file.exists() else None
        with pytest.raises(UserError, match=file.name):
            FleetStore(file)
        assert (file.read_bytes() if file.exists() else None) == before
