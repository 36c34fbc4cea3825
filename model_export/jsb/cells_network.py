"""The plain baseline: three GRU layers, one step a cell (TonicNet's, arXiv:1911.11775).

It hears the cell before and how long that was held, and whose cell is next. Unlike TonicNet it is
given no chords: those are a function of the notes that are to be predicted.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from model_export.composer.trunk import Carried
from model_export.jsb.body import GruBody
from model_export.jsb.cells import (
    BEFORE,
    CELL,
    LASTING,
    PLACE,
    SYMBOLS,
    TARGET,
    VOICE,
    CellsReading,
)
from model_export.jsb.chorales import BAR, LONGEST, PADDING, VOICES
from model_export.jsb.hyperparameters import Hyperparameters
from model_export.jsb.model import ChoraleModel, Nats


class CellsNetwork(ChoraleModel):
    """Batches are (B, T, COLUMNS) of ``cells``."""

    def __init__(self, numbers: Hyperparameters) -> None:
        super().__init__()
        self.reading = CellsReading()
        n = numbers
        self.cell = nn.Embedding(SYMBOLS, n.cell_size)
        self.lasting = nn.Embedding(LONGEST + 1, n.cell_size)
        self.moment = nn.Embedding(BAR * VOICES, n.wish_size)
        self.body = GruBody(seen=n.cell_size, wish=n.wish_size, hidden=n.hidden, dropout=n.dropout)
        self.out = nn.Linear(n.hidden, BEFORE)

    def nats(self, batch: Tensor, carried: Carried) -> tuple[Nats, Carried]:
        """Return the nats of the targets, and what the next window needs."""
        seen = self.cell(batch[..., CELL]) + self.lasting(batch[..., LASTING])
        moment = self.moment(batch[..., PLACE] * VOICES + batch[..., VOICE])
        out, carried = self.body(seen, moment, carried)
        target = batch[..., TARGET]
        nats = functional.cross_entropy(
            self.out(out).float().flatten(0, -2),
            target.flatten(),
            ignore_index=PADDING,
            reduction="none",
        ).view(target.shape)
        return Nats(torch.zeros_like(nats), nats), carried
