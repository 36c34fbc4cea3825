"""Every number that shapes the training on the chorales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """One frozen place for both models; ``heads`` to ``memory`` mean nothing to the baseline."""

    model: str = "ours"
    """``ours``: the composer's trunk; ``gru``: three plain GRU layers."""
    hidden: int = 256
    heads: int = 2
    head_size: int = 64
    memory: int = 512
    """Cells before a window that the attention still sees."""
    symbol_size: int = 48
    held_size: int = 8
    place_size: int = 16
    voice_size: int = 8
    move_size: int = 8
    wish_size: int = 96
    """What of the cell asked for enters both layers."""
    head_hidden: int = 256
    dropout: float = 0.3
    head_dropout: float = 0.2

    batch: int = 32
    """Chorales read side by side."""
    window: int = 256
    """Cells between two weight updates; the hidden state is carried over."""
    learning_rate: float = 3e-3
    warmup_steps: int = 50
    weight_decay: float = 0.02
    clip: float = 1.0
    average: float = 0.998
    """The weights that are evaluated are a running average with this memory."""
    transpose: bool = True
    """Whether each reading of a chorale is transposed at random within the voices' ranges."""
    seed: int = 20


BEST: Final = {
    "ours": Hyperparameters(model="ours"),
    "gru": Hyperparameters(model="gru"),
}
"""Of each model, the numbers that did best on the validation split."""
