"""The data sets' own tasks, with the auxiliary heads: figures that others have published too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from model_export.mood.collect import PublicData
from model_export.mood.dataset import EMPATHETIC_LABELS, GOEMOTIONS_LABELS, Table
from model_export.mood.label_map import NINE_GROUPS
from model_export.mood.net import MoodNet
from model_export.mood.rows import Row

_EKMAN: Final[dict[str, str]] = {
    "anger": "anger annoyance disapproval",
    "disgust": "disgust",
    "fear": "fear nervousness",
    "joy": (
        "joy amusement approval excitement gratitude love optimism relief pride admiration desire "
        "caring"
    ),
    "sadness": "sadness disappointment embarrassment grief remorse",
    "surprise": "surprise realization confusion curiosity",
    "neutral": "neutral",
}
"""GoEmotions' grouping after Ekman, as its paper gives it."""
Scored = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Scores or chances, and the true labels as 0 and 1, each (n, labels)."""
_CUTS: Final = np.linspace(0.05, 0.6, 23)


@dataclass(frozen=True, slots=True)
class OwnTasks:
    """Figures on the data sets' own labels."""

    empathetic_accuracy_32: float
    empathetic_macro_f1_nine: float
    goemotions_macro_f1_ekman: float
    brighter_zh_macro_f1: float
    brighter_en_macro_f1: float


def own_tasks(net: MoodNet, data: PublicData) -> OwnTasks:
    """Measure ``net`` on the test splits; cuts are chosen on the dev splits."""
    accuracy, nine = _empathetic(net, data.empathetic["test"])
    return OwnTasks(
        empathetic_accuracy_32=accuracy,
        empathetic_macro_f1_nine=nine,
        goemotions_macro_f1_ekman=_goemotions(net, data),
        brighter_zh_macro_f1=_brighter(net, data.brighter_zh["dev"], data.brighter_zh["test"], 6),
        brighter_en_macro_f1=_brighter(net, data.brighter_en["dev"], data.brighter_en["test"], 5),
    )


def _head(net: MoodNet, rows: Sequence[Row], name: str) -> Scored:
    """Return a head's scores and the true labels, each (n, labels)."""
    scores, labels = [], []
    with torch.no_grad():
        for batch in Table(rows).batches(512):
            features = net(batch.known, batch.grams).features
            scores.append(net.auxiliary[name](features).double().numpy())
            labels.append(batch.own[name].numpy().astype(np.int64))
    return np.concatenate(scores), np.concatenate(labels)


def _empathetic(net: MoodNet, rows: Sequence[Row]) -> tuple[float, float]:
    scores, labels = _head(net, rows, "empathetic")
    accuracy = float((scores.argmax(1) == labels.argmax(1)).mean())
    chances = np.exp(scores - scores.max(1, keepdims=True))
    groups = sorted(set(NINE_GROUPS.values()))
    member = np.array(
        [[NINE_GROUPS.get(label) == group for group in groups] for label in EMPATHETIC_LABELS]
    ).astype(float)
    truth = labels @ member
    counted = truth.sum(1) > 0
    named = (chances @ member).argmax(1)
    f1 = f1_score(truth.argmax(1)[counted], named[counted], average="macro")
    return accuracy, float(f1)


def _goemotions(net: MoodNet, data: PublicData) -> float:
    member = np.array(
        [[name in names.split() for names in _EKMAN.values()] for name in GOEMOTIONS_LABELS]
    )

    def grouped(rows: Sequence[Row]) -> Scored:
        scores, labels = _head(net, rows, "goemotions")
        chances = 1.0 / (1.0 + np.exp(-scores))
        joined = 1.0 - np.stack([np.prod(1.0 - chances[:, m], axis=1) for m in member.T], axis=1)
        return joined, (labels @ member > 0).astype(np.int64)

    return _cut_f1(grouped(data.goemotions["dev"]), grouped(data.goemotions["test"]))


def _brighter(net: MoodNet, dev: Sequence[Row], test: Sequence[Row], count: int) -> float:
    """``count``: emotions that the language's part labels (English has no disgust)."""

    def chances(rows: Sequence[Row]) -> Scored:
        scores, labels = _head(net, rows, "brighter")
        used = list(range(6)) if count == 6 else [0, 2, 3, 4, 5]
        return 1.0 / (1.0 + np.exp(-scores[:, used])), labels[:, used]

    return _cut_f1(chances(dev), chances(test))


def _cut_f1(dev: Scored, test: Scored) -> float:
    """Return macro-F1 on test with the cut of each label that is best on dev."""
    scores = []
    for column in range(dev[0].shape[1]):
        at_cut = [
            f1_score(dev[1][:, column], dev[0][:, column] > c, zero_division=0) for c in _CUTS
        ]
        cut = _CUTS[int(np.argmax(at_cut))]
        scores.append(f1_score(test[1][:, column], test[0][:, column] > cut, zero_division=0))
    return float(np.mean(scores))
