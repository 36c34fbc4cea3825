"""Damaged composer files: told in a line, and what is played is legal music in any case.

First the files as a bad disk or a broken copy leaves them; then files that the manifest vouches
for, so that only the graph itself can be wrong; then graphs that are whole and give nonsense.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from firmware_py.compose.opening import open_composer
from firmware_py.compose.rules import RuleComposer
from firmware_py.config.paths import SHIPPED_MODELS
from firmware_py.messages.errors import LullError
from firmware_py.messages.plan import BarTarget
from firmware_py.messages.score import CHORD_INTERVALS, STEPS_PER_BAR, Bar
from firmware_py.ports.music import Composer

SHIPPED = SHIPPED_MODELS / "composer"
GRAPHS = ("step.onnx", "symbol.onnx", "duration.onnx")
TARGET = BarTarget(0, 0.0, 66.0, 1.2, 62.0, 0.4, 0.5, 0.2, 0.4, 0.5)

Damage = Callable[[bytes, Random], bytes]


def flipped(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice([1, 1, 3, 20])):
        changed[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(changed)


def cut(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data))]


def longer(data: bytes, random: Random) -> bytes:
    return data + random.randbytes(random.choice([1, 512, 4096]))


def zeroed(data: bytes, random: Random) -> bytes:
    begin = random.randrange(len(data))
    block = data[begin : begin + random.choice([4, 512, 4096, 65536])]
    return data[:begin] + bytes(len(block)) + data[begin + len(block) :]


def scribbled(data: bytes, random: Random) -> bytes:
    begin = random.randrange(len(data))
    block = data[begin : begin + random.choice([4, 64, 4096])]
    return data[:begin] + random.randbytes(len(block)) + data[begin + len(block) :]


def at_an_end(data: bytes, random: Random) -> bytes:
    """Where a graph's structure is, rather than its weights."""
    changed = bytearray(data)
    for _ in range(3):
        near = random.randrange(min(3000, len(data)))
        changed[random.choice([near, len(data) - 1 - near])] ^= 1 << random.randrange(8)
    return bytes(changed)


DAMAGES: tuple[Damage, ...] = (flipped, cut, longer, zeroed, scribbled, at_an_end)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped composer, which works."""
    copy = tmp_path / "composer"
    shutil.copytree(SHIPPED, copy)
    composer, warning = open_composer(1, TARGET, copy)
    assert warning is None
    assert composer.name.startswith("model ")
    return copy


def assert_legal(bars: list[Bar]) -> None:
    for bar in bars:
        assert bar.notes
        assert bar.chords[0].start == 0
        assert all(chord.quality in CHORD_INTERVALS for chord in bar.chords)
        assert all(0 <= chord.root < 12 for chord in bar.chords)
        assert len(bar.notes) <= 64
        for note in bar.notes:
            assert 0 <= note.start < STEPS_PER_BAR
            assert 0 < note.duration <= 2 * STEPS_PER_BAR
            assert 21 <= note.pitch <= 108
            assert 1 <= note.velocity <= 127
    assert [bar.index for bar in bars] == list(range(len(bars)))


def compose(composer: Composer, bars: int = 3) -> list[Bar]:
    return [composer.next_bar(replace(TARGET, bar=i), bars - 1 - i) for i in range(bars)]


def assert_told(line: str, cause: str) -> None:
    """One line, which names the cause."""
    assert "\n" not in line
    assert len(line) < 600
    assert "simple rules play" in line
    assert cause in line


def vouch(folder: Path) -> None:
    """Let the manifest agree with the files as they are."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    for name in GRAPHS:
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        manifest["files"][name]["sha256"] = digest
    path.write_text(json.dumps(manifest), "utf-8")


def test_seventy_random_damages_of_a_graph_are_refused(folder: Path) -> None:
    for seed in range(70):
        random = Random(seed)
        path = folder / random.choice(GRAPHS)
        whole = path.read_bytes()
        damaged = random.choice(DAMAGES)(whole, random)
        path.write_bytes(damaged)
        composer, warning = open_composer(seed, TARGET, folder)
        path.write_bytes(whole)
        if damaged == whole:  # zeros over zeros
            continue
        assert warning is not None, seed
        assert_told(warning, "damaged")
        assert f"The composer in {folder} cannot be used: {path.name} is damaged" in warning
        assert "Fix: " in warning
        assert composer.name == "rules"
        assert_legal(compose(composer))


def test_thirty_random_damages_of_the_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    whole = path.read_bytes()
    refused = 0
    for seed in range(30):
        random = Random(seed)
        path.write_bytes(random.choice(DAMAGES)(whole, random))
        composer, warning = open_composer(seed, TARGET, folder)
        if warning is not None:
            refused += 1
            assert_told(warning, "cannot be used")
            assert composer.name == "rules"
        assert_legal(compose(composer, 2))
    assert refused >= 10


@pytest.mark.parametrize(("one", "other"), list(pairwise((*GRAPHS, GRAPHS[0]))))
def test_swapped_files(folder: Path, one: str, other: str) -> None:
    (folder / one).rename(folder / "aside")
    (folder / other).rename(folder / one)
    (folder / "aside").rename(folder / other)
    for cause in ("damaged", "not a graph of the composer"):
        composer, warning = open_composer(1, TARGET, folder)
        assert warning is not None
        assert_told(warning, cause)
        assert_legal(compose(composer))
        vouch(folder)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_file_that_is_empty_or_gone_or_a_folder(folder: Path, name: str) -> None:
    path = folder / name
    for change in (lambda: path.write_bytes(b""), path.unlink, path.mkdir):
        change()
        composer, warning = open_composer(1, TARGET, folder)
        assert warning is not None
        assert_told(warning, name)
        assert_legal(compose(composer))


def test_forty_random_damages_that_the_manifest_vouches_for(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Most such graphs still run: their music is legal all the same."""
    whole = {name: (folder / name).read_bytes() for name in GRAPHS}
    fates = {"refused": 0, "failed": 0, "played": 0}
    for seed in range(40):
        random = Random(seed)
        name = random.choice(GRAPHS)
        (folder / name).write_bytes(random.choice(DAMAGES)(whole[name], random))
        vouch(folder)
        told: list[str] = []
        composer, warning = open_composer(seed, TARGET, folder, told.append)
        assert_legal(compose(composer))
        (folder / name).write_bytes(whole[name])
        for line in filter(None, (warning, *told)):
            assert_told(line, "composer")
        fates["refused" if warning else "failed" if told else "played"] += 1
    assert fates["refused"] >= 5
    assert fates["played"] >= 5
    assert capfd.readouterr().out == ""


def poison(path: Path, value: float) -> None:
    """Set every fractional number of a graph."""
    graph = onnx.load(path)
    for tensor in graph.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype == np.float32:
            tensor.CopyFrom(numpy_helper.from_array(np.full_like(array, value), tensor.name))
    onnx.save(graph, path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize("name", GRAPHS)
def test_nonsense_numbers_are_told_once_and_the_rules_go_on(
    folder: Path, name: str, value: float
) -> None:
    poison(folder / name, value)
    vouch(folder)
    told: list[str] = []
    composer, warning = open_composer(1, TARGET, folder, told.append)
    assert warning is None
    assert_legal(compose(composer, 6))
    assert len(told) == 1
    assert_told(told[0], "infinite or none at all")
    assert composer.name.startswith("model ")
    assert composer.name.endswith(", then rules")


class FailingLater:
    """``ports.music.Composer`` whose model breaks after some bars."""

    name = "model broken"

    def __init__(self, bars: int) -> None:
        self._inner = RuleComposer(5, TARGET)
        self._left = bars

    def next_bar(self, target: BarTarget, bars_left: int | None) -> Bar:
        if self._left == 0:
            raise LullError("A model gave numbers that are infinite or none at all (NaN).")
        self._left -= 1
        return self._inner.next_bar(target, bars_left)


def test_in_the_middle_of_the_music_the_next_bar_is_the_rules() -> None:
    from firmware_py.compose.opening import _WithRulesBehind

    told: list[str] = []
    composer = _WithRulesBehind(FailingLater(5), 1, told.append)
    bars = compose(composer, 12)
    assert_legal(bars)
    assert len(told) == 1
    unharmed = RuleComposer(5, TARGET)
    assert bars[:5] == [unharmed.next_bar(bar.target, 11 - bar.index) for bar in bars[:5]]
    assert bars[5].section == "A1"
    last = bars[-1]
    assert last.chords[-1].root == last.key.tonic  # it still closes in time
