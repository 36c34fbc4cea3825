"""Putting a session on the speaker: lock, player, keys, display, summary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from firmware_py.app.interrupt import exit_code
from firmware_py.app.journey import Journey
from firmware_py.app.keys import terminal_keys
from firmware_py.app.lines import LineView
from firmware_py.app.lock import playing_lock
from firmware_py.app.output import Output
from firmware_py.app.reactions import Reactions
from firmware_py.app.scene import Scene
from firmware_py.app.session import Session, View
from firmware_py.app.views import session_sentence, session_view
from firmware_py.app.wiring import open_player
from firmware_py.config.paths import Paths
from firmware_py.config.settings import Settings


@contextmanager
def begun_session(journey: Journey, settings: Settings) -> Iterator[Session]:
    """Open the speaker and begin to compose; the music starts as soon as there is some.

    Raises ``MissingError`` when the speaker or the soundfont is missing, ``UserError`` when
    another Lull is playing.
    """
    reactions = Reactions(settings, journey.plan, journey.composer.name)
    with playing_lock(Paths.from_environment().state), reactions:
        player = open_player(settings)
        try:
            session = Session(journey, settings, player, reactions)
            session.begin()
            yield session
        finally:
            player.close()


def attend(session: Session, heard: str | None, output: Output) -> int:
    """Stay with a session until it ends; return the exit code.

    Ctrl-C fades out, and the summary is told all the same.
    """
    journey = session.journey
    scene = Scene(heard, journey.plan, journey.seed, journey.composer.name)
    told = len(journey.warnings)
    code = 0
    try:
        with terminal_keys() as keys, _view(output, scene) as view:
            session.run(keys, view)
    except KeyboardInterrupt as stop:
        session.abort()
        output.warn("Stopped.")
        code = exit_code(stop)
    for warning in (session.reactions.problem, *journey.warnings[told:]):
        output.warn(warning)
    output.say(session_sentence(session))
    output.result({"heard": heard, **session_view(session)})
    return code


def _view(output: Output, scene: Scene) -> AbstractContextManager[View]:
    if not output.live:
        return LineView(output, scene)
    from firmware_py.app.live import LiveView  # noqa: PLC0415 - only a terminal needs rich

    return LiveView(output.console(), scene)
