"""Joint nats a cell over whole chorales, in fp32, every cell counted once and alike."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from model_export.composer.precision import autocast
from model_export.jsb.batches import evaluation_batches
from model_export.jsb.chorales import VOICES, Chorale
from model_export.jsb.model import ChoraleModel


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Nats a cell: all of them, and the parts that are added up."""

    total: float
    reference: float
    place: float
    symbol: float
    cells: int


def likelihood(
    network: ChoraleModel, chorales: tuple[Chorale, ...], *, quick: bool = False
) -> Likelihood:
    """Return all nats of all chorales divided by all their cells.

    ``quick`` computes as training does. Hidden states begin at zero; padding is not counted.
    """
    network.eval()
    cells = sum(VOICES * len(chorale) for chorale in chorales)
    reference = sum(network.reference(c) for c in chorales) / cells
    place = symbol = 0.0
    carried = network.nothing(0)
    with torch.no_grad():
        for batch in evaluation_batches(network.reading, chorales):
            if bool(batch.fresh.any()):
                carried = network.nothing(len(batch.fresh))
            with autocast("cpu", wanted=quick):
                nats, carried = network.nats(batch.rows, carried)
            place += float(nats.place.double().sum()) / cells
            symbol += float(nats.symbol.double().sum()) / cells
    return Likelihood(reference + place + symbol, reference, place, symbol, cells)
