"""Training the composer on whatever there is, stoppable and resumable at any moment.

The budget is time by the ``clock`` given (the process's own seconds on a shared CPU): the learning
rate falls along a cosine over the share of the budget that is spent, and the last part reads only
calm music.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch

from firmware_py.compose.vocabulary import PITCHES
from model_export.composer.batches import Batch, evaluation_batches, training_batches
from model_export.composer.hyperparameters import Hyperparameters
from model_export.composer.network import ComposerNetwork
from model_export.composer.optimisers import descend, matrices_of, optimisers, rate_at
from model_export.composer.precision import autocast
from model_export.composer.sequences import Sequence
from model_export.composer.shipped_weights import Origin, continue_from
from model_export.composer.trunk import Carried

CALM_TEXTURES: Final = frozenset({"piano", "keyboard", "hymn", "song"})
LEFT_OUT: Final = frozenset({"quartet", "other"})
"""Textures that the shipped model is not trained on."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Held-out nats a note, all parts of the music counted, and its parts."""

    total: float
    place: float
    symbol: float
    duration: float
    notes: int


class Training:
    """One training run in one folder: ``checkpoint.pt``, ``best.pt`` and ``log.jsonl``."""

    def __init__(
        self,
        folder: Path,
        numbers: Hyperparameters,
        device: str = "cpu",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.numbers = numbers
        self.device = device
        torch.manual_seed(numbers.seed)
        self.network = ComposerNetwork(numbers).to(device)
        self.optimisers = optimisers(
            self.network,
            matrices_of(self.network.trunk),
            learning_rate=numbers.learning_rate,
            weight_decay=numbers.weight_decay,
            matrix_decay=numbers.matrix_decay,
        )
        self.step = 0
        self.spent_s = 0.0
        self.best = math.inf
        self.origin: Origin | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def resume(self) -> bool:
        """Go on from the last checkpoint; False when there is none."""
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return False
        saved = torch.load(path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(saved["network"])
        for optimiser, state in zip(self.optimisers, saved["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        self.step, self.spent_s, self.best = saved["step"], saved["spent_s"], saved["best"]
        self.origin = saved["origin"]
        return True

    def begin_with(self, shipped: Path) -> None:
        """Begin with the weights of the graphs in ``shipped`` (see ``shipped_weights``)."""
        self.origin = continue_from(self.network, shipped)

    def save(self, name: str = "checkpoint.pt") -> None:
        """Write a checkpoint: a cut leaves the one before."""
        temporary = self.folder / f".{name}.part"
        torch.save(
            {
                "network": self.network.state_dict(),
                "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
                "step": self.step,
                "spent_s": self.spent_s,
                "best": self.best,
                "numbers": asdict(self.numbers),
                "origin": self.origin,
            },
            temporary,
        )
        temporary.replace(self.folder / name)

    def run(
        self,
        train: list[Sequence],
        validation: list[Sequence],
        budget_s: float,
        say: Callable[[str], None],
        every: int = 400,
    ) -> None:
        """Train until the budget, earlier runs counted in, is spent; ``best.pt`` is the best."""
        generator = np.random.default_rng(self.numbers.seed + self.step)
        calm = [s for s in train if s.slow and s.texture in CALM_TEXTURES]
        everything, quiet = (training_batches(s, self.numbers, generator) for s in (train, calm))
        carried = self.network.nothing(self.numbers.batch, self.device)
        losses: list[float] = []
        while self.spent_s < budget_s:
            begun = self.clock()
            spent = self.spent_s / budget_s
            source = quiet if spent > 1.0 - self.numbers.calm_share else everything
            carried, loss = self._update(next(source), carried, spent)
            losses.append(loss)
            self.step += 1
            self.spent_s += self.clock() - begun
            if self.step % every == 0:
                self._report(losses, validation, spent, say)
                losses.clear()
        self._report(losses, validation, 1.0, say)

    def _update(self, batch: Batch, carried: Carried, spent: float) -> tuple[Carried, float]:
        numbers = self.numbers
        self.network.train()
        carried = carried.forgetting(batch.fresh.to(self.device))
        target = batch.target.to(self.device)
        with autocast(self.device):
            out, carried = self.network(
                batch.events.to(self.device), batch.conditions.to(self.device), carried
            )
            parts = self.network.losses(out, target)
        events = (target[..., 0] >= 0).sum()
        loss = (parts.place + parts.symbol + parts.duration).sum() / events
        rate = rate_at(
            self.step, spent, highest=numbers.learning_rate, warmup_steps=numbers.warmup_steps
        )
        descend(self.network, self.optimisers, loss, rate=rate, clip=numbers.clip)
        return carried, float(loss.detach())

    def _report(
        self,
        losses: list[float],
        validation: list[Sequence],
        spent: float,
        say: Callable[[str], None],
    ) -> None:
        held_out = likelihood(self.network, validation, self.device, quick=True)
        if held_out.total < self.best:
            self.best = held_out.total
            self.save("best.pt")
        self.save()
        row = {
            "step": self.step,
            "spent_s": round(self.spent_s, 1),
            "share": round(spent, 4),
            "train_nats_per_event": round(float(np.mean(losses)), 4) if losses else None,
            "validation": asdict(held_out),
        }
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")
        say(json.dumps(row))


def likelihood(
    network: ComposerNetwork,
    sequences: list[Sequence],
    device: str = "cpu",
    *,
    controls: bool = True,
    quick: bool = False,
) -> Likelihood:
    """Return nats a note over whole sequences: every loss of every event divided by the notes.

    ``controls`` False withholds all controls; ``quick`` computes in bfloat16 where that is faster.
    """
    network.eval()
    sums = torch.zeros(3, dtype=torch.float64)
    notes = 0
    carried = network.nothing(0, device)
    with torch.no_grad():
        for batch in evaluation_batches(sequences, batch=48, window=256, controls=controls):
            if bool(batch.fresh.any()):
                carried = network.nothing(len(batch.fresh), device)
            with autocast(device, wanted=quick):
                out, carried = network(
                    batch.events.to(device), batch.conditions.to(device), carried
                )
                parts = network.losses(out, batch.target.to(device))
            sums += torch.stack([part.double().sum().cpu() for part in parts])
            target = batch.target
            notes += int(((target[..., 0] >= 0) & (target[..., 1] < PITCHES)).sum())
    place, symbol, duration = (sums / notes).tolist()
    return Likelihood(place + symbol + duration, place, symbol, duration, notes)
