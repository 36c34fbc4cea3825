"""The sequences that every baseline and our model are trained, watched and tested on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from firmware_py.messages.errors import MissingError
from model_export.composer import dataset
from model_export.composer.sequences import Sequence
from model_export.composer.train import LEFT_OUT

_WATCHED = 8  # every so manieth validation sequence is enough to choose the best checkpoint


@dataclass(frozen=True, slots=True)
class Corpus:
    """The textures that our model reads; works of one split are in no other."""

    train: list[Sequence]
    watched: list[Sequence]
    """An eighth of the validation split, which chooses the checkpoint that is kept."""
    test: list[Sequence]


def load(path: Path) -> Corpus:
    """Read the cached sequences; raises ``MissingError`` when there are none."""
    if not path.exists():
        raise MissingError(f"no sequences at {path}.", fix="python -m model_export train")
    known = [s for s in dataset.load(path) if s.texture not in LEFT_OUT]
    train, validation, test = (
        [s for s in known if s.split == split] for split in ("train", "validation", "test")
    )
    return Corpus(train, validation[::_WATCHED], test)
