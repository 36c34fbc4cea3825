"""A piece to files, by extension."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import BinaryIO, Final

from firmware_py.messages.errors import UserError
from firmware_py.render.composition import Composition
from firmware_py.render.sound_file import (
    BYTES_PER_FRAME,
    SPOOL_BYTES_PER_FRAME,
    Progress,
    Sound,
    write_sound,
)
from firmware_py.render.staging import explain, staged

SOUND_SUFFIXES: Final = (".wav", ".flac")
SUFFIXES: Final = (*SOUND_SUFFIXES, ".mid", ".png", ".json")
_SPARE_BYTES: Final = 4_000_000
"""Room asked for beside the sound: notes, picture, the file system's own."""


@dataclass(frozen=True, slots=True)
class Written:
    """What ``write_outputs`` made."""

    files: tuple[Path, ...]
    sound: Sound | None
    """None if no sound file was asked for."""
    render_s: float
    """Time spent on rendering and writing, seconds."""


def check_outputs(paths: Sequence[Path], seconds: float = 0.0, rate: int = 44100) -> None:
    """Check, before the work begins, that each of ``paths`` can be written.

    ``seconds``: expected length of the sound, for the room it takes on the disk.
    Raises ``UserError`` naming the path and the mend: unknown extension, a name given twice, a
    folder that is missing or read-only, something in the way that is not a file, too little room.
    """
    for path in paths:
        if path.suffix.lower() not in SUFFIXES:
            known = " ".join(SUFFIXES)
            raise UserError(f"Cannot write {path}: its extension must be one of {known}.")
        if _in_the_way(path):
            raise UserError(f"Cannot write {path}: it is not a file. Choose another name.")
    for path in paths:
        if sum(_same(path, other) for other in paths) > 1:
            raise UserError(f"{path} is named twice. Give each output once.")
    for path in paths:
        _try(path)
    _check_room(paths, seconds, rate)


def write_outputs(
    paths: Sequence[Path], piece: Composition, progress: Progress = lambda _: None
) -> Written:
    """Write ``piece`` to each of ``paths``; all of them appear at the end, or none.

    The same piece and seed give the same bytes. ``progress`` is told the part rendered, 0 to 1.
    Raises ``UserError`` as ``check_outputs`` does, and when the disk fills up meanwhile.
    """
    check_outputs(paths, piece.seconds)
    begin = perf_counter()
    with staged(paths) as parts:
        sounds: dict[Path, Path] = {}
        for path, part in parts.items():
            writer = _writer(path)
            if writer is None:
                sounds[path] = part
            else:
                _write(writer, path, part, piece)
        sound = write_sound(sounds, piece, progress) if sounds else None
    return Written(tuple(paths), sound, perf_counter() - begin)


def _writer(path: Path) -> Callable[[BinaryIO, Composition], None] | None:
    """Return what writes ``path``, imported only now: matplotlib alone takes half a second."""
    match path.suffix.lower():
        case ".mid":
            from firmware_py.render.midi import write_midi  # noqa: PLC0415

            return write_midi
        case ".png":
            from firmware_py.render.picture import write_png  # noqa: PLC0415

            return write_png
        case ".json":
            from firmware_py.render.score_json import write_json  # noqa: PLC0415

            return write_json
    return None


def _write(
    writer: Callable[[BinaryIO, Composition], None], path: Path, part: Path, piece: Composition
) -> None:
    try:
        with part.open("wb") as file:
            writer(file, piece)
    except OSError as error:
        raise explain(path, error) from error


def _in_the_way(path: Path) -> bool:
    try:
        return path.exists() and not path.is_file()
    except OSError as error:  # a name that is too long, a folder that may not be searched
        raise explain(path, error) from error


def _same(path: Path, other: Path) -> bool:
    return path.resolve() == other.resolve()


def _try(path: Path) -> None:
    """Create and remove a file beside ``path``: the only test that no permission fools."""
    probe = path.with_name(f".{path.name}.probe")
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise explain(path, error) from error


def _check_room(paths: Sequence[Path], seconds: float, rate: int) -> None:
    """Compare the free space of each file system with what will be written to it at once."""
    sounds = [path for path in paths if path.suffix.lower() in SOUND_SUFFIXES]
    needed: dict[int, int] = defaultdict(lambda: _SPARE_BYTES)
    for path in sounds:
        size = BYTES_PER_FRAME + (SPOOL_BYTES_PER_FRAME if path is sounds[0] else 0)
        needed[path.parent.stat().st_dev] += round(seconds * rate * size)
    for path in paths:
        need = needed[path.parent.stat().st_dev]
        free = shutil.disk_usage(path.parent).free
        if free < need:
            raise UserError(
                f"Cannot write {path}: about {need // 1_000_000 + 1} MB are needed while working, "
                f"{free // 1_000_000} MB are free. Free some space or choose another folder."
            )
