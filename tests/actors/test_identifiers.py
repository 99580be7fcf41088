"""Identifiers: what the API accepts, what the database accepts and what python-stdnum accepts are the same."""

from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, select
from stdnum import luhn
from stdnum.fr import siren, siret

from app.actors.identifiers import UAI_LETTERS, Naf, Rna, Siret, Uai
from app.territories.identifiers import Siren

LA_POSTE = "356000000"
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

digits = st.text("0123456789", min_size=1, max_size=16)
sirens = st.text("0123456789", min_size=8, max_size=8).map(lambda start: start + luhn.calc_check_digit(start))
sirets = st.one_of(sirens, st.just(LA_POSTE)).flatmap(
    lambda number: st.text("0123456789", min_size=4, max_size=5).map(
        lambda end: number + end if len(end) == 5 else number + end + luhn.calc_check_digit(number + end)
    )
)
uais = st.builds(
    lambda number, shift: f"{number:07d}" + UAI_LETTERS[(number + shift) % 23],
    st.integers(0, 9_999_999),
    st.sampled_from((0, 0, 1)),
)


def accepts(kind: Any, text: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return False
    return True


@pytest.mark.unit
@given(st.one_of(digits, sirens))
def test_a_siren_is_what_stdnum_says(number: str) -> None:
    assert accepts(Siren, number) == siren.is_valid(number)


@pytest.mark.unit
@given(st.one_of(digits, sirets))
def test_a_siret_is_what_stdnum_says(number: str) -> None:
    assert accepts(Siret, number) == siret.is_valid(number)


@pytest.mark.unit
@given(sirets.filter(siret.is_valid), st.lists(st.integers(0, 14), max_size=6))
def test_spaces_in_a_siret_do_not_matter(number: str, places: list[int]) -> None:
    spaced = number
    for place in places:
        spaced = f"{spaced[:place]} {spaced[place:]}"
    assert TypeAdapter(Siret).validate_python(spaced) == number


@given(number=st.one_of(digits, sirens, st.text(max_size=20).filter(lambda text: "\0" not in text)))
@QUICK
async def test_the_database_accepts_the_same_sirens(session, number: str) -> None:
    stored = siren.compact(number) if accepts(Siren, number) else number
    assert await session.scalar(select(func.siren_is_valid(stored))) == accepts(Siren, number)


@given(number=st.one_of(digits, sirets))
@QUICK
async def test_the_database_accepts_the_same_sirets(session, number: str) -> None:
    assert await session.scalar(select(func.siret_is_valid(number))) == accepts(Siret, number)


@given(number=st.one_of(digits, uais))
@QUICK
async def test_the_database_accepts_the_same_uais(session, number: str) -> None:
    assert await session.scalar(select(func.uai_is_valid(number))) == accepts(Uai, number)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("kind", "given_as", "kept_as"),
    [
        (Siret, "356 000 000 00048", "35600000000048"),
        (Siret, "35600000049837", "35600000049837"),
        (Siren, "732 829 320", "732829320"),
        (Rna, "w941000123", "W941000123"),
        (Rna, "W9G1000123", None),
        (Rna, "941000123", None),
        (Uai, " 0940112l ", "0940112L"),
        (Uai, "0940112M", None),
        (Naf, "6202a", "62.02A"),
        (Naf, "62.02A", "62.02A"),
        (Naf, "62-02A", None),
        (Siret, "٢١٩٤٠٠١٨١٠٠٠١٨", None),
    ],
)
def test_an_identifier_is_kept_in_one_form(kind: Annotated[Any, "a type"], given_as: str, kept_as: str | None) -> None:
    assert accepts(kind, given_as) == (kept_as is not None)
    if kept_as:
        assert TypeAdapter(kind).validate_python(given_as) == kept_as
