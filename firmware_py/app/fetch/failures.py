"""Why a source could not give what was asked of it."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from firmware_py.messages.errors import MissingError


class SourceError(Exception):
    """This source failed; the text says why in a few words. The next source is tried."""


def is_disk_full(error: OSError) -> bool:
    """Tell whether the disk or the person's quota is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def disk_full(folder: Path, needed: int) -> MissingError:
    """Return the error for a disk that has no room for ``needed`` more bytes."""
    free = shutil.disk_usage(folder).free
    return MissingError(
        f"The disk that holds {folder} is too full: {_megabytes(free)} MB are free, "
        f"{_megabytes(needed)} MB are needed.",
        fix=f"free {_megabytes(needed)} MB there, or set LULL_MODELS to a folder on another disk, "
        "then run: lull setup",
    )


def need_room(folder: Path, needed: int) -> None:
    """Raise ``MissingError`` when ``needed`` bytes do not fit on the disk that holds ``folder``."""
    if shutil.disk_usage(folder).free < needed:
        raise disk_full(folder, needed)


def _megabytes(size: int) -> int:
    return -(-size // 1_000_000)
