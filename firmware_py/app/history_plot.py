"""A picture of the person's sessions: the moods they began with and how long they were played."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from firmware_py.feedback.session import Session
from firmware_py.messages.errors import UserError
from firmware_py.messages.feedback import Feedback
from firmware_py.render.staging import explain, staged


def draw_history(path: Path, sessions: Sequence[Session], reactions: Sequence[Feedback]) -> None:
    """Write the picture to ``path``, whole or not at all.

    Raises ``UserError`` when it cannot be written there.
    """
    if path.suffix.lower() != ".png":
        raise UserError(f"--out {path}: the plot is a picture; name it .png.")
    figure = _figure(sessions, reactions)
    FigureCanvasAgg(figure)  # draws without a display
    try:
        with staged([path]) as parts, parts[path].open("wb") as file:
            figure.savefig(file, format="png")
    except OSError as error:
        raise explain(path, error) from error


def _figure(sessions: Sequence[Session], reactions: Sequence[Feedback]) -> Figure:
    figure = Figure(figsize=(9, 5), layout="constrained")
    moods, played = figure.subplots(2, 1, sharex=True)
    felt = [(_local(session.started_at), session.mood) for session in sessions if session.mood]
    moods.plot([at for at, _ in felt], [mood.valence for _, mood in felt], "o-", label="valence")
    moods.plot([at for at, _ in felt], [mood.arousal for _, mood in felt], "s-", label="arousal")
    moods.set_ylim(-1, 1)
    moods.set_ylabel("mood at the start")
    moods.legend(loc="upper right")
    minutes = [_minutes(session, reactions) for session in sessions]
    played.vlines([_local(session.started_at) for session in sessions], 0, minutes, linewidth=4)
    played.set_ylim(bottom=0)
    played.set_ylabel("minutes played")
    figure.autofmt_xdate()
    return figure


def _minutes(session: Session, reactions: Sequence[Feedback]) -> float:
    own = [item.played_s for item in reactions if item.session == session.id]
    return max(own, default=0.0) / 60.0


def _local(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone()
