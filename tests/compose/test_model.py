"""The shipped composer: legal, led by the plan, repeatable, closing; and damage that is told."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from scipy.stats import spearmanr

from firmware_py.compose.form import VERBATIM_SHARE
from firmware_py.compose.model import HIGHEST, LOWEST, ModelComposer
from firmware_py.compose.network import Network
from firmware_py.compose.opening import open_composer
from firmware_py.compose.returns import tune
from firmware_py.config.paths import SHIPPED_MODELS
from firmware_py.messages.plan import BarTarget
from firmware_py.messages.score import CHORD_INTERVALS, STEPS_PER_BAR, Bar

SHIPPED = SHIPPED_MODELS / "composer"
TARGET = BarTarget(0, 0.0, 66.0, 1.2, 62.0, 0.4, 0.5, 0.2, 0.4, 0.5)


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(SHIPPED)


def compose(network: Network, seed: int, targets: list[BarTarget]) -> list[Bar]:
    composer = ModelComposer(network, seed, targets[0])
    return [composer.next_bar(t, len(targets) - 1 - i) for i, t in enumerate(targets)]


@pytest.fixture(scope="module")
def music(network: Network) -> list[Bar]:
    return compose(network, 7, [replace(TARGET, bar=i) for i in range(40)])


def test_the_same_seed_writes_the_same_bars(network: Network, music: list[Bar]) -> None:
    assert compose(network, 7, [replace(TARGET, bar=i) for i in range(40)]) == music
    assert compose(network, 8, [replace(TARGET, bar=i) for i in range(40)]) != music


def test_every_bar_is_legal(music: list[Bar]) -> None:
    for bar in music:
        assert bar.notes
        assert bar.chords[0].start == 0
        starts = [note.start for note in bar.notes]
        assert starts == sorted(starts)
        for note in bar.notes:
            assert 0 <= note.start < STEPS_PER_BAR
            assert note.duration > 0
            assert LOWEST <= note.pitch <= HIGHEST
            assert 1 <= note.velocity <= 127


def test_the_music_is_in_its_key(music: list[Bar]) -> None:
    scale = {"major": {0, 2, 4, 5, 7, 9, 11}, "minor": {0, 2, 3, 5, 7, 8, 9, 10, 11}}
    inside = [
        (note.pitch - bar.key.tonic) % 12 in scale[bar.key.mode]
        for bar in music
        for note in bar.notes
    ]
    assert np.mean(inside) > 0.97


def test_the_tune_neither_walks_scales_nor_jumps(network: Network) -> None:
    moves: list[int] = []
    for seed in (3, 4, 5):
        bars = compose(network, seed, [replace(TARGET, bar=i) for i in range(40)])
        line = [note.pitch for bar in bars for note in bar.notes if note.role == "melody"]
        moves += [abs(b - a) for a, b in pairwise(line)]
    assert 0.1 < np.mean([move in {1, 2} for move in moves]) < 0.8
    assert np.mean([move > 12 for move in moves]) < 0.1


def test_phrases_close_on_dominant_or_tonic_and_the_end_on_the_tonic(music: list[Bar]) -> None:
    closes = [bar for bar in music if bar.is_cadence]
    assert len(closes) >= 4
    for bar in closes:
        degree = (bar.chords[-1].root - bar.key.tonic) % 12
        assert degree in {0, 7}
    last = music[-1]
    assert last.chords[-1].root == last.key.tonic
    triad = {(last.key.tonic + i) % 12 for i in CHORD_INTERVALS[last.chords[-1].quality]}
    assert {note.pitch % 12 for note in last.notes} <= triad
    rings_until = {note.pitch: note.start + note.duration for note in last.notes}
    assert all(end >= STEPS_PER_BAR for end in rings_until.values())


def test_themes_return(music: list[Bar]) -> None:
    themes: dict[str, list[Bar]] = {}
    for bar in music:
        themes.setdefault(bar.section[0], []).append(bar)
    shared = 0
    for bars in themes.values():
        first = {(n.start, n.pitch) for bar in bars[:8] for n in bar.notes if n.role == "melody"}
        later = {(n.start, n.pitch) for bar in bars[8:] for n in bar.notes if n.role == "melody"}
        shared += len(first & later)
    assert shared >= 8


@pytest.mark.parametrize(
    ("name", "values"),
    [("density", (0.5, 1.0, 1.5, 2.5)), ("register", (55.0, 59.0, 63.0, 67.0))],
)
def test_it_goes_where_the_plan_leads(
    network: Network, name: str, values: tuple[float, ...]
) -> None:
    got = []
    for value in values:
        bars = compose(network, 3, [replace(TARGET, bar=i, **{name: value}) for i in range(12)])
        if name == "density":
            onsets = sum(len({n.start for n in bar.notes}) for bar in bars)
            got.append(onsets / len(bars) / 4)
        else:
            got.append(float(np.mean([n.pitch for bar in bars for n in bar.notes])))
    assert spearmanr(values, got).statistic > 0.95
    assert abs(got[1] - values[1]) < (0.4 if name == "density" else 3.0)


def test_a_new_course_is_heard_at_the_next_phrase(network: Network) -> None:
    dark, light = replace(TARGET, mode=-0.8), replace(TARGET, mode=0.8)
    bars = compose(network, 5, [dark] * 16 + [light] * 16)
    assert bars[0].key.mode == "minor"
    assert bars[-1].key.mode == "major"
    changes = [b.index for a, b in pairwise(bars) if a.key.mode != b.key.mode]
    assert len(changes) == 1
    assert bars[changes[0]].section[-1] == "1"


def signature(bar: Bar) -> int:
    """Sharps (or, below zero, flats) of the bar's key, as a pitch class above C."""
    return (bar.key.tonic + (3 if bar.key.mode == "minor" else 0)) % 12


def test_keys_move_by_fifths_at_new_themes_and_themes_return_in_their_own(network: Network) -> None:
    bars = compose(network, 4, [replace(TARGET, bar=i) for i in range(320)])
    home = signature(bars[0])
    assert {(7 * (signature(bar) - home)) % 12 for bar in bars} <= {0, 1, 2, 10, 11}
    assert len({signature(bar) for bar in bars}) > 1
    for before, bar in pairwise(bars):
        if signature(bar) != signature(before):
            assert bar.section[-1] == "1"
            assert bar.phrase_position == 0
    keys: dict[str, int] = {}
    for bar in bars:
        theme = bar.section.rstrip("0123456789").rstrip("'")
        assert keys.setdefault(theme, signature(bar)) == signature(bar)


def test_the_music_slows_into_its_end_only(music: list[Bar]) -> None:
    tempos = [bar.target.tempo for bar in music]
    assert set(tempos[:-2]) == {TARGET.tempo}
    assert TARGET.tempo > tempos[-2] > tempos[-1] >= 0.8 * TARGET.tempo


def test_few_bars_are_written_twice(music: list[Bar]) -> None:
    """Beyond what the form restates: an attention copies itself where nothing stops it."""
    written = Counter(
        tuple((n.start, n.duration, n.pitch - signature(bar)) for n in bar.notes) for bar in music
    )
    again = sum(times - 1 for times in written.values())
    assert again <= (VERBATIM_SHARE + 0.08) * len(music)


def test_an_end_may_be_set_at_any_bar(network: Network) -> None:
    composer = ModelComposer(network, 2, TARGET)
    for _ in range(11):
        composer.next_bar(TARGET, None)
    ending = [composer.next_bar(TARGET, left) for left in (3, 2, 1, 0)]
    assert ending[-1].chords[-1].root == ending[-1].key.tonic


def test_the_tune_is_what_sounds_on_top() -> None:
    # A held high note hides what begins under it.
    events = ((0, 60, 18), (0, 50, 18), (12, 55, 5), (24, 52, 5))
    assert tune(events) == ((0, 60, 18), (24, 52, 5))


def damaged(tmp_path: Path) -> Path:
    folder = tmp_path / "composer"
    shutil.copytree(SHIPPED, folder)
    return folder


def expect_rules(folder: Path, words: str) -> None:
    composer, warning = open_composer(1, TARGET, folder)
    assert composer.name == "rules"
    assert warning is not None
    assert words in warning
    assert "Fix:" in warning
    assert composer.next_bar(TARGET, None).notes


def test_a_whole_model_gives_no_warning() -> None:
    composer, warning = open_composer(1, TARGET)
    assert warning is None
    assert composer.name.startswith("model ")


def test_a_missing_model_is_told_and_the_rules_play(tmp_path: Path) -> None:
    expect_rules(tmp_path / "nowhere", "no manifest")


@pytest.mark.parametrize("name", ["step", "symbol", "duration"])
@pytest.mark.parametrize("where", [0, 0.5, 1])
def test_a_flipped_byte_is_told_and_the_rules_play(tmp_path: Path, name: str, where: float) -> None:
    folder = damaged(tmp_path)
    data = bytearray((folder / f"{name}.onnx").read_bytes())
    data[int(where * (len(data) - 1))] ^= 0xFF
    (folder / f"{name}.onnx").write_bytes(data)
    expect_rules(folder, "damaged")


def test_a_cut_model_is_told_and_the_rules_play(tmp_path: Path) -> None:
    folder = damaged(tmp_path)
    data = (folder / "step.onnx").read_bytes()
    (folder / "step.onnx").write_bytes(data[: len(data) // 2])
    expect_rules(folder, "damaged")


def placed(folder: Path, name: str, data: bytes) -> None:
    """Put ``data`` in the place of a graph, with a manifest that vouches for it."""
    (folder / f"{name}.onnx").write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][f"{name}.onnx"]["sha256"] = hashlib.sha256(data).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_an_opset_of_the_future_is_told_and_the_rules_play(tmp_path: Path) -> None:
    folder = damaged(tmp_path)
    model = onnx.load(folder / "step.onnx")
    model.opset_import[0].version = 999
    placed(folder, "step", model.SerializeToString())
    expect_rules(folder, "cannot be run")


@pytest.mark.parametrize(("place", "graph"), [("step", "symbol"), ("duration", "symbol")])
def test_another_graph_in_its_place_is_told_and_the_rules_play(
    tmp_path: Path, place: str, graph: str
) -> None:
    folder = damaged(tmp_path)
    placed(folder, place, (folder / f"{graph}.onnx").read_bytes())
    expect_rules(folder, "not a graph of the composer")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 7, "files": {}}'])
def test_a_damaged_manifest_is_told_and_the_rules_play(tmp_path: Path, text: str) -> None:
    folder = damaged(tmp_path)
    (folder / "manifest.json").write_text(text)
    expect_rules(folder, "cannot be used")
