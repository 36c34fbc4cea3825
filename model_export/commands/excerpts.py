"""``python -m model_export excerpts``: short sessions like the card's, to be heard."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from firmware_py.messages.errors import LullError

_SMALLER: Final = 0.85
"""Vorbis: 0 is the best quality, 1 the smallest file; some 80 kbit/s of a piano."""
_BLOCK: Final = 65536
"""Frames: libsndfile's Vorbis encoder crashes on minutes of sound at once."""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "excerpts", help="render short sessions like the card's with lull compose"
    )
    parser.add_argument("--out", type=Path, default=Path("docs") / "audio", metavar="DIR")
    parser.add_argument("--minutes", type=float, default=1.0, help="length of each")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write an Ogg Vorbis file a session."""
    import soundfile  # noqa: PLC0415 - numpy and libsndfile

    from model_export.composer.sessions import HOURS  # noqa: PLC0415 - onnxruntime, a second

    args.out.mkdir(parents=True, exist_ok=True)
    for seed, (label, goal) in enumerate(HOURS, start=1):
        with tempfile.TemporaryDirectory() as scratch:
            wav = Path(scratch) / "session.wav"
            wish = ["--mood", label, "--goal", goal, "--seed", str(seed)]
            _lull("compose", *wish, "--minutes", str(args.minutes), "--out", str(wav))
            sound, rate = soundfile.read(wav, dtype="float32")
        path = args.out / f"{label}-{goal}.ogg"
        with soundfile.SoundFile(
            path, "w", rate, sound.shape[1], "VORBIS", format="OGG", compression_level=_SMALLER
        ) as file:
            for first in range(0, len(sound), _BLOCK):
                file.write(sound[first : first + _BLOCK])
        print(f"{path}: {len(sound) / rate:.0f} s, {path.stat().st_size:,} bytes")
    return 0


def _lull(*arguments: str) -> None:
    program = "import sys; from firmware_py.app.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise LullError(f"lull {' '.join(arguments)}: {done.stderr.strip()}")
