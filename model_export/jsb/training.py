"""Training on the chorales, on a CPU, for so many seconds of the processor's own time."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch

from model_export.composer.trunk import Carried
from model_export.jsb.batches import Batch, training_batches
from model_export.jsb.cells import NOTHING, TARGET, reference_nats
from model_export.jsb.chorales import Chorales
from model_export.jsb.evaluation import nats_per_cell
from model_export.jsb.hyperparameters import Hyperparameters
from model_export.jsb.network import ChoraleNetwork


class Training:
    """One run: ``network`` is trained, ``averaged`` is its running average, which is evaluated."""

    def __init__(
        self, numbers: Hyperparameters, chorales: Chorales,
        clock: Callable[[], float] = time.process_time,
    ) -> None:  # fmt: skip
        torch.manual_seed(numbers.seed)
        self.numbers, self.chorales, self.clock = numbers, chorales, clock
        self.network = ChoraleNetwork(numbers)
        self.network.reference_nats.copy_(torch.from_numpy(reference_nats(chorales.train)))
        self.averaged = copy.deepcopy(self.network)
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=numbers.learning_rate, betas=(0.9, 0.98),
            weight_decay=numbers.weight_decay, fused=True,
        )  # fmt: skip
        self.step = 0
        self.spent_s = 0.0

    def run(self, budget_s: float, say: Callable[[str], None], every: int = 200) -> None:
        """Train until ``budget_s`` of processor time are spent; evaluations are not counted in."""
        generator = np.random.default_rng(self.numbers.seed)
        batches = training_batches(self.chorales.train, self.numbers, generator)
        carried = self.network.body.nothing(self.numbers.batch)
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
        rate = self.numbers.learning_rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * spent)))
        for group in self.optimiser.param_groups:
            group["lr"] = rate * min(1.0, (self.step + 1) / self.numbers.warmup_steps)
        self.network.train()
        batch = next(batches)
        with torch.autocast("cpu", torch.bfloat16):
            nats, carried = self.network.nats(batch.cells, carried.forgetting(batch.fresh))
        real = batch.cells[..., TARGET] != NOTHING
        loss = torch.where(real, nats, 0.0).sum() / real.sum()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own stub
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.numbers.clip)
        self.optimiser.step()
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
        held_out = nats_per_cell(self.averaged, self.chorales.validation, quick=True)
        row = {
            "step": self.step,
            "spent_s": round(self.spent_s, 1),
            "train": round(float(np.mean(losses)), 4),
            "validation": round(held_out, 4),
        }
        return json.dumps(row)
