"""Which Humdrum files the corpus takes, and their groups.

Both collections hold more than we want: several editions of a piece, ensembles, doubtful files.
``selection.json`` names what stays by the first eight hexadecimal digits of the SHA-256 of its
path, under its group.
"""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import cast

from model_export.corpus.piece import Group


def group_of(source: str, path: str) -> Group | None:
    """Group of a file by its path without extension; ``None`` when it is left out."""
    return _table().get((source, short_hash(path)))


def short_hash(path: str) -> str:
    """Return the name of a path in ``selection.json``."""
    return hashlib.sha256(path.encode()).hexdigest()[:8]


@functools.cache
def _table() -> dict[tuple[str, str], Group]:
    text = Path(__file__).with_name("selection.json").read_text(encoding="utf-8")
    return {
        (source, key): cast("Group", group)
        for source, groups in json.loads(text).items()
        for group, keys in groups.items()
        for key in keys.split()
    }
