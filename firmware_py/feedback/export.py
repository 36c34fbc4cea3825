"""The person's data as one JSON file to take along."""

from __future__ import annotations

import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from firmware_py.feedback.session import Session
from firmware_py.messages.errors import UserError
from firmware_py.messages.feedback import Feedback
from firmware_py.messages.mood import shareable


def write_export(
    path: Path,
    device: str,
    at: str,
    sessions: Sequence[Session],
    feedback: Sequence[Feedback],
) -> None:
    """Write sessions, each with its feedback, to ``path``: whole or not at all.

    Raises ``UserError`` when the folder is missing, cannot be written, or is full.
    """
    by_session: defaultdict[str, list[Feedback]] = defaultdict(list)
    for item in feedback:
        by_session[item.session].append(item)
    document = {
        "v": 1,
        "device": device,
        "exported_at": at,
        "sessions": [_session(session, by_session[session.id]) for session in sessions],
    }
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    try:
        _replace(path, text.encode())
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror}. Choose another file.") from error


def _session(session: Session, feedback: Sequence[Feedback]) -> dict[str, Any]:
    return {
        "id": session.id,
        "started_at": session.started_at,
        "mood": shareable(session.mood),
        "goal": session.goal,
        "composer": session.composer,
        "feedback": [_feedback(item) for item in feedback],
    }


def _feedback(item: Feedback) -> dict[str, Any]:
    return {
        "id": item.id,
        "seq": item.seq,
        "at": item.at,
        "kind": item.kind,
        "rating": item.rating,
        "mood": shareable(item.mood),
        "goal": item.goal,
        "targets": asdict(item.target),
        "played_s": item.played_s,
    }


def _replace(path: Path, data: bytes) -> None:
    """Write beside ``path``, sync, rename over it, sync the folder."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
