"""``lull play`` on the virtual sound card, with a person at a terminal."""

from __future__ import annotations

import contextlib
import json
import math
import signal
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import correlate

from firmware_py.app.journey import open_journey
from firmware_py.app.wiring import RATE, open_levelled_renderer
from firmware_py.config.settings import Settings
from firmware_py.feedback.store import FeedbackStore
from firmware_py.messages.mood import Mood, label_position
from tests.app.conftest import Lull, Ran, assert_one_clear_line, never_began
from tests.app.terminal import terminal
from tests.audio.conftest import card, card_of_session  # noqa: F401 - fixtures
from tests.audio.virtual_card import VirtualCard, virtual_card, wait_until

Sound = NDArray[np.float32]
PLAY = ("play", "--mood", "sad", "--seed", "3")


@pytest.fixture
def loud(lull: Lull, card: VirtualCard) -> Lull:  # noqa: F811 - a fixture
    """The command with a speaker, by day at whatever hour the tests run."""
    now = datetime.now().astimezone()
    night = [f"{now + timedelta(hours=hours):%H:%M}" for hours in (6, 7)]
    config = lull.folder / "day.toml"
    config.write_text(f"[playback]\nquiet_hours = {json.dumps(night)}\n", "utf-8")
    return Lull(lull.folder, {**lull.env, **card.environment, "LULL_CONFIG": str(config)})


def reactions(lull: Lull) -> list[str]:
    with FeedbackStore(Path(lull.env["LULL_STATE"]) / "feedback.db", "bed") as store:
        return [item.kind for item in store.history(math.inf)]


def test_without_a_speaker_it_says_so(lull: Lull) -> None:
    ran = lull(*PLAY, "--json")
    assert_one_clear_line(ran, 3, "speaker", "lull devices")
    assert ran.json["error"]["fix"]
    assert not (Path(lull.env["LULL_STATE"]) / "feedback.db").exists()


def test_played_to_the_end_what_sounds_is_what_was_rendered(
    loud: Lull,
    card: VirtualCard,  # noqa: F811 - a fixture
) -> None:
    with card.recording() as recorded:
        process = loud.start(*PLAY, "--minutes", "0.25", "--json")
        out, err = process.communicate(timeout=90)
    ran = Ran(process.returncode, out, err)
    assert ran.code == 0, ran
    said = ran.json
    assert said["ended"] == "finished"
    assert said["reactions"] == ["finished"]
    assert said["played_s"] > 15
    assert said["pieces"] == 1
    assert said["repeated_bars"] == 0
    assert reactions(loud) == ["finished"]
    heard = np.fromfile(recorded, np.float32).reshape(-1, 2)[:, 0]
    assert best_match(rendered(3)[6 * RATE : 9 * RATE], heard) > 0.98


def rendered(seed: int) -> Sound:
    """Return the left channel of what that run renders."""
    mood = Mood("sad", *label_position("sad"))
    journey = open_journey(mood, "calm", 0.25, seed, Settings(), night=False)
    renderer = open_levelled_renderer(Settings(), seed)
    return np.concatenate([renderer.render_bar(bar)[:, 0] for bar in journey.bars()])


def best_match(part: Sound, whole: Sound) -> float:
    """Return the highest correlation of ``part`` with any stretch of ``whole``, 0 to 1."""
    products = correlate(whole, part, mode="valid", method="fft")
    energy = np.cumsum(np.concatenate([[0.0], whole.astype(np.float64) ** 2]))
    energies = (energy[len(part) :] - energy[: -len(part)]) * float(part @ part)
    return float((products / np.sqrt(np.maximum(energies, 1e-9))).max())


def test_keys_do_what_they_say(loud: Lull) -> None:
    with terminal(loud.folder, loud.env, *PLAY, "--minutes", "3") as person:
        person.wait_for("bar 2 of")
        for key, answer in [
            ("l", "liked"),
            ("+", "volume 45 %"),
            ("-", "volume 40 %"),
            (" ", "paused"),
            (" ", "on again"),
            ("x", "bar"),
            ("n", "something else"),
        ]:
            person.press(key, answer)
        person.press("q", "stopping")
        assert person.end() == 0
        assert person.restored
    assert reactions(loud) == ["like", "next", "stopped"]


def test_ctrl_c_fades_out_and_a_second_run_must_wait(loud: Lull) -> None:
    with terminal(loud.folder, loud.env, *PLAY, "--minutes", "3") as person:
        person.wait_for("bar 1 of")
        second = loud(*PLAY, "--minutes", "3")
        assert_one_clear_line(second, 2, "already playing", "process")
        person.press("\x03", "lull: Stopped.")
        assert person.end() == 130
        assert person.restored
        assert b"Traceback" not in person.screen
    assert reactions(loud) == ["stopped"]


def test_a_full_disk_costs_the_history_not_the_music(loud: Lull, mount: Path) -> None:
    with (mount / "filler").open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 65536)
            file.flush()
    with terminal(
        loud.folder, {**loud.env, "LULL_STATE": str(mount)}, *PLAY, "--minutes", "3"
    ) as person:
        person.wait_for("bar 1 of")
        person.wait_for("disk is full")
        person.press("q", "lull: The disk is full")
        assert person.end() == 0


def test_a_speaker_that_goes_away_is_told_and_nothing_hangs(lull: Lull) -> None:
    with tempfile.TemporaryDirectory(prefix="lull-") as folder:
        with virtual_card(Path(folder)) as doomed:
            process = lull.start(*PLAY, "--minutes", "3", "--json", **doomed.environment)
            database = Path(lull.env["LULL_STATE"]) / "feedback.db"
            wait_until(database.exists, "it never began", 60.0)
            time.sleep(1.0)
        out, err = process.communicate(timeout=30)
    ran = Ran(process.returncode, out, err)
    assert_one_clear_line(ran, 3, "speaker", "went away", "lull devices")
    assert ran.json["error"]["fix"]


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_and_json_stays_one_object(
    loud: Lull, signum: signal.Signals
) -> None:
    process = loud.start(*PLAY, "--minutes", "3", "--json")
    wait_until((Path(loud.env["LULL_STATE"]) / "feedback.db").exists, "it never began", 60.0)
    time.sleep(2.0)
    process.send_signal(signum)
    out, err = process.communicate(timeout=30)
    ran = Ran(process.returncode, out, err)
    assert ran.code == 128 + signum, ran
    assert ran.json["ended"] == "stopped"
    assert "Traceback" not in err


@pytest.mark.parametrize("after_s", [0.0, 0.2, 0.5, 1.0, 1.5])
def test_ctrl_c_before_there_is_any_sound(loud: Lull, after_s: float) -> None:
    process = loud.start(*PLAY, "--minutes", "3")
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode in (130, -signal.SIGINT) or never_began(err), err
    assert "Traceback" not in err or after_s == 0.0 or never_began(err)
