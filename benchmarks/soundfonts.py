"""Memory and load time of the soundfonts that Debian ships, with and without dynamic loading.

``python -m benchmarks.soundfonts``. Each row is a process of its own: a fresh FluidSynth loads the
font, chooses piano, strings and a warm pad, plays ten seconds of slow chords on all three and says
what that cost. Resident memory counts the whole process, about 25 MB of it Python and numpy.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import fluidsynth

SOUNDS = Path("/usr/share/sounds")
FONTS = (
    SOUNDS / "sf2/FluidR3_GM.sf2",
    SOUNDS / "sf2/TimGM6mb.sf2",
    SOUNDS / "sf3/MuseScore_General_Lite.sf3",
)
RATE = 44100
PIANO, STRINGS, WARM_PAD = 0, 48, 89
CHORDS = ((48, 55, 64, 71), (45, 52, 60, 67), (41, 53, 60, 69), (43, 50, 59, 65), (48, 55, 64, 72))


def resident_mb() -> float:
    """Resident memory of this process, MB (2^20 bytes)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def measure(font: Path, *, dynamic: bool) -> dict[str, float]:
    """Load ``font`` and play it, in this process."""
    before = resident_mb()
    synth = fluidsynth.Synth(
        samplerate=float(RATE),
        channels=16,
        **{"synth.dynamic-sample-loading": int(dynamic), "synth.lock-memory": 0},
    )
    started = time.perf_counter()
    loaded = synth.sfload(str(font))
    if loaded < 0:
        raise RuntimeError(f"FluidSynth cannot load {font}")
    load_s = time.perf_counter() - started
    started = time.perf_counter()
    for channel, program in enumerate((PIANO, STRINGS, WARM_PAD)):
        if synth.program_select(channel, loaded, 0, program) != 0:
            raise RuntimeError(f"{font} has no program {program}")
    presets_s = time.perf_counter() - started
    started, loudest = time.perf_counter(), 0
    for chord in CHORDS:
        for channel in range(3):
            for pitch in chord:
                synth.noteon(channel, pitch, 70)
        loudest = max(loudest, abs(synth.get_samples(2 * RATE)).max())
        for channel in range(3):
            for pitch in chord:
                synth.noteoff(channel, pitch)
    if loudest < 300:
        raise RuntimeError(f"{font} was silent")
    render_s = time.perf_counter() - started
    return {
        "load_s": load_s,
        "presets_s": presets_s,
        "rss_mb": resident_mb(),
        "font_mb": resident_mb() - before,
        "cpu_per_s": render_s / (2 * len(CHORDS)),
    }


def main() -> None:
    """Print the table."""
    print(
        f"{'soundfont':28} {'dynamic':8} {'load s':>7} {'presets s':>9} {'RSS MB':>7} "
        f"{'font MB':>8} {'CPU s/s':>8}"
    )
    for font in FONTS:
        for dynamic in (True, False):
            if not font.exists():
                print(f"{font.name:28} not installed")
                continue
            command = [sys.executable, __file__, str(font), str(int(dynamic))]
            row = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            print(f"{font.name:28} {'on' if dynamic else 'off':8} {row['load_s']:7.2f} "
                  f"{row['presets_s']:9.2f} {row['rss_mb']:7.0f} {row['font_mb']:8.0f} "
                  f"{row['cpu_per_s']:8.4f}")  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(measure(Path(sys.argv[1]), dynamic=sys.argv[2] == "1")))
    else:
        main()
