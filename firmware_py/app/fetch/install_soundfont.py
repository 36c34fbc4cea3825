"""Making sure that there is a soundfont."""

from __future__ import annotations

import json
import os
from pathlib import Path

from firmware_py.app.fetch.exclusive import only_run
from firmware_py.app.fetch.failures import SourceError
from firmware_py.app.fetch.item import ALREADY_HERE, Item
from firmware_py.app.fetch.progress import Progress
from firmware_py.app.fetch.soundfont import DEBIAN_FONTS, INSTALL_COMMAND, find_soundfont
from firmware_py.app.fetch.soundfont_sources import copy_font, fetch_font
from firmware_py.app.fetch.unpack import file_sha256, write_durably
from firmware_py.messages.errors import MissingError


def ensure_soundfont(
    models: Path, configured: Path | None, from_dir: Path | None, progress: Progress
) -> Item:
    """Return the soundfont in use; fetch one only when there is none.

    Raises ``MissingError`` when none can be had, ``UserError`` when ``configured`` is unusable,
    ``OSError`` when ``models`` cannot be written.
    """
    try:
        path = find_soundfont(configured, models=models)
    except MissingError:
        with only_run(models) as incoming:
            path, source = _get(models, from_dir, incoming, progress)
    else:
        packages = {font.path: f"Debian package {font.package}" for font in DEBIAN_FONTS}
        source = packages.get(path, ALREADY_HERE)
    return Item(path.stem, path, source, path.stat().st_size, _sha256(path, models))


def _get(
    models: Path, from_dir: Path | None, incoming: Path, progress: Progress
) -> tuple[Path, str]:
    try:
        if from_dir is not None:
            return copy_font(from_dir, models, incoming), str(from_dir)
        return fetch_font(models, incoming, progress)
    except SourceError as error:
        raise MissingError(f"No soundfont is installed; {error}.", fix=INSTALL_COMMAND) from error


def _sha256(font: Path, models: Path) -> str:
    """Hash a font, once for each size and time of change: 148 MB take seconds on a Pi."""
    status = font.stat()
    seen = {"path": str(font), "bytes": status.st_size, "changed_ns": status.st_mtime_ns}
    cache = models / "soundfont.json"
    try:
        known = json.loads(cache.read_bytes())
        if known.items() >= seen.items():
            return str(known["sha256"])
    except (OSError, ValueError, AttributeError, KeyError):  # no cache, or not one that we wrote
        pass
    digest = file_sha256(font)
    models.mkdir(parents=True, exist_ok=True)
    staged = cache.with_suffix(f".{os.getpid()}")
    write_durably(staged, (json.dumps({**seen, "sha256": digest}) + "\n").encode())
    staged.replace(cache)
    return digest
