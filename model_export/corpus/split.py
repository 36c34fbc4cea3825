"""Train, validation and test by work, frozen in ``split.json``.

The file names the works of validation and test; everything else is for training. So a later
corpus (another selection, better readers, more scores) never moves a test piece into training.
It was drawn once with ``draw`` over the whole corpus.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from model_export.corpus.piece import Piece

Split = Literal["train", "validation", "test"]
FILE: Final = Path(__file__).with_name("split.json")
HELD_OUT: Final = 0.05
"""Share of the notes of each group in validation, and in test."""
_DRAWN: Final[tuple[Split, Split]] = ("test", "validation")


def frozen() -> dict[str, Split]:
    """Split of the works that ``split.json`` names."""
    table = json.loads(FILE.read_text(encoding="utf-8"))
    return {work: part for part in _DRAWN for work in table[part]}


def assign(
    works: Sequence[str], clusters: Sequence[str], held_out: Mapping[str, Split]
) -> list[Split]:
    """Split of each piece by its work and its cluster of near-duplicate works.

    A cluster with a work in test is all test, else with a work in validation all validation.
    """
    of_cluster: dict[str, set[Split]] = {}
    for work, cluster in zip(works, clusters, strict=True):
        of_cluster.setdefault(cluster, set()).add(held_out.get(work, "train"))
    return [_strictest(of_cluster[cluster]) for cluster in clusters]


def _strictest(parts: set[Split]) -> Split:
    if "test" in parts:
        return "test"
    return "validation" if "validation" in parts else "train"


def draw(pieces: Sequence[Piece], clusters: Sequence[str]) -> dict[str, list[str]]:
    """Contents of ``split.json``, from pieces with their own works.

    In each group the clusters, in the order of the SHA-256 of their names, fill test and then
    validation as far as they fit. A cluster counts for the group of its first piece.
    """
    members: dict[str, list[Piece]] = {}
    for piece, cluster in zip(pieces, clusters, strict=True):
        members.setdefault(cluster, []).append(piece)
    room = {(piece.group, part): 0.0 for piece in pieces for part in _DRAWN}
    for piece in pieces:
        for part in _DRAWN:
            room[piece.group, part] += HELD_OUT * len(piece.score.notes)
    drawn: dict[str, set[str]] = {part: set() for part in _DRAWN}
    for cluster in sorted(members, key=lambda name: hashlib.sha256(name.encode()).digest()):
        size = sum(len(piece.score.notes) for piece in members[cluster])
        for part in _DRAWN:
            if size <= room[members[cluster][0].group, part]:
                room[members[cluster][0].group, part] -= size
                drawn[part] |= {piece.work for piece in members[cluster]}
                break
    return {part: sorted(names) for part, names in drawn.items()}


def freeze(table: Mapping[str, Iterable[str]]) -> None:
    """Write ``split.json``. It is done once: a second draw would spoil comparisons."""
    text = json.dumps({part: list(names) for part, names in table.items()}, indent=0)
    FILE.write_text(text + "\n", encoding="utf-8")
