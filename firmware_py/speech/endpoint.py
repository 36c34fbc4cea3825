"""When a voice begins and ends in a stream of sound.

The judge is Silero VAD 6 (MIT, 1.3 MB, not part of Lull), at under 1% of one core. In noise as
loud as the voice it finds the end within 0.12 s, where a threshold on energy finds none. Music is
harder: 10 dB below the voice it leaves 7 of 8 clips right, where a threshold that knows the music's
level beforehand leaves all (``python -m benchmarks.endpoint``): echo cancellation comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from firmware_py.config.onnx_session import open_session
from firmware_py.messages.errors import MissingError
from firmware_py.ports.audio import Mono16

RATE: Final = 16000
WINDOW: Final = 512
"""Frames that the model judges at once: 32 ms."""
_CONTEXT: Final = 64
_SETUP: Final = "lull setup"

VOICE_PROBABILITY: Final = 0.5
"""From this on a window holds a voice. 0.35 for staying, as Silero's own code has it, hears music
as a voice that goes on."""
BEGIN_WINDOWS: Final = 2
"""A lone window is rather a piano's attack than a voice: with 1, music 10 dB below the voice leaves
39 clips of 48 right instead of 42."""
SILENCE_S: Final = 0.5
"""So long a pause ends the speech."""


@dataclass(frozen=True, slots=True)
class VoiceEvent:
    """A voice began or ended; ``at_s`` is when, counted in seconds of sound from the start."""

    kind: Literal["began", "ended"]
    at_s: float


class VoiceProbability:
    """How likely each window of 512 frames holds a voice. Keeps state: one object per stream."""

    def __init__(self, model: Path) -> None:
        """Load the ONNX file ``model``. Raises ``MissingError`` when it is absent or damaged."""
        if not model.is_file():
            raise MissingError(f"No voice-activity model at {model}.", fix=_SETUP)
        try:
            self._session = open_session(model.read_bytes())
        except (OSError, ValueError) as error:
            raise MissingError(
                f"The voice-activity model {model} is damaged.",
                fix=f"rm -r {model.parent} && {_SETUP}",
            ) from error
        self._rate = np.array(RATE, np.int64)
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        self._state = np.zeros((2, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def judge(self, window: NDArray[np.float32]) -> float:
        """Return the probability for one window, shape (512,), values in [-1, 1]."""
        heard = np.concatenate((self._context, window))[np.newaxis]
        feed = {"input": heard, "state": self._state, "sr": self._rate}
        probability, self._state = self._session.run(None, feed)
        self._context = window[-_CONTEXT:]
        return float(probability[0, 0])


class Endpoint:
    """Says when speech begins and ends in blocks of 16 kHz sound of any length."""

    def __init__(self, model: Path, *, silence_s: float = SILENCE_S) -> None:
        """``model`` as in ``VoiceProbability``; a pause of ``silence_s`` s ends the speech."""
        self._probability = VoiceProbability(model)
        self._silence_windows = round(silence_s * RATE / WINDOW)
        self.reset()

    def reset(self) -> None:
        """Start again at 0 s."""
        self._probability.reset()
        self._rest = np.zeros(0, np.int16)
        self._window = 0
        self._voiced = 0  # windows in a row that hold a voice
        self._last_voice = 0  # window after the last one with a voice
        self.is_speaking = False

    def feed(self, block: Mono16) -> tuple[VoiceEvent, ...]:
        """Take the next block, shape (frames,); return what became known with it."""
        sound = np.concatenate((self._rest, block))
        whole = len(sound) // WINDOW * WINDOW
        self._rest = sound[whole:]
        windows = sound[:whole].astype(np.float32).reshape(-1, WINDOW) / np.float32(32768)
        events = (self._step(self._probability.judge(window)) for window in windows)
        return tuple(event for event in events if event is not None)

    def finish(self) -> tuple[VoiceEvent, ...]:
        """Say that the sound is over: speech that was still going on ends here."""
        if not self.is_speaking:
            return ()
        self.is_speaking = False
        return (VoiceEvent("ended", self._seconds(self._last_voice)),)

    def _step(self, probability: float) -> VoiceEvent | None:
        self._window += 1
        if probability >= VOICE_PROBABILITY:
            self._last_voice, self._voiced = self._window, self._voiced + 1
            if not self.is_speaking and self._voiced >= BEGIN_WINDOWS:
                self.is_speaking = True
                return VoiceEvent("began", self._seconds(self._window - self._voiced))
            return None
        self._voiced = 0
        if self.is_speaking and self._window - self._last_voice >= self._silence_windows:
            self.is_speaking = False
            return VoiceEvent("ended", self._seconds(self._last_voice))
        return None

    @staticmethod
    def _seconds(window: int) -> float:
        return window * WINDOW / RATE
