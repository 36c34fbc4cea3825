"""A session whose composer falls behind says so, counts it, and still ends well."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from firmware_py.app.journey import Journey
from firmware_py.app.keys import Keys
from firmware_py.app.reactions import Reactions
from firmware_py.app.scene import Moment
from firmware_py.app.session import Session
from firmware_py.app.views import session_sentence, session_view
from firmware_py.app.wiring import RATE
from firmware_py.compose.rules import RuleComposer
from firmware_py.config.settings import Settings
from firmware_py.messages.mood import Mood
from firmware_py.plan.planner import make_plan
from firmware_py.play.player import Player
from tests.play.hand_speaker import HandSpeaker
from tests.play.sleepers import SleepyComposer


class Remarks:
    """``View`` that keeps what was remarked."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def show(self, moment: Moment) -> None:
        if moment.remark not in self.seen:
            self.seen.append(moment.remark)


def test_a_late_bar_is_told_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LULL_STATE", str(tmp_path))
    plan = make_plan(Mood("excited", 0.8, 0.8), "lift", 0.25)
    composer = SleepyComposer(RuleComposer(3, plan.bars[0]), before=3, seconds=1.5)
    journey = Journey(plan, 3, composer)
    speaker = HandSpeaker(RATE)
    player = Player(speaker, RATE, volume=50, cap=80)
    remarks = Remarks()
    with Reactions(Settings(), plan, composer.name) as reactions:
        session = Session(journey, Settings(), player, reactions)
        session.begin()
        over = threading.Event()
        turning = threading.Thread(target=turn, args=(speaker, over), daemon=True)
        turning.start()
        session.run(Keys(None), remarks)
        player.close()
        over.set()
        turning.join()
    assert remarks.seen.index("the next bar is late; the last ones are played again") < (
        remarks.seen.index("the music goes on")
    )
    told = session_view(session)
    assert told["repeated_bars"] >= 1
    assert told["ended"] == "finished"
    assert f"{told['repeated_bars']} bars were played again" in session_sentence(session)


def turn(speaker: HandSpeaker, over: threading.Event) -> None:
    """Play about ten times as fast as life."""
    while not over.wait(0.01):
        speaker.pull(RATE // 10)
