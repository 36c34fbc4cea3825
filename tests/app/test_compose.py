"""``lull compose``: the contract's object, the same bytes for a seed, all files or none."""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import fields
from pathlib import Path

import pytest

from firmware_py.messages.plan import BarTarget
from tests.app.conftest import Lull, assert_one_clear_line, never_began

TARGETS = [field.name for field in fields(BarTarget)]
SHORT = ("compose", "--mood", "anxious", "--goal", "sleep", "--minutes", "0.25", "--seed", "7")


def test_the_object_is_the_contracts(lull: Lull) -> None:
    ran = lull(*SHORT, "--out", "a.mid", "a.wav", "--json")
    assert ran.code == 0, ran
    said = ran.json
    assert {"mood", "plan", "bars", "audio_s", "timing", "files"} <= set(said)
    assert said["mood"]["label"] == "anxious"
    assert set(said["mood"]) == {"label", "valence", "arousal", "confidence", "because"}
    assert set(said["plan"]) == {"goal", "minutes", "why", "bars"}
    assert said["plan"]["goal"] == "sleep"
    assert said["plan"]["minutes"] == 0.25
    assert len(said["plan"]["why"]) > 1
    assert all(list(bar) == TARGETS for bar in said["plan"]["bars"])
    assert said["bars"] == len(said["plan"]["bars"])
    assert set(said["timing"]) == {"compose_s", "render_s"}
    assert said["files"] == ["a.mid", "a.wav"]
    assert said["seed"] == 7
    assert 15 < said["audio_s"] < 25  # a quarter of a minute, and what rings on


@pytest.mark.parametrize(
    ("out", "names"),
    [
        (["--out", "a.mid", "--out", "a.json"], ["a.json", "a.mid"]),
        (["--out", "a.mid", "a.json"], ["a.json", "a.mid"]),
        (["--out=a.mid"], ["a.mid"]),
    ],
)
def test_out_may_be_repeated(lull: Lull, out: list[str], names: list[str]) -> None:
    assert lull(*SHORT, *out).code == 0
    assert sorted(path.name for path in lull.folder.iterdir()) == names


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(lull: Lull) -> None:
    names = ["a.wav", "a.flac", "a.mid", "a.png", "a.json"]
    made = []
    for seed in ("7", "7", "8"):
        assert lull(*SHORT[:-1], seed, "--out", *names).code == 0
        made.append({name: (lull.folder / name).read_bytes() for name in names})
    assert made[0] == made[1]
    assert all(made[0][name] != made[2][name] for name in names)


def test_without_a_seed_the_one_that_was_drawn_is_told_and_repeats(lull: Lull) -> None:
    ran = lull(*SHORT[:-2], "--out", "a.json", "--json")
    first = (lull.folder / "a.json").read_bytes()
    assert lull(*SHORT[:-1], str(ran.json["seed"]), "--out", "a.json").code == 0
    assert (lull.folder / "a.json").read_bytes() == first


def test_without_a_terminal_the_text_is_plain(lull: Lull) -> None:
    ran = lull(*SHORT, "--out", "a.mid")
    assert ran.code == 0
    assert "\x1b" not in ran.out + ran.err
    assert "Wrote a.mid" in ran.out
    assert "--seed 7" in ran.out


def test_no_mood_at_all_is_neutral(lull: Lull) -> None:
    ran = lull("compose", "--minutes", "0.25", "--out", "a.mid", "--json")
    assert ran.json["mood"]["label"] == "neutral"


def test_a_point_gets_the_name_of_the_nearest_label(lull: Lull) -> None:
    point = ("--valence", "-0.65", "--arousal", "-0.33")
    ran = lull("compose", *point, "--minutes", "0.25", "--out", "a.mid", "--json")
    assert ran.json["mood"]["label"] == "sad"
    assert ran.json["mood"]["valence"] == -0.65


@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.3, 0.6, 1.0, 1.5, 2.5, 4.0])
def test_ctrl_c_at_any_moment_leaves_nothing_half_written(lull: Lull, after_s: float) -> None:
    process = lull.start("compose", "--mood", "sad", "--minutes", "30", "--out", "a.wav", "a.mid")
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    # Before Python has set up its own handler the kernel ends the process.
    assert process.returncode in (130, -signal.SIGINT) or never_began(err), (out, err)
    assert "Traceback" not in err or after_s == 0.0 or never_began(err)
    assert list(lull.folder.iterdir()) == []


def test_sigterm_ends_as_orderly(lull: Lull) -> None:
    process = lull.start("compose", "--mood", "sad", "--minutes", "30", "--out", "a.wav")
    time.sleep(1.5)
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert err.rstrip().splitlines()[-1] == "lull: Stopped."
    assert list(lull.folder.iterdir()) == []


def test_an_older_file_stays_when_the_run_is_stopped(lull: Lull) -> None:
    older = lull.folder / "a.wav"
    older.write_bytes(b"older")
    process = lull.start("compose", "--mood", "sad", "--minutes", "30", "--out", "a.wav")
    time.sleep(2.5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert older.read_bytes() == b"older"
    assert list(lull.folder.iterdir()) == [older]


def test_too_small_a_disk_is_told_before_any_work(lull: Lull, mount: Path) -> None:
    ran = lull("compose", "--mood", "sad", "--minutes", "5", "--out", str(mount / "a.wav"))
    assert_one_clear_line(ran, 2, "a.wav", "MB")
    assert list(mount.iterdir()) == []


def test_a_disk_that_fills_up_meanwhile(lull: Lull, mount: Path) -> None:
    process = lull.start(*SHORT, "--minutes", "0.4", "--out", str(mount / "a.wav"))
    filler = mount / "filler"
    for _ in range(600):
        if any(path.suffix == ".part" for path in mount.iterdir()):
            break
        time.sleep(0.01)
    with filler.open("wb") as file:
        try:
            while True:
                file.write(b"\0" * 65536)
                file.flush()
        except OSError:
            pass
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2, err
    assert "Traceback" not in err
    assert "a.wav" in err
    assert list(mount.iterdir()) == [filler]


def test_a_read_only_folder(lull: Lull, mount: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(mount)], check=True)
    ran = lull(*SHORT, "--out", str(mount / "a.mid"))
    assert_one_clear_line(ran, 2, "a.mid")


def test_a_missing_soundfont_is_told_before_any_work(lull: Lull) -> None:
    (lull.folder / "lull.toml").write_text('[music]\nsoundfont = "/nowhere.sf2"\n')
    ran = lull(*SHORT, "--out", "a.wav", "--config", "lull.toml")
    assert_one_clear_line(ran, 2, "/nowhere.sf2")
    assert not (lull.folder / "a.wav").exists()


def test_a_reader_that_goes_away_is_no_failure(lull: Lull) -> None:
    process = lull.start(*SHORT, "--out", "a.mid")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(timeout=60) == 128 + signal.SIGPIPE
    assert err == ""


def test_a_full_stdout_is_told(lull: Lull) -> None:
    with Path("/dev/full").open("w") as full:
        process = lull.start(*SHORT, "--out", "a.mid", stdout=full)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2  # as for an output folder that is full
    assert "No space left" in err
    assert "Traceback" not in err
