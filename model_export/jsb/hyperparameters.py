"""Every number that shapes the training on the chorales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """One frozen place for all models; a baseline leaves out what it does not have."""

    model: str = "ours"
    """``ours``: the composer's trunk, a step a change; ``gru``: three plain GRU layers, a step a
    cell; ``gru-changes``: the same three layers in the place of our trunk, all else ours."""
    hidden: int = 256
    heads: int = 2
    head_size: int = 64
    memory: int = 256
    """Changes before a window that the attention still sees."""
    class_size: int = 16
    height_size: int = 16
    """Of a sounding pitch: its class, one table for all voices, and its height, a table each."""
    held_size: int = 8
    leap_size: int = 8
    lasted_size: int = 6
    interval_size: int = 12
    cell_size: int = 128
    """Of the cell before, for who reads cell by cell."""
    wish_size: int = 48
    """Where in the bar a change is and how far the chorale was moved: it enters both layers."""
    place_hidden: int = 128
    symbol_hidden: int = 256
    dropout: float = 0.45
    """In the body: the same units through a whole window."""
    seen_dropout: float = 0.3
    head_dropout: float = 0.3
    """Of what the heads see beside the body, and inside them."""

    batch: int = 32
    """Chorales read side by side."""
    window: int = 96
    """Changes between two weight updates; the hidden state is carried over."""
    learning_rate: float = 3e-3
    warmup_steps: int = 50
    weight_decay: float = 0.1
    clip: float = 1.0
    average: float = 0.998
    """The weights that are evaluated are a running average with this memory."""
    transpose: bool = True
    """Whether each reading of a chorale is transposed at random within the voices' ranges."""
    astray: float = 0.3
    """Chance that a chorale is read from another reference than its first bass note."""
    seed: int = 20


BEST: Final = {
    "ours": Hyperparameters(),
    "gru-changes": Hyperparameters(model="gru-changes"),
    "gru": Hyperparameters(model="gru", window=256),
}
"""Of each model, the numbers that did best on the validation split."""
