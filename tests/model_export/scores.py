"""Small score files, written by the tests that read them."""

from __future__ import annotations

import io
import zipfile

import mido
import numpy as np

from model_export.corpus.piece import Piece, Score

CONTAINER = '<container><rootfiles><rootfile full-path="score.xml"/></rootfiles></container>'


def note(
    pitch: str,
    duration: int,
    *,
    chord: bool = False,
    tie: str = "",
    staff: int = 1,
    extra: str = "",
) -> str:
    """``pitch`` as ``C4``, ``F#3``, ``Bb5`` or ``rest``; ``tie``: start, stop, both."""
    ties = {"both": ("stop", "start"), "": ()}.get(tie, (tie,))
    where = "<rest/>"
    if pitch != "rest":
        alter = {"#": 1, "b": -1}.get(pitch[1], 0)
        where = (
            f"<pitch><step>{pitch[0]}</step><alter>{alter}</alter>"
            f"<octave>{pitch[-1]}</octave></pitch>"
        )
    return (
        f"<note>{extra}{'<chord/>' if chord else ''}{where}<duration>{duration}</duration>"
        + "".join(f'<tie type="{one}"/>' for one in ties)
        + f"<voice>1</voice><staff>{staff}</staff></note>"
    )


def attributes(
    divisions: int = 2, time: str = "4/4", fifths: int = 0, mode: str = "", extra: str = ""
) -> str:
    beats, _, unit = time.partition("/")
    said = f"<mode>{mode}</mode>" if mode else ""
    return (
        f"<attributes><divisions>{divisions}</divisions>"
        f"<key><fifths>{fifths}</fifths>{said}</key>"
        f"<time><beats>{beats}</beats><beat-type>{unit}</beat-type></time>{extra}</attributes>"
    )


def backup(duration: int) -> str:
    return f"<backup><duration>{duration}</duration></backup>"


def musicxml(*parts: list[str]) -> bytes:
    """Each part is a list of the contents of its bars."""
    body = "".join(
        f'<part id="P{number}">'
        + "".join(f'<measure number="{n}">{bar}</measure>' for n, bar in enumerate(bars, 1))
        + "</part>"
        for number, bars in enumerate(parts)
    )
    return f'<score-partwise version="4.0">{body}</score-partwise>'.encode()


def mxl(xml: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("score.xml", xml)
    return buffer.getvalue()


def midi(*tracks: list[mido.Message | mido.MetaMessage], ticks: int = 384) -> bytes:
    """Messages with absolute times in ticks."""
    file = mido.MidiFile(type=1, ticks_per_beat=ticks)
    for messages in tracks:
        track = mido.MidiTrack()
        now = 0
        for message in sorted(messages, key=lambda one: one.time):
            track.append(message.copy(time=message.time - now))
            now = message.time
        file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def played(*notes: tuple[int, int, int], channel: int = 0) -> list[mido.Message | mido.MetaMessage]:
    """(start, end, pitch) in ticks."""
    messages: list[mido.Message | mido.MetaMessage] = []
    for start, end, pitch in notes:
        messages.append(mido.Message("note_on", note=pitch, time=start, channel=channel))
        messages.append(mido.Message("note_off", note=pitch, time=end, channel=channel))
    return messages


def score(rows: list[tuple[int, int, int, int]]) -> Score:
    return Score(
        notes=np.array(rows, np.int32).reshape(-1, 4),
        bars=np.array([(0, 4, 4), (96, 4, 4)], np.int32),
        keys=np.array([(0, -3, 1)], np.int32),
        tempos=np.array([(0, 66.5)], np.float32),
    )


def piece(name: str, rows: list[tuple[int, int, int, int]], **changes: str) -> Piece:
    fields = {
        "source": "open-hymnal",
        "group": "hymn",
        "work": f"open-hymnal/{name}",
        "split": "train",
        "licence": "CC0 1.0",
        "composer": "Żeleński, Władysław",
        "title": "“Ein Stück”",
    }
    return Piece(id=f"open-hymnal/{name}", slow=True, score=score(rows), **(fields | changes))
