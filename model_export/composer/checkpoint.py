"""A trained network out of a training folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from firmware_py.messages.errors import MissingError
from model_export.composer.hyperparameters import Hyperparameters
from model_export.composer.network import ComposerNetwork
from model_export.composer.shipped_weights import Origin


@dataclass(frozen=True, slots=True)
class Trained:
    """A network and how it came to be."""

    network: ComposerNetwork
    numbers: Hyperparameters
    step: int
    spent_s: float
    origin: Origin | None
    """What it began with, if not with nothing."""

    @property
    def minutes(self) -> float:
        """Of training, those of what it began with too."""
        return self.spent_s / 60.0 + (float(self.origin["minutes"]) if self.origin else 0.0)


def load(folder: Path, name: str = "best.pt") -> Trained:
    """Read a checkpoint; raises ``MissingError`` when there is none."""
    path = folder / name
    if not path.exists():
        raise MissingError(f"no trained composer at {path}.", fix="python -m model_export train")
    saved = torch.load(path, map_location="cpu", weights_only=True)
    numbers = Hyperparameters(**saved["numbers"])
    network = ComposerNetwork(numbers)
    network.load_state_dict(saved["network"])
    return Trained(network.eval(), numbers, saved["step"], saved["spent_s"], saved["origin"])
