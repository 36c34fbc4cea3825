"""The objects that ``--json`` prints, as the contract names their keys."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from firmware_py.app.scene import clock
from firmware_py.messages.heard import Heard
from firmware_py.messages.intent import Intent
from firmware_py.messages.mood import Mood
from firmware_py.messages.plan import BarTarget, Plan

if TYPE_CHECKING:
    from firmware_py.app.session import Session
    from firmware_py.render.composition import Composition
    from firmware_py.render.files import Written

JsonObject = dict[str, Any]


def mood_view(mood: Mood) -> JsonObject:
    """Return the part of the mood object that a mood alone can fill."""
    return {
        "label": mood.label,
        "valence": round(mood.valence, 4),
        "arousal": round(mood.arousal, 4),
        "confidence": round(mood.confidence, 4),
        "because": [{"text": b.text, "weight": round(b.weight, 4)} for b in mood.because],
    }


def intent_view(intent: Intent) -> JsonObject:
    """Return the intent with the slots that it uses."""
    return {key: value for key, value in asdict(intent).items() if value is not None}


def heard_view(heard: Heard, mood: Mood | None) -> JsonObject:
    """Return what ``lull listen`` prints."""
    return {
        "text": heard.text,
        "language": heard.language,
        "intent": intent_view(heard.intent),
        "mood": None if mood is None else mood_view(mood),
        "timing": {
            "audio_s": round(heard.audio_s, 3),
            "recognise_s": round(heard.recognise_s, 3),
        },
    }


def plan_view(plan: Plan) -> JsonObject:
    """Return the plan with every bar's targets."""
    return {
        "goal": plan.goal,
        "minutes": plan.minutes,
        "why": list(plan.why),
        "bars": [_target_view(target) for target in plan.bars],
    }


def compose_view(
    piece: Composition, written: Written, compose_s: float, warning: str | None
) -> JsonObject:
    """Return what ``lull compose`` prints; without a sound file ``audio_s`` is to the last bar."""
    return {
        "mood": mood_view(piece.plan.mood),
        "plan": plan_view(piece.plan),
        "bars": len(piece.bars),
        "audio_s": round(written.sound.seconds if written.sound else piece.seconds, 3),
        "timing": {"compose_s": round(compose_s, 3), "render_s": round(written.render_s, 3)},
        "files": [str(path) for path in written.files],
        "seed": piece.seed,
        "composer": piece.composer,
        "warning": warning,
    }


def session_view(session: Session) -> JsonObject:
    """Return the summary of a session on the speaker."""
    journey = session.journey
    return {
        "session": session.reactions.session,
        "mood": mood_view(journey.plan.mood),
        "goal": journey.plan.goal,
        "minutes": journey.plan.minutes,
        "seed": journey.seed,
        "composer": journey.composer.name,
        "warning": journey.warning,
        "ended": "stopped" if session.stopped else "finished",
        "played_s": round(session.played_s, 3),
        "pieces": session.pieces,
        "reactions": session.reactions.kinds,
        "underruns": session.underruns,
        "repeated_bars": session.repeated_bars,
    }


def session_sentence(session: Session) -> str:
    """Return the summary in words for a person."""
    plan = session.journey.plan
    pressed = [kind for kind in session.reactions.kinds if kind not in ("stopped", "finished")]
    reactions = f", {', '.join(pressed)}" if pressed else ""
    repeated = session.repeated_bars
    late = f"The music came late: {repeated} bars were played again. " if repeated else ""
    return (
        f"Played {clock(session.played_s)} from {plan.mood.label} towards {plan.goal}"
        f"{reactions}, {'stopped' if session.stopped else 'to the end'}. {late}"
        f"Composed by {session.journey.composer.name} with --seed {session.journey.seed}"
    )


def _target_view(target: BarTarget) -> JsonObject:
    values = asdict(target)
    return {key: round(v, 4) if isinstance(v, float) else v for key, v in values.items()}


def mood_sentence(mood: Mood) -> str:
    """Return the mood in words for a person."""
    words = ", ".join(f"“{b.text}”" for b in mood.because)
    why = f", because of {words}" if words else ""
    return (
        f"Mood: {mood.label} (valence {mood.valence:+.2f}, arousal {mood.arousal:+.2f}, "
        f"confidence {mood.confidence:.0%}){why}"
    )
