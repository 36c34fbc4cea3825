"""From archives to one file: parse (cached by source), join duplicates, split, write."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from rich.console import Console

from model_export.corpus import duplicates, split, store
from model_export.corpus.piece import Piece
from model_export.corpus.reading import Parsed, forget_others, parse, readers
from model_export.corpus.sources import CACHE, Format, Source, locate


@dataclass(frozen=True, slots=True)
class Corpus:
    """What ``build`` wrote. ``removed``: near-duplicates, left out of ``pieces``."""

    pieces: list[Piece]
    removed: list[str]
    failures: dict[str, list[tuple[str, str]]]
    archives: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each source the ``file`` that was read and its ``sha256``."""


def build(
    sources: Iterable[Source], out: Path, *, limit: int | None = None, cache: Path | None = None
) -> Corpus:
    """Read the sources and write the corpus to ``out``.

    ``limit``: so many files of each source at most. ``cache``: folder of what was parsed and
    downloaded, ``.cache/corpus`` by default. Raises ``MissingError`` for an archive that cannot be
    found, ``UserError`` for one that is damaged.
    """
    located = _located(sources, cache or CACHE)
    archives = {one.name: {"file": path.name, "sha256": _sha256(path)} for one, path in located}
    for source, path in located:
        _say_if_unknown(source, path, archives[source.name]["sha256"])
    corpus = replace(_joined(_read(located, limit, cache or CACHE)), archives=archives)
    notes = {
        "failures": corpus.failures,
        "removed": corpus.removed,
        "archives": archives,
    }
    store.save(out, corpus.pieces, notes)
    return corpus


def draw_split(sources: Iterable[Source], cache: Path | None = None) -> None:
    """Freeze a new split over the sources (see ``split``); errors as in ``build``."""
    read = _read(_located(sources, cache or CACHE), None, cache or CACHE)
    pieces = [piece for one in read for piece in one.pieces]
    works = [piece.work for piece in pieces]
    split.freeze(split.draw(pieces, duplicates.clusters(works, _pairs(pieces))))


def _located(sources: Iterable[Source], cache: Path) -> list[tuple[Source, Path]]:
    """Make sure that every archive is there before the first is read."""
    return [(source, locate(source, cache)) for source in sources]


def _say_if_unknown(source: Source, path: Path, sha256: str) -> None:
    """Tell where results may differ: the archive is not the one that we trained from."""
    if sha256 != source.sha256:
        Console(stderr=True).print(
            f"{source.name}: {path} is not the archive that the shipped model learned from"
            " (another SHA-256): counts may differ, the frozen split still holds",
            highlight=False,
            soft_wrap=True,
        )


def _read(located: Iterable[tuple[Source, Path]], limit: int | None, cache: Path) -> list[Parsed]:
    parsed = []
    with readers() as pool:
        for source, path in located:
            # A part of a source is quick, and no reason to forget what was parsed in full.
            kept = None if limit else cache / "parsed" / f"{source.name}-{_version(source, path)}"
            parsed.append(parse(pool, source, path, kept=kept, limit=limit))
            if kept:
                forget_others(kept, source)
    return parsed


def _pairs(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    return duplicates.similar_pairs([duplicates.fingerprint(piece.score) for piece in pieces])


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _version(source: Source, path: Path) -> str:
    """Return a key that changes with the archive and with the code that reads it."""
    facts = (store.FORMAT, source.name, source.format, source.left_out, source.rights.licence)
    digest = hashlib.sha256(repr(facts).encode())
    digest.update(path.read_bytes())
    here = Path(__file__).parent
    for pattern in (*_READ_BY_ALL, *_READ_BY[source.format]):
        for module in sorted(here.glob(pattern)):
            digest.update(module.read_bytes())
    return digest.hexdigest()[:16]


_READ_BY_ALL: Final = (
    *("archive.py", "assemble.py", "catalogue.py", "measure.py", "piece.py"),
    *("reading.py", "selection.*"),
)
_READ_BY: Final[dict[Format, tuple[str, ...]]] = {
    "musicxml": ("musicxml*.py",),
    "abc": ("abc.py", "musicxml*.py"),
    "midi": ("midi.py", "pickup.py"),
    "kern": ("kern*.py",),
}


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
