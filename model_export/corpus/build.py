"""From archives to one file: parse (cached by source), join duplicates, split, write."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from firmware_py.messages.errors import UserError
from model_export.corpus import abc, duplicates, split, store
from model_export.corpus.archive import Entry, entries
from model_export.corpus.catalogue import describe
from model_export.corpus.kern import read_kern
from model_export.corpus.measure import is_calm
from model_export.corpus.midi import read_midi
from model_export.corpus.musicxml import read_musicxml
from model_export.corpus.piece import Piece, Score
from model_export.corpus.sources import CACHE, Format, Source, locate

WORKERS: Final = 2
BATCH: Final = 16


@dataclass(frozen=True, slots=True)
class Parsed:
    """A source as read. ``failures``: what could not be read, (path, reason)."""

    source: Source
    pieces: list[Piece]
    failures: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """What ``build`` wrote. ``removed``: near-duplicates, left out of ``pieces``."""

    pieces: list[Piece]
    removed: list[str]
    failures: dict[str, list[tuple[str, str]]]


def build(sources: Iterable[Source], out: Path, *, limit: int | None = None) -> Corpus:
    """Read the sources and write the corpus to ``out``.

    ``limit``: so many files of each source at most. Raises ``MissingError`` for an archive that
    cannot be found, ``UserError`` for one that is damaged.
    """
    corpus = _joined(_read(sources, limit))
    notes = {"failures": corpus.failures, "removed": corpus.removed}
    store.save(out, corpus.pieces, notes)
    return corpus


def draw_split(sources: Iterable[Source]) -> None:
    """Freeze a new split over the sources (see ``split``); errors as in ``build``."""
    pieces = [piece for one in _read(sources, None) for piece in one.pieces]
    works = [piece.work for piece in pieces]
    split.freeze(split.draw(pieces, duplicates.clusters(works, _pairs(pieces))))


def _read(sources: Iterable[Source], limit: int | None) -> list[Parsed]:
    """Read all sources, after making sure that every archive is there."""
    located = [(source, locate(source)) for source in sources]
    # Not forked: the progress bar has a thread, and a fork may copy its locks while held.
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        if limit is not None:  # Quick, and no reason to forget what was parsed in full.
            return [parse(pool, source, path, limit) for source, path in located]
        return [_cached(pool, source, path) for source, path in located]


def _pairs(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    return duplicates.similar_pairs([duplicates.fingerprint(piece.score) for piece in pieces])


def _cached(pool: Executor, source: Source, path: Path) -> Parsed:
    cache = CACHE / "parsed" / f"{source.name}-{_version(source, path)}.npz"
    if cache.is_file():
        failures = [(name, why) for name, why in store.load_notes(cache)["failures"]]
        return Parsed(source, store.load(cache), failures)
    parsed = parse(pool, source, path)
    for stale in cache.parent.glob(f"{source.name}-*.npz"):
        stale.unlink()
    store.save(cache, parsed.pieces, {"failures": parsed.failures})
    return parsed


def _version(source: Source, path: Path) -> str:
    """Return a key that changes with the archive and with the code that reads it."""
    digest = hashlib.sha256(str(store.FORMAT).encode())
    digest.update(path.read_bytes())
    here = Path(__file__).parent
    for pattern in (*_READ_BY_ALL, *_READ_BY[source.format]):
        for module in sorted(here.glob(pattern)):
            digest.update(module.read_bytes())
    return digest.hexdigest()[:16]


_READ_BY_ALL: Final = (
    *("archive.py", "assemble.py", "catalogue.py", "measure.py", "piece.py"),
    *("rights.py", "selection.*", "sources.py"),
)
_READ_BY: Final[dict[Format, tuple[str, ...]]] = {
    "musicxml": ("musicxml*.py",),
    "abc": ("abc.py", "musicxml*.py"),
    "midi": ("midi.py", "pickup.py"),
    "kern": ("kern*.py",),
}


def parse(pool: Executor, source: Source, path: Path, limit: int | None = None) -> Parsed:
    """Read an archive. ``limit``: so many files at most. Errors as in ``build``."""
    pieces: list[Piece] = []
    failures: list[tuple[str, str]] = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(source.name, total=None)
        waiting = islice(entries(source, path), limit)
        while batch := list(islice(waiting, BATCH * WORKERS)):
            results = pool.map(read_entry, [source] * len(batch), batch, chunksize=4)
            for entry, result in zip(batch, results, strict=True):
                if isinstance(result, str):
                    failures.append((entry.path, result))
                elif result is not None:
                    pieces.append(result)
            progress.update(task, advance=len(batch))
    return Parsed(source, sorted(pieces, key=lambda piece: piece.id), failures)


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


def _joined(parsed: Sequence[Parsed]) -> Corpus:
    pieces = [piece for one in parsed for piece in one.pieces]
    works = [piece.work for piece in pieces]
    pairs = _pairs(pieces)
    clusters = duplicates.clusters(works, pairs)
    splits = split.assign(works, clusters, split.frozen())
    dropped = duplicates.removable(pairs, _by_trust(pieces, parsed))
    kept = [
        replace(piece, work=cluster, split=part)
        for number, (piece, cluster, part) in enumerate(zip(pieces, clusters, splits, strict=True))
        if number not in dropped
    ]
    removed = [pieces[number].id for number in sorted(dropped)]
    return Corpus(kept, removed, {one.source.name: one.failures for one in parsed})


def _by_trust(pieces: Sequence[Piece], parsed: Sequence[Parsed]) -> list[int]:
    """Earlier sources first, and of one source the longer pieces."""
    order = {one.source.name: number for number, one in enumerate(parsed)}
    return sorted(
        range(len(pieces)),
        key=lambda n: (order[pieces[n].source], -len(pieces[n].score.notes), pieces[n].id),
    )
