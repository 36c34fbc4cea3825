"""How well the end of speech is found, beside a plain threshold on energy.

``python -m benchmarks.endpoint``. Four flite voices speak twelve sentences with a second of quiet
before and after; pink noise or slow music from FluidSynth is mixed in. For each mixture: how many
clips have one begin and one end within 0.3 s of the truth, the median error of the end, and how
much of one core the detector takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import fluidsynth
import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.demo_recording import spoken
from benchmarks.soundfonts import CHORDS
from firmware_py.app.fetch.check import voice_model_path
from firmware_py.app.fetch.soundfont import find_soundfont
from firmware_py.config.paths import Paths
from firmware_py.speech.endpoint import RATE, WINDOW, Endpoint

SENTENCES = (
    "I feel anxious, and I can't sleep.",
    "I am so tired today.",
    "My heart is beating fast.",
    "I miss my grandmother.",
    "Everything is too much for me.",
    "I had a good day.",
    "Turn the volume down.",
    "Set a timer for half an hour.",
    "Stop.",
    "Next song.",
    "I don't like this.",
    "Good night.",
)
VOICES = ("slt", "rms", "awb", "kal16")
QUIET_S = 1.0
Sound = NDArray[np.float64]
Found = list[tuple[float, float]]


def clips() -> list[Sound]:
    """Return every sentence by every voice without the quiet at its ends."""
    found = []
    for voice in VOICES:
        for sentence in SENTENCES:
            samples = spoken(sentence, voice).astype(float)
            loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
            found.append(samples[loud[0] : loud[-1]])
    return found


def pink(length: int) -> Sound:
    """Return noise whose power falls with frequency, standard deviation 1."""
    spectrum = np.fft.rfft(np.random.default_rng(5).normal(size=length))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    noise = np.fft.irfft(spectrum, length)
    return np.asarray(noise / noise.std())


def music(length: int) -> Sound:
    """Return slow piano and string chords, standard deviation 1."""
    synth = fluidsynth.Synth(samplerate=44100.0, channels=16)
    font = synth.sfload(str(find_soundfont(None)))
    for channel, program in enumerate((0, 48)):
        synth.program_select(channel, font, 0, program)
    parts = []
    for chord in CHORDS:
        for channel in range(2):
            for pitch in chord:
                synth.noteon(channel, pitch, 70)
        parts.append(synth.get_samples(2 * 44100).reshape(-1, 2).mean(axis=1))
    sound = soxr.resample(np.concatenate(parts).astype(float), 44100, RATE)[:length]
    return np.asarray(sound / sound.std())


def by_voice(sound: NDArray[np.int16]) -> Found:
    """Return (begin, end) of each speech, seconds, by our detector."""
    endpoint = Endpoint(voice_model_path(Paths.from_environment()))
    events = (*endpoint.feed(sound), *endpoint.finish())
    times = [event.at_s for event in events]
    return list(zip(times[::2], times[1::2], strict=True))


def by_energy(sound: NDArray[np.int16]) -> Found:
    """Return the same by energy 9 dB above the quietest tenth of the windows."""
    windows = sound[: len(sound) // WINDOW * WINDOW].reshape(-1, WINDOW).astype(float)
    level = 10 * np.log10(np.mean(windows**2, axis=1) + 1)
    loud = np.flatnonzero(level > np.quantile(level, 0.1) + 9)
    found: Found = []
    for window in loud:
        at = window * WINDOW / RATE
        if found and at - found[-1][1] < 0.5:
            found[-1] = found[-1][0], at + WINDOW / RATE
        else:
            found.append((at, at + WINDOW / RATE))
    return found


def score(detector: Callable[[NDArray[np.int16]], Found], noise: Sound, ratio_db: float) -> str:
    """Return the table's columns for one detector and one mixture."""
    right, errors, heard_s, spent = 0, [], 0.0, 0.0
    quiet = np.zeros(round(QUIET_S * RATE))
    for clip in CLIPS:
        sound = np.concatenate((quiet, clip, quiet))
        gain = np.sqrt(np.mean(clip**2)) * 10 ** (-ratio_db / 20)
        mixed = np.clip(sound + gain * noise[: len(sound)], -32768, 32767).astype(np.int16)
        started = time.process_time()
        found = detector(mixed)
        spent += time.process_time() - started
        heard_s += len(sound) / RATE
        end_s = QUIET_S + len(clip) / RATE
        error = min((abs(end - end_s) for _, end in found), default=np.inf)
        errors.append(error)
        right += len(found) == 1 and abs(found[0][0] - QUIET_S) < 0.3 and error < 0.3
    return f"{right:3d}/{len(CLIPS)} {np.median(errors):6.2f} s {100 * spent / heard_s:6.2f}%"


CLIPS = clips() if __name__ == "__main__" else []


def main() -> None:
    """Print the table."""
    print(f"{'beside the voice':22} {'Silero VAD: right, end, CPU':>30} {'energy':>30}")
    for name, noise in (("pink noise", pink(20 * RATE)), ("music", music(10 * RATE))):
        for ratio_db in (60, 20, 10, 5, 0):
            columns = [score(detector, noise, ratio_db) for detector in (by_voice, by_energy)]
            print(f"{name} at -{ratio_db} dB".ljust(22), *(f"{column:>30}" for column in columns))


if __name__ == "__main__":
    main()
