"""``lull doctor`` finds what is missing and names what mends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from firmware_py.config.onnx_session import accelerators
from tests.app.conftest import Lull, Ran


def found(ran: Ran) -> dict[str, Any]:
    assert set(ran.json) == {"ok", "checks"}
    for check in ran.json["checks"]:
        assert set(check) == {"name", "status", "detail", "fix"}
        assert check["status"] in ("ok", "warning", "missing")
        assert bool(check["fix"]) == (check["status"] != "ok")
    return {check["name"]: check for check in ran.json["checks"]}


def test_without_a_sound_card_the_main_job_still_runs(lull: Lull) -> None:
    ran = lull("doctor", "--json")
    checks = found(ran)
    assert ran.code == 0, ran
    assert ran.json["ok"] is True
    assert checks["speaker"]["status"] == checks["microphone"]["status"] == "warning"
    needed = {"settings", "python", "onnxruntime", "soundfont", "fluidsynth", "mood model"}
    assert {name for name in needed if checks[name]["status"] == "ok"} == needed
    assert checks["composer model"]["status"] == "ok"
    assert checks["state folder"]["status"] == "ok"


def test_what_it_looks_at_is_not_changed(lull: Lull) -> None:
    lull("doctor")
    assert list(lull.folder.parent.glob("state/*")) == []


@pytest.mark.parametrize(
    ("language", "statuses"),
    [("en", {"en": "missing", "zh": "warning"}), ("zh", {"en": "warning", "zh": "missing"})],
)
def test_missing_models_weigh_as_much_as_they_are_needed(
    lull: Lull, language: str, statuses: dict[str, str]
) -> None:
    (lull.folder / "lull.toml").write_text(f'[speech]\nlanguage = "{language}"\n')
    none = str(lull.folder / "none")
    ran = lull("doctor", "--json", "--config", "lull.toml", LULL_MODELS=none)
    assert ran.code == 3
    assert ran.json["ok"] is False
    checks = found(ran)
    names = {"en": "vosk-model-small-en-us-0.15", "zh": "vosk-model-small-cn-0.22"}
    assert {key: checks[name]["status"] for key, name in names.items()} == statuses
    assert all("lull setup" in checks[name]["fix"] for name in names.values())
    voice = checks["silero-vad"]
    assert (voice["status"], voice["fix"]) == ("missing", "lull setup")


def test_bad_settings_are_one_finding_among_the_others(lull: Lull) -> None:
    (lull.folder / "lull.toml").write_text("[music]\ngaol = 1\n")
    ran = lull("doctor", "--json", "--config", "lull.toml")
    assert ran.code == 3
    assert "music.gaol" in found(ran)["settings"]["detail"]


def test_a_soundfont_that_is_none(lull: Lull) -> None:
    (lull.folder / "a.sf2").write_text("no soundfont")
    (lull.folder / "lull.toml").write_text('[music]\nsoundfont = "a.sf2"\n')
    ran = lull("doctor", "--json", "--config", "lull.toml")
    assert ran.code == 3
    assert found(ran)["soundfont"]["status"] == "missing"


def test_a_state_folder_that_cannot_be_made(lull: Lull) -> None:
    (lull.folder / "file").write_text("")
    ran = lull("doctor", "--json", LULL_STATE=str(lull.folder / "file" / "state"))
    assert ran.code == 3
    assert found(ran)["state folder"]["status"] == "missing"


def test_for_a_person_each_finding_is_a_line(lull: Lull) -> None:
    ran = lull("doctor")
    assert "✓ python: " in ran.out
    assert "! speaker: no speaker" in ran.out
    assert "    fix: " in ran.out
    assert ran.out.rstrip().endswith("Ready.")


def test_a_terminal_without_utf_8_still_reads_it(lull: Lull) -> None:
    ran = lull("doctor", PYTHONIOENCODING="ascii")
    assert "? python: " in ran.out
    assert "Traceback" not in ran.err
    ran = lull("doctor", "--json", PYTHONIOENCODING="ascii")
    assert "“I feel calm”" in found(ran)["mood model"]["detail"]


def test_it_says_what_computes_the_composer(lull: Lull) -> None:
    assert found(lull("doctor", "--json"))["composer model"]["detail"].endswith(", on cpu")
    if "tensorrt" in accelerators():
        pytest.skip("this onnxruntime has TensorRT")
    settings = Path(lull.env["HOME"]) / ".config" / "lull" / "lull.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[device]\naccelerator = "tensorrt"\n')
    told = 'accelerator is "tensorrt", but onnxruntime cannot use that here'
    check = found(lull("doctor", "--json"))["composer model"]
    assert check["status"] == "warning"
    assert told in check["detail"]
    assert "accelerator" in check["fix"]
    ran = lull("compose", "--mood", "sad", "--minutes=0.25", "--out", "a.mid", "--json")
    assert ran.code == 0
    assert ran.json["composer"].startswith("model ")
    assert told in ran.json["warning"]
    assert told in ran.last_line
