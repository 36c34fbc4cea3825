"""Trains the network. Seeded; one thread, so that a seed means one result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from model_export.mood.dataset import Batch, Table
from model_export.mood.net import MoodNet, NetSize, Readings
from model_export.mood.rows import ORIGINS, Origin


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train."""

    seed: int = 7
    epochs: int = 5
    """Passes over as many rows as the table holds, drawn with the ``mix``."""
    batch: int = 256
    learning_rate: float = 4e-3
    known_rate: float = 0.2
    """Learning rate of rows that start from known vectors, as a share: moving slowly, words that
    training never shows stay comparable with those it shows."""
    weight_decay: float = 0.02
    word_dropout: float = 0.15
    gram_dropout: float = 0.4
    gramless: float = 0.2
    """Share of rows that lose all their grams, so that words alone must do."""
    mix: Mapping[Origin, float] = field(
        default_factory=lambda: {
            "phrases": 0.45,
            "empathetic": 0.25,
            "goemotions": 0.20,
            "brighter": 0.10,
        }
    )
    """Share of each origin among the drawn rows."""
    size: NetSize = field(default_factory=NetSize)


def train(table: Table, recipe: Recipe, known: Tensor | None = None) -> MoodNet:
    """Return a network trained on ``table``; prints one line an epoch.

    ``known``: vectors to start from (``MoodNet``).
    """
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    generator = np.random.default_rng(recipe.seed)
    net = MoodNet(recipe.size, known)
    chances = _chances(table, recipe)
    steps = max(1, recipe.epochs * len(table) // recipe.batch)
    rates = [recipe.learning_rate, recipe.learning_rate * recipe.known_rate]
    others: list[Tensor] = [
        parameter for name, parameter in net.named_parameters() if name != "known.rows"
    ]
    groups: list[dict[str, Any]] = [
        {"params": others},
        {"params": [net.known.rows], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(
        groups,
        lr=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=rates, total_steps=steps, pct_start=0.1
    )
    started, running = monotonic(), 0.0
    for step in range(steps):
        batch = table.batch(generator.choice(len(table), recipe.batch, p=chances))
        readings = net(batch.known, batch.grams, *_kept(batch, recipe))
        loss = joint_loss(net, readings, batch)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        running = 0.98 * running + 0.02 * loss.item() if step else loss.item()
        if (step + 1) % max(1, steps // recipe.epochs) == 0:
            print(f"step {step + 1}/{steps}  loss {running:.3f}  {monotonic() - started:.0f} s")
    return net.eval()


def _kept(batch: Batch, recipe: Recipe) -> tuple[Tensor, Tensor]:
    """Return which features of a batch stay, as 1 and 0."""
    known = (torch.rand(len(batch.known.ids)) > recipe.word_dropout).float()
    grams = (torch.rand(len(batch.grams.ids)) > recipe.gram_dropout).float()
    with_grams = (torch.rand(len(batch.grams.offsets)) > recipe.gramless).float()
    return known, grams * with_grams[batch.grams.owners]


def joint_loss(net: MoodNet, readings: Readings, batch: Batch) -> Tensor:
    """Return the mean loss of all heads over the rows that say something to each."""
    known = batch.moods.sum(1)
    mood = -(batch.moods * torch.log_softmax(readings.mood, dim=1)).sum(1).sum()
    va = ((readings.va - batch.va) ** 2).sum(1) * known
    goal = functional.cross_entropy(readings.goal, batch.goals, ignore_index=-1, reduction="sum")
    loss = mood + 2.0 * va.sum() + 0.5 * goal
    for name, head in net.auxiliary.items():
        mine = torch.from_numpy(batch.origins == ORIGINS.index(_origin(name)))
        if not mine.any():
            continue
        scores, labels = head(readings.features[mine]), batch.own[name][mine]
        if name == "empathetic":
            loss = loss - (labels * torch.log_softmax(scores, dim=1)).sum()
        else:
            loss = (
                loss
                + 0.5
                * functional.binary_cross_entropy_with_logits(
                    scores, labels, reduction="none"
                ).sum()
            )
    return loss / len(batch.goals)


def _origin(name: str) -> Origin:
    for origin in ORIGINS:
        if origin == name:
            return origin
    raise ValueError(name)


def _chances(table: Table, recipe: Recipe) -> NDArray[np.float64]:
    counts = np.bincount(table.origins, minlength=len(ORIGINS))
    weights = np.array(
        [
            recipe.mix[origin] / count if count else 0.0
            for origin, count in zip(ORIGINS, counts, strict=True)
        ]
    )
    chances: NDArray[np.float64] = weights[table.origins]
    chances /= chances.sum()
    return chances
