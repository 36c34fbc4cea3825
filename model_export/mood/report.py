"""Everything that is measured on a finished model, in one object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray

from firmware_py.messages.mood import MOOD_LABELS
from firmware_py.mood.features import clean, feature_rows, split_units
from firmware_py.mood.model_file import MoodModel
from firmware_py.mood.reader import NetworkMoodReader
from model_export.mood.baselines import Lexicon, LogisticBaseline
from model_export.mood.collect import PublicData
from model_export.mood.evaluation import (
    DataSetFigures,
    HeldOutFigures,
    Probabilities,
    clear_sign,
    data_set_figures,
    held_out_figures,
    with_main_mood,
)
from model_export.mood.phrase_book import HeldOut
from model_export.mood.rows import Row
from model_export.mood.shipped import ShippedNet

_PARITY_TEXTS = 400
_WORST = 12


@dataclass(frozen=True, slots=True)
class Parity:
    """The same texts through the device's ONNX (int8), and torch in int8 and in fp32."""

    texts: int
    onnx_torch_int8: float
    """Largest difference of a probability."""
    int8_fp32: float
    same_label: float
    """Share of texts that int8 and fp32 name the same."""


@dataclass(frozen=True, slots=True)
class Speed:
    """One thread of this machine, medians over sentences of 4 to 20 words."""

    read_ms: float
    """With the explanation."""
    network_ms: float


@dataclass(frozen=True, slots=True)
class Mistake:
    """A held-out sentence that was read wrongly."""

    text: str
    meant: str
    named: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Report:
    """All figures; keys of the dictionaries are languages or data sets."""

    held_out: dict[str, HeldOutFigures]
    held_out_baseline: dict[str, HeldOutFigures]
    lexicon_valence_sign: float
    """VADER's words, English held-out sentences with a clear sign."""
    goals: dict[str, float]
    data_sets: dict[str, DataSetFigures]
    data_sets_baseline: dict[str, DataSetFigures]
    reliability: list[tuple[float, float, int]]
    """Per bin of confidence: mean confidence, accuracy, held-out sentences in it."""
    parity: Parity
    speed: Speed
    mistakes: list[Mistake]


def measure(
    model: MoodModel,
    data: PublicData,
    held_out: Sequence[HeldOut],
    baseline: LogisticBaseline,
    lexicon: Lexicon,
    parity: Parity,
) -> Report:
    """Measure the shipped model as the device runs it, and the baselines beside it."""
    tests = {
        "EmpatheticDialogues": with_main_mood(data.empathetic["test"]),
        "GoEmotions": with_main_mood(data.goemotions["test"]),
        "BRIGHTER en": with_main_mood(data.brighter_en["test"]),
        "BRIGHTER zh": with_main_mood(data.brighter_zh["test"]),
    }
    found = {name: probabilities(model, [row.text for row in rows]) for name, rows in tests.items()}
    by_language = {
        language: [item for item in held_out if item.language == language]
        for language in ("en", "zh")
    }
    return Report(
        held_out={
            language: held_out_figures(items, probabilities(model, _texts(items)))
            for language, items in by_language.items()
        },
        held_out_baseline={
            language: held_out_figures(items, baseline.probabilities(_texts(items)))
            for language, items in by_language.items()
        },
        lexicon_valence_sign=_lexicon_sign(lexicon, by_language["en"]),
        goals={language: _goals(model, items) for language, items in by_language.items()},
        data_sets={name: data_set_figures(rows, found[name]) for name, rows in tests.items()},
        data_sets_baseline={
            name: data_set_figures(rows, baseline.probabilities([row.text for row in rows]))
            for name, rows in tests.items()
        },
        reliability=_reliability(model, held_out),
        parity=parity,
        speed=_speed(model, _texts(held_out)),
        mistakes=_worst(model, held_out),
    )


def probabilities(model: MoodModel, texts: Sequence[str]) -> Probabilities:
    """Return the device's answers, (n, 15)."""
    parts = [
        model.scores([split_units(clean(text)) for text in texts[start : start + 256]]).mood
        for start in range(0, len(texts), 256)
    ]
    joined: Probabilities = np.concatenate(parts).astype(np.float64)
    return joined


def check_parity(
    model: MoodModel, int8: ShippedNet, fp32: ShippedNet, rows: Sequence[Row]
) -> Parity:
    """Compare the three forms of one network on some texts."""
    texts = [row.text for row in rows[:: max(1, len(rows) // _PARITY_TEXTS)]][:_PARITY_TEXTS]
    device, rounded, exact = probabilities(model, texts), _torch(int8, texts), _torch(fp32, texts)
    return Parity(
        texts=len(texts),
        onnx_torch_int8=float(np.abs(device - rounded).max()),
        int8_fp32=float(np.abs(rounded - exact).max()),
        same_label=float((rounded.argmax(1) == exact.argmax(1)).mean()),
    )


def _texts(items: Sequence[HeldOut]) -> list[str]:
    return [item.text for item in items]


def _torch(net: ShippedNet, texts: Sequence[str]) -> NDArray[np.float64]:
    answers = []
    with torch.no_grad():
        for text in texts:
            ids = torch.tensor([feature_rows(split_units(clean(text)))])
            answers.append(net(ids)[0][0].numpy())
    return np.array(answers, dtype=np.float64)


def _lexicon_sign(lexicon: Lexicon, items: Sequence[HeldOut]) -> float:
    clear = [(item, clear_sign(item)) for item in items if clear_sign(item)]
    return float(np.mean([np.sign(lexicon.valence(item.text)) == sign for item, sign in clear]))


def _goals(model: MoodModel, items: Sequence[HeldOut]) -> float:
    """Return the share of sentences with the right goal hint, or rightly none."""
    reader = NetworkMoodReader(model)
    return float(np.mean([reader.read(item.text).goal_hint == item.goal for item in items]))


def _reliability(model: MoodModel, items: Sequence[HeldOut]) -> list[tuple[float, float, int]]:
    found = probabilities(model, _texts(items))
    named = [MOOD_LABELS[index] for index in found.argmax(axis=1)]
    right = np.array([label in item.labels for item, label in zip(items, named, strict=True)])
    confidence = found.max(axis=1)
    bins = np.minimum((confidence * 5).astype(int), 4)
    return [
        (
            float(confidence[bins == b].mean()),
            float(right[bins == b].mean()),
            int((bins == b).sum()),
        )
        for b in range(5)
        if (bins == b).any()
    ]


def _worst(model: MoodModel, items: Sequence[HeldOut]) -> list[Mistake]:
    found = probabilities(model, _texts(items))
    mistakes = [
        Mistake(item.text, item.labels[0], MOOD_LABELS[int(row.argmax())], float(row.max()))
        for item, row in zip(items, found, strict=True)
        if MOOD_LABELS[int(row.argmax())] not in item.labels
    ]
    return sorted(mistakes, key=lambda mistake: -mistake.confidence)[:_WORST]


def _speed(model: MoodModel, texts: Sequence[str]) -> Speed:
    chosen = [text for text in texts if 4 <= len(split_units(clean(text))) <= 20][::4]
    reader = NetworkMoodReader(model)
    return Speed(
        read_ms=_median_ms(reader.read, chosen),
        network_ms=_median_ms(lambda text: model.scores([split_units(clean(text))]), chosen),
    )


def _median_ms(call: Callable[[str], object], texts: Sequence[str]) -> float:
    times = []
    for text in texts:
        started = perf_counter()
        call(text)
        times.append(perf_counter() - started)
    return float(np.median(times) * 1000)
