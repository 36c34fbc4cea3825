"""One measured row: train a model, evaluate it on both held-out splits, write it down."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from model_export.jsb.chorales import Chorales
from model_export.jsb.evaluation import Likelihood, likelihood
from model_export.jsb.hyperparameters import BEST, Hyperparameters
from model_export.jsb.training import Training
from model_export.shipping import write_whole


@dataclass(frozen=True, slots=True)
class Result:
    """Joint nats a cell over whole chorales in fp32, and what they were reached with."""

    model: str
    validation: Likelihood
    test: Likelihood
    parameters: int
    steps: int
    cpu_minutes: float
    seed: int
    hyperparameters: Hyperparameters


def measure(
    model: str, chorales: Chorales, minutes: float, seed: int, folder: Path,
    say: Callable[[str], None],
) -> Result:  # fmt: skip
    """Train ``model`` (a key of ``BEST``) and write ``result.json`` and ``network.pt``."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = replace(BEST[model], seed=seed)
    training = Training(numbers, chorales)
    training.run(60.0 * minutes, say)
    network = training.averaged
    result = Result(
        model=model,
        validation=likelihood(network, chorales.validation),
        test=likelihood(network, chorales.test),
        parameters=sum(p.numel() for p in network.parameters()),
        steps=training.step,
        cpu_minutes=training.spent_s / 60.0,
        seed=seed,
        hyperparameters=numbers,
    )
    weights = io.BytesIO()
    torch.save(network.state_dict(), weights)
    write_whole(folder / "network.pt", weights.getvalue())
    text = json.dumps(asdict(result), indent=2, sort_keys=True) + "\n"
    write_whole(folder / "result.json", text.encode())
    return result
