"""Every bad input ends with one clear line, the contract's exit code, and nothing written."""

from __future__ import annotations

import pytest

from tests.app.conftest import Lull, assert_one_clear_line

LONG = "sad " * 10_000

WRONG_WORDS = [
    (["mood", ""], ["empty"]),
    (["mood", "   \n\t"], ["empty"]),
    (["mood", "\x1b\x07"], ["empty"]),
    (["mood", "!!! …"], ["no words"]),
    (["mood", LONG], ["at most"]),
    (["mood", "hello", "--language", "fr"], ["'fr'", "en, zh"]),
    (["mood", "I", "am", "sad"], ["quotes"]),
    (["mood"], ["TEXT"]),
    (["compose", "", "--out", "a.mid"], ["empty"]),
    (["compose", LONG, "--out", "a.mid"], ["at most"]),
    (["compose", "--mood", "anxius", "--out", "a.mid"], ["'anxius'", "did you mean anxious"]),
    (["compose", "--mood", "", "--out", "a.mid"], ["''", "calm, content"]),
    (["compose", "sad", "--goal", "slep", "--out", "a.mid"], ["did you mean sleep"]),
    (["compose", "sad", "--mood", "sad", "--out", "a.mid"], ["more than one way"]),
    (["compose", "--valence", "0.5", "--out", "a.mid"], ["together"]),
    (["compose", "--valence", "-inf", "--arousal", "0", "--out", "a.mid"], ["'-inf'", "-1 to 1"]),
    (["compose", "--valence", "--arousal", "0", "--out", "a.mid"], ["--valence"]),
    (["compose", "sad", "--seed", "-1", "--out", "a.mid"], ["--seed"]),
    (["compose", "sad", "--seed", "1.5", "--out", "a.mid"], ["--seed", "whole number"]),
    (["compose", "sad", "--seed", "99999999999999999999", "--out", "a.mid"], ["--seed"]),
    (["compose", "sad"], ["--out"]),
    (["compose", "sad", "--out", "a.ogg"], ["a.ogg", ".wav"]),
    (["compose", "sad", "--out", "a"], [".wav"]),
    (["compose", "sad", "--out", "a.mid", "nowhere/a.mid"], ["nowhere", "does not exist"]),
    (["compose", "sad", "--out", "a.mid", "--config", "no.toml"], ["no.toml"]),
    (["mood", "sad", "--config", "no.toml"], ["no.toml"]),
    (["devices", "--config", "no.toml"], ["no.toml"]),
    (["listen", "nothing.wav"], ["nothing.wav"]),
    (["setup", "--language", "fr"], ["'fr'"]),
    (["setup", "--from", "nowhere"], ["nowhere"]),
    (["history", "--days", "-1"], ["--days"]),
    (["history", "--out", "a.jpg"], [".png"]),
    (["export", "nowhere/a.json"], ["nowhere"]),
    (["forget"], ["--yes"]),
    (["sing"], ["'sing'", "compose"]),
    (["--jsno"], ["--jsno"]),
]


@pytest.mark.parametrize(("args", "words"), WRONG_WORDS, ids=lambda value: " ".join(value)[:40])
def test_a_mistake_is_named(lull: Lull, args: list[str], words: list[str]) -> None:
    assert_one_clear_line(lull(*args), 2, *words)
    assert list(lull.folder.iterdir()) == []


@pytest.mark.parametrize("option", ["--valence", "--arousal"])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1.01", "-2", "x", ""])
def test_a_point_outside_the_plane_is_refused(lull: Lull, option: str, value: str) -> None:
    ran = lull("compose", "--out", "a.mid", f"{option}={value}")
    assert_one_clear_line(ran, 2, option, "-1 to 1")
    assert list(lull.folder.iterdir()) == []


@pytest.mark.parametrize("minutes", ["0", "-1", "10000", "nan", "inf", "soon", ""])
def test_impossible_minutes_are_refused(lull: Lull, minutes: str) -> None:
    ran = lull("compose", "--mood", "sad", "--out", "a.mid", f"--minutes={minutes}")
    assert_one_clear_line(ran, 2, "--minutes", "from 0.25 to 720")
    assert list(lull.folder.iterdir()) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "😭😭😭",
        "I am sad\x1b[2J and\ttired",
        "我 feel 很难过 today",
        "ﷺ \u202e reversed",
    ],
)
def test_odd_sentences_are_read_all_the_same(lull: Lull, sentence: str) -> None:
    ran = lull("mood", sentence, "--json")
    assert ran.code == 0, ran
    assert -1 <= ran.json["valence"] <= 1
    assert "\x1b" not in lull("mood", sentence).out


def test_a_sentence_that_is_no_utf8_is_read_as_far_as_it_is(lull: Lull) -> None:
    ran = lull("mood", "I am sad \udcff", "--json")
    assert ran.code == 0, ran
    assert ran.json["text"] == "I am sad"


def test_signs_that_turn_the_line_round_are_not_shown(lull: Lull) -> None:
    ran = lull("mood", "I am \u202esad\u202c and \u2067lonely\u2069 👩\u200d👧", "--json")
    assert ran.json["text"] == "I am sad and lonely 👩\u200d👧"


def test_small_negative_numbers_are_numbers(lull: Lull) -> None:
    point = ["--valence", "-.5", "--arousal", "-1e-3"]
    ran = lull("compose", *point, "--minutes", "0.25", "--out", "a.mid", "--json")
    assert ran.code == 0, ran
    assert (ran.json["mood"]["valence"], ran.json["mood"]["arousal"]) == (-0.5, -0.001)


def test_with_json_the_error_is_one_object(lull: Lull) -> None:
    ran = lull("compose", "--mood", "sad", "--out", "a.ogg", "--json")
    assert_one_clear_line(ran, 2, "a.ogg")
    assert set(ran.json) == {"error"}
    assert ran.json["error"]["exit_code"] == 2
    assert ran.json["error"]["fix"] is None
    assert "a.ogg" in ran.json["error"]["text"]


def test_a_missing_part_names_the_command_that_mends_it(lull: Lull) -> None:
    (lull.folder / "a.wav").write_bytes(b"")
    ran = lull("listen", "a.wav", "--json", LULL_MODELS=str(lull.folder / "none"))
    assert_one_clear_line(ran, 3, "lull setup")
    assert "lull setup" in ran.json["error"]["fix"]


def test_unknown_settings_key(lull: Lull) -> None:
    settings = lull.folder / "lull.toml"
    settings.write_text("[playback]\nvolum = 3\n")
    ran = lull("compose", "--mood", "sad", "--out", "a.mid", "--config", "lull.toml")
    assert_one_clear_line(ran, 2, "playback.volum", "lull.toml", "volume")
