"""Training a token network for so many CPU seconds, stoppable and resumable at any moment.

The optimisers (Muon for the trunk's matrices, AdamW for all else), the cosine over the budget and
the precision (bfloat16 where it is faster) are those of our model's training, so that none of
them explains a difference.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from model_export.baselines.score import token_nats
from model_export.baselines.token_batches import TokenBatch
from model_export.baselines.token_network import TokenNetwork
from model_export.composer.optimisers import descend, matrices_of, optimisers, rate_at
from model_export.composer.precision import autocast


@dataclass(frozen=True, slots=True)
class TokenNumbers:
    """Every number that shapes the training of a token network."""

    learning_rate: float
    batch: int
    """Rows read side by side."""
    window: int
    """Tokens of a row between two weight updates."""
    muon: bool = True
    """Muon for the matrices of the trunk; else AdamW for everything."""
    weight_decay: float = 0.01
    matrix_decay: float = 0.05
    warmup_steps: int = 100
    clip: float = 1.0
    seed: int = 20


class TokenTraining:
    """One run in one folder: ``checkpoint.pt``, ``best.pt`` (weights alone) and ``log.jsonl``."""

    def __init__(
        self,
        folder: Path,
        network: TokenNetwork,
        numbers: TokenNumbers,
        *,
        carries: bool,
        clock: Callable[[], float] = time.process_time,
    ) -> None:
        self.folder, self.network, self.numbers = folder, network, numbers
        self.carries, self.clock = carries, clock
        self.optimisers = optimisers(
            network,
            matrices_of(network.trunk) if numbers.muon else [],
            learning_rate=numbers.learning_rate,
            weight_decay=numbers.weight_decay,
            matrix_decay=numbers.matrix_decay,
        )
        self.step = 0
        self.spent_s = 0.0
        self.best = math.inf
        folder.mkdir(parents=True, exist_ok=True)

    def resume(self) -> bool:
        """Go on from the last checkpoint; False when there is none."""
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return False
        saved = torch.load(path, weights_only=True)
        self.network.load_state_dict(saved["network"])
        for optimiser, state in zip(self.optimisers, saved["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        self.step, self.spent_s, self.best = saved["step"], saved["spent_s"], saved["best"]
        return True

    def run(
        self,
        batches: Callable[[np.random.Generator], Iterator[TokenBatch]],
        validate: Callable[[], float],
        budget_s: float,
        say: Callable[[str], None],
        reports: int = 12,
    ) -> None:
        """Train until the budget, earlier runs counted in, is spent.

        ``validate`` returns held-out nats a note and costs nothing of the budget.
        """
        if self.spent_s >= budget_s:
            return
        source = batches(np.random.default_rng(self.numbers.seed + self.step))
        state = self.network.nothing(self.numbers.batch)
        losses: list[float] = []
        due = self.spent_s + budget_s / reports
        while self.spent_s < budget_s:
            begun = self.clock()
            state, loss = self._update(next(source), state, self.spent_s / budget_s)
            losses.append(loss)
            self.step += 1
            self.spent_s += self.clock() - begun
            if self.spent_s >= min(due, budget_s):
                due = self.spent_s + budget_s / reports
                self._report(losses, validate, self.spent_s / budget_s, say)
                losses.clear()

    def _update(
        self, batch: TokenBatch, state: tuple[Tensor, ...], spent: float
    ) -> tuple[tuple[Tensor, ...], float]:
        numbers = self.numbers
        self.network.train()
        with autocast("cpu"):
            logits, after = self.network(
                batch.tokens, batch.places, _forgetting(state, batch.fresh)
            )
        loss = token_nats(logits, batch.target).sum() / (batch.target >= 0).sum()
        rate = rate_at(
            self.step, spent, highest=numbers.learning_rate, warmup_steps=numbers.warmup_steps
        )
        descend(self.network, self.optimisers, loss, rate=rate, clip=numbers.clip)
        return (after if self.carries else state), float(loss.detach())

    def _report(
        self,
        losses: list[float],
        validate: Callable[[], float],
        share: float,
        say: Callable[[str], None],
    ) -> None:
        self.network.eval()
        held_out = validate()
        if held_out < self.best:
            self.best = held_out
            self._write("best.pt", {"network": self.network.state_dict()})
        self._write(
            "checkpoint.pt",
            {
                "network": self.network.state_dict(),
                "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
                "step": self.step,
                "spent_s": self.spent_s,
                "best": self.best,
                "numbers": asdict(self.numbers),
            },
        )
        row = {
            "step": self.step,
            "spent_s": round(self.spent_s, 1),
            "share": round(share, 4),
            "train_nats_per_token": round(float(np.mean(losses)), 4),
            "validation_nats_per_note": round(held_out, 4),
        }
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")
        say(json.dumps(row))

    def _write(self, name: str, content: dict[str, object]) -> None:
        temporary = self.folder / f".{name}.part"
        torch.save(content, temporary)
        temporary.replace(self.folder / name)


def _forgetting(state: tuple[Tensor, ...], fresh: Tensor) -> tuple[Tensor, ...]:
    """Return the state emptied in the rows that begin new music; rows are its second axis."""
    return tuple(
        torch.where(fresh[None, :, None], 0.0, part) if part.dim() == 3 else part for part in state
    )
