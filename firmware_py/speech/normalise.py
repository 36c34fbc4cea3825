"""Bringing a sentence, typed or recognised, into the form in which phrases are compared."""

from __future__ import annotations

import re
import unicodedata

from firmware_py.messages.heard import Language


def normalise(text: str, language: Language) -> str:
    """Return lower-case words parted by single spaces; in Chinese no spaces at all.

    Vosk's Chinese model parts its words by spaces, which a person does not write. Punctuation goes,
    but for the apostrophe inside a word, the point inside a number and the percent sign.
    """
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    text = re.sub(r"(?<!\d)\.|\.(?!\d)|[^\w\s.'%]|_", " ", text)
    if language == "zh":
        return re.sub(r"\s+", "", text)
    text = re.sub(r"(?<!\w)'|'(?!\w)", " ", text.replace("%", " percent "))
    return " ".join(text.split())
