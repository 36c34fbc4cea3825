"""One measured row: train a model, evaluate it on both held-out splits, write it down."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from model_export.jsb.chorales import Chorales
from model_export.jsb.evaluation import Likelihood, likelihood, mixture
from model_export.jsb.hyperparameters import BEST, Hyperparameters
from model_export.jsb.training import Training
from model_export.shipping import write_whole


@dataclass(frozen=True, slots=True)
class Mixture:
    """What the mean of several networks' probabilities reaches.

    Each is trained like the single one, but from another seed.
    """

    networks: int
    validation: Likelihood
    test: Likelihood
    parameters: int
    cpu_minutes: float
    """Of all the networks together."""


@dataclass(frozen=True, slots=True)
class Result:
    """Joint nats a cell over whole chorales in fp32, and what they were reached with.

    All but ``mixture`` are of one network, the mixture's first.
    """

    model: str
    validation: Likelihood
    test: Likelihood
    parameters: int
    steps: int
    cpu_minutes: float
    seed: int
    hyperparameters: Hyperparameters
    mixture: Mixture


def measure(
    model: str, chorales: Chorales, minutes: float, seed: int, folder: Path,
    say: Callable[[str], None],
) -> Result:  # fmt: skip
    """Train ``model`` (a key of ``BEST``) and write ``result.json`` and ``network.pt``.

    ``minutes`` are for each network of the mixture.
    """
    folder.mkdir(parents=True, exist_ok=True)
    numbers = replace(BEST[model], seed=seed)
    trained: list[Training] = []
    for index in range(numbers.networks):
        training = Training(replace(numbers, seed=seed + index), chorales)
        if trained:  # the chorales are read once
            training.network.reading = training.averaged.reading = trained[0].averaged.reading
        training.run(60.0 * minutes, say)
        trained.append(training)
    networks = [training.averaged for training in trained]
    first = networks[0]
    weights = sum(p.numel() for p in first.parameters())
    result = Result(
        model=model,
        validation=likelihood(first, chorales.validation),
        test=likelihood(first, chorales.test),
        parameters=weights,
        steps=trained[0].step,
        cpu_minutes=trained[0].spent_s / 60.0,
        seed=seed,
        hyperparameters=numbers,
        mixture=Mixture(
            networks=len(networks),
            validation=mixture(networks, chorales.validation),
            test=mixture(networks, chorales.test),
            parameters=weights * len(networks),
            cpu_minutes=sum(training.spent_s for training in trained) / 60.0,
        ),
    )
    saved = io.BytesIO()
    torch.save([network.state_dict() for network in networks], saved)
    write_whole(folder / "network.pt", saved.getvalue())
    text = json.dumps(asdict(result), indent=2, sort_keys=True) + "\n"
    write_whole(folder / "result.json", text.encode())
    return result
