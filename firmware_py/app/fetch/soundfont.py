"""Choosing the soundfont that FluidSynth plays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firmware_py.config.paths import Paths
from firmware_py.messages.errors import MissingError, UserError


@dataclass(frozen=True, slots=True)
class DebianFont:
    """A soundfont that a Debian package installs."""

    package: str
    path: Path


DEBIAN_FONTS: Final = (
    # With synth.dynamic-sample-loading only the presets in use are read: 42 MB for piano, strings
    # and a pad, instead of 170 MB (python -m benchmarks.soundfonts).
    DebianFont("fluid-soundfont-gm", Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")),
    DebianFont("timgm6mb-soundfont", Path("/usr/share/sounds/sf2/TimGM6mb.sf2")),
)
"""Best first."""
INSTALL_COMMAND: Final = f"sudo apt-get install --no-install-recommends {DEBIAN_FONTS[0].package}"


def find_soundfont(configured: Path | None, *, models: Path | None = None) -> Path:
    """Return the soundfont to play: ``configured`` if given, else the best one there is.

    ``models`` is the folder where ``setup`` puts fonts (default: the environment's). Raises
    ``UserError`` when ``configured`` cannot be used, ``MissingError`` when there is none at all.
    """
    if configured is not None:
        return _usable(configured.expanduser())
    folder = models or Paths.from_environment().models
    for font in DEBIAN_FONTS:
        for path in (font.path, folder / font.path.name):
            if path.is_file():
                return path
    names = " or ".join(font.path.name for font in DEBIAN_FONTS)
    raise MissingError(f"No soundfont ({names}) is installed.", fix=INSTALL_COMMAND)


def is_soundfont(path: Path) -> bool:
    """Tell whether the file begins like a SoundFont 2 or 3 (a RIFF of the form ``sfbk``)."""
    head = _head(path)
    return head[:4] == b"RIFF" and head[8:] == b"sfbk"


def _is_cut_off(path: Path) -> bool:
    return path.stat().st_size < 8 + int.from_bytes(_head(path)[4:8], "little")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(12)


def _usable(path: Path) -> Path:
    try:
        good = is_soundfont(path)
    except OSError as error:
        raise UserError(
            f"[music] soundfont: cannot read {path} ({error.strerror}); "
            "name a .sf2 or .sf3 file, or leave the key out."
        ) from error
    if not good or _is_cut_off(path):
        wrong = "is cut off; copy it again," if good else "is not a SoundFont file;"
        raise UserError(
            f"[music] soundfont: {path} {wrong} name a .sf2 or .sf3 file, or leave the key out."
        )
    return path
