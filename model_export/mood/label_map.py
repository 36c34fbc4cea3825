"""The one table that maps the data sets' labels to ours.

Each entry shares out one label's weight among ours. A label that is not here says nothing about
our fifteen (surprise, jealousy, nostalgia ...): its rows train only the data set's own head.
The shares are our judgement; where a label of ours stands in the valence-arousal plane, with its
source, is in ``firmware_py/messages/mood.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from firmware_py.messages.mood import MoodLabel

Source = Literal["empathetic", "goemotions", "brighter"]
Shares = Mapping[MoodLabel, float]

EMPATHETIC: Final[Mapping[str, Shares]] = {
    "afraid": {"afraid": 1.0},
    "terrified": {"afraid": 1.0},
    "anxious": {"anxious": 1.0},
    "apprehensive": {"anxious": 1.0},
    "angry": {"angry": 1.0},
    "furious": {"angry": 1.0},
    "annoyed": {"angry": 0.8, "stressed": 0.2},
    "sad": {"sad": 1.0},
    "devastated": {"grieving": 0.5, "sad": 0.5},
    "disappointed": {"sad": 1.0},
    "ashamed": {"sad": 1.0},
    "guilty": {"sad": 1.0},
    "lonely": {"lonely": 1.0},
    "content": {"content": 1.0},
    "grateful": {"content": 0.6, "happy": 0.4},
    "confident": {"content": 0.7, "excited": 0.3},
    "prepared": {"content": 0.5, "calm": 0.5},
    "trusting": {"content": 0.6, "calm": 0.4},
    "faithful": {"content": 0.6, "calm": 0.4},
    "hopeful": {"content": 0.6, "excited": 0.4},
    "joyful": {"happy": 1.0},
    "proud": {"happy": 1.0},
    "impressed": {"happy": 1.0},
    "excited": {"excited": 1.0},
    "anticipating": {"excited": 0.8, "anxious": 0.2},
}
"""EmpatheticDialogues. Not mapped: caring, disgusted, embarrassed, jealous, nostalgic,
sentimental, surprised."""

GOEMOTIONS: Final[Mapping[str, Shares]] = {
    "neutral": {"neutral": 1.0},
    "joy": {"happy": 1.0},
    "amusement": {"happy": 1.0},
    "love": {"happy": 1.0},
    "pride": {"happy": 1.0},
    "excitement": {"excited": 1.0},
    "gratitude": {"content": 0.6, "happy": 0.4},
    "optimism": {"content": 0.6, "excited": 0.4},
    "relief": {"calm": 0.6, "content": 0.4},
    "sadness": {"sad": 1.0},
    "disappointment": {"sad": 1.0},
    "remorse": {"sad": 1.0},
    "grief": {"grieving": 1.0},
    "anger": {"angry": 1.0},
    "annoyance": {"angry": 0.8, "stressed": 0.2},
    "fear": {"afraid": 1.0},
    "nervousness": {"anxious": 1.0},
}
"""GoEmotions. Not mapped: admiration, approval, caring, confusion, curiosity, desire, disapproval,
disgust, embarrassment, realization, surprise."""

BRIGHTER: Final[Mapping[str, Shares]] = {
    "neutral": {"neutral": 1.0},
    "anger": {"angry": 1.0},
    "fear": {"afraid": 0.7, "anxious": 0.3},
    "joy": {"happy": 0.8, "content": 0.2},
    "sadness": {"sad": 1.0},
}
"""BRIGHTER; ``neutral`` is a row without any emotion. Not mapped: disgust, surprise."""

LABEL_MAP: Final[Mapping[Source, Mapping[str, Shares]]] = {
    "empathetic": EMPATHETIC,
    "goemotions": GOEMOTIONS,
    "brighter": BRIGHTER,
}

NINE_GROUPS: Final[Mapping[str, str]] = {
    "afraid": "afraid",
    "terrified": "afraid",
    "anxious": "anxious",
    "apprehensive": "anxious",
    "angry": "angry",
    "furious": "angry",
    "annoyed": "angry",
    "sad": "sad",
    "devastated": "sad",
    "disappointed": "sad",
    "lonely": "lonely",
    "joyful": "happy",
    "excited": "happy",
    "proud": "happy",
    "content": "content",
    "grateful": "content",
    "trusting": "content",
    "guilty": "guilt",
    "ashamed": "guilt",
    "nostalgic": "nostalgia",
    "sentimental": "nostalgia",
}
"""EmpatheticDialogues' 32 emotions in nine groups, for the comparison table; the others are left
out of that figure."""


def shares(source: Source, labels: Mapping[str, float]) -> dict[MoodLabel, float]:
    """Return our label distribution of a row's labels and their strengths; empty if none maps."""
    table = LABEL_MAP[source]
    total: dict[MoodLabel, float] = {}
    for name, strength in labels.items():
        for label, share in table.get(name, {}).items():
            total[label] = total.get(label, 0.0) + share * strength
    norm = sum(total.values())
    return {label: weight / norm for label, weight in total.items()}
