"""What a spreadsheet program could run is made harmless, and comes back as it was."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.spreadsheets.words import harmless, plain, restored, same_name, starts_formula

pytestmark = pytest.mark.unit

RISKY = st.builds("{}{}{}".format, st.sampled_from(["", "'", "''"]), st.sampled_from("=+-@\t\r＝"), st.text(max_size=5))


@given(RISKY | st.text())
def test_a_text_comes_back_from_a_cell_as_it_was(text: str) -> None:
    assert restored(harmless(text)) == text


@given(RISKY | st.text())
def test_no_cell_begins_as_a_formula(text: str) -> None:
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+33199001234", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_each_beginning_of_a_formula_gets_an_apostrophe(text: str) -> None:
    assert starts_formula(text)
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["L’Atelier", "'tis", "a=b", "", "12"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == restored(text) == text


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_csv_cell_gives_the_text_back(text: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=";").writerow([harmless(text), "x"])
    [line] = csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=";", strict=True)
    assert restored(line[0]) == text


@pytest.mark.parametrize(("one", "other"), [("Code postal", "CODE_POSTAL "), ("Mél.", "mel"), ("N° œuvre", "n oeuvre")])
def test_headings_are_the_same_whatever_their_case_accents_and_punctuation(one: str, other: str) -> None:
    assert plain(one) == plain(other)


def test_names_keep_their_punctuation() -> None:
    assert same_name("  L’ŒUVRE  Élan ") == same_name("l'oeuvre elan")
    assert same_name("A. B") != same_name("A B")
