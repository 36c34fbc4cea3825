"""Damaged shipped models: said in a line, and the music plays all the same where it can.

The program is copied, and the copy's own files are damaged: no switch for tests is in the code.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import firmware_py
from tests.app.conftest import Lull, Ran, assert_one_clear_line

PROGRAM = "import sys; from firmware_py.app.cli import main; sys.exit(main())"
Damage = Callable[[Path], None]


def truncate(model: Path) -> None:
    model.write_bytes(model.read_bytes()[:1000])


def flip(model: Path) -> None:
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 0x10
    model.write_bytes(data)


def remove(model: Path) -> None:
    model.unlink()


def wrong_opset(model: Path) -> None:
    """Ask for an operator set that no runtime has, and let the manifest agree with the file."""
    network = onnx.load(model)
    network.opset_import[0].version = 9999
    before = hashlib.sha256(model.read_bytes()).hexdigest()
    onnx.save(network, model)
    after = hashlib.sha256(model.read_bytes()).hexdigest()
    manifest = model.parent / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace(before, after), "utf-8")
    assert after in manifest.read_text("utf-8")


DAMAGES = [truncate, flip, remove, wrong_opset]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the program."""
    root = tmp_path / "copy"
    source = Path(firmware_py.__file__).parent
    shutil.copytree(source, root / "firmware_py", ignore=shutil.ignore_patterns("__pycache__"))
    return root


def run(lull: Lull, copy: Path, *args: str) -> Ran:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *args],
        cwd=lull.folder,
        env={**lull.env, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def models(copy: Path, name: str) -> list[Path]:
    found = sorted((copy / "firmware_py" / "models" / name).glob("*.onnx"))
    assert found
    return found


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_mood_model_is_named_with_its_mend(
    lull: Lull, copy: Path, damage: Damage
) -> None:
    for model in models(copy, "mood"):
        damage(model)
    ran = run(lull, copy, "mood", "I am sad", "--json")
    assert_one_clear_line(ran, 3, "mood", "Fix: ")
    assert ran.json["error"]["fix"]
    assert run(lull, copy, "compose", "--mood", "sad", "--minutes=1", "--out", "a.mid").code == 0


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_composer_is_told_and_rules_play(lull: Lull, copy: Path, damage: Damage) -> None:
    for model in models(copy, "composer"):
        damage(model)
    args = ("compose", "--mood", "sad", "--minutes=0.25", "--seed=1", "--out", "a.mid", "a.json")
    ran = run(lull, copy, *args, "--json")
    assert ran.code == 0, ran
    assert "Traceback" not in ran.err
    assert "simple rules play instead" in ran.last_line
    assert "simple rules play instead" in ran.json["warning"]
    assert ran.json["composer"] == "rules"
    assert json.loads((lull.folder / "a.json").read_text())["composer"] == "rules"
    checks = run(lull, copy, "doctor", "--json").json["checks"]
    assert {check["name"]: check["status"] for check in checks}["composer model"] == "warning"


def nonsense(model: Path) -> None:
    """Make no number of every weight, and let the manifest agree with the file."""
    network = onnx.load(model)
    for tensor in network.graph.initializer:
        weights = numpy_helper.to_array(tensor)
        if weights.dtype == np.float32:
            tensor.CopyFrom(numpy_helper.from_array(weights * np.float32(np.nan), tensor.name))
    before = hashlib.sha256(model.read_bytes()).hexdigest()
    onnx.save(network, model)
    after = hashlib.sha256(model.read_bytes()).hexdigest()
    manifest = model.parent / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace(before, after), "utf-8")


def test_a_composer_that_fails_at_work_is_told_and_rules_go_on(lull: Lull, copy: Path) -> None:
    for model in models(copy, "composer"):
        nonsense(model)
    args = ("compose", "--mood", "sad", "--minutes=0.25", "--seed=1", "--out", "a.mid", "--json")
    ran = run(lull, copy, *args)
    assert ran.code == 0, ran
    assert ran.last_line.startswith("lull: The trained composer failed, so simple rules play")
    assert "simple rules play from here on" in ran.json["warning"]
    assert ran.json["composer"].endswith(", then rules")


def test_whole_models_are_used(lull: Lull, copy: Path) -> None:
    args = ("compose", "I am sad", "--minutes=0.25", "--seed=1", "--out", "a.mid", "--json")
    ran = run(lull, copy, *args)
    assert ran.code == 0, ran
    assert ran.json["warning"] is None
    assert ran.json["composer"].startswith("model ")
