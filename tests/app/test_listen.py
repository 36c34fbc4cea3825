"""``lull mood`` and ``lull listen``: the contract's objects."""

from __future__ import annotations

import pytest

from firmware_py.app.commands.demo import RECORDING
from tests.app.conftest import Lull

MOOD = {"label", "valence", "arousal", "confidence", "because"}


@pytest.mark.parametrize(
    ("text", "language"), [("I feel so anxious tonight", "en"), ("我今天很难过", "zh")]
)
def test_mood(lull: Lull, text: str, language: str) -> None:
    said = lull("mood", text, "--json").json
    assert set(said) == {"text", "language", *MOOD}
    assert said["text"] == text
    assert said["language"] == language
    assert -1 <= said["valence"] < 0
    assert all(set(reason) == {"text", "weight"} for reason in said["because"])
    assert said["label"] in lull("mood", text).out


def test_listen(lull: Lull) -> None:
    said = lull("listen", str(RECORDING), "--json").json
    assert set(said) == {"text", "language", "intent", "mood", "timing"}
    assert said["intent"] == {"name": "mood"}
    assert said["language"] == "en"
    assert set(said["mood"]) == MOOD
    assert set(said["timing"]) == {"audio_s", "recognise_s"}
    assert said["timing"]["audio_s"] > 1


@pytest.mark.parametrize("content", [b"", b"I am no sound at all", b"RIFF\x24\x00\x00\x00WAVE"])
def test_what_is_no_recording(lull: Lull, content: bytes) -> None:
    (lull.folder / "a.wav").write_bytes(content)
    ran = lull("listen", "a.wav")
    assert ran.code == 2, ran
    assert "a.wav" in ran.last_line
    assert "Traceback" not in ran.err
