"""The journey on one core: last word to first sound, start-up, memory.

``python -m benchmarks.journey``. Models are loaded before the clock starts, as on a device that
waits for a voice; each run reads the demo recording anew. Two parts are not measured but set: the
silence that the end of speech waits for after the last word, and the depth of the speaker's buffer.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.row import Row
from firmware_py.config.paths import ASSETS, Paths

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_SPEAKER_BUFFER_S = 2 * 1024 / 44_100  # PortAudio keeps two buffers of 1024 frames


def measure(repeats: int = 5) -> dict[str, float]:
    """Run the journey in this process; return medians in seconds and the peak RSS in MB."""
    begun = time.perf_counter()
    from firmware_py.app.fetch.check import (  # noqa: PLC0415 - part of start-up
        speech_model_dir,
        voice_model_path,
    )
    from firmware_py.app.fetch.soundfont import find_soundfont  # noqa: PLC0415
    from firmware_py.compose.opening import open_composer  # noqa: PLC0415
    from firmware_py.mood.reader import load_mood_reader  # noqa: PLC0415
    from firmware_py.plan.planner import make_plan  # noqa: PLC0415
    from firmware_py.render.level import LevelledRenderer  # noqa: PLC0415
    from firmware_py.render.synth import FluidSynthRenderer  # noqa: PLC0415
    from firmware_py.speech.endpoint import SILENCE_S  # noqa: PLC0415
    from firmware_py.speech.recogniser import VoskRecogniser  # noqa: PLC0415
    from firmware_py.speech.wav import read_speech  # noqa: PLC0415

    paths = Paths.from_environment()
    recogniser = VoskRecogniser(speech_model_dir(paths, "en"), "en", voice_model_path(paths))
    reader = load_mood_reader()
    soundfont = find_soundfont(None, models=paths.models)
    figures: dict[str, list[float]] = {}
    ready = time.perf_counter() - begun
    for _ in range(repeats):
        stream = recogniser.model.sentence_stream()
        stream.feed(read_speech(ASSETS / "demo.wav"))
        marks = [time.perf_counter()]
        stream.finish()
        figures.setdefault("finish", []).append(time.perf_counter() - marks[0])
        marks = [time.perf_counter()]
        heard = recogniser.listen(ASSETS / "demo.wav")
        marks.append(time.perf_counter())
        mood = reader.read(heard.text, "en")
        marks.append(time.perf_counter())
        plan = make_plan(mood, "calm", 45.0)
        composer, _ = open_composer(7, plan.bars[0])
        bar = composer.next_bar(plan.bars[0], None)
        marks.append(time.perf_counter())
        renderer = LevelledRenderer(FluidSynthRenderer(soundfont, seed=7))
        renderer.render_bar(bar)
        marks.append(time.perf_counter())
        for name, after, before in zip(
            ("recognise", "read", "compose", "render"), marks[1:], marks[:-1], strict=True
        ):
            figures.setdefault(name, []).append(after - before)
        for target in plan.bars[1:20]:
            renderer.render_bar(composer.next_bar(target, None))
    medians = {name: statistics.median(values) for name, values in figures.items()}
    medians["silence"] = SILENCE_S
    medians["audio"] = heard.audio_s
    medians["ready"] = ready
    medians["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return medians


def rows() -> list[Row]:
    """Measure in fresh processes and return the table."""
    command = [sys.executable, "-m", "benchmarks.journey", "--json"]
    environment = {**os.environ, **_ONE_THREAD}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    got: dict[str, float] = json.loads(done.stdout)
    stages = ("silence", "finish", "read", "compose", "render")
    parts = ", ".join(f"{name} {1000 * got[name]:.0f} ms" for name in stages)
    after_voice = sum(got[name] for name in stages) + _SPEAKER_BUFFER_S
    return [
        Row(
            "last word -> first sound",
            after_voice,
            "s",
            0.9,
            f"{parts}, speaker's buffer "
            f"{1000 * _SPEAKER_BUFFER_S:.0f} ms; it then fades in over 1 s",
        ),
        Row(
            "recognise",
            got["audio"] / got["recognise"],
            "x real time",
            note=f"{got['audio']:.1f} s of speech in {1000 * got['recognise']:.0f} ms",
        ),
        Row("start -> ready to listen", got["ready"], "s", 4.0, "all models loaded"),
        Row("peak memory, journey with one speech model", got["peak_mb"], "MB", 400.0),
        Row("lull --help", _command_s(["--help"]), "s", note="median of 5"),
        Row("recorded sentence -> first sound, cold", _first_sound_s(), "s", 10.0, "lull demo"),
    ]


def _command_s(arguments: list[str]) -> float:
    lull = Path(sys.executable).with_name("lull")
    spent = []
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run([lull, *arguments], capture_output=True, check=True)
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent)


def _first_sound_s() -> float:
    """Return the seconds from starting a process to its first rendered bar."""
    command = [sys.executable, "-m", "benchmarks.journey", "--first-sound"]
    spent = []
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--first-sound", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.json:
        print(json.dumps(measure()))
    elif args.first_sound:
        measure(repeats=1)
    else:
        for row in rows():
            print(row.line())
