"""Understanding a recording: a command by the grammar, else a sentence by the open vocabulary."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from firmware_py.messages.heard import Heard, Language
from firmware_py.messages.intent import Intent
from firmware_py.ports.audio import Mono16
from firmware_py.speech.endpoint import Endpoint
from firmware_py.speech.intents import parse_intent
from firmware_py.speech.model import RATE, UNKNOWN_WORD, SpeechModel, Stream
from firmware_py.speech.phrases import phrases
from firmware_py.speech.wav import read_speech

BEFORE_S: Final = 0.3
AFTER_S: Final = 0.4
"""Sound kept around the speech: the first consonant is soft, and Vosk wants quiet to conclude."""
_BLOCK: Final = RATE // 5


@dataclass(frozen=True, slots=True)
class Understood:
    """What was said, as text and as intent."""

    text: str
    intent: Intent


class VoskRecogniser:
    """Implements ``ports.reading.Recogniser``; one model serves commands and sentences."""

    def __init__(self, model_dir: Path, language: Language, voice_model: Path) -> None:
        """Load the speech model in ``model_dir`` and the voice-activity model, an ONNX file.

        Raises ``MissingError`` when one is absent or damaged.
        """
        self.language: Language = language
        self.model = SpeechModel(model_dir, language)
        self._endpoint = Endpoint(voice_model)

    def listen(self, wav: Path) -> Heard:
        """Return what was said in a recording.

        Raises ``UserError`` when ``wav`` is not a readable PCM WAV file.
        """
        sound = read_speech(wav)
        started = time.monotonic()
        spoken, end_s = self._spoken_part(sound)
        understood = Understood("", Intent("unknown"))
        if spoken is not None:
            understood = self.understand(spoken)
        return Heard(
            understood.text,
            self.language,
            understood.intent,
            audio_s=len(sound) / RATE,
            speech_end_s=end_s,
            recognise_s=time.monotonic() - started,
        )

    def understand(self, sound: Mono16) -> Understood:
        """Return what one utterance says, 16 kHz, shape (frames,)."""
        command = self._command(sound)
        if command is not None:
            return command
        text = _text(_run(self.model.sentence_stream(), sound), self.language)
        return Understood(text, parse_intent(text, self.language))

    def _command(self, sound: Mono16) -> Understood | None:
        """Return the command, if the whole utterance is one phrase of the grammar."""
        stream = self.model.phrase_stream(phrases(self.language).spoken)
        words = _run(stream, sound)
        if not words or UNKNOWN_WORD in words:
            return None
        text = _text(words, self.language)
        intent = parse_intent(text, self.language)
        # Phrases recombine into word salad ("play it again this morning"): that is no command.
        return None if intent.name in ("mood", "unknown") else Understood(text, intent)

    def _spoken_part(self, sound: Mono16) -> tuple[Mono16 | None, float | None]:
        """Return (sound from the first to the last voice with a margin, when the last ended)."""
        self._endpoint.reset()
        events = (*self._endpoint.feed(sound), *self._endpoint.finish())
        if not events:
            return None, None
        begin = max(0, round((events[0].at_s - BEFORE_S) * RATE))
        end = round((events[-1].at_s + AFTER_S) * RATE)
        quiet = np.zeros(max(0, end - len(sound)), np.int16)
        return np.concatenate((sound[begin:end], quiet)), events[-1].at_s


def _run(stream: Stream, sound: Mono16) -> list[str]:
    for start in range(0, len(sound), _BLOCK):
        stream.feed(sound[start : start + _BLOCK])
    return [word.text for word in stream.finish()]


def _text(words: list[str], language: Language) -> str:
    """Join words as a person writes them: in Chinese without spaces."""
    return ("" if language == "zh" else " ").join(words)
