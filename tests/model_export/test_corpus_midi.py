import mido
import pytest

from firmware_py.messages.errors import UserError
from model_export.corpus.midi import read_midi
from tests.model_export.scores import midi, played

Q = 384  # Ticks of a quarter, as LilyPond writes.


def test_each_track_is_a_part_and_drums_are_left_out():
    data = midi(
        [mido.MetaMessage("track_name", name="control")],
        played((0, Q, 72), (Q, 2 * Q, 74)),
        played((0, 2 * Q, 48), channel=1),
        played((0, Q, 38), channel=9),
    )
    assert read_midi(data).notes.tolist() == [[0, 24, 72, 0], [0, 48, 48, 1], [24, 24, 74, 0]]


def test_signatures_and_tempos():
    meta = [
        mido.MetaMessage("time_signature", numerator=3, denominator=4, time=0),
        mido.MetaMessage("time_signature", numerator=6, denominator=8, time=6 * Q),
        mido.MetaMessage("key_signature", key="Eb", time=0),
        mido.MetaMessage("key_signature", key="Cm", time=6 * Q),
        mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(48), time=0),
    ]
    score = read_midi(midi(meta, played((0, 12 * Q, 60))))
    assert score.bars.tolist() == [[0, 3, 4], [72, 3, 4], [144, 6, 8], [216, 6, 8]]
    assert score.keys.tolist() == [[0, -3, 0], [144, -3, 1]]
    assert score.tempos[0].tolist() == [0, pytest.approx(48, rel=1e-4)]


def test_the_key_is_what_most_tracks_say():
    tracks = [
        [mido.MetaMessage("key_signature", key=key), *played((0, Q, pitch))]
        for key, pitch in (("D", 60), ("C", 64), ("C", 67))
    ]
    assert read_midi(midi(*tracks)).keys.tolist() == [[0, 0, 0]]


@pytest.mark.parametrize("grace", [21, 24, 43])
def test_a_grace_note_gives_its_time_back(grace):
    """LilyPond: 1/4 or 9/40 of a 16th (24, 21 ticks), 9/40 of an eighth (43)."""
    data = midi(played((0, Q - grace, 60), (Q - grace, Q, 61), (Q, 2 * Q, 62)))
    assert read_midi(data).notes.tolist() == [[0, 24, 60, 0], [24, 24, 62, 0]]


def test_two_grace_notes_give_their_time_back():
    data = midi(played((0, Q - 48, 60), (Q - 48, Q - 24, 59), (Q - 24, Q, 61), (Q, 2 * Q, 62)))
    assert read_midi(data).notes.tolist() == [[0, 24, 60, 0], [24, 24, 62, 0]]


def test_triplets_and_32nds_are_no_grace_notes():
    ticks = [(n * 128, (n + 1) * 128, 60 + n) for n in range(3)]
    ticks += [(Q + n * 48, Q + (n + 1) * 48, 60 + n) for n in range(8)]
    onsets = read_midi(midi(played(*ticks))).notes[:, 0].tolist()
    assert onsets == [0, 8, 16, *range(24, 48, 3)]


GOOD = midi(played((0, Q, 60), (Q, 2 * Q, 64)))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "MIDI"),
        (b"RIFF1234WAVEfmt ", "MIDI"),
        (midi([mido.MetaMessage("set_tempo", tempo=500000)]), "no notes"),
        (GOOD.replace(b"\x90\x3c", b"\x90\xfd", 1), "MIDI"),
    ],
)
def test_a_bad_file_is_a_user_error(data, said):
    with pytest.raises(UserError, match=said):
        read_midi(data)


def test_a_cut_file_gives_a_score_or_a_user_error():
    for length in range(len(GOOD)):
        try:
            assert len(read_midi(GOOD[:length]).notes) <= 2
        except UserError:
            continue


def hymn(pickup: int) -> list[tuple[int, int, int]]:
    """Quarters in 4/4 with a half note at each bar line, after ``pickup`` quarters."""
    notes = [(n * Q, (n + 1) * Q, 67) for n in range(pickup)]
    for bar in range(8):
        start = (pickup + 4 * bar) * Q
        notes += [(start, start + 2 * Q, 72), (start + 2 * Q, start + 3 * Q, 71)]
        notes += [(start + 3 * Q, start + 4 * Q, 69)]
    return notes


@pytest.mark.parametrize("pickup", [0, 1, 2, 3])
def test_a_lost_pickup_is_found_again(pickup):
    starts = read_midi(midi(played(*hymn(pickup)))).bars[:, 0].tolist()
    assert starts == [0] * bool(pickup) + [24 * pickup + 96 * bar for bar in range(8)]


def test_a_change_of_metre_tells_the_pickup():
    meta = [mido.MetaMessage("time_signature", numerator=3, denominator=4, time=9 * Q)]
    notes = [(n * Q, (n + 1) * Q, 60) for n in range(12)]
    assert read_midi(midi(meta, played(*notes))).bars.tolist() == [
        [0, 4, 4],
        [24, 4, 4],
        [120, 4, 4],
        [216, 3, 4],
    ]


def test_a_few_bars_are_too_few_to_look_for_a_pickup():
    notes = [(0, Q, 67), (Q, 3 * Q, 72), (3 * Q, 4 * Q, 71), (4 * Q, 5 * Q, 69)]
    assert read_midi(midi(played(*notes))).bars[:, 0].tolist() == [0, 96]
