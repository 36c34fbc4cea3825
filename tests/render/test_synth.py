from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from firmware_py.messages.errors import MissingError
from firmware_py.messages.score import Bar, Chord, Note
from firmware_py.ports.audio import Stereo
from firmware_py.ports.music import Renderer
from firmware_py.render.synth import TAIL_S, FluidSynthRenderer
from tests.render.bars import make_bars

RATE = 44100


def render(soundfont: Path, bars: tuple[Bar, ...], seed: int = 0) -> list[Stereo]:
    renderer = FluidSynthRenderer(soundfont, RATE, seed)
    return [*(renderer.render_bar(bar) for bar in bars), renderer.finish()]


def test_it_is_a_renderer(soundfont: Path) -> None:
    renderer: Renderer = FluidSynthRenderer(soundfont)
    assert renderer.rate == RATE


def test_blocks_end_at_the_planned_bar_lines_to_the_frame(soundfont: Path) -> None:
    bars = make_bars(7)
    blocks = render(soundfont, bars)
    ends = np.cumsum([len(block) for block in blocks[:-1]])
    planned = [round(float(end) * RATE) for end in np.cumsum([bar.target.seconds for bar in bars])]
    assert ends.tolist() == planned
    assert len(blocks[-1]) == round(TAIL_S * RATE)
    assert all(block.shape[1] == 2 and block.dtype == np.float32 for block in blocks)


def test_the_same_bars_and_seed_give_the_same_bytes_whatever_else_renders(soundfont: Path) -> None:
    bars = make_bars(3)
    alone = b"".join(block.tobytes() for block in render(soundfont, bars))
    one, other = FluidSynthRenderer(soundfont), FluidSynthRenderer(soundfont, seed=9)
    interleaved = []
    for bar in bars:
        interleaved.append(one.render_bar(bar))
        other.render_bar(bar)
    interleaved.append(one.finish())
    assert b"".join(block.tobytes() for block in interleaved) == alone


def test_another_seed_is_another_performance(soundfont: Path) -> None:
    bars = make_bars(2)
    one, other = (np.concatenate(render(soundfont, bars, seed)) for seed in (1, 2))
    assert not np.array_equal(one, other)


def test_a_long_note_rings_over_the_bar_line(soundfont: Path) -> None:
    bar = make_bars(1)[0]
    long_note = replace(bar, notes=(Note(72, 96, 60, 70, "melody"),), chords=())
    empty = replace(bar, index=1, notes=(), chords=())
    first, second, *_ = render(soundfont, (long_note, empty))
    late = second[: RATE // 2]
    assert float(np.abs(late).max()) > 0.2 * float(np.abs(first).max())


def test_there_is_no_click_where_blocks_meet(soundfont: Path) -> None:
    blocks = render(soundfont, make_bars(8, brightness=0.9, brightness_step=-0.1))
    audio = np.concatenate(blocks)
    steps = np.abs(np.diff(audio, axis=0)).max(axis=1)
    for border in np.cumsum([len(block) for block in blocks[:-1]]):
        # A bar line has its own strikes only 30 ms later.
        around = np.concatenate(
            [steps[border - 2000 : border - 2], steps[border + 2 : border + 1000]]
        )
        assert steps[border - 1] <= around.max()


def test_the_tail_fades_to_nothing(soundfont: Path) -> None:
    tail = render(soundfont, make_bars(2))[-1]
    assert float(np.abs(tail[:RATE]).max()) > 0.001
    assert float(np.abs(tail[-10:]).max()) < 1e-6


def test_silence_is_silent(soundfont: Path) -> None:
    bar = replace(make_bars(1)[0], notes=(), chords=())
    assert float(np.abs(np.concatenate(render(soundfont, (bar,)))).max()) < 1e-6


def test_a_key_struck_again_sounds_for_its_whole_length(soundfont: Path) -> None:
    bar = make_bars(1)[0]
    again = (Note(0, 60, 60, 70, "melody"), Note(24, 72, 60, 70, "melody"))
    once = (Note(24, 72, 60, 70, "melody"),)
    sound = [
        render(soundfont, (replace(bar, notes=notes, chords=(Chord(0, 0, "maj"),)),))[0]
        for notes in (again, once)
    ]
    # Where the first strike was written to end, the second goes on as if it were alone.
    begin, end = (int(len(sound[0]) * at) for at in (0.75, 0.9))
    energies = [float(np.square(block[begin:end]).sum()) for block in sound]
    assert energies[0] == pytest.approx(energies[1], rel=0.5)


def test_a_soundfont_cut_in_the_middle_is_named(
    soundfont: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with soundfont.open("rb") as whole:
        (tmp_path / "cut.sf2").write_bytes(whole.read(3_000_000))
    with pytest.raises(MissingError, match=r"cut\.sf2.*lull setup"):
        FluidSynthRenderer(tmp_path / "cut.sf2")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("content", [None, b"", b"this is not a soundfont"])
def test_a_missing_or_damaged_soundfont_is_named(
    tmp_path: Path, content: bytes | None, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.sf2"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MissingError, match=r"broken\.sf2.*lull setup"):
        FluidSynthRenderer(path)
    assert capfd.readouterr().err == ""


def test_loading_the_synthesiser_prints_nothing_on_stdout() -> None:
    """Where CI is set, pyfluidsynth tells which library it found: not among our results."""
    done = subprocess.run(
        [sys.executable, "-c", "import firmware_py.render.synth"],
        env={**os.environ, "CI": "true"},
        capture_output=True,
        check=True,
    )
    assert done.stdout == b""
