"""Calibrates confidence, and weighs the two ways to valence and arousal.

Measured with a network that was trained without a share of the phrase book's entries, on exactly
those entries (words it has never seen in a labelled phrase) and on the data sets' dev splits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model_export.mood.dataset import Table
from model_export.mood.net import MoodNet, label_plane
from model_export.mood.rows import ORIGINS
from model_export.mood.shipped import Calibration

_TEMPERATURES = np.geomspace(0.5, 6.0, 60)
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_BINS = 10


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a network says of a table's rows that have a mood, n of them."""

    scores: Tensor
    """(n, 15), before softmax."""
    va: Tensor
    moods: Tensor
    va_target: Tensor
    is_phrase: NDArray[np.bool_]


def predict(net: MoodNet, table: Table) -> Predictions:
    """Run ``net`` over ``table``."""
    scores, va, moods, target, origins = [], [], [], [], []
    with torch.no_grad():
        for batch in table.batches(512):
            known = batch.moods.sum(1) > 0
            readings = net(batch.known, batch.grams)
            scores.append(readings.mood[known])
            va.append(readings.va[known])
            moods.append(batch.moods[known])
            target.append(batch.va[known])
            origins.append(batch.origins[known.numpy()])
    is_phrase = np.concatenate(origins) == ORIGINS.index("phrases")
    return Predictions(
        torch.cat(scores), torch.cat(va), torch.cat(moods), torch.cat(target), is_phrase
    )


def calibrate(unseen: Predictions) -> Calibration:
    """Return the temperature and the share with the least error on rows not trained on."""
    losses = [_balanced_loss(unseen, float(t)) for t in _TEMPERATURES]
    temperature = float(_TEMPERATURES[int(np.argmin(losses))])
    expected = torch.softmax(unseen.scores / temperature, 1) @ label_plane()
    errors = [
        float(((share * unseen.va + (1 - share) * expected - unseen.va_target) ** 2).mean())
        for share in _SHARES
    ]
    return Calibration(round(temperature, 3), _SHARES[int(np.argmin(errors))])


def expected_calibration_error(
    confidence: NDArray[np.float64], is_right: NDArray[np.bool_]
) -> float:
    """Return the gap between confidence and accuracy, over ten bins of equal width.

    Naeini et al., AAAI 2015; 0 is perfect.
    """
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(confidence[bins == b].mean() - is_right[bins == b].mean()) * (bins == b).mean()
        for b in range(_BINS)
        if (bins == b).any()
    ]
    return float(sum(gaps))


def _balanced_loss(unseen: Predictions, temperature: float) -> float:
    """Return the mean of the losses on phrases and on data sets, each counted the same."""
    losses = -(unseen.moods * torch.log_softmax(unseen.scores / temperature, 1)).sum(1).numpy()
    parts = [losses[unseen.is_phrase], losses[~unseen.is_phrase]]
    return float(np.mean([part.mean() for part in parts if len(part)]))
