"""The kern reader, on small scores whose notes are known."""

from __future__ import annotations

import pytest

from firmware_py.messages.errors import UserError
from model_export.corpus.kern import read_kern

Row = tuple[int, ...]


def table(text: str) -> str:
    """Kern text with columns separated by two blanks, for reading in a test."""
    lines = (line.strip() for line in text.strip().split("\n"))
    return "".join("\t".join(line.split("  ")) + "\n" for line in lines)


def rows(array: object) -> list[Row]:
    return [tuple(row) for row in array.tolist()]  # type: ignore[attr-defined]


def notes(text: str) -> list[Row]:
    return rows(read_kern(table(text)).notes)


def one_staff(*lines: str) -> str:
    return "\n".join(["**kern", *lines, "*-"])


def test_the_right_column_is_part_0_and_other_spines_are_passed_over() -> None:
    text = """
        !!!COM: nobody
        **kern  **text  **kern  **dynam
        *clefF4  *  *clefG2  *
        *M4/4  *  *M4/4  *
        =1  =1  =1  =1
        ! a remark  !  !  !
        4C  la  (8cc/L  p
        .  .  8b\\J)  .
        2.r  .  2.e;  <
        ==  ==  ==  ==
        *-  *-  *-  *-"""
    assert notes(text) == [(0, 12, 72, 0), (0, 24, 48, 1), (12, 12, 71, 0), (24, 72, 64, 0)]


def test_ties_make_one_note_over_bar_lines_in_chords_and_between_spellings() -> None:
    text = one_staff("*M2/4", "=1", "[2c [2d# 2g", "=2", "2c_ 2e-]", "=3", "4c]", "4c", "==")
    assert notes(text) == [(0, 48, 67, 0), (0, 96, 63, 0), (0, 120, 60, 0), (120, 24, 60, 0)]


def test_a_tie_that_nothing_precedes_is_a_note() -> None:
    assert notes(one_staff("4c", "4d]", "[4e", "4r", "4e]")) == [
        (0, 24, 60, 0),
        (24, 24, 62, 0),
        (48, 24, 64, 0),
        (96, 24, 64, 0),
    ]


def test_split_spines_keep_their_staff() -> None:
    text = """
        **kern  **kern
        4C  4c
        *^  *
        2D  4E  4d
        .  4F  4e
        *v  *v  *
        *  *^
        4G  8f  4d
        .  8g  .
        *  *v  *v
        4C  4c
        *-  *-"""
    assert notes(text) == [
        (0, 24, 60, 0),
        (0, 24, 48, 1),
        (24, 24, 62, 0),
        (24, 24, 52, 1),
        (24, 48, 50, 1),
        (48, 24, 64, 0),
        (48, 24, 53, 1),
        (72, 12, 65, 0),
        (72, 24, 62, 0),
        (72, 24, 55, 1),
        (84, 12, 67, 0),
        (96, 24, 60, 0),
        (96, 24, 48, 1),
    ]


def test_neighbouring_staves_join_their_own_columns_on_one_line() -> None:
    text = """
        **kern  **kern
        *^  *^
        4C  4D  4c  4d
        *v  *v  *v  *v
        4E  4e
        *-  *-"""
    assert notes(text)[-2:] == [(24, 24, 64, 0), (24, 24, 52, 1)]


def test_spines_are_exchanged_added_and_ended() -> None:
    text = """
        **kern  **kern
        4C  4c
        *x  *x
        4d  4D
        *+  *
        *  **kern  *
        4e  4g  4E
        *-  *  *
        4a  4F
        *-  *-"""
    assert [(onset, pitch, part) for onset, _, pitch, part in notes(text)] == [
        (0, 60, 1),
        (0, 48, 2),
        (24, 62, 1),
        (24, 50, 2),
        (48, 67, 0),
        (48, 64, 1),
        (48, 52, 2),
        (72, 69, 0),
        (72, 53, 2),
    ]


@pytest.mark.parametrize(
    ("token", "steps"),
    [
        ("4", 24),
        ("8.", 18),
        ("4..", 42),
        ("12", 8),
        ("24", 4),
        ("20", 5),
        ("3%2", 64),
        ("0", 192),
        ("00.", 576),
        ("000", 768),
    ],
)
def test_durations(token: str, steps: int) -> None:
    assert notes(one_staff(f"{token}c", "4d")) == [(0, steps, 60, 0), (steps, 24, 62, 0)]


def test_tuplets_off_the_grid_do_not_add_up_their_roundings() -> None:
    # 28: seven in a quarter of 24 steps.
    text = one_staff(*["28c", "28d", "28e", "28f", "28g", "28a", "28b"] * 8, "4c")
    assert notes(text)[-1] == (192, 24, 60, 0)
    assert [row[0] for row in notes(text)[:8]] == [0, 3, 7, 10, 14, 17, 21, 24]


@pytest.mark.parametrize(
    ("token", "pitch"),
    [
        ("c", 60),
        ("CC", 36),
        ("bb", 83),
        ("f##", 67),
        ("E--", 50),
        ("bn", 71),
        ("cccc#", 97),
        ("AAA-X", 32),
    ],
)
def test_pitches(token: str, pitch: int) -> None:
    assert notes(one_staff("4" + token)) == [(0, 24, pitch, 0)]


def test_grace_notes_and_rests_with_a_place_sound_not() -> None:
    text = one_staff("8qc/", "4d", "qqe 16qqf", "4rg", "2rf 2ryy", "8qg 8b", "4g")
    assert notes(text) == [(0, 24, 62, 0), (96, 24, 67, 0)]


def test_dots_and_accidentals_apart_from_their_place_count() -> None:
    assert notes(one_staff("8e\\.-L", "4cc'>#")) == [(0, 18, 63, 0), (18, 24, 73, 0)]


def test_marks_around_a_note_change_nothing() -> None:
    text = one_staff("&(>16%3.gg#X^^<T;\\LLJ@k) 16%3.bbnyy'")
    assert notes(text) == [(0, 27, 83, 0), (0, 27, 80, 0)]


def test_a_chord_note_without_duration_lasts_as_its_fellows() -> None:
    assert notes(one_staff("8aa e", "8.c")) == [(0, 12, 81, 0), (0, 12, 64, 0), (12, 18, 60, 0)]


def test_transposing_instruments_and_octave_lines_are_written_as_they_sound() -> None:
    assert notes(one_staff("*ITrd8c12", "*8va", "4c", "*X8va")) == [(0, 24, 60, 0)]


def test_a_unison_of_two_staves_is_one_note_the_longest() -> None:
    text = "**kern  **kern\n2c  4c\n.  4c\n*-  *-"
    assert notes(text) == [(0, 48, 60, 1), (24, 24, 60, 0)]


def test_notes_cross_bar_lines() -> None:
    text = """
        **kern  **kern
        *M2/4  *M2/4
        =1  =1
        4C  4.c
        2D  .
        .  4d
        =2  =2
        .  4.e
        4E  .
        ==  ==
        *-  *-"""
    assert notes(text) == [
        (0, 36, 60, 0),
        (0, 24, 48, 1),
        (24, 48, 50, 1),
        (36, 24, 62, 0),
        (60, 36, 64, 0),
        (72, 24, 52, 1),
    ]
    # All notes cross the bar line: where it stands is told by the metre.
    assert rows(read_kern(table(text)).bars) == [(0, 2, 4), (48, 2, 4)]


def test_a_bar_that_is_really_longer_stays_long() -> None:
    text = one_staff("*M2/4", "=1", "4c", "2d", "=2", "2e", "=3", "2f", "==")
    assert rows(read_kern(table(text)).bars) == [(0, 2, 4), (72, 2, 4), (120, 2, 4)]


def test_pickup_inner_double_bar_and_change_of_metre() -> None:
    text = one_staff(
        *(
            "*M3/4",
            "4c",
            "=1",
            "2.d",
            "=2",
            "2e",
            "=:|!",
            "4f",
            "=3||",
            "*M6/8",
            "2.g",
            "=4",
            "2.a",
        ),
        *("*yyM2/4", "=5", "2b", "=="),
    )
    assert rows(read_kern(table(text)).bars) == [
        (0, 3, 4),
        (24, 3, 4),
        (96, 3, 4),
        (168, 6, 8),
        (240, 6, 8),
        (312, 2, 4),
    ]


def test_keys_and_tempos_stand_where_they_change() -> None:
    text = """
        **kern  **kern
        *k[b-e-]  *k[b-e-]
        *g:  *g:
        *MM72  *MM72
        1G  1g
        *k[]  *k[]
        1A  1a
        *d:dor  *d:dor
        *MM80.5  *
        *k[f#]  *k[f#]
        *G:  *G:
        1B  1b
        *-  *-"""
    score = read_kern(table(text))
    assert rows(score.keys) == [(0, -2, 1), (96, 0, -1), (192, 1, 0)]
    assert rows(score.tempos) == [(0, 72.0), (192, 80.5)]


def test_a_score_without_signatures() -> None:
    score = read_kern(table(one_staff("1c", "=2", "1d")))
    assert rows(score.bars) == [(0, 4, 4), (96, 4, 4)]
    assert (len(score.keys), len(score.tempos)) == (0, 0)


def test_words_with_unicode_line_breaks_and_dos_line_ends() -> None:
    assert rows(read_kern("**kern\t**text\r\n4c\tla\u2028la\x85\r\n*-\t*-\r\n").notes) == [
        (0, 24, 60, 0)
    ]


def test_a_second_table_goes_on_where_the_first_ended() -> None:
    assert notes("**kern\n2c\n*-\n**kern\n2d\n*-")[-1] == (48, 48, 62, 0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", r"no \*\*kern spine"),
        ("hello\n", "line 1: 'hello'"),
        ("**text\nla\n*-\n", r"no \*\*kern spine"),
        ("**kern\n4r\n*-\n", "holds no notes"),
        ("**kern\t**kern\n4c\n*-\t*-\n", "line 2: 1 columns where 2 spines stand"),
        ("**kern\n*^\n4c\n*-\n", "line 3: 1 columns where 2 spines stand"),
        ("**kern\n4c\ncc\n*-\n", "line 3: 'cc' has no duration"),
        ("**kern\n4c\n1%0d\n*-\n", "line 3: '1%0d' has no possible duration"),
        ("**kern\n4c\n0000000d\n*-\n", "line 3: '0000000d' has no possible duration"),
        ("**kern\n4" + "c" * 9 + "\n*-\n", "outside MIDI"),
        ("**kern\n4c\n4d\n", "was cut"),
    ],
)
def test_damage_is_told_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        read_kern(text)
