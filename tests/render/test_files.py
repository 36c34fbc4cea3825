from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pyloudnorm
import pytest
import soundfile
import soxr
from matplotlib.image import imread

from firmware_py.messages.errors import UserError
from firmware_py.messages.score import Bar
from firmware_py.render import sound_file
from firmware_py.render.composition import Composition
from firmware_py.render.files import Written, check_outputs, write_outputs
from firmware_py.render.staging import staged
from firmware_py.render.synth import TAIL_S
from tests.render.bars import make_bars
from tests.render.conftest import MakePiece

RATE = 44100
SUFFIXES = (".wav", ".flac", ".mid", ".png", ".json")


@pytest.fixture(scope="module")
def piece(make_piece: MakePiece) -> Composition:
    return make_piece(make_bars(6, tempo=84.0, dynamics=0.45, brightness=0.8, brightness_step=-0.1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outputs")


@pytest.fixture(scope="module")
def written(piece: Composition, folder: Path) -> Written:
    return write_outputs([folder / f"a{suffix}" for suffix in SUFFIXES], piece)


def test_every_output_is_there_and_nothing_else(written: Written, folder: Path) -> None:
    assert names(folder) == sorted(f"a{suffix}" for suffix in SUFFIXES)
    assert written.files == tuple(folder / f"a{suffix}" for suffix in SUFFIXES)
    assert written.render_s > 0


def test_the_same_piece_is_the_same_bytes(
    written: Written, piece: Composition, tmp_path: Path
) -> None:
    again = write_outputs([tmp_path / path.name for path in written.files], piece)
    for one, other in zip(written.files, again.files, strict=True):
        assert _digest(one) == _digest(other), one.suffix


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_sound_is_at_minus_23_lufs_under_minus_1_dbtp(written: Written, folder: Path) -> None:
    audio, rate = soundfile.read(folder / "a.wav", dtype="float32")
    lufs = pyloudnorm.Meter(rate).integrated_loudness(audio)
    peak = 20 * np.log10(np.abs(soxr.resample(audio, rate, 4 * rate, "VHQ")).max())
    assert lufs == pytest.approx(-23.0, abs=0.5)
    assert peak <= -1.0
    assert written.sound is not None
    assert written.sound.lufs == pytest.approx(lufs, abs=0.1)
    assert written.sound.dbtp == pytest.approx(peak, abs=0.1)


def test_loud_pieces_are_limited_not_clipped(make_piece: MakePiece, tmp_path: Path) -> None:
    bars = make_bars(3, dynamics=1.0, tempo=110.0)
    sparse = make_piece(bars[:1] + tuple(_emptied(bar) for bar in bars[1:]))
    path = tmp_path / "a.wav"
    write_outputs([path], sparse)
    audio, rate = soundfile.read(path, dtype="float32")
    assert 20 * np.log10(np.abs(soxr.resample(audio, rate, 4 * rate, "VHQ")).max()) <= -1.0


def _emptied(bar: Bar) -> Bar:
    return replace(bar, notes=(), chords=())


def test_sound_is_as_long_as_planned_and_starts_and_ends_faded(
    written: Written, piece: Composition, folder: Path
) -> None:
    audio, _ = soundfile.read(folder / "a.wav", dtype="int16")
    assert len(audio) == round(piece.seconds * RATE) + round(TAIL_S * RATE)
    assert written.sound is not None
    assert written.sound.seconds == pytest.approx(len(audio) / RATE)
    assert np.abs(audio[:50]).max() <= 2
    assert np.abs(audio[-50:]).max() <= 2


def test_flac_holds_the_same_samples_as_wav(written: Written, folder: Path) -> None:
    wav, _ = soundfile.read(folder / "a.wav", dtype="int16")
    flac, _ = soundfile.read(folder / "a.flac", dtype="int16")
    assert np.array_equal(wav, flac)
    assert soundfile.info(folder / "a.wav").subtype == "PCM_16"


def test_bars_stay_aligned_with_the_plan_in_the_file(
    written: Written, piece: Composition, folder: Path
) -> None:
    """The limiter's delay is taken back: the loudest rise of a bar is at its first strike."""
    audio, _ = soundfile.read(folder / "a.wav", dtype="float32")
    line = piece.bars[4].target.start_s
    before = audio[round((line - 0.05) * RATE) : round((line + 0.02) * RATE)]
    after = audio[round((line + 0.03) * RATE) : round((line + 0.10) * RATE)]
    assert np.square(after).sum() > 1.5 * np.square(before).sum()


def test_midi_is_the_performance(written: Written, piece: Composition, folder: Path) -> None:
    midi = mido.MidiFile(folder / "a.mid")
    conductor, *parts = midi.tracks
    tempos = [m.tempo for m in conductor if m.type == "set_tempo"]
    assert tempos == [round(60e6 / bar.target.tempo) for bar in piece.bars]
    markers = [m.text for m in conductor if m.type == "marker"]
    assert markers == [bar.section for bar in piece.bars if bar.phrase_position == 0]
    assert [m.key for m in conductor if m.type == "key_signature"] == ["C"]
    assert midi.length == pytest.approx(piece.seconds, abs=1.5)
    melody = [m for m in parts[0] if m.type == "note_on"]
    assert [m.note for m in melody] == [
        note.pitch for bar in piece.bars for note in bar.notes if note.role == "melody"
    ]
    assert len({m.velocity for m in melody}) > 3
    assert any(m.type == "control_change" and m.control == 64 for m in parts[1])


def test_no_midi_note_hangs(written: Written, folder: Path) -> None:
    for track in mido.MidiFile(folder / "a.mid").tracks:
        sounding: set[int] = set()
        for message in track:
            if message.type == "note_on":
                assert message.note not in sounding
                sounding.add(message.note)
            elif message.type == "note_off":
                sounding.discard(message.note)
        assert not sounding


def test_json_holds_the_plan_and_the_score(
    written: Written, piece: Composition, folder: Path
) -> None:
    found = json.loads((folder / "a.json").read_text())
    assert found["mood"]["label"] == "anxious"
    assert found["plan"]["goal"] == "calm"
    assert [bar["tempo"] for bar in found["plan"]["bars"]] == [
        bar.target.tempo for bar in piece.bars
    ]
    bars = found["score"]["bars"]
    assert [len(bar["notes"]) for bar in bars] == [len(bar.notes) for bar in piece.bars]
    assert bars[3]["notes"][0]["pitch"] == piece.bars[3].notes[0].pitch


def test_the_picture_shows_every_role_and_carries_no_date(written: Written, folder: Path) -> None:
    pixels = imread(folder / "a.png")
    height, width, _ = pixels.shape
    assert (width, height) == (1400, 1000)
    for red, green, blue in ((194, 71, 127), (91, 143, 199), (61, 90, 82)):
        colour = 0.85 * np.array([red, green, blue]) / 255 + 0.15  # over white
        assert (np.abs(pixels[:, :, :3] - colour).max(axis=2) < 0.01).sum() > 300
    content = (folder / "a.png").read_bytes()
    assert b"tEXt" not in content
    assert b"tIME" not in content


def test_a_long_picture_is_drawn_too(make_piece: MakePiece, tmp_path: Path) -> None:
    write_outputs([tmp_path / "a.png"], make_piece(make_bars(800)))
    assert imread(tmp_path / "a.png").shape[1] == 3600


def test_beyond_4_gb_a_wav_is_rf64(
    make_piece: MakePiece, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_file, "_WAV_LIMIT", 1_000_000)
    write_outputs([tmp_path / "a.wav"], make_piece(make_bars(1)))
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RF64"
    assert soundfile.info(tmp_path / "a.wav").frames > 9 * RATE


# What cannot be written


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("a.mp3", r"a\.mp3.*must be one of \.wav"),
        ("noextension", "must be one of"),
        ("missing/a.wav", "missing does not exist.*mkdir -p"),
        ("folder.wav", "is not a file"),
        ("x" * 300 + ".wav", "Choose another name"),
    ],
)
def test_bad_outputs_are_named_before_the_work_starts(
    tmp_path: Path, name: str, complaint: str
) -> None:
    (tmp_path / "folder.wav").mkdir()
    with pytest.raises(UserError, match=complaint):
        check_outputs([tmp_path / "good.wav", tmp_path / name])
    assert names(tmp_path) == ["folder.wav"]


def test_an_output_named_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="twice"):
        check_outputs([tmp_path / "a.wav", tmp_path / "b.mid", tmp_path / "." / "a.wav"])


def test_what_a_killed_process_left_behind_is_removed_but_not_what_is_being_written(
    piece: Composition, tmp_path: Path
) -> None:
    dead = tmp_path / ".a.mid.99999999.part"
    dead.write_bytes(b"half")
    alive = tmp_path / ".a.mid.1.part"
    with alive.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write_outputs([tmp_path / "a.mid"], piece)
        assert names(tmp_path) == [".a.mid.1.part", "a.mid"]


def test_while_a_file_is_written_nobody_takes_its_part_away(tmp_path: Path) -> None:
    with staged([tmp_path / "a.mid"]) as parts:
        (part,) = parts.values()
        with part.open("rb") as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_folder_that_takes_no_files_is_not_called_missing() -> None:
    with pytest.raises(UserError) as error:
        check_outputs([Path("/proc/a.mid")])
    assert "does not exist" not in str(error.value)


def test_an_older_file_is_kept_when_writing_fails(piece: Composition, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("precious")

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_outputs([tmp_path / "a.wav", tmp_path / "a.mid"], piece, interrupt)
    assert names(tmp_path) == ["a.wav"]
    assert (tmp_path / "a.wav").read_text() == "precious"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small tmpfs needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_too_small_a_disk_is_noticed_before_the_work_starts(small_disk: Path) -> None:
    with pytest.raises(UserError, match=r"a\.wav: about 57\d MB are needed.*2\d MB are free"):
        check_outputs([small_disk / "a.wav"], seconds=45 * 60 / 2.5)
    check_outputs([small_disk / "a.wav"], seconds=20)


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_disk_that_fills_up_meanwhile_leaves_nothing(
    small_disk: Path, piece: Composition, suffix: str
) -> None:
    def fill_up(done: float) -> None:
        if done == 1.0:  # rendered; the sound file itself is still to be written
            free = os.statvfs(small_disk)
            (small_disk / "filler").write_bytes(bytes(free.f_bavail * free.f_bsize - 500_000))

    with pytest.raises(UserError, match=rf"a\{suffix}.*Free some space"):
        write_outputs([small_disk / f"a{suffix}", small_disk / "a.mid"], piece, fill_up)
    assert names(small_disk) == ["filler"]


def test_a_disk_that_fills_up_while_rendering_leaves_nothing(
    small_disk: Path, piece: Composition
) -> None:
    def fill_up(done: float) -> None:
        if not (small_disk / "filler").exists():
            free = os.statvfs(small_disk)
            (small_disk / "filler").write_bytes(bytes(free.f_bavail * free.f_bsize - 100_000))

    with pytest.raises(UserError, match=r"a\.wav.*disk is full"):
        write_outputs([small_disk / "a.wav"], piece, fill_up)
    assert names(small_disk) == ["filler"]


def test_a_read_only_disk_is_named(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(UserError, match="does not allow it"):
        check_outputs([small_disk / "a.wav"])
