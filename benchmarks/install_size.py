"""What a device holds: a fresh virtual environment without torch, and the speech models.

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
    models = Paths.from_environment().models
    sizes = {folder.name: _bytes(folder) / _MB for folder in models.iterdir() if folder.is_dir()}
    chinese = sum(size for name, size in sizes.items() if "-cn-" in name)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "venv"
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", str(_ROOT)]
        subprocess.run(pip, check=True, stdout=sys.stderr)
        packages = _bytes(folder) / _MB
    soundfont = find_soundfont(None, models=models).stat().st_size / _MB
    beside = f"besides: Debian's soundfont, {soundfont:.0f} MB"
    both = packages + sum(sizes.values())
    return [
        Row("install without torch, English", both - chinese, "MB", 600.0, beside),
        Row("install without torch, English and Chinese", both, "MB", 600.0, beside),
    ]


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
