"""Joint nats a cell over whole chorales, in fp32, every cell counted once and alike."""

from __future__ import annotations

import torch

from model_export.jsb.batches import evaluation_batches
from model_export.jsb.cells import NOTHING, TARGET, move_of
from model_export.jsb.chorales import VOICES, Chorale
from model_export.jsb.network import ChoraleNetwork


def nats_per_cell(
    network: ChoraleNetwork, chorales: tuple[Chorale, ...], *, quick: bool = False
) -> float:
    """Return all nats of all chorales, each one's reference counted, divided by all cells.

    ``quick`` computes in bfloat16. Hidden states begin at zero; padding is not counted.
    """
    network.eval()
    total = sum(float(network.reference_nats[move_of(chorale)]) for chorale in chorales)
    carried = network.body.nothing(0)
    with torch.no_grad():
        for batch in evaluation_batches(chorales):
            if bool(batch.fresh.any()):
                carried = network.body.nothing(len(batch.fresh))
            with torch.autocast("cpu", torch.bfloat16, enabled=quick):
                nats, carried = network.nats(batch.cells, carried)
            real = batch.cells[..., TARGET] != NOTHING
            total += float(torch.where(real, nats, 0.0).double().sum())
    return total / sum(VOICES * len(chorale) for chorale in chorales)
