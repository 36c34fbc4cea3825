"""Four rows of the composer's table: two-sample test, distributions, structure, copying."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from firmware_py.messages.score import STEPS_PER_BAR, Bar
from model_export.baselines.excerpt import Excerpt
from model_export.composer.network import ComposerNetwork
from model_export.composer.sequences import Sequence as Piece
from model_export.corpus import store
from model_export.evaluation.at_same_controls import Temper, answer, ask
from model_export.evaluation.copying import copying
from model_export.evaluation.distributions import in_turn, overlaps
from model_export.evaluation.excerpts import excerpt_of, excerpts_of, stretches_of, windows
from model_export.evaluation.phrases import Phrases
from model_export.evaluation.repetition import repetition
from model_export.evaluation.structure import WINDOW, structures
from model_export.evaluation.two_sample import TwoSample

EXCERPT_BARS: Final = 16
_NAMED: Final = 20
"""Features that a verdict names, by importance and again by what they tell alone."""
_DEFAULT: Final = Temper()
_Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Contender:
    """Music to be compared with real music."""

    excerpts: list[Excerpt]
    """Of ``EXCERPT_BARS`` bars."""
    groups: list[str]
    """Work at whose controls each was written, or a name of its own piece."""
    asked: bool
    """Whether it was written at the controls of the real excerpts; else it is in 4/4, free, and
    stands against the real excerpts in 4/4."""


def works_of(corpus: Path) -> dict[str, str]:
    """Return the work of each test piece; errors as in ``store.load``."""
    return {piece.id: piece.work for piece in store.load(corpus, splits={"test"})}


def realism(
    network: ComposerNetwork,
    sequences: Sequence[Piece],
    work_of: Mapping[str, str],
    sessions: Mapping[str, Sequence[Bar]],
    *,
    beside: Mapping[str, Sequence[Excerpt]] | None = None,
    temper: Temper = _DEFAULT,
    say: _Say = print,
) -> dict[str, Any]:
    """Return all four rows as JSON holds them; minutes of work, always with the same seed.

    ``sequences``: train and test, of the textures that the network was trained on; ``work_of``: the
    work of each test piece (``works_of``); ``sessions``: the device's music, ``WINDOW`` bars or
    more each; ``beside``: other models' free music in 4/4, excerpts of ``EXCERPT_BARS`` bars, five
    at least; ``temper``: how the network is sampled at the controls of the test works.
    """
    test = [piece for piece in sequences if piece.split == "test"]
    asked = ask(test, EXCERPT_BARS, seed=0)
    works = [work_of.get(one.piece, one.piece) for one in asked]
    say(f"music at the controls of {len(asked)} excerpts of {len(set(works))} test works")
    written = Contender(answer(network, asked, 0, temper), works, asked=True)
    contenders = {"at the same controls": written}
    played = {name: excerpt_of(bars) for name, bars in sessions.items()}
    if played:
        contenders["sessions"] = _sessions(played)
    for name, excerpts in (beside or {}).items():
        groups = [f"{name} {at}" for at in range(len(excerpts))]
        contenders[name] = Contender(list(excerpts), groups, asked=False)
    real = Contender([one.real for one in asked], works, asked=True)
    corpus = [part for piece in sequences if piece.split == "train" for part in stretches_of(piece)]
    return {"excerpts": len(real.excerpts), "test_works": len(set(works))} | compare(
        real, contenders, played, test, corpus, say
    )


def compare(
    real: Contender,
    contenders: Mapping[str, Contender],
    played: Mapping[str, Excerpt],
    test: Sequence[Piece],
    corpus: Sequence[Excerpt],
    say: _Say,
) -> dict[str, Any]:
    """Return the rows of music that has been written already.

    ``played``: whole sessions; ``corpus``: all training music, of any number of bars.
    """
    plain = _in_4_4(real)
    against = {name: real if one.asked else plain for name, one in contenders.items()}
    say("two-sample test")
    truth = {id(one): Phrases.of(one.excerpts, one.groups) for one in (real, plain)}
    verdicts = {"real against real": _verdict(truth[id(real)].halved(0), 0)}
    for name, one in contenders.items():
        phrases = Phrases.of(one.excerpts, one.groups)
        verdicts[name] = _verdict(truth[id(against[name])].against(phrases, 0), _NAMED)
    say("overlaps")
    shared = {name: _overlaps(against[name], one) for name, one in contenders.items()}
    say("structure and repetition")
    return {
        "two_sample": verdicts,
        "distributions": shared,
        "structure": _structure(test, played),
        "repetition": {name: asdict(repetition(whole)) for name, whole in played.items()},
        "copying": _copying(real, contenders, corpus, say),
    }


def _sessions(played: Mapping[str, Excerpt]) -> Contender:
    """Cut sessions into excerpts; a group is ``WINDOW`` bars of a session."""
    excerpts: list[Excerpt] = []
    groups: list[str] = []
    for name, whole in played.items():
        parts = windows(whole, EXCERPT_BARS, EXCERPT_BARS)
        excerpts += parts
        groups += [f"{name} {at * EXCERPT_BARS // WINDOW}" for at in range(len(parts))]
    return Contender(excerpts, groups, asked=False)


def _in_4_4(real: Contender) -> Contender:
    at = [i for i, one in enumerate(real.excerpts) if one.bar_steps == STEPS_PER_BAR]
    return Contender([real.excerpts[i] for i in at], [real.groups[i] for i in at], asked=True)


def _verdict(test: TwoSample, named: int) -> dict[str, Any]:
    alone = sorted(test.leans_on, key=lambda one: -abs(one.alone - 0.5))
    return {
        "auc": test.auc,
        "low": test.low,
        "high": test.high,
        "rows": test.rows,
        "by_family": test.by_family,
        "leans_on": [asdict(one) for one in test.leans_on[:named]],
        "telling_alone": [asdict(one) for one in alone[:named]],
    }


def _overlaps(real: Contender, one: Contender) -> dict[str, Any]:
    asked_by = one.groups if one.asked else in_turn(real.groups, len(one.excerpts))
    found = overlaps(real.excerpts, one.excerpts, real.groups, asked_by, seed=0)
    return {name: {**asdict(row), "within": row.within} for name, row in found.items()}


def _structure(test: Sequence[Piece], played: Mapping[str, Excerpt]) -> dict[str, Any]:
    real = [part for piece in test for part in excerpts_of(piece, WINDOW, WINDOW)]
    mine = [part for whole in played.values() for part in windows(whole, WINDOW, WINDOW)]
    if not real or not mine:
        return {}
    return {name: asdict(row) for name, row in structures(mine, real, seed=0).items()}


def _copying(
    real: Contender, contenders: Mapping[str, Contender], corpus: Sequence[Excerpt], say: _Say
) -> dict[str, Any]:
    rows = {}
    for name, one in contenders.items():
        say(f"copying: {name}")
        found = copying(one.excerpts, real.excerpts, corpus)
        rows[name] = {line: asdict(row) for line, row in found.items()}
    return rows
