"""Every number that shapes the composer's training, in one frozen place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """Defaults are what the shipped model was trained with."""

    hidden: int = 512
    """Units of each of the two GRU layers."""
    heads: int = 2
    head_size: int = 64
    """Heads of the attention between the two layers, and the size of their keys and values."""
    memory: int = 512
    """Events before a window that the attention still sees."""
    place_size: int = 48
    symbol_size: int = 160
    duration_size: int = 32
    chord_size: int = 64
    condition_size: int = 96
    symbol_head: int = 256
    duration_head: int = 192
    dropout: float = 0.15

    batch: int = 64
    """Sequences read side by side."""
    window: int = 128
    """Events between two weight updates; the hidden state is carried over."""
    learning_rate: float = 2e-3
    warmup_steps: int = 200
    weight_decay: float = 0.01
    matrix_decay: float = 0.05
    """Weight decay of the trunk's matrices."""
    clip: float = 1.0
    control_dropout: float = 0.15
    """Chance that one control of a sequence is withheld."""
    condition_dropout: float = 0.1
    """Chance that all controls of a sequence are withheld, so that guidance works."""
    calm_share: float = 0.2
    """Share of the training, at its end, that reads only calm keyboard, piano, hymns and songs."""
    seed: int = 20
