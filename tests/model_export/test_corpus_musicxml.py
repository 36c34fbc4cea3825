import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_py.messages.errors import UserError
from model_export.corpus.musicxml import read_musicxml
from tests.model_export.scores import attributes, backup, musicxml, mxl, note


def rows(data: bytes) -> list[list[int]]:
    return read_musicxml(data).notes.tolist()


def test_a_chord_starts_together_and_is_sorted_from_the_top():
    bar = attributes() + note("C4", 4) + note("E4", 4, chord=True) + note("G3", 4)
    assert rows(musicxml([bar])) == [[0, 48, 64, 0], [0, 48, 60, 0], [48, 48, 55, 0]]


def test_a_compressed_score_reads_the_same():
    xml = musicxml([attributes() + note("C4", 8)])
    assert rows(mxl(xml)) == rows(xml)


def test_a_tie_over_two_bar_lines_is_one_note():
    data = musicxml(
        [
            attributes() + note("rest", 4) + note("C4", 4, tie="start"),
            note("C4", 8, tie="both"),
            note("C4", 2, tie="stop") + note("C4", 2),
        ]
    )
    assert rows(data) == [[48, 48 + 96 + 24, 60, 0], [48 + 96 + 48 - 24 + 48, 24, 60, 0]]


def test_a_tie_into_a_second_ending_does_not_swallow_the_bar_between():
    data = musicxml(
        [attributes() + note("C4", 8, tie="start"), note("D4", 8), note("C4", 8, tie="stop")]
    )
    assert rows(data) == [[0, 96, 60, 0], [96, 96, 62, 0], [192, 96, 60, 0]]


def test_the_second_staff_goes_back_and_is_the_next_part():
    bar = attributes(extra="<staves>2</staves>") + note("C5", 8) + backup(8)
    bar += note("C3", 4, staff=2) + note("G3", 4, staff=2)
    other = attributes() + note("C2", 8)
    assert rows(musicxml([bar], [other])) == [
        [0, 96, 72, 0],
        [0, 48, 48, 1],
        [0, 96, 36, 2],
        [48, 48, 55, 1],
    ]


def test_grace_and_cue_notes_are_left_out():
    bar = attributes() + note("D4", 0, extra="<grace/>") + note("E4", 8, extra="<cue/>")
    assert rows(musicxml([bar + note("C4", 8)])) == [[0, 96, 60, 0]]


def test_a_clarinet_in_b_flat_sounds_a_tone_lower_and_does_not_name_the_key():
    transpose = "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>"
    clarinet = attributes(fifths=2, extra=transpose) + note("D5", 8)
    piano = attributes(fifths=0, mode="major") + note("C4", 8)
    score = read_musicxml(musicxml([clarinet], [piano]))
    assert score.notes[:, 2].tolist() == [72, 60]
    assert score.keys.tolist() == [[0, 0, 0]]


def test_an_octave_lower_counts_as_well():
    bass = "<transpose><chromatic>0</chromatic><octave-change>-1</octave-change></transpose>"
    assert rows(musicxml([attributes(extra=bass) + note("C3", 8)])) == [[0, 96, 36, 0]]


def test_triplets_land_on_the_grid_and_septuplets_next_to_it():
    triplet = attributes(divisions=480) + "".join(note("C4", 160) for _ in range(3))
    assert [row[0] for row in rows(musicxml([triplet]))] == [0, 8, 16]
    septuplet = attributes(divisions=480) + "".join(note("C4", 69) for _ in range(7))
    assert [row[0] for row in rows(musicxml([septuplet]))] == [0, 3, 7, 10, 14, 17, 21]


@given(st.integers(-3, 3), st.integers(2, 30))
def test_roundings_of_tuplets_do_not_add_up_over_bars(error, count):
    """MuseScore writes bars of 1921 or 1919 divisions of 480."""
    first = attributes(divisions=480) + note("C4", 1920 + error)
    data = musicxml([first, *[note("C4", 1920 + error)] * (count - 1)])
    assert [row[0] for row in rows(data)] == [96 * number for number in range(count)]


def test_a_pickup_is_a_short_first_bar():
    data = musicxml([attributes(time="3/4") + note("G4", 2), note("C5", 6), note("B4", 6)])
    score = read_musicxml(data)
    assert score.bars.tolist() == [[0, 3, 4], [24, 3, 4], [96, 3, 4]]
    assert score.notes[:, 0].tolist() == [0, 24, 96]


def test_an_empty_bar_lasts_as_long_as_its_metre():
    score = read_musicxml(musicxml([attributes(time="6/8") + note("C4", 6), "", note("D4", 6)]))
    assert score.bars[:, 0].tolist() == [0, 72, 144]


def test_metre_key_and_tempo_change_where_they_stand():
    second = (
        '<direction><direction-type/><sound tempo="60"/></direction>'
        + attributes(time="3/4", fifths=-3, mode="minor")
        + note("C4", 2)
        + "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/>"
        "<per-minute>40</per-minute></metronome></direction-type></direction>" + note("C4", 4)
    )
    score = read_musicxml(musicxml([attributes(fifths=1) + note("C4", 8), second]))
    assert score.bars.tolist() == [[0, 4, 4], [96, 3, 4]]
    assert score.keys.tolist() == [[0, 1, -1], [96, -3, 1]]
    assert score.tempos.tolist() == [[96, 60]]  # A dotted quarter at 40 is the same tempo.


def test_a_metronome_mark_without_a_number_says_nothing():
    mark = (
        "<direction><direction-type><metronome><beat-unit>quarter</beat-unit>"
        "<per-minute>ca. 60</per-minute></metronome></direction-type></direction>"
    )
    assert len(read_musicxml(musicxml([attributes() + mark + note("C4", 8)])).tempos) == 0


def test_divisions_may_change_inside_a_bar():
    bar = attributes(divisions=1) + note("C4", 2)
    bar += "<attributes><divisions>6</divisions></attributes>" + note("D4", 12)
    score = read_musicxml(musicxml([bar, note("E4", 24)]))
    assert score.notes[:, :2].tolist() == [[0, 48], [48, 48], [96, 96]]


def test_a_unison_of_two_voices_stays_as_its_longest_note():
    bar = attributes() + note("C4", 2) + note("E4", 6) + backup(8) + note("C4", 8)
    assert rows(musicxml([bar])) == [[0, 96, 60, 0], [24, 72, 64, 0]]


def test_polymeter_is_refused():
    data = musicxml(
        [attributes(time="2/4") + note("C4", 4)], [attributes(time="6/8") + note("C3", 6)]
    )
    with pytest.raises(UserError, match="metres"):
        read_musicxml(data)


def test_a_forgotten_bar_line_does_not_shift_what_follows():
    """Both parts last two bars, but the second has them as one."""
    data = musicxml(
        [attributes() + note("C4", 8), note("D4", 8)],
        [attributes() + note("C3", 8) + note("D3", 8)],
    )
    assert [row[0] for row in rows(data)] == [0, 0, 96, 96]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "XML"),
        (b"X: 1\nK: C\n", "XML"),
        (b"<score-timewise/>", "partwise"),
        (musicxml([attributes() + note("rest", 8)]), "no notes"),
        (musicxml([attributes(divisions=0) + note("C4", 8)]), "bar 1"),
        (musicxml([attributes() + note("H4", 8)]), "bar 1"),
        (musicxml([attributes(time="4/5") + note("C4", 8)]), "4/5"),
        (musicxml([attributes() + note("C4", 8)])[:-40], "XML"),
        (b"PK\x03\x04 not really", "damaged"),
    ],
)
def test_a_bad_file_gives_one_clear_line(data, said):
    with pytest.raises(UserError, match=said) as caught:
        read_musicxml(data)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("mask", [0x01, 0x08, 0xFF])
def test_a_cut_or_flipped_mxl_gives_a_score_or_a_user_error(mask):
    data = mxl(musicxml([attributes() + note("C4", 8)] + [note("D4", 8)] * 9))
    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]
        for broken in (data[:at], flipped):
            try:
                score = read_musicxml(broken)
            except UserError:
                continue
            assert len(score.notes) == 10
