"""Opening a composer: the trained model, or, when it cannot be used, the rules."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from firmware_py.compose.rules import RuleComposer
from firmware_py.config.accelerator import Accelerator
from firmware_py.config.paths import SHIPPED_MODELS
from firmware_py.messages.errors import LullError, MissingError
from firmware_py.messages.plan import BarTarget
from firmware_py.messages.score import Bar
from firmware_py.ports.music import Composer

Tell = Callable[[str], None]

_LOG: Final = logging.getLogger(__name__)


def open_composer(
    seed: int,
    start: BarTarget,
    folder: Path = SHIPPED_MODELS / "composer",
    tell: Tell = _LOG.warning,
    accelerator: Accelerator = "cpu",
) -> tuple[Composer, str | None]:
    """Return a composer for one session, and a line to show when it is not what was asked for.

    That is: rules instead of the trained one, or the CPU instead of ``accelerator``. ``tell`` is
    called with such a line if the trained one fails later, in the middle of the music.
    """
    from firmware_py.compose.model import ModelComposer  # noqa: PLC0415 - onnxruntime loads slowly
    from firmware_py.compose.network import Network  # noqa: PLC0415

    try:
        network = Network(folder, accelerator)
    except MissingError as error:
        warning = f"The trained composer cannot be used, so simple rules play instead. {error}"
        return RuleComposer(seed, start), warning
    composer = _WithRulesBehind(ModelComposer(network, seed, start), seed, tell)
    return composer, _other_accelerator(accelerator, network.accelerator)


def _other_accelerator(asked: Accelerator, got: Accelerator) -> str | None:
    if asked == got:
        return None
    return (
        f'[device] accelerator is "{asked}", but onnxruntime cannot use that here, so the composer '
        f"runs on the {got}. Fix: install an onnxruntime with {asked} and NVIDIA's libraries for "
        "it, or remove accelerator from [device]"
    )


class _WithRulesBehind:
    """``ports.music.Composer``: the trained one for as long as it works, then the rules.

    What fails here is a model whose files are what was shipped but whose numbers are nonsense
    (a broken export, a broken memory, a fault of the runtime). The music goes on at the next bar.
    """

    def __init__(self, trained: Composer, seed: int, tell: Tell) -> None:
        self.name = trained.name
        self._composer = trained
        self._seed = seed
        self._tell = tell
        self._works = True
        self._written = 0

    def next_bar(self, target: BarTarget, bars_left: int | None) -> Bar:
        """Write the next bar (see ``ports.music.Composer``)."""
        try:
            bar = self._composer.next_bar(target, bars_left)
        except LullError as error:
            if not self._works:
                raise
            self._works = False
            self._tell(f"The trained composer failed, so simple rules play from here on. {error}")
            self.name = f"{self.name}, then rules"
            self._composer = RuleComposer(self._seed, target)
            bar = self._composer.next_bar(target, bars_left)
        self._written += 1
        return replace(bar, index=self._written - 1)
