from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_py.messages.errors import LullError, MissingError
from firmware_py.play.deck import Block
from firmware_py.play.player import Player
from firmware_py.ports.audio import Speaker, Stereo
from tests.play.hand_speaker import RATE, HandSpeaker, until

FREQUENCY = 40.0
SMOOTH = 0.5 * 2 * np.pi * FREQUENCY / RATE
"""Largest step between samples of ``tone``: 0.016."""


def tone(bars: int, amplitude: float = 0.5, bar_s: float = 1.0) -> Iterator[Block]:
    frames = round(bar_s * RATE)
    for bar in range(bars):
        at = np.arange(bar * frames, (bar + 1) * frames) / RATE
        wave = amplitude * np.sin(2 * np.pi * FREQUENCY * at)
        yield Block(np.stack([wave, wave], axis=1).astype(np.float32), bar)


def hiss(bars: int, seed: int) -> Iterator[Block]:
    random = np.random.default_rng(seed)
    for bar in range(bars):
        yield Block(random.uniform(-0.3, 0.3, (RATE, 2)).astype(np.float32), bar)


@pytest.fixture
def speaker() -> HandSpeaker:
    return HandSpeaker()


@pytest.fixture
def player(speaker: HandSpeaker) -> Iterator[Player]:
    player = Player(speaker, RATE, volume=100, cap=100, fade_in_s=0.5, ahead_s=4.0)
    yield player
    _close(player, speaker)


def _close(player: Player, speaker: HandSpeaker) -> None:
    """Closing fades out first, so somebody has to turn the speaker meanwhile."""
    closing = threading.Thread(target=player.close)
    closing.start()
    while closing.is_alive():
        if speaker._fill is not None:
            speaker.pull()
        closing.join(0.001)


def largest_step(audio: Stereo) -> float:
    return float(np.abs(np.diff(audio, axis=0)).max(initial=0.0))


def begin(player: Player, speaker: HandSpeaker, source: Iterator[Block]) -> None:
    """Play ``source`` and go past its fade-in."""
    player.play(source)
    until(lambda: player.status.ready_s > 1.0)
    speaker.play_seconds(1.0, player)


def newest_is_ready(player: Player) -> bool:
    return player._deck is not None and player._deck.ready > RATE


def test_the_hand_speaker_is_a_speaker(speaker: HandSpeaker) -> None:
    real: Speaker = speaker
    assert real.rate == RATE


def test_at_full_volume_the_samples_are_the_sources(speaker: HandSpeaker, player: Player) -> None:
    player.play(tone(3))
    until(lambda: player.status.ready_s > 2.9)
    heard = speaker.play_seconds(2.5)
    expected = np.concatenate([block.audio for block in tone(3)])[: len(heard)]
    assert np.array_equal(heard[RATE:], expected[RATE:])
    assert float(np.abs(heard[:80]).max()) < 0.01
    assert largest_step(heard) <= SMOOTH * 1.05


def test_the_status_follows_the_music(speaker: HandSpeaker, player: Player) -> None:
    assert player.status.state == "stopped"
    assert player.status.bar == -1
    player.play(tone(3))
    until(lambda: player.status.ready_s > 2.9)
    speaker.play_seconds(1.5)
    status = player.status
    assert (status.state, status.bar, status.underruns) == ("playing", 1, 0)
    assert status.played_s == pytest.approx(1.5, abs=0.05)
    speaker.play_seconds(1.6)
    assert player.wait(1.0)
    assert player.status.state == "stopped"


def test_only_so_much_is_made_ahead(speaker: HandSpeaker, player: Player) -> None:
    made = 0

    def counted() -> Iterator[Block]:
        nonlocal made
        for block in tone(100):
            made += 1
            yield block

    player.play(counted())
    until(lambda: player.status.ready_s >= 4.0)
    speaker.play_seconds(0.5)
    assert made <= 6


@pytest.mark.parametrize(("volume", "amplitude"), [(50, 0.125), (80, 0.512), (0, 0.0)])
def test_volume_is_cubic(
    speaker: HandSpeaker, player: Player, volume: int, amplitude: float
) -> None:
    begin(player, speaker, tone(30))
    assert player.set_volume(volume) == volume
    speaker.play_seconds(0.5, player)
    peak = float(np.abs(speaker.play_seconds(0.5, player)).max())
    assert peak == pytest.approx(0.5 * amplitude, rel=0.02, abs=1e-9)


def test_the_cap_bounds_the_volume_and_raising_it_does_not_raise_the_sound(
    speaker: HandSpeaker, player: Player
) -> None:
    begin(player, speaker, tone(60))
    player.set_cap(40)
    heard = speaker.play_seconds(2.5, player)
    assert largest_step(heard) <= SMOOTH * 1.05
    assert player.status.volume == 40
    assert player.set_volume(90) == 40
    quiet = speaker.play_seconds(1.0, player)[RATE // 2 :]
    assert float(np.abs(quiet).max()) == pytest.approx(0.5 * 0.4**3, rel=0.02)
    player.set_cap(80)
    assert player.status.volume == 40
    after = speaker.play_seconds(3.0, player)
    assert float(np.abs(after).max()) == pytest.approx(0.5 * 0.4**3, rel=0.02)


def test_nothing_is_above_the_cap_however_loud_the_source(
    speaker: HandSpeaker, player: Player
) -> None:
    begin(player, speaker, tone(60, amplitude=5.0))
    player.set_cap(50)
    speaker.play_seconds(2.5, player)
    heard = speaker.play_seconds(1.0, player)
    assert float(np.abs(heard).max()) <= 0.125 + 1e-7
    assert float(np.abs(heard).max()) > 0.12


def test_a_pause_fades_holds_and_goes_on_where_it_was(speaker: HandSpeaker, player: Player) -> None:
    begin(player, speaker, tone(60))
    player.pause()
    faded = speaker.play_seconds(1.0, player)
    assert float(np.abs(faded[-100:]).max()) == 0.0
    assert player.status.state == "paused"
    at = player.status.played_s
    assert float(np.abs(speaker.play_seconds(3.0, player)).max()) == 0.0
    assert player.status.played_s == at
    player.resume()
    back = speaker.play_seconds(1.0, player)
    assert player.status.state == "playing"
    assert player.status.played_s == pytest.approx(at + 1.0, abs=0.05)
    assert float(np.abs(back).max()) == pytest.approx(0.5, rel=0.01)
    assert largest_step(np.concatenate([faded, back])) <= SMOOTH * 1.05


def test_stop_fades_and_ends(speaker: HandSpeaker, player: Player) -> None:
    begin(player, speaker, tone(60))
    player.stop(fade_s=1.0)
    assert not player.wait(0.0)
    heard = speaker.play_seconds(1.2, player)
    assert largest_step(heard) <= SMOOTH * 1.05
    assert player.wait(1.0)
    assert player.status.state == "stopped"
    assert float(np.abs(speaker.play_seconds(0.5)).max()) == 0.0


def test_a_long_fade_can_be_taken_back(speaker: HandSpeaker, player: Player) -> None:
    begin(player, speaker, tone(60))
    player.stop(fade_s=20.0)
    sinking = speaker.play_seconds(10.0, player)
    assert float(np.abs(sinking[-RATE:]).max()) < 0.1
    player.resume(fade_s=1.0)
    back = speaker.play_seconds(2.0, player)
    assert float(np.abs(back[-RATE // 2 :]).max()) == pytest.approx(0.5, rel=0.01)
    assert player.status.state == "playing"


def test_next_crossfades_at_even_power_without_touching_the_old_source_again(
    speaker: HandSpeaker, player: Player
) -> None:
    log: list[str] = []

    def logged(name: str, source: Iterator[Block]) -> Iterator[Block]:
        for block in source:
            log.append(name)
            yield block

    begin(player, speaker, logged("one", hiss(60, seed=1)))
    player.play(logged("two", hiss(60, seed=2)), crossfade_s=1.0)
    until(lambda: "two" in log)
    heard = speaker.play_seconds(3.0, player)
    power = [float(np.square(heard[at : at + 800]).mean()) for at in range(0, len(heard), 800)]
    assert min(power) == pytest.approx(max(power), rel=0.2)
    assert "one" not in log[log.index("two") :]
    expected = np.concatenate([block.audio for block in hiss(4, seed=2)])
    assert _contains(expected, heard[-256:])


def _contains(music: Stereo, part: Stereo) -> bool:
    starts = np.flatnonzero(music[:, 0] == part[0, 0])
    return any(np.array_equal(music[at : at + len(part)], part) for at in starts)


def test_several_nexts_in_a_row_end_in_the_last(speaker: HandSpeaker, player: Player) -> None:
    begin(player, speaker, tone(60))
    for amplitude in (0.1, 0.2, 0.3, 0.4):
        player.play(tone(60, amplitude), crossfade_s=0.5)
        speaker.play_seconds(0.1)
    until(lambda: newest_is_ready(player))
    heard = speaker.play_seconds(3.0, player)
    assert float(np.abs(heard[-RATE:]).max()) == pytest.approx(0.4, rel=0.01)


def test_play_after_stop_plays(speaker: HandSpeaker, player: Player) -> None:
    begin(player, speaker, tone(60))
    player.stop(fade_s=0.2)
    player.play(tone(60, 0.2))
    until(lambda: newest_is_ready(player))
    heard = speaker.play_seconds(3.0, player)
    assert player.status.state == "playing"
    assert float(np.abs(heard[-RATE:]).max()) == pytest.approx(0.2, rel=0.01)


def test_a_source_that_fails_fades_out_and_says_so(speaker: HandSpeaker, player: Player) -> None:
    def failing() -> Iterator[Block]:
        yield from tone(2)
        raise LullError("the composer tripped")

    player.play(failing())
    until(lambda: player.status.ready_s >= 2.0)
    heard = speaker.play_seconds(3.0)
    assert largest_step(heard) <= SMOOTH * 1.6
    with pytest.raises(LullError, match="tripped"):
        player.wait(1.0)
    assert player.status.repeated == 0


def test_a_source_that_fails_at_once_ends(speaker: HandSpeaker, player: Player) -> None:
    def failing() -> Iterator[Block]:
        raise LullError("no soundfont")
        yield  # pragma: no cover

    player.play(failing())
    until(lambda: (speaker.pull() is not None) and player.status.state == "stopped")
    with pytest.raises(LullError, match="soundfont"):
        player.wait(1.0)


def test_closing_is_bounded_even_if_the_speaker_is_dead_and_the_source_hangs() -> None:
    speaker = HandSpeaker()
    release = threading.Event()

    def hanging() -> Iterator[Block]:
        yield from tone(1)
        release.wait(30)

    player = Player(speaker, RATE, volume=50, cap=80)
    player.play(hanging())
    closing = threading.Thread(target=player.close)
    closing.start()
    closing.join(9.0)
    assert not closing.is_alive()
    assert speaker.stopped == 1
    player.close()
    assert player.status.state == "stopped"
    release.set()


def test_the_rates_must_agree(speaker: HandSpeaker) -> None:
    with pytest.raises(ValueError, match="8000 Hz"):
        Player(speaker, 44100, volume=10, cap=20)


commands = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.floats(0.05, 1.0)),
        st.tuples(st.sampled_from(["pause", "resume"]), st.just(0.0)),
        st.tuples(st.just("stop"), st.floats(0.1, 3.0)),
        st.tuples(st.sampled_from(["volume", "cap"]), st.integers(0, 100)),
        st.tuples(st.just("pull"), st.floats(0.05, 1.0)),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(commands)
def test_no_series_of_commands_clicks_or_breaks_the_cap(
    series: list[tuple[str, float]],
) -> None:
    speaker = HandSpeaker()
    player = Player(speaker, RATE, volume=60, cap=70, fade_in_s=0.2, ahead_s=2.0)
    player.play(tone(1000))
    highest_cap = 0.7
    heard = [np.zeros((1, 2), np.float32)]
    try:
        for name, value in series:
            match name:
                case "play":
                    player.play(tone(1000), crossfade_s=value)
                case "pause":
                    player.pause()
                case "resume":
                    player.resume()
                case "stop":
                    player.stop(value)
                case "volume":
                    assert player.set_volume(int(value)) <= player.status.cap
                case "cap":
                    player.set_cap(int(value))
                    highest_cap = max(highest_cap, value / 100)
                    heard.append(speaker.play_seconds(2.1))  # let it get there
            heard.append(speaker.play_seconds(value if name == "pull" else 0.1))
            assert float(np.abs(heard[-1]).max()) <= highest_cap**3 + 1e-6
            if name == "cap":
                assert float(np.abs(heard[-1]).max()) <= (player.status.cap / 100) ** 3 + 1e-6
    finally:
        _close(player, speaker)
    # Two tones and a fade at once may add up; a click would be a step of some tenths.
    assert largest_step(np.concatenate(heard)) < 0.06


def test_a_speaker_that_goes_away_ends_the_wait(speaker: HandSpeaker, player: Player) -> None:
    player.play(tone(8))
    assert not player.wait(0.0)
    speaker.lost = True
    with pytest.raises(MissingError, match="went away"):
        player.wait(5.0)
