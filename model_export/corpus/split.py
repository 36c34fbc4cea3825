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

Split = Literal["train", "validation", "test"]
FILE: Final = Path(__file__).with_name("split.json")
HELD_OUT: Final = 0.05
"""Share of the works in validation, and in test."""


def frozen() -> dict[str, Split]:
    """Split of the works that ``split.json`` names."""
    table = json.loads(FILE.read_text(encoding="utf-8"))
    parts: tuple[Split, Split] = ("validation", "test")
    return {work: part for part in parts for work in table[part]}


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


def draw(works: Sequence[str], clusters: Sequence[str]) -> dict[str, list[str]]:
    """Contents of ``split.json``: clusters drawn by the SHA-256 of their names."""
    drawn: dict[str, set[str]] = {"validation": set(), "test": set()}
    for work, cluster in zip(works, clusters, strict=True):
        place = _place(cluster)
        if place < 2 * HELD_OUT:
            drawn["test" if place < HELD_OUT else "validation"].add(work)
    return {part: sorted(names) for part, names in drawn.items()}


def _place(name: str) -> float:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64


def freeze(table: Mapping[str, Iterable[str]]) -> None:
    """Write ``split.json``. It is done once: a second draw would spoil comparisons."""
    text = json.dumps({part: list(names) for part, names in table.items()}, indent=0)
    FILE.write_text(text + "\n", encoding="utf-8")
