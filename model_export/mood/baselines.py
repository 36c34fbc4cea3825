"""What the model is compared with: a lexicon for valence, and TF-IDF with logistic regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import FeatureUnion, Pipeline

from firmware_py.messages.mood import MOOD_LABELS
from firmware_py.mood.features import clean, split_units
from model_export.mood.rows import Row
from model_export.mood.sources import VADER, read_archive, spoken

_NEGATION: Final = -0.74
"""VADER's factor for a word after a negation (Hutto and Gilbert, ICWSM 2014)."""
_NORMAL: Final = 15.0
"""VADER's constant in sum / sqrt(sum^2 + 15)."""
_NEGATORS: Final = frozenset(("not", "no", "never", "without", "hardly"))


class Lexicon:
    """VADER's word list with its negation and normalisation.

    Its rules for punctuation, capitals and boosters are left out.
    """

    def __init__(self, folder: Path) -> None:
        (text,) = read_archive(folder, VADER, lambda name: name.endswith("lexicon.txt")).values()
        self._valence: Mapping[str, float] = {
            line.split("\t")[0]: float(line.split("\t")[1]) for line in text.splitlines() if line
        }

    def valence(self, text: str) -> float:
        """Return the valence of a text in [-1, 1]; 0 when no word is listed."""
        keys = [unit.key for unit in split_units(clean(text))]
        total = 0.0
        for at, key in enumerate(keys):
            value = self._valence.get(key, 0.0)
            before = keys[max(0, at - 3) : at]
            if any(word in _NEGATORS or word.endswith("n't") for word in before):
                value *= _NEGATION
            total += value
        return float(total / np.sqrt(total * total + _NORMAL))


class LogisticBaseline:
    """TF-IDF of words (1, 2) and characters (2 to 4 inside words), logistic regression by SGD."""

    def __init__(self, rows: Sequence[Row], seed: int) -> None:
        known = [row for row in rows if row.moods]
        labels = [max(row.moods, key=lambda label: row.moods[label]) for row in known]
        features = FeatureUnion(
            [
                ("words", TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True)),
                (
                    "characters",
                    TfidfVectorizer(
                        analyzer="char_wb",
                        ngram_range=(2, 4),
                        min_df=5,
                        sublinear_tf=True,
                        max_features=120_000,
                    ),
                ),
            ]
        )
        classifier = SGDClassifier(
            loss="log_loss", alpha=2e-6, max_iter=8, tol=None, average=True, random_state=seed
        )
        self._pipeline = Pipeline([("features", features), ("classifier", classifier)])
        self._pipeline.fit([spoken(row.text) for row in known], labels)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return (n, 15) in the order of ``MOOD_LABELS``."""
        found = self._pipeline.predict_proba([spoken(text) for text in texts])
        columns = list(self._pipeline.classes_)
        ordered = np.zeros((len(texts), len(MOOD_LABELS)))
        for at, label in enumerate(MOOD_LABELS):
            if label in columns:
                ordered[:, at] = found[:, columns.index(label)]
        return ordered
