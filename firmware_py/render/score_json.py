"""The plan and the score as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import BinaryIO

from firmware_py.messages.score import STEPS_PER_QUARTER
from firmware_py.render.composition import Composition


def write_json(file: BinaryIO, piece: Composition) -> None:
    """Write one UTF-8 object: mood, plan, and the score with a bar on each line."""
    plan = asdict(piece.plan)
    mood = plan.pop("mood")
    bars = ",\n".join(_dump(asdict(bar)) for bar in piece.bars)
    text = (
        f'{{"v": 1, "composer": {_dump(piece.composer)}, "seed": {piece.seed},\n'
        f'"mood": {_dump(mood)},\n'
        f'"plan": {_dump(plan)},\n'
        f'"score": {{"steps_per_quarter": {STEPS_PER_QUARTER}, "bars": [\n{bars}\n]}}}}\n'
    )
    file.write(text.encode())


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
