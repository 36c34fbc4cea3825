"""Any PCM WAV file as the recogniser wants it: one channel, 16 bit, 16 kHz."""

from __future__ import annotations

import logging
import struct
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from firmware_py.messages.errors import UserError
from firmware_py.ports.audio import Mono16

RATE: Final = 16000
"""Frames a second that Vosk's models and the voice detector were trained on."""
MAX_SECONDS: Final = 120.0
_MIN_RATE, _MAX_RATE = 4000, 768_000
_FORMATS: Final = ("WAV", "WAVEX", "RF64")
_UNKNOWN_LENGTH: Final = 0x7FFF_0000
"""A program that writes to a pipe cannot know the length and puts a number above this one."""
_BLOCK: Final = 65536
_LOG = logging.getLogger(__name__)


def read_speech(path: Path) -> Mono16:
    """Return a recording as mono 16-bit samples at 16 kHz, channels averaged.

    A file that was cut off inside its sound is read as far as it goes, with a warning in the log.
    Raises ``UserError`` when ``path`` cannot be read, is no WAV file, is empty or broken, or lasts
    longer than ``MAX_SECONDS``.
    """
    _check_readable(path)
    try:
        with soundfile.SoundFile(path) as sound:
            _check_form(path, sound)
            _warn_if_cut(path)
            mono = _mixed_down(path, sound)
            rate = sound.samplerate
    except soundfile.LibsndfileError as error:
        reason = error.error_string.strip().rstrip(".")
        raise UserError(
            f"{path} is not a WAV file that can be read ({reason}); "
            "record it again, for example with: arecord -f S16_LE -r 16000 -c 1 speech.wav"
        ) from error
    if rate != RATE:
        mono = soxr.resample(mono, rate, RATE, quality="HQ")
    return np.round(np.clip(mono, -1.0, 1.0) * 32767).astype(np.int16)


def _check_readable(path: Path) -> None:
    try:
        with path.open("rb") as file:
            is_empty = not file.read(1)
    except OSError as error:
        raise UserError(f"Cannot read {path} ({error.strerror}); name a WAV file.") from error
    if is_empty:
        raise UserError(f"{path} is empty (0 bytes); record it again.")


def _check_form(path: Path, sound: soundfile.SoundFile) -> None:
    if sound.format not in _FORMATS:
        raise UserError(f"{path} is {sound.format}, not WAV; convert it to a PCM WAV file first.")
    if not _MIN_RATE <= sound.samplerate <= _MAX_RATE:
        raise UserError(
            f"{path} is sampled at {sound.samplerate} Hz; speech needs {_MIN_RATE} to {_MAX_RATE}."
        )
    if sound.frames == 0:
        raise UserError(f"{path} holds no sound: it ends after its header; record it again.")
    seconds = sound.frames / sound.samplerate
    if seconds > MAX_SECONDS:
        raise UserError(
            f"{path} lasts {seconds:.0f} s; at most {MAX_SECONDS:.0f} s are understood at once."
        )


def _mixed_down(path: Path, sound: soundfile.SoundFile) -> NDArray[np.float32]:
    """Return the mean of the channels, read in blocks: 120 s can have many."""
    blocks = sound.blocks(_BLOCK, dtype="float32", always_2d=True)
    mono = np.concatenate([block.mean(axis=1) for block in blocks])
    if not np.isfinite(mono).all():
        raise UserError(f"{path} holds samples that are not numbers; record it again.")
    return mono


def _warn_if_cut(path: Path) -> None:
    """Log when the header promises more sound than the file holds; libsndfile is silent on it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(12)
        while len(head := file.read(8)) == 8:
            name, length = struct.unpack("<4sI", head)
            if name == b"data":
                missing = file.tell() + length - size
                if length < _UNKNOWN_LENGTH and missing > 0:
                    share = missing / length
                    _LOG.warning(
                        "%s is cut off: %.0f%% of its sound is missing.", path, 100 * share
                    )
                return
            file.seek(length + length % 2, 1)
