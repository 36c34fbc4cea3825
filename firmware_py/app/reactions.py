"""What the person's reactions were, for the store; a full disk never stops the music."""

from __future__ import annotations

import uuid
from types import TracebackType
from typing import Self

from firmware_py.app.wiring import open_feedback
from firmware_py.config.settings import Settings
from firmware_py.feedback.store import FeedbackStore
from firmware_py.messages.errors import LullError, UserError
from firmware_py.messages.feedback import FeedbackKind
from firmware_py.messages.plan import BarTarget, Plan


class Reactions:
    """One session's reactions. ``problem`` says why they are not kept; None while they are."""

    def __init__(self, settings: Settings, plan: Plan, composer: str) -> None:
        self.kinds: list[FeedbackKind] = []
        self.problem: str | None = None
        self.session = str(uuid.uuid4())
        self._settings = settings
        self._plan = plan
        self._composer = composer
        self._store: FeedbackStore | None = None

    def begin(self) -> None:
        """Begin a session in the store. Raises ``UserError`` when its folder cannot be used."""
        try:
            self._store = open_feedback(self._settings)
            self._store.prune(self._settings.privacy.keep_days)
            record = self._store.begin_session(self._plan.mood, self._plan.goal, self._composer)
            self.session = record.id
        except UserError:
            raise
        except LullError as error:
            self._give_up(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._store is not None:
            self._store.close()

    def add(self, kind: FeedbackKind, target: BarTarget, played_s: float) -> None:
        """Keep a reaction to the music that aimed at ``target``."""
        self.kinds.append(kind)
        if self._store is None:
            return
        try:
            self._store.record(
                kind,
                session=self.session,
                mood=self._plan.mood,
                goal=self._plan.goal,
                target=target,
                played_s=played_s,
            )
        except LullError as error:
            self._give_up(error)

    def _give_up(self, error: LullError) -> None:
        self.problem = str(error)
        if self._store is not None:
            self._store.close()
            self._store = None
