"""``result.json`` of a baseline: what it paid for the test works, and what it was."""

from __future__ import annotations

import json
from collections.abc import Sequence as Many
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from firmware_py.messages.errors import MissingError
from model_export.baselines.score import PieceScore, nats_a_note
from model_export.shipping import source_commit, write_whole


@dataclass(frozen=True, slots=True)
class Result:
    """A baseline measured on the test works, every texture that training reads."""

    name: str
    pieces: tuple[PieceScore, ...]
    parameters: int
    cpu_minutes: float
    """CPU time of the training, evaluations not counted."""
    seed: int
    tokens_per_note: float
    """Tokens, or steps of the network, that are foretold a note."""
    numbers: dict[str, Any]
    """Hyper-parameters."""

    @property
    def nats_per_note(self) -> float:
        """All nats of all tokens divided by all notes."""
        return nats_a_note(self.pieces)


def write(result: Result, folder: Path) -> None:
    """Write ``result.json``."""
    content = asdict(result) | {
        "nats_per_note": result.nats_per_note,
        "notes": sum(piece.notes for piece in result.pieces),
        "pieces": [[piece.piece, piece.nats, piece.notes] for piece in result.pieces],
        "commit": source_commit(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "result.json", (json.dumps(content, indent=1) + "\n").encode())


def read(folder: Path) -> Result:
    """Read ``result.json``; raises ``MissingError`` when there is none."""
    path = folder / "result.json"
    if not path.exists():
        raise MissingError(
            f"no result of a baseline at {path}.", fix="python -m model_export baselines"
        )
    content = json.loads(path.read_text("utf-8"))
    rows: Many[tuple[str, float, int]] = content["pieces"]
    return Result(
        content["name"],
        tuple(PieceScore(*row) for row in rows),
        content["parameters"],
        content["cpu_minutes"],
        content["seed"],
        content["tokens_per_note"],
        content["numbers"],
    )
