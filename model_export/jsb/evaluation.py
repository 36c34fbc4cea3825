"""Joint nats a cell over whole chorales, in fp32, every cell counted once and alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

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
    return mixture((network,), chorales, quick=quick)


def mixture(
    networks: Sequence[ChoraleModel], chorales: tuple[Chorale, ...], *, quick: bool = False
) -> Likelihood:
    """Return the likelihood of the mean of what ``networks`` give each place, then each symbol.

    They read alike: same model, same training split. A mean of distributions is a distribution, so
    this is as proper a likelihood as that of one network.
    """
    first = networks[0]
    cells = sum(VOICES * len(chorale) for chorale in chorales)
    reference = sum(first.reference(c) for c in chorales) / cells
    place = symbol = 0.0
    carried = [network.eval().nothing(0) for network in networks]
    with torch.no_grad():
        for batch in evaluation_batches(first.reading, chorales):
            if bool(batch.fresh.any()):
                carried = [network.nothing(len(batch.fresh)) for network in networks]
            found = []
            for index, network in enumerate(networks):
                with autocast("cpu", wanted=quick):
                    nats, carried[index] = network.nats(batch.rows, carried[index])
                found.append(nats)
            place += float(mean_nats([nats.place for nats in found]).sum()) / cells
            symbol += float(mean_nats([nats.symbol for nats in found]).sum()) / cells
    return Likelihood(reference + place + symbol, reference, place, symbol, cells)


def mean_nats(nats: list[Tensor]) -> Tensor:
    """Return the nats of the mean probability."""
    return math.log(len(nats)) - torch.logsumexp(-torch.stack(nats).double(), dim=0)
