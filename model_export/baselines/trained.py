"""Any baseline by its name, once ``python -m model_export baselines`` has trained it."""

from __future__ import annotations

from collections.abc import Sequence as Many
from pathlib import Path
from typing import assert_never

from model_export.baselines import event_models, token_models
from model_export.baselines.corpus import Corpus
from model_export.baselines.excerpt import Opening, Sampler
from model_export.baselines.names import Name


def sampler(name: Name, folder: Path, music: Corpus, openings: Many[Opening]) -> Sampler:
    """Return what composes; ``folder`` holds one folder a baseline.

    ``controlled`` composes without any control here: what it does with them is for the device's own
    composer to show. Raises ``MissingError`` when the baseline is not trained yet.
    """
    match name:
        case "bigram":
            return event_models.bigram_sampler(music, openings)
        case "tonicnet" | "remi":
            recipe = token_models.RECIPES[name]
            return recipe.sampler(token_models.load(recipe, folder / name), openings)
        case "uncontrolled" | "controlled":
            return event_models.uncontrolled_sampler(folder / name, openings)
    assert_never(name)
