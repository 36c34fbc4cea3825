"""The corpus in one ``.npz``: columns of integers, offsets of the pieces, metadata as JSON."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.messages.errors import MissingError, UserError
from model_export.corpus.damage import ZIP_ERRORS
from model_export.corpus.piece import Group, Piece, Rounding, Score

FORMAT: Final = 1
_TABLES: Final = {"notes": 4, "bars": 3, "keys": 3, "tempos": 2}
"""Columns of each array of a ``Score``."""
_METADATA: Final = tuple(field.name for field in fields(Piece) if field.name != "score")


def save(path: Path, pieces: Sequence[Piece], notes: Mapping[str, Any] | None = None) -> None:
    """Write the pieces in one go: to a temporary name in the same folder, then renamed.

    ``notes``: anything that JSON holds, given back by ``load_notes``. Raises ``UserError`` when
    the file cannot be written.
    """
    described = [
        {name: getattr(piece, name) for name in _METADATA}
        | {"rounded": astuple(piece.score.rounded) if piece.score.rounded else None}
        for piece in pieces
    ]
    head = {"format": FORMAT, "pieces": described, "notes": dict(notes or {})}
    arrays: dict[str, NDArray[Any]] = {"head": _bytes(json.dumps(head, ensure_ascii=False))}
    for table, columns in _TABLES.items():
        parts = [getattr(piece.score, table) for piece in pieces]
        arrays[f"{table}_ends"] = np.cumsum([len(part) for part in parts], dtype=np.int64)
        for column in range(columns):
            joined = [part[:, column] for part in parts] or [np.zeros(0, np.int32)]
            arrays[f"{table}_{column}"] = _smallest(np.concatenate(joined))
    _write(path, arrays)


def load(
    path: Path,
    *,
    splits: Collection[str] | None = None,
    groups: Collection[Group] | None = None,
) -> list[Piece]:
    """Read the pieces of some splits and groups (all by default), in the order of the file.

    Raises ``MissingError`` when there is no such file, ``UserError`` when it is damaged.
    """
    arrays = _read(path)
    head = _head(arrays, path)
    ends = {table: arrays[f"{table}_ends"] for table in _TABLES}
    tables: dict[str, NDArray[Any]] = {
        table: np.stack([arrays[f"{table}_{c}"] for c in range(columns)], axis=1).astype(
            np.float32 if table == "tempos" else np.int32
        )
        for table, columns in _TABLES.items()
    }
    pieces: list[Piece] = []
    for number, described in enumerate(head["pieces"]):
        if splits is not None and described["split"] not in splits:
            continue
        if groups is not None and described["group"] not in groups:
            continue
        rows = {
            table: tables[table][ends[table][number - 1] if number else 0 : ends[table][number]]
            for table in _TABLES
        }
        # Files of before it was counted have no ``rounded``.
        counted = described.pop("rounded", None)
        rounded = Rounding(*counted) if counted else None
        pieces.append(Piece(**described, score=Score(**rows, rounded=rounded)))
    return pieces


def load_notes(path: Path) -> dict[str, Any]:
    """Return what was saved beside the pieces; errors as in ``load``."""
    notes: dict[str, Any] = _head(_read(path), path)["notes"]
    return notes


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _smallest(column: NDArray[Any]) -> NDArray[Any]:
    if column.dtype.kind == "f" or not len(column):
        return column
    low, high = np.iinfo(np.uint8), np.iinfo(np.uint16)
    if column.min() < 0:
        return column
    return column.astype(
        np.uint8 if column.max() <= low.max else np.uint16 if column.max() <= high.max else np.int32
    )


def _write(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error}") from error
    finally:
        if temporary.is_file():
            temporary.unlink()


def _read(path: Path) -> dict[str, NDArray[Any]]:
    if not path.is_file():
        raise MissingError(
            f"There is no corpus at {path}.", fix=f"python -m model_export corpus --out {path}"
        )
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except ZIP_ERRORS as error:
        raise UserError(
            f"{path} is no corpus file, or a damaged one ({error}); make it anew with"
            " python -m model_export corpus"
        ) from error


def _head(arrays: Mapping[str, NDArray[Any]], path: Path) -> dict[str, Any]:
    if "head" not in arrays:
        raise UserError(f"{path} is no corpus file; make it with python -m model_export corpus")
    head: dict[str, Any] = json.loads(arrays["head"].tobytes())
    if head.get("format") != FORMAT:
        raise UserError(
            f"{path} has format {head.get('format')}, this version reads {FORMAT}; make it anew"
            " with python -m model_export corpus"
        )
    return head
