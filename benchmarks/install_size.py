"""What a device holds: a fresh virtual environment without torch, models and soundfont.

``python -m benchmarks.install_size`` installs into a temporary folder, which takes minutes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from benchmarks.row import Row
from firmware_py.app.fetch.soundfont import find_soundfont
from firmware_py.config.paths import Paths

_ROOT = Path(__file__).resolve().parent.parent
_MB = 1e6


def rows() -> list[Row]:
    """Install, weigh, and return the table."""
    paths = Paths.from_environment()
    speech = _bytes(next(paths.models.glob("vosk-model-small-en*"))) / _MB
    soundfont = find_soundfont(None, models=paths.models).stat().st_size / _MB
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "venv"
        venv.create(folder, with_pip=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-compile"]
        subprocess.run([*pip, str(_ROOT)], check=True, stdout=sys.stderr)
        packages = _bytes(folder) / _MB
    note = f"packages {packages:.0f}, English speech {speech:.0f}, soundfont {soundfont:.0f}"
    return [Row("install without torch", packages + speech + soundfont, "MB", 600.0, note)]


def _bytes(folder: Path) -> int:
    return sum(
        file.stat().st_size
        for file in folder.rglob("*")
        if file.is_file() and not file.is_symlink()
    )


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    for row in rows():
        print(row.line())
