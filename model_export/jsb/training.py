"""Training on the chorales, on a CPU, for so many seconds of the processor's own time."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch

from model_export.composer.optimisers import descend, optimisers, rate_at
from model_export.composer.precision import autocast
from model_export.composer.trunk import Carried
from model_export.jsb.batches import Batch, training_batches
from model_export.jsb.chorales import Chorales
from model_export.jsb.evaluation import likelihood
from model_export.jsb.hyperparameters import Hyperparameters
from model_export.jsb.networks import NETWORKS


class Training:
    """One run: ``network`` is trained, ``averaged`` is its running average, which is evaluated."""

    def __init__(
        self, numbers: Hyperparameters, chorales: Chorales,
        clock: Callable[[], float] = time.process_time,
    ) -> None:  # fmt: skip
        torch.manual_seed(numbers.seed)
        self.numbers, self.chorales, self.clock = numbers, chorales, clock
        self.network = NETWORKS[numbers.model](numbers)
        self.network.prepare(chorales.train)
        self.averaged = copy.deepcopy(self.network)
        self.optimisers = optimisers(
            self.network, [], learning_rate=numbers.learning_rate, weight_decay=numbers.weight_decay
        )
        self.step = 0
        self.spent_s = 0.0

    def run(self, budget_s: float, say: Callable[[str], None], every: int = 200) -> None:
        """Train until ``budget_s`` of processor time are spent.

        What is not counted in: evaluations, and reading the chorales, which is done but once.
        """
        generator = np.random.default_rng(self.numbers.seed)
        batches = training_batches(
            self.network.reading, self.chorales.train, self.numbers, generator
        )
        carried = self.network.nothing(self.numbers.batch)
        losses: list[float] = []
        while self.spent_s < budget_s:
            begun = self.clock()
            carried, loss = self._update(batches, carried, self.spent_s / budget_s)
            losses.append(loss)
            self.step += 1
            self.spent_s += self.clock() - begun
            if self.step % every == 0:
                say(self._row(losses))
                losses.clear()

    def _update(
        self, batches: Iterator[Batch], carried: Carried, spent: float
    ) -> tuple[Carried, float]:
        numbers = self.numbers
        self.network.train()
        batch = next(batches)
        with autocast("cpu"):
            nats, carried = self.network.nats(batch.rows, carried.forgetting(batch.fresh))
        loss = (nats.place + nats.symbol).sum() / batch.real.sum()
        rate = rate_at(
            self.step, spent, highest=numbers.learning_rate, warmup_steps=numbers.warmup_steps
        )
        descend(self.network, self.optimisers, loss, rate=rate, clip=numbers.clip)
        self._average()
        return carried, float(loss.detach())

    def _average(self) -> None:
        """Move the average on; early steps forget faster, so that it begins near the network."""
        kept = min(self.numbers.average, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(  # what torch's own optimisers use
                list(self.averaged.parameters()), list(self.network.parameters()), 1.0 - kept
            )

    def _row(self, losses: list[float]) -> str:
        held_out = likelihood(self.averaged, self.chorales.validation, quick=True)
        row = {
            "step": self.step,
            "spent_s": round(self.spent_s, 1),
            "train_nats_per_step": round(float(np.mean(losses)), 4),
            "validation": round(held_out.total, 4),
            "place": round(held_out.place, 4),
            "symbol": round(held_out.symbol, 4),
        }
        return json.dumps(row)
