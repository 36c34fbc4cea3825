"""Music cut into phrases and measured once, ready for one two-sample test after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model_export.baselines.excerpt import Excerpt
from model_export.evaluation.bar_features import Features
from model_export.evaluation.excerpts import windows
from model_export.evaluation.phrase_features import PHRASE_BARS, phrase_features
from model_export.evaluation.two_sample import TwoSample, two_sample


@dataclass(frozen=True, slots=True)
class Phrases:
    """Features of phrases of ``PHRASE_BARS`` bars, and the group (work, piece) of each."""

    rows: list[Features]
    groups: list[str]

    @classmethod
    def of(cls, excerpts: Sequence[Excerpt], groups: Sequence[str]) -> Phrases:
        """Cut excerpts, each of one group, into phrases; what is left over is not used."""
        phrases = [
            (phrase_features(phrase), group)
            for excerpt, group in zip(excerpts, groups, strict=True)
            for phrase in windows(excerpt, PHRASE_BARS, PHRASE_BARS)
        ]
        return cls([row for row, _ in phrases], [group for _, group in phrases])

    def against(self, generated: Phrases, seed: int) -> TwoSample:
        """Test whether ``generated`` can be told from these; errors as in ``two_sample``."""
        return two_sample(self.rows, generated.rows, self.groups, generated.groups, seed)

    def halved(self, seed: int) -> TwoSample:
        """Test a random half of the groups against the rest: what nothing to find looks like.

        Often somewhat below 0.5: a group that is held out takes its own kind out of its class.
        """
        names = np.unique(np.array(self.groups))
        drawn = np.random.default_rng(seed).permutation(names)[: len(names) // 2]
        some = set(drawn.tolist())
        return self._only(some, keep=False).against(self._only(some, keep=True), seed)

    def _only(self, names: set[str], *, keep: bool) -> Phrases:
        at = [i for i, group in enumerate(self.groups) if (group in names) == keep]
        return Phrases([self.rows[i] for i in at], [self.groups[i] for i in at])
