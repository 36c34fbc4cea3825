"""One loaded Vosk model, and the streams that recognise with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import vosk

from firmware_py.messages.errors import MissingError
from firmware_py.messages.heard import Language
from firmware_py.ports.audio import Mono16

RATE: Final = 16000
UNKNOWN_WORD: Final = "[unk]"
"""What the grammar recogniser writes for words outside its grammar."""

vosk.SetLogLevel(-5)  # the level at which Kaldi's errors are silent too: ours say it in one line


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word, when it sounded (seconds from the start of the stream), and how sure."""

    text: str
    start_s: float
    end_s: float
    confidence: float


class Stream:
    """One utterance: feed sound, ask what was said. One object per utterance; not thread-safe.

    A continuous open recogniser grows to 373 MB; a new one for each utterance costs next to
    nothing and stays at 205 MB.
    """

    def __init__(self, recogniser: vosk.KaldiRecognizer) -> None:
        self._recogniser = recogniser
        self._recogniser.SetWords(True)  # noqa: FBT003 -- Vosk's own signature
        self._words: list[Word] = []

    def feed(self, block: Mono16) -> bool:
        """Take 16 kHz sound, shape (frames,). Return True when Vosk itself hears an end."""
        if self._recogniser.AcceptWaveform(block.tobytes()):
            self._words += _words(self._recogniser.Result())
            return True
        return False

    def partial(self) -> str:
        """Return the text so far; its last words may still change."""
        so_far = [word.text for word in self._words]
        return " ".join([*so_far, *json.loads(self._recogniser.PartialResult())["partial"].split()])

    def finish(self) -> tuple[Word, ...]:
        """Return all words; the stream is spent."""
        return (*self._words, *_words(self._recogniser.FinalResult()))


class SpeechModel:
    """The acoustic model of one language, loaded once (0.3 s, 160 MB) and shared by all streams."""

    def __init__(self, folder: Path, language: Language) -> None:
        """Load the model in ``folder``.

        Raises ``MissingError`` when there is none or it is damaged.
        """
        fix = f"lull setup --language {language}"
        if not (folder / "am" / "final.mdl").is_file():
            raise MissingError(f"No speech model in {folder}.", fix=fix)
        self.language = language
        try:
            self._model = vosk.Model(str(folder))
            # Some damage shows only now; the first recogniser is slow (60 ms), later ones are not.
            vosk.KaldiRecognizer(self._model, RATE)
        except Exception as error:  # Vosk raises nothing finer
            raise MissingError(
                f"The speech model in {folder} is damaged.", fix=f"rm -r {folder} && {fix}"
            ) from error

    def sentence_stream(self) -> Stream:
        """Return a stream that may hear any words of the language."""
        return Stream(vosk.KaldiRecognizer(self._model, RATE))

    def phrase_stream(self, phrases: Sequence[str]) -> Stream:
        """Return a stream that hears only ``phrases`` (words parted by spaces) and ``[unk]``."""
        grammar = json.dumps([*phrases, UNKNOWN_WORD], ensure_ascii=False)
        return Stream(vosk.KaldiRecognizer(self._model, RATE, grammar))

    def knows(self, word: str) -> bool:
        """Tell whether a word is in the model's vocabulary."""
        return bool(self._model.vosk_model_find_word(word) >= 0)


def _words(result: str) -> list[Word]:
    return [
        Word(word["word"], word["start"], word["end"], word["conf"])
        for word in json.loads(result).get("result", ())
    ]
