"""The table is measured row by row; the card waits until all rows are there."""

import json
from pathlib import Path

import pytest
import soundfile

from firmware_py.config.paths import SHIPPED_MODELS
from model_export.__main__ import main


def manifest(folder: Path, rows: tuple[str, ...]) -> Path:
    shipped = json.loads((SHIPPED_MODELS / "composer" / "manifest.json").read_text("utf-8"))
    shipped["metrics"] = {name: shipped["metrics"][name] for name in rows}
    (folder / "manifest.json").write_text(json.dumps(shipped), "utf-8")
    return folder


def test_an_unknown_row_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--shipped", str(manifest(tmp_path, ())), "--only", "colour"]) == 2
    said = capsys.readouterr().err
    assert "colour" in said
    assert "likelihood" in said


def test_the_card_waits_for_its_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shipped = manifest(tmp_path, ("likelihood", "calm"))
    where = ["--shipped", str(shipped), "--docs", str(tmp_path / "docs")]
    assert main(["evaluate", "--only-card", *where]) == 0
    assert "obedience, speed, hours" in capsys.readouterr().out
    assert not (tmp_path / "docs").exists()


def test_a_row_is_kept_and_the_others_stay(tmp_path: Path) -> None:
    shipped = manifest(tmp_path, ("calm",))
    before = json.loads((shipped / "manifest.json").read_text("utf-8"))["metrics"]["calm"]
    chorales = tmp_path / "jsb" / "ours"
    chorales.mkdir(parents=True)
    one = {
        "validation": {"total": 0.5}, "test": {"total": 0.6}, "parameters": 10, "cpu_minutes": 1.0,
    }  # fmt: skip
    mean = one | {"validation": {"total": 0.4}, "networks": 2}
    figures = one | {"model": "ours", "mixture": mean}
    (chorales / "result.json").write_text(json.dumps(figures), "utf-8")
    where = ["--shipped", str(shipped), "--jsb", str(tmp_path / "jsb")]
    assert main(["evaluate", "--only", "chorales", *where]) == 0
    metrics = json.loads((shipped / "manifest.json").read_text("utf-8"))["metrics"]
    assert metrics["calm"] == before
    found = {row["model"]: row["validation"] for row in metrics["chorales"]}
    assert found == {"ours": 0.5, "ours, mean of 2": 0.4}


def test_excerpts_can_be_heard(tmp_path: Path) -> None:
    assert main(["excerpts", "--out", str(tmp_path), "--minutes", "0.25"]) == 0
    written = sorted(tmp_path.iterdir())
    assert [path.name for path in written] == [
        "anxious-sleep.ogg", "sad-lift.ogg", "stressed-calm.ogg",
    ]  # fmt: skip
    for path in written:
        sound, rate = soundfile.read(path)
        assert len(sound) > 5 * rate
        assert float(abs(sound).max()) > 0.01
