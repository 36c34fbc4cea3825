"""The loudspeaker, through PortAudio."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic, sleep
from typing import Final

import numpy as np
import pyaudio

from device.listing import find_device
from device.quiet import quiet_stderr
from firmware_py.messages.errors import MissingError
from firmware_py.ports.audio import Fill

_CLOSING_SILENCE_S: Final = 0.15
"""PortAudio drops about 50 ms when it closes: let that, and what its buffers hold, be silence."""
_CLOSING_LIMIT_S: Final = 1.0


class PyAudioSpeaker:
    """``ports.audio.Speaker`` on PyAudio in callback mode.

    The device asks every ``frames_per_buffer`` frames and holds two such buffers: 46 ms at 1024
    frames and 44.1 kHz.
    """

    def __init__(
        self, name: str = "default", *, rate: int = 44100, frames_per_buffer: int = 1024
    ) -> None:
        """``name`` as ``lull devices`` lists it. Nothing is opened before ``start``."""
        self.name = name
        self.rate = rate
        self._frames_per_buffer = frames_per_buffer
        self._audio: pyaudio.PyAudio | None = None
        self._stream: pyaudio.Stream | None = None
        self._fill: Fill | None = None
        self._underruns = 0
        self._silence_left = -1  # frames of silence until the stream may end; -1: not closing

    def start(self, fill: Fill) -> None:
        """Open the device and begin to ask ``fill`` for frames.

        Raises ``MissingError`` when the device is not there or does not open.
        """
        self.stop()
        self._fill = fill
        self._underruns = 0
        self._silence_left = -1
        with quiet_stderr():
            self._audio = pyaudio.PyAudio()
            try:
                device = find_device(self._audio, "speaker", self.name)
                self._stream = self._audio.open(
                    rate=self.rate,
                    channels=2,
                    format=pyaudio.paFloat32,
                    output=True,
                    output_device_index=device.index,
                    frames_per_buffer=self._frames_per_buffer,
                    stream_callback=self._callback,
                )
            except MissingError:
                self._terminate()
                raise
            except OSError as error:
                self._terminate()
                raise MissingError(
                    f"The speaker {self.name!r} does not open: {error.args[0]}.",
                    fix="close what else uses it, or choose another one: lull devices",
                ) from error

    def stop(self) -> None:
        """Close the device after what was handed over has sounded; safe to call twice."""
        if self._stream is not None:
            self._silence_left = round(_CLOSING_SILENCE_S * self.rate) + 2 * self._frames_per_buffer
            limit = monotonic() + self._silence_left / self.rate + _CLOSING_LIMIT_S
            while self._stream.is_active() and monotonic() < limit:
                sleep(0.01)
            self._stream.close()
            self._stream = None
        self._terminate()

    @property
    def underruns(self) -> int:
        """Times the sound card ran dry since ``start``, as the driver reports it."""
        return self._underruns

    @property
    def lost(self) -> bool:
        """True when the device went away after ``start``: PortAudio has given up on it."""
        stream = self._stream
        return stream is not None and self._silence_left < 0 and not stream.is_active()

    def _terminate(self) -> None:
        if self._audio is not None:
            self._audio.terminate()
            self._audio = None

    def _callback(
        self, _input: bytes | None, frames: int, _time: Mapping[str, float], status: int
    ) -> tuple[bytes, int]:
        if status & pyaudio.paOutputUnderflow:
            self._underruns += 1
        if self._silence_left >= 0:
            self._silence_left -= frames
            more = pyaudio.paContinue if self._silence_left > 0 else pyaudio.paComplete
            return bytes(8 * frames), more
        assert self._fill is not None
        return np.ascontiguousarray(self._fill(frames), np.float32).tobytes(), pyaudio.paContinue
