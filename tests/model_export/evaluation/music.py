"""Made-up music for the tests: a pulse, a key, and a seed."""

from __future__ import annotations

import numpy as np

from model_export.baselines.excerpt import Excerpt

SCALE = np.array([60, 62, 64, 65, 67, 69, 71, 72])


def tune(seed: int, bars: int = 8, *, rhythmic: bool = True) -> Excerpt:
    """A walk on the scale over a bass note; quarters and eighths."""
    random = np.random.default_rng(seed)
    rows = []
    degree = 3
    for bar in range(bars):
        start = 0
        while start < 96:
            length = int(random.choice([12, 24, 48])) if rhythmic else 24
            length = min(length, 96 - start)
            degree = int(np.clip(degree + random.integers(-1, 2), 0, 7))
            rows.append((bar, start, length, int(SCALE[degree])))
            if start == 0:
                rows.append((bar, 0, 96, 48))
            start += length
    return Excerpt(np.array(rows, dtype=np.int32), bars, 96)


def with_pitches(excerpt: Excerpt, pitches: np.ndarray) -> Excerpt:
    notes = excerpt.notes.copy()
    notes[:, 3] = pitches
    order = np.lexsort((-notes[:, 3], notes[:, 1], notes[:, 0]))
    return Excerpt(notes[order], excerpt.bars, excerpt.bar_steps)


def moved(excerpt: Excerpt, semitones: int) -> Excerpt:
    return with_pitches(excerpt, excerpt.notes[:, 3] + semitones)


def joined(*parts: Excerpt) -> Excerpt:
    tables, bars = [], 0
    for part in parts:
        tables.append(part.notes + np.array([bars, 0, 0, 0], dtype=np.int32))
        bars += part.bars
    return Excerpt(np.concatenate(tables).astype(np.int32), bars, 96)
