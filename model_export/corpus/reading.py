"""From one archive to pieces, in parallel, kept in small parts so that a stop loses seconds."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TaskID

from firmware_py.messages.errors import UserError
from model_export.corpus import abc, store
from model_export.corpus.archive import Entry, count, entries
from model_export.corpus.catalogue import describe
from model_export.corpus.kern import read_kern
from model_export.corpus.measure import is_calm
from model_export.corpus.midi import read_midi
from model_export.corpus.musicxml import read_musicxml
from model_export.corpus.piece import Piece, Score
from model_export.corpus.sources import Source

WORKERS: Final = 2
BATCH: Final = 16
PART: Final = 128
"""Files to a part of the cache: a few seconds of work, the most that is lost by a stop."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A source as read. ``failures``: what could not be read, (path, reason)."""

    source: Source
    pieces: list[Piece]
    failures: list[tuple[str, str]]


@contextmanager
def readers() -> Iterator[Executor]:
    """Start processes that read files; they end with this one, however it ends."""
    # Not forked: the progress bar has a thread, and a fork may copy its locks while held.
    with ProcessPoolExecutor(
        WORKERS, mp_context=get_context("spawn"), initializer=_end_with_parent
    ) as pool:
        yield pool


@contextmanager
def sigint_held() -> Iterator[None]:
    """Hold Ctrl-C back: in this process until the end, in processes started meanwhile for good.

    They inherit what is held, so that it cannot meet them while they still import.
    """
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _end_with_parent() -> None:
    """Do not outlive the parent when it is killed; Ctrl-C is the parent's (``sigint_held``)."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # Not sys.exit, which would end this thread alone.


def parse(
    pool: Executor,
    source: Source,
    path: Path,
    *,
    kept: Path | None = None,
    limit: int | None = None,
) -> Parsed:
    """Read an archive.

    ``kept``: folder of the parts; those that are there are not read again. ``limit``: so many
    files at most. Raises ``UserError`` when the archive is damaged or a part cannot be written.
    """
    pieces: list[Piece] = []
    failures: list[tuple[str, str]] = []
    total = _total(source, path, kept)
    total = total if limit is None else min(total, limit)
    waiting, passed = entries(source, path), 0
    with _progress() as progress:
        task = progress.add_task(source.name, total=total)
        for first in range(0, total, PART):
            size = min(PART, total - first)
            part = kept / f"{first:05d}.npz" if kept else None
            if part is None or not part.is_file():
                files = islice(waiting, first - passed, first - passed + size)
                passed = first + size
                found, unread = _read_part(pool, source, files, progress, task)
                if part is not None:
                    store.save(part, found, {"failures": unread, "files": total})
            else:
                found, unread = store.load(part), _failures(part)
                progress.update(task, advance=size)
            pieces += found
            failures += unread
    return Parsed(source, sorted(pieces, key=lambda piece: piece.id), failures)


def forget_others(kept: Path, source: Source) -> None:
    """Delete what older versions of the readers or of the archive left beside ``kept``."""
    for stale in kept.parent.glob(f"{source.name}-*"):
        if stale.is_dir() and stale != kept:
            shutil.rmtree(stale)
        elif stale.is_file():
            stale.unlink()


def _progress() -> Progress:
    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _total(source: Source, path: Path, kept: Path | None) -> int:
    """Files of the archive: as its first part says, else counted."""
    first = kept / f"{0:05d}.npz" if kept else None
    if first is not None and first.is_file():
        return int(store.load_notes(first)["files"])
    return count(source, path)


def _failures(part: Path) -> list[tuple[str, str]]:
    return [(name, why) for name, why in store.load_notes(part)["failures"]]


def _read_part(
    pool: Executor, source: Source, files: Iterator[Entry], progress: Progress, task: TaskID
) -> tuple[list[Piece], list[tuple[str, str]]]:
    pieces: list[Piece] = []
    failures: list[tuple[str, str]] = []
    while batch := list(islice(files, BATCH * WORKERS)):
        with sigint_held():  # here the pool starts its processes
            results = pool.map(read_entry, [source] * len(batch), batch, chunksize=4)
        for entry, result in zip(batch, results, strict=True):
            if isinstance(result, str):
                failures.append((entry.path, result))
            elif result is not None:
                pieces.append(result)
        progress.update(task, advance=len(batch))
    return pieces, failures


def read_entry(source: Source, entry: Entry) -> Piece | str | None:
    """Read one file: the piece, the reason why it cannot be read, or ``None`` if left out.

    ``work`` is still the work alone and ``split`` not yet drawn: both need the whole corpus.
    """
    described = describe(source, entry)
    if described is None:
        return None
    try:
        score = _score(source, entry)
    except UserError as error:
        return str(error)
    return Piece(
        id=f"{source.name}/{entry.path}",
        source=source.name,
        group=described.group,
        work=f"{source.name}/{described.work}",
        split="train",
        licence=source.rights.licence,
        composer=described.composer,
        title=described.title,
        slow=is_calm(score, slow_word=described.slow_word),
        score=score,
        born=described.born,
    )


def _score(source: Source, entry: Entry) -> Score:
    match source.format:
        case "musicxml":
            return read_musicxml(entry.data)
        case "midi":
            return read_midi(entry.data)
        case "abc":
            return abc.read_tune(entry.data.decode())
        case "kern":
            return read_kern(entry.data.decode("utf-8", errors="replace"))
