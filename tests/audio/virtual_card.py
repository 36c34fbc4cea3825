"""A sound card without hardware: PulseAudio with null sinks, as root, without dbus or systemd.

``speaker`` is what programs play on; ``speaker.monitor`` hears it. What is played into ``mic_in``
comes out of the microphone ``mic``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

RATE = 44100

_ALSA = """
pcm.pulse { type pulse }
ctl.pulse { type pulse }
pcm.!default { type pulse }
ctl.!default { type pulse }
"""

_SCRIPT = """
load-module module-native-protocol-unix socket={socket} auth-anonymous=1
load-module module-null-sink sink_name=speaker norewinds=1 rate={rate} channels=2 format=float32le
load-module module-null-sink sink_name=mic_in norewinds=1 rate={rate} channels=2 format=float32le
load-module module-remap-source source_name=mic master=mic_in.monitor
set-default-sink speaker
set-default-source mic
"""


def why_not() -> str | None:
    """Return why there can be no virtual card here, or None."""
    missing = [tool for tool in ("pulseaudio", "pactl", "parec") if shutil.which(tool) is None]
    return f"not installed: {', '.join(missing)}" if missing else None


@dataclass(frozen=True)
class VirtualCard:
    """The environment in which programs find the card."""

    environment: dict[str, str]
    folder: Path

    @contextmanager
    def recording(self, source: str = "speaker.monitor") -> Iterator[Path]:
        """Record a source to a raw file of 32-bit float stereo frames at ``RATE`` meanwhile."""
        path = self.folder / f"{source}.{time.monotonic_ns()}.raw"
        command = ["parec", "-d", source, f"--rate={RATE}", "--channels=2", "--format=float32le"]
        with path.open("wb") as file:
            recorder = subprocess.Popen(
                [*command, "--latency-msec=50"], stdout=file, env=self._environment
            )
            try:
                wait_until(lambda: path.stat().st_size > 0, "parec hears nothing")
                yield path
            finally:
                recorder.terminate()
                recorder.wait(5)

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}


def wait_until(condition: object, complaint: str, limit_s: float = 10.0) -> None:
    """Wait for a callable to become true; fail with ``complaint`` after ``limit_s``."""
    assert callable(condition)
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(complaint)
        time.sleep(0.02)


@contextmanager
def virtual_card(folder: Path) -> Iterator[VirtualCard]:
    """Run a PulseAudio of our own in ``folder`` (short: a socket's path has 108 characters)."""
    socket = folder / "pulse"
    (folder / "asound.conf").write_text(_ALSA)
    (folder / "pulse.pa").write_text(_SCRIPT.format(socket=socket, rate=RATE))
    environment = {
        "PULSE_SERVER": f"unix:{socket}",
        "PULSE_COOKIE": str(folder / "cookie"),
        "PULSE_RUNTIME_PATH": str(folder / "run"),
        "PULSE_STATE_PATH": str(folder / "state"),
        "XDG_RUNTIME_DIR": str(folder),
        "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
        "JACK_NO_START_SERVER": "1",
    }
    command = ["pulseaudio", "-n", "-F", str(folder / "pulse.pa"), "--daemonize=no"]
    options = ["--exit-idle-time=-1", "--disallow-exit", "--use-pid-file=no", "--realtime=no"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, *options], env={**os.environ, **environment}, stdout=log, stderr=log
        )
        try:
            wait_until(socket.exists, f"PulseAudio did not start: {folder / 'log'}")
            yield VirtualCard(environment, folder)
        finally:
            server.terminate()
            server.wait(5)
