"""Of the report: where the pieces come from, what was left out, how they are split."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from model_export.corpus.markdown import table
from model_export.corpus.measure import measure
from model_export.corpus.piece import Piece
from model_export.corpus.sources import SOURCES

SPLITS: Final = ("train", "validation", "test")
_UPSTREAM: Final = """
The commits' ids are not in the archives, and could not be looked up without a network, so the
addresses name no commit: they give what is there today, and the command says so when an archive is
not the one of the table. The commit can be found by its time, which `git archive` writes into every
entry: `git rev-list -1 --before='TIME UTC' HEAD`. Test and validation stay what they are in any
case: `split.json` names their works, `selection.json` the Humdrum files.

Mutopia's repository holds LilyPond sources, no MIDI. Our archive was typeset from them (every file
says LilyPond 2.25.12); without the archive that needs LilyPond. Mutopia's site also serves MIDI, by
its folders: `COMPOSER__OPUS__PIECE__FILE.mid` here should be
`https://www.mutopiaproject.org/ftp/COMPOSER/OPUS/PIECE/FILE.mid` there (several movements:
`PIECE-mids.zip`), typeset by older versions. This is stated from its naming and was not tried.
"""


def sources(pieces: Sequence[Piece]) -> str:
    """Pieces, bars, notes, hours and licence of each source, in the order of trust."""
    rows: list[list[object]] = []
    for source in SOURCES:
        own = [piece for piece in pieces if piece.source == source.name]
        if own:
            title = f"[{source.rights.title}]({source.rights.home})"
            rows.append([title, source.format, *_sums(own), source.rights.licence])
    rows.append(["all", "", *_sums(pieces), ""])
    head = ["source", "read from", "pieces", "bars", "notes", "hours", "licence"]
    return f"## Sources\n\n{table(head, rows)}"


def _sums(pieces: Sequence[Piece]) -> list[object]:
    seconds = sum(measure(piece.score).seconds for piece in pieces)
    bars = sum(len(piece.score.bars) for piece in pieces)
    notes = sum(len(piece.score.notes) for piece in pieces)
    return [len(pieces), bars, notes, f"{seconds / 3600:.1f}"]


def archives(read: Mapping[str, Mapping[str, str]]) -> str:
    """Say which archives were read, and where they are upstream. ``read``: as in ``Corpus``."""
    rows = []
    for source in SOURCES:
        if not read or source.name in read:
            one = read.get(source.name, {"file": source.file, "sha256": source.sha256})
            known = "yes" if one["sha256"] == source.sha256 else "no"
            rows.append(
                [
                    f"`{one['file']}`",
                    f"`{one['sha256']}`",
                    known,
                    source.dated or "not said",
                    source.upstream or "-",
                ]
            )
    head = ["archive", "SHA-256", "learned from", "commit of (UTC)", "upstream today"]
    return f"### Archives\n\n{table(head, rows)}{_UPSTREAM}"


def unread(failures: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Count the files that could not be read, by reason."""
    counts = Counter(
        (source, _kind(reason)) for source, own in failures.items() for _, reason in own
    )
    rows = [[source, reason, number] for (source, reason), number in sorted(counts.items())]
    total = sum(counts.values())
    return f"### Files not read: {total}\n\n{table(['source', 'reason', 'files'], rows)}"


def _kind(reason: str) -> str:
    """Without the place in the file, so that like reasons are counted together."""
    reason = re.sub(r"^line \d+: ", "", reason)
    reason = re.sub(r"^\d+ columns where \d+", "other columns than", reason)
    return re.sub(r"in bar \S+: ", "in a bar: ", reason)


def duplicates(pieces: Sequence[Piece], removed: Sequence[str]) -> str:
    """Count what was left out because an earlier source, or a longer piece, has the same music."""
    lost = Counter(name.partition("/")[0] for name in removed)
    kept = Counter(piece.source for piece in pieces)
    rows = [
        [name, lost[name], f"{lost[name] / (lost[name] + kept[name]):.1%}"]
        for name in (source.name for source in SOURCES)
        if lost[name] + kept[name]
    ]
    rows.append(["all", lost.total(), f"{lost.total() / (lost.total() + kept.total()):.1%}"])
    return (
        f"### Near-duplicates left out\n\n{table(['source', 'pieces', 'share'], rows)}\n"
        "Two pieces are the same music when they share more than half of the 16-grams (intervals"
        " and ratios of durations, so in any key and note value) of their top lines. The one from"
        " the source that stands first above stays, and of one source the longer. Works that share"
        " a duplicate are in one split.\n"
    )


def splits(pieces: Sequence[Piece]) -> str:
    """Count pieces, works and notes of each part and source."""
    rows: list[list[object]] = []
    names = [source.name for source in SOURCES]
    for name in [*names, "all"]:
        own = [piece for piece in pieces if name in (piece.source, "all")]
        if own:
            rows.append([name, *(_split_cell(own, part) for part in SPLITS)])
    head = ["pieces / works / notes", *SPLITS]
    return (
        f"## Split by work\n\n{table(head, rows)}\n"
        "Frozen in `model_export/corpus/split.json`; all movements and versions of a work, and all"
        " its near-duplicates, are in one part.\n"
    )


def _split_cell(pieces: Sequence[Piece], part: str) -> str:
    own = [piece for piece in pieces if piece.split == part]
    works = len({piece.work for piece in own})
    notes = sum(len(piece.score.notes) for piece in own)
    return f"{len(own):,} / {works:,} / {notes:,}"
