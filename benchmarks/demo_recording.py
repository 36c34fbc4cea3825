"""Make the recording that ``lull demo`` understands: ``python -m benchmarks.demo_recording``.

A sentence spoken by flite's voice slt, with half a second of silence before and after it. The
same command gives the same bytes; the recording is then read back by the real recogniser.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from firmware_py.app.wiring import open_recogniser
from firmware_py.config.paths import ASSETS
from firmware_py.speech.wav import RATE

SENTENCE = "I feel anxious, and I can't sleep."
HEARD = "i feel anxious and i can't sleep"
VOICE = "slt"


def spoken(sentence: str, voice: str) -> NDArray[np.int16]:
    """Return flite's 16-bit samples at 16 kHz, shape (frames,)."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "speech.wav"
        subprocess.run(["flite", "-voice", voice, "-t", sentence, "-o", str(wav)], check=True)
        samples, rate = soundfile.read(wav, dtype="int16")
    assert rate == RATE, f"flite's {voice} speaks at {rate} Hz"
    return np.asarray(samples, np.int16)


def main() -> None:
    """Write the recording and say what the recogniser hears in it."""
    silence = np.zeros(RATE // 2, np.int16)
    target = ASSETS / "demo.wav"
    soundfile.write(target, np.concatenate((silence, spoken(SENTENCE, VOICE), silence)), RATE)
    heard = open_recogniser("en").listen(target)
    print(f"{target}: {heard.audio_s:.1f} s, heard as {heard.text!r} ({heard.intent.name})")
    assert heard.text == HEARD


if __name__ == "__main__":
    main()
