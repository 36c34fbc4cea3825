"""What one bar is like, in terms that a musician would use: the classifier's eyes, part one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.controls import roughness
from firmware_py.compose.vocabulary import CHORD_CLASSES, QUALITIES
from firmware_py.messages.score import STEPS_PER_QUARTER
from model_export.baselines.excerpt import Excerpt
from model_export.composer.chords import chords_of_bar
from model_export.evaluation.excerpts import bottom_line, cut, top_line

Features = dict[str, float]
_SCALE: Final = np.array([1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1], dtype=np.bool_)
_DEGREES: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_LENGTHS: Final = {"under 16th": 5, "16th": 8, "8th": 16, "quarter": 32, "half": 64, "longer": 9999}
"""The longest length in steps of each class: a length belongs to the first that holds it."""


def bar_features(excerpt: Excerpt) -> list[Features]:
    """Return the features of each bar; an empty bar has zeros but for ``silent bar``.

    Every feature is of the notes that begin in the bar; shares are 0 to 1, pitches semitones
    relative to C major / A minor (60 = the tonic of C at the middle), lengths are log2 quarters.
    """
    bars = [cut(excerpt.notes, bar, 1, excerpt.bar_steps) for bar in range(excerpt.bars)]
    return [_one(bar) for bar in bars]


def _one(bar: Excerpt) -> Features:
    filled = bar if len(bar.notes) else _SILENCE
    features = {name: value for part in _PARTS for name, value in part(filled).items()}
    if filled is not bar:
        features = dict.fromkeys(features, 0.0)
    return {**features, "silent bar": float(filled is not bar)}


def _density(bar: Excerpt) -> Features:
    quarters = bar.bar_steps / STEPS_PER_QUARTER
    starts, durations = bar.notes[:, 1], bar.notes[:, 2]
    _, chord_sizes = np.unique(starts, return_counts=True)
    inside = np.minimum(durations, bar.bar_steps - starts)
    sounding = np.zeros(bar.bar_steps)
    for start, length in zip(starts, inside, strict=True):
        sounding[start : start + length] += 1
    return {
        "onsets a quarter": len(chord_sizes) / quarters,
        "notes a quarter": len(starts) / quarters,
        "notes an onset, mean": float(chord_sizes.mean()),
        "notes an onset, most": float(chord_sizes.max()),
        "single-note onsets, share": float((chord_sizes == 1).mean()),
        "voices sounding, mean": float(sounding.mean()),
        "voices sounding, most": float(sounding.max()),
        "silence, share of the bar": float((sounding == 0).mean()),
        "notes over the bar line, share": float((starts + durations > bar.bar_steps).mean()),
    }


def _onset_places(bar: Excerpt) -> Features:
    starts = np.unique(bar.notes[:, 1])
    gaps = np.diff(np.append(starts, bar.bar_steps))
    beat = starts % STEPS_PER_QUARTER
    return {
        "onset on the downbeat": float(starts[0] == 0),
        "onset at the half bar": float((starts == bar.bar_steps // 2).any()),
        "onsets on quarters, share": float((beat == 0).mean()),
        "onsets on off-beat 8ths, share": float((beat == 12).mean()),
        "onsets on 16ths, share": float(np.isin(beat, (6, 18)).mean()),
        "onsets on triplets, share": float(np.isin(beat, (4, 8, 16, 20)).mean()),
        "onsets elsewhere, share": float((~np.isin(beat, (0, 4, 6, 8, 12, 16, 18, 20))).mean()),
        "distinct gaps between onsets": float(len(np.unique(gaps))),
        "evenness of gaps": float(1.0 - min(1.0, gaps.std() / gaps.mean())),
        "last onset, share of the bar": float(starts[-1] / bar.bar_steps),
    }


def _lengths(bar: Excerpt) -> Features:
    durations = bar.notes[:, 2]
    log = np.log2(durations / STEPS_PER_QUARTER)
    classes = np.searchsorted(list(_LENGTHS.values()), durations, side="left")
    shares = np.bincount(classes, minlength=len(_LENGTHS)) / len(durations)
    together = [durations[bar.notes[:, 1] == start] for start in np.unique(bar.notes[:, 1])]
    chords = [group for group in together if len(group) > 1]
    equal = [float((group == group[0]).all()) for group in chords]
    return {
        "length, mean": float(log.mean()),
        "length, spread": float(log.std()),
        "distinct lengths": float(len(np.unique(durations))),
        "struck together and equally long, share": float(np.mean(equal)) if equal else 1.0,
        **{f"length {name}, share": float(v) for name, v in zip(_LENGTHS, shares, strict=True)},
    }


def _pitches(bar: Excerpt) -> Features:
    durations, pitches = bar.notes[:, 2], bar.notes[:, 3]
    weight = np.bincount(pitches % 12, durations, minlength=12) / durations.sum()
    heard = weight[weight > 0]
    return {
        "pitch, mean": float(pitches.mean()),
        "pitch, spread": float(pitches.std()),
        "pitch, highest": float(pitches.max()),
        "pitch, lowest": float(pitches.min()),
        "distinct pitches a note": len(np.unique(pitches)) / len(pitches),
        "distinct pitch classes": float(len(heard)),
        "pitch-class entropy, bits": float(-(heard * np.log2(heard)).sum()),
        "outside the scale, share": float(weight[~_SCALE].sum()),
        **{f"pitch class {name}": float(v) for name, v in zip(_DEGREES, weight, strict=True)},
    }


def _together(bar: Excerpt) -> Features:
    """Measure what sounds at the same time."""
    starts, durations, pitches = bar.notes[:, 1], bar.notes[:, 2], bar.notes[:, 3]
    ends = starts + durations
    first, second = np.triu_indices(len(starts), k=1)
    overlap = np.minimum(ends[first], ends[second]) - np.maximum(starts[first], starts[second])
    apart, held = np.abs(pitches[first] - pitches[second])[overlap > 0], overlap[overlap > 0]
    total = max(float(held.sum()), 1.0)
    classes = np.bincount(np.minimum(apart % 12, 12 - apart % 12), held, minlength=7) / total
    low = (np.minimum(pitches[first], pitches[second])[overlap > 0] < 52) & (apart < 5)
    names = ("octaves", "semitones", "tones", "minor 3rds", "major 3rds", "4ths", "tritones")
    return {
        "roughness": roughness(starts, durations, pitches),
        "pairs close and low, share": float(held[low].sum() / total),
        "pairs wider than two octaves, share": float(held[apart > 24].sum() / total),
        "unisons sounding, share": float(held[apart == 0].sum() / total),
        **{f"pairs: {name}": float(v) for name, v in zip(names, classes, strict=True)},
    }


def _harmony(bar: Excerpt) -> Features:
    """Measure against the chord that explains the bar best, as the corpus is labelled."""
    starts, durations, pitches = bar.notes[:, 1], bar.notes[:, 2], bar.notes[:, 3]
    chords = chords_of_bar(starts, starts + durations, pitches, bar.bar_steps)
    in_force = np.searchsorted([step for step, _ in chords], starts, side="right") - 1
    index = np.array([chord for _, chord in chords])[in_force]
    inside = CHORD_CLASSES[index, pitches % 12]
    strong = starts % (bar.bar_steps // 2 if bar.bar_steps % 48 == 0 else bar.bar_steps) == 0
    quality = np.array([chord % len(QUALITIES) for _, chord in chords])
    root, bass = chords[0][1] // len(QUALITIES), pitches[starts == starts[0]].min() % 12
    return {
        "chords": float(len(chords)),
        "chord tones, share": float(durations[inside].sum() / durations.sum()),
        "chord tones on strong places, share": float(inside[strong].mean()) if strong.any() else 1,
        "bass is the root": float(bass == root),
        "chord is complete": float(CHORD_CLASSES[chords[0][1], :][_pitch_classes(bar)].sum() >= 3),
        "root on C": float(root == 0),
        "root on G": float(root == 7),
        "root on F": float(root == 5),
        "root on A": float(root == 9),
        **{f"chord {name}": float((quality == at).mean()) for at, name in enumerate(QUALITIES)},
    }


def _pitch_classes(bar: Excerpt) -> NDArray[np.int32]:
    return np.unique(bar.notes[:, 3] % 12)


def _lines(bar: Excerpt) -> Features:
    return {**_line(top_line(bar), "top line"), **_line(bottom_line(bar), "bottom line")}


def _line(line: NDArray[np.int32], name: str) -> Features:
    starts, durations = line[:, 1], line[:, 2]
    moves = np.diff(line[:, 3])
    size = np.abs(moves) if len(moves) else np.array([-1])  # one note: no motion of any size
    turns = moves[1:] * moves[:-1] < 0
    gap = np.diff(starts)
    return {
        f"{name}: repeated notes, share": float((size == 0).mean()),
        f"{name}: steps, share": float(((size == 1) | (size == 2)).mean()),
        f"{name}: semitones, share": float((size == 1).mean()),
        f"{name}: thirds, share": float(((size == 3) | (size == 4)).mean()),
        f"{name}: 4ths and 5ths, share": float(((size >= 5) & (size <= 7)).mean()),
        f"{name}: 6ths to octaves, share": float(((size >= 8) & (size <= 12)).mean()),
        f"{name}: beyond an octave, share": float((size > 12).mean()),
        f"{name}: motion, mean": float(max(size.mean(), 0.0)),
        f"{name}: motion upwards, mean": float(moves.mean()) if len(moves) else 0.0,
        f"{name}: turns, share": float(turns.mean()) if len(turns) else 0.0,
        f"{name}: pitch, mean": float(line[:, 3].mean()),
        f"{name}: legato, share": float((durations[:-1] == gap).mean()) if len(gap) else 1.0,
        f"{name}: rings over the next, share": float((durations[:-1] > gap).mean())
        if len(gap)
        else 0.0,
    }


_PARTS: Final[tuple[Callable[[Excerpt], Features], ...]] = (
    _density, _onset_places, _lengths, _pitches, _together, _harmony, _lines,
)  # fmt: skip
_SILENCE: Final = Excerpt(np.array([[0, 0, 24, 60]], dtype=np.int32), 1, 96)
"""Measured to learn the names when a bar is empty."""
