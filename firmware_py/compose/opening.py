"""Opening a composer: the trained model, or, when its files are not whole, the rules."""

from __future__ import annotations

from pathlib import Path

from firmware_py.compose.rules import RuleComposer
from firmware_py.config.paths import SHIPPED_MODELS
from firmware_py.messages.errors import MissingError
from firmware_py.messages.plan import BarTarget
from firmware_py.ports.music import Composer


def open_composer(
    seed: int, start: BarTarget, folder: Path = SHIPPED_MODELS / "composer"
) -> tuple[Composer, str | None]:
    """Return a composer for one session, and a line to show when it is not the trained one."""
    from firmware_py.compose.model import ModelComposer  # noqa: PLC0415 - onnxruntime loads slowly
    from firmware_py.compose.network import Network  # noqa: PLC0415

    try:
        return ModelComposer(Network(folder), seed, start), None
    except MissingError as error:
        warning = f"The trained composer cannot be used, so simple rules play instead. {error}"
        return RuleComposer(seed, start), warning
