"""``lull history``: the person's own sessions and reactions."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

from firmware_py.app.arguments import Subparsers, common_options, number
from firmware_py.app.output import Output
from firmware_py.app.views import mood_view
from firmware_py.app.wiring import open_feedback
from firmware_py.config.load import load_settings
from firmware_py.feedback.session import Session
from firmware_py.messages.feedback import Feedback


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "history",
        parents=[common_options()],
        help="see your sessions and reactions",
        description="Shows the sessions and reactions that are kept on this device. "
        "No words are among them.",
    )
    parser.add_argument(
        "--days", type=number(0, 36500), default=30.0, metavar="N", help="how far back (default 30)"
    )
    parser.add_argument("--out", type=Path, metavar="FILE.png", help="draw a plot as well")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, output: Output) -> int:
    """Print the sessions and reactions of the last days, and draw them if asked to."""
    with open_feedback(load_settings(args.config)) as store:
        sessions, reactions = store.sessions(args.days), store.history(args.days)
    if args.out is not None:
        from firmware_py.app.history_plot import draw_history  # noqa: PLC0415 - loads matplotlib

        draw_history(args.out, sessions, reactions)
    for session in sessions:
        output.say(_line(session, reactions))
    if not sessions:
        output.say(f"Nothing was played in the last {args.days:g} days.")
    output.result({"days": args.days, "rows": [_view(session, reactions) for session in sessions]})
    return 0


def _of(session: Session, reactions: tuple[Feedback, ...]) -> list[Feedback]:
    return [item for item in reactions if item.session == session.id]


def _line(session: Session, reactions: tuple[Feedback, ...]) -> str:
    own = _of(session, reactions)
    mood = session.mood.label if session.mood else "no mood"
    played = max((item.played_s for item in own), default=0.0)
    kinds = ", ".join(item.kind for item in own) or "no reaction"
    at = datetime.fromisoformat(session.started_at).astimezone()
    return f"{at:%Y-%m-%d %H:%M}  {mood} → {session.goal}  {played / 60:.1f} min  {kinds}"


def _view(session: Session, reactions: tuple[Feedback, ...]) -> dict[str, Any]:
    return {
        "session": session.id,
        "started_at": session.started_at,
        "mood": session.mood and mood_view(session.mood),
        "goal": session.goal,
        "composer": session.composer,
        "reactions": [
            {
                "at": item.at,
                "kind": item.kind,
                "rating": item.rating,
                "played_s": round(item.played_s, 1),
            }
            for item in _of(session, reactions)
        ],
    }
