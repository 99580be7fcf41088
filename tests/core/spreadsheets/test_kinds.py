"""What a cell can hold is read back as it was written, and as people write it."""

import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.actors.models import ActorKind
from app.core.spreadsheets.cells import Cell, CellFault, Kind, Named, Place
from app.core.spreadsheets.kinds import (
    Choice,
    Day,
    Digits,
    Exact,
    Identifier,
    Instant,
    Many,
    Pair,
    Prose,
    Reference,
    Whole,
    YesNo,
)

pytestmark = pytest.mark.unit

HERE, THERE, ONE, OTHER = uuid4(), uuid4(), uuid4(), uuid4()
PLACES = [Place("fr"), Place("en", ZoneInfo("Indian/Reunion"))]
LINE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).map(str.strip).filter(bool)
CSV_OR_XLSX = st.booleans()


a_time = datetime.fromisoformat
"""A day and hour without a zone, as spreadsheets have them."""


def through_a_file(cell: Cell, *, is_csv: bool) -> Cell:
    """What is left of a cell in a file: CSV knows text only, XLSX no whole numbers."""
    if is_csv:
        return None if cell is None else str(cell)
    return float(cell) if isinstance(cell, int | Decimal) and not isinstance(cell, bool) else cell


VALUES = {
    "text": (Kind(), LINE.filter(lambda text: "E+" not in text.upper())),
    "prose": (Prose(), st.lists(LINE, min_size=1).map("\n".join)),
    "digits": (Digits(14), st.from_regex(r"\A[0-9]{14}\Z")),
    "identifier": (Identifier(), st.uuids()),
    "whole": (Whole(), st.integers(-(10**14), 10**14)),
    "exact": (Exact(), st.decimals("-9999999999", "9999999999", places=2)),
    "day": (Day(), st.dates(date(1500, 1, 1), date(2999, 12, 31))),
    "yes_no": (YesNo(), st.booleans()),
    "choice": (Choice("actor_kind", ActorKind), st.sampled_from(ActorKind)),
    "pairs": (
        Many(Pair("source", "id")),
        st.lists(st.fixed_dictionaries({"source": st.from_regex(r"\A[a-z]{1,9}\Z"), "id": LINE}), min_size=1),
    ),
}


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("place", PLACES, ids=["fr", "en"])
@given(data=st.data())
def test_what_is_written_is_read_back(kind: str, place: Place, data: st.DataObject) -> None:
    made, values = VALUES[kind]
    value = data.draw(values)
    cell = through_a_file(made.write(value, place), is_csv=data.draw(CSV_OR_XLSX))
    assert made.is_same(made.read(cell, place), value)


@given(st.datetimes(a_time("1900-03-02"), a_time("2100-01-01"), timezones=st.just(UTC)), CSV_OR_XLSX)
def test_an_instant_is_written_in_the_time_of_its_territory_to_the_second(instant: datetime, is_csv: bool) -> None:
    place = Place(zone=ZoneInfo("Europe/Paris"))
    written = Instant().write(instant, place)
    again = Instant().write(Instant().read(through_a_file(written, is_csv=is_csv), place), place)
    assert again == written


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("12/06/2027", date(2027, 6, 12)),
        ("1.9.2014", date(2014, 9, 1)),
        ("2027-06-12", date(2027, 6, 12)),
        (a_time("2027-06-12"), date(2027, 6, 12)),
    ],
)
def test_a_day_is_read_as_people_write_it(cell: Cell, expected: date) -> None:
    assert Day().read(cell, Place()) == expected


@pytest.mark.parametrize(
    "cell",
    ["12/06/2027 18:30", "12/06/2027 18h30", "2027-06-12 18:30:00", "2027-06-12T16:30Z",
     a_time("2027-06-12T18:30")]
)  # fmt: skip
def test_an_instant_is_read_as_people_write_it(cell: Cell) -> None:
    assert Instant().read(cell, Place()) == datetime(2027, 6, 12, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        (Digits(14), 21940018100018.0, "21940018100018"),
        (Digits(5), 1000.0, "01000"),
        (Digits(14), "219 400 181 00018", "21940018100018"),
        (Kind(), 12.0, "12"),
        (Whole(), "1 234", 1234),
        (Exact(), "1 234,50", Decimal("1234.50")),
        (Exact(), 0.1 + 0.2, Decimal("0.3")),
        (YesNo(), "X", True),
        (YesNo(), "VRAI", True),
        (Choice("actor_kind", ActorKind), "établissement SCOLAIRE", ActorKind.SCHOOL),
        (Choice("actor_kind", ActorKind), "business_club", ActorKind.BUSINESS_CLUB),
        (Many(Kind()), " a ;b;; c", ["a", "b", "c"]),
        (Many(Kind()), "a;b\nc", ["a;b", "c"]),
    ],
)
def test_what_spreadsheets_and_people_make_of_a_value_is_understood(kind: Kind, cell: Cell, expected: object) -> None:
    assert kind.read(cell, Place()) == expected


@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        (Digits(14), "2,19400181E+13", "rounded_number"),
        (Kind(), "1E+5", "rounded_number"),
        (Identifier(), "12", "uuid_parsing"),
        (Whole(), "1,5", "int_parsing"),
        (Whole(), True, "int_parsing"),
        (Whole(), "9" * 19, "int_parsing"),
        (Exact(), "1.234,50", "decimal_parsing"),
        (Day(), "31/02/2027", "date_parsing"),
        (Day(), "12/06/27", "date_parsing"),
        (Day(), a_time("2027-06-12T08:00"), "date_from_datetime_inexact"),
        (Instant(), date(2027, 6, 12), "datetime_type"),
        (Instant(), "12/06/2027 25:00", "datetime_parsing"),
        (YesNo(), "peut-être", "yes_no"),
        (Choice("actor_kind", ActorKind), "boutique", "enum"),
        (Pair("source", "id"), "sans système", "pair"),
        (Reference("actors"), "Inconnu", "unknown_reference"),
    ],
)
def test_what_is_not_understood_is_told_by_its_code(kind: Kind, cell: Cell, code: str) -> None:
    with pytest.raises(CellFault) as caught:
        kind.read(cell, Place())
    assert caught.value.code == code


def test_a_name_means_the_row_of_its_own_territory() -> None:
    found = {"actors": {"Club": [Named("Club", ONE, HERE), Named("Club", OTHER, THERE)]}}
    assert Reference("actors").read("Club", Place(territory_id=HERE, found=found)) == ONE
    with pytest.raises(CellFault) as caught:
        Reference("actors").read("Club", Place(found=found))
    assert caught.value.code == "ambiguous_reference"


def test_labels_are_told_apart_in_every_closed_list() -> None:
    import app.models  # noqa: F401
    from app.core.spreadsheets.words import plain
    from app.v1 import ROUTERS  # noqa: F401  (every sheet is made)

    sheets = [
        module for name, module in sys.modules.items() if name.startswith("app.") and name.endswith("spreadsheet")
    ]
    kinds = [column.kind for sheet in sheets for column in getattr(sheet, "COLUMNS", ())]
    choices = [kind for kind in kinds if isinstance(kind, Choice)]
    assert choices
    for choice in choices:
        assert issubclass(choice.values, StrEnum)
        for language in ("fr", "en"):
            labels = [plain(label) for label in choice.labels(language)]
            assert len(labels) == len(set(labels))
