"""The piece as a sound file: rendered, measured as a whole, levelled, faded, written."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from firmware_py.messages.errors import UserError
from firmware_py.ports.audio import Stereo
from firmware_py.ports.music import Renderer
from firmware_py.render.composition import Composition
from firmware_py.render.limiter import Limiter
from firmware_py.render.loudness import TARGET_LUFS, LoudnessMeter
from firmware_py.render.peaks import TruePeakMeter
from firmware_py.render.staging import explain

Progress = Callable[[float], None]
"""Told the part done, 0 to 1."""

BYTES_PER_FRAME: Final = 4  # 16 bits, two channels
SPOOL_BYTES_PER_FRAME: Final = 8  # 32-bit floats, two channels
_WAV_LIMIT: Final = 2**32 - 4096
"""A WAV file counts its bytes in 32 bits; longer ones are written as RF64 (EBU Tech 3306)."""
_BLOCK: Final = 65536
_FADE_IN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Sound:
    """What was written: length in seconds, loudness in LUFS (None: silence), true peak in dBTP."""

    seconds: float
    lufs: float | None
    dbtp: float


def write_sound(
    parts: dict[Path, Path], piece: Composition, progress: Progress = lambda _: None
) -> Sound:
    """Write ``piece`` to each of ``parts`` (the name that it will have: the file to write).

    16 bits with triangular dither, ``TARGET_LUFS`` integrated, true peaks at most -1 dBTP, one
    second of fade at the start. The piece is rendered once, into a nameless temporary file beside
    the first of ``parts``: memory stays the same for any length.
    Raises ``UserError`` when the disk fills up.
    """
    first = next(iter(parts))
    with tempfile.TemporaryFile(dir=first.parent, buffering=0) as spool:
        try:
            rate, frames, lufs = _render(spool, piece, progress)
        except OSError as error:
            raise explain(first, error) from error
        gain = 10 ** ((TARGET_LUFS - lufs) / 20) if lufs is not None else 1.0
        meters = LoudnessMeter(rate), TruePeakMeter()
        dither = np.random.default_rng(piece.seed)
        with ExitStack() as open_files:
            sinks = {
                path: open_files.enter_context(_open(part, path, rate, frames))
                for path, part in parts.items()
            }
            for audio in _levelled(spool, frames, rate, gain):
                for meter in meters:
                    meter.add(audio)
                samples = _to_16_bits(audio, dither)
                for path, sink in sinks.items():
                    _write(sink, samples, path)
    for path, part in parts.items():
        _check(part, path, frames)
    return Sound(frames / rate, meters[0].integrated, meters[1].dbtp)


def _render(
    spool: BinaryIO, piece: Composition, progress: Progress
) -> tuple[int, int, float | None]:
    """Render into ``spool``; return the rate, the number of frames and the loudness."""
    renderer = piece.renderer()
    meter = LoudnessMeter(renderer.rate)
    frames = 0
    for done, audio in enumerate(_blocks(piece, renderer)):
        meter.add(audio)
        spool.write(np.ascontiguousarray(audio, np.float32).data)
        frames += len(audio)
        progress(min(1.0, done / len(piece.bars)))
    return renderer.rate, frames, meter.integrated


def _blocks(piece: Composition, renderer: Renderer) -> Iterator[Stereo]:
    for bar in piece.bars:
        yield renderer.render_bar(bar)
    yield renderer.finish()


def _levelled(spool: BinaryIO, frames: int, rate: int, gain: float) -> Iterator[Stereo]:
    """Yield the spooled sound with gain, fade and limiter, aligned with the bar lines."""
    spool.seek(0)
    limiter = Limiter()
    fade = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, min(frames, round(_FADE_IN_S * rate))))
    late = limiter.latency
    for begin in range(0, frames, _BLOCK):
        raw = spool.read(min(_BLOCK, frames - begin) * SPOOL_BYTES_PER_FRAME)
        audio = np.frombuffer(raw, np.float32).reshape(-1, 2) * np.float32(gain)
        rising = fade[begin : begin + len(audio)]
        audio[: len(rising)] *= rising[:, np.newaxis].astype(np.float32)
        out = limiter.process(audio)
        yield out[late:]
        late = max(0, late - len(out))
    yield limiter.flush()[late:]


def _to_16_bits(audio: Stereo, random: np.random.Generator) -> NDArray[np.int16]:
    """Return samples with triangular dither of one step, so that quiet endings stay smooth."""
    dither = random.random(audio.shape, np.float32) - random.random(audio.shape, np.float32)
    return np.clip(np.rint(audio * 32767.0 + dither), -32768, 32767).astype(np.int16)


def _open(part: Path, path: Path, rate: int, frames: int) -> soundfile.SoundFile:
    kind = path.suffix.lower().lstrip(".").upper()
    if kind == "WAV" and frames * BYTES_PER_FRAME > _WAV_LIMIT:
        kind = "RF64"
    try:
        return soundfile.SoundFile(part, "w", rate, 2, "PCM_16", format=kind)
    except soundfile.LibsndfileError as error:
        raise _failed(path) from error


def _write(sink: soundfile.SoundFile, samples: NDArray[np.int16], path: Path) -> None:
    try:
        sink.write(samples)
    except soundfile.LibsndfileError as error:
        raise _failed(path) from error


def _check(part: Path, path: Path, frames: int) -> None:
    """Read the last frame back: libsndfile says nothing when closing a file fails."""
    try:
        with soundfile.SoundFile(part) as file:
            file.seek(frames - 1)
            complete = file.frames == frames and len(file.read(1)) == 1
    except soundfile.LibsndfileError as error:
        raise _failed(path) from error
    if not complete:
        raise _failed(path)


def _failed(path: Path) -> UserError:
    # libsndfile drops the reason (errno); a full disk is by far the likeliest.
    free = shutil.disk_usage(path.parent).free // 1_000_000
    return UserError(
        f"Cannot write {path}: the disk refused it ({free} MB are free). "
        "Free some space or choose another folder."
    )
