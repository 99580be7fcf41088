"""The sentence that says what changed, in both languages."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.i18n import LANGUAGES
from app.events.models import EventStatus
from app.events.notices import notice

pytestmark = pytest.mark.unit

PARIS = "Europe/Paris"
ZONES = [PARIS, "America/Guadeloupe", "Indian/Reunion"]


def dates(first: str, last: str | None = None, zone: str = PARIS) -> tuple[datetime, datetime]:
    """Two local instants; without the second, two hours later."""
    starts_at = datetime.fromisoformat(first).replace(tzinfo=ZoneInfo(zone))
    ends_at = datetime.fromisoformat(last).replace(tzinfo=ZoneInfo(zone)) if last else starts_at + timedelta(hours=2)
    return starts_at, ends_at


def said(status, now, *former, note=None, is_all_day=False, zone=PARIS):
    return tuple(
        notice(status, *now, list(former), zone, is_all_day=is_all_day, note=note, language=language)
        for language in LANGUAGES
    )


def test_an_event_that_stands_as_announced_needs_no_notice() -> None:
    assert said("scheduled", dates("2026-03-19T18:00"), dates("2026-03-12T18:00")) == (None, None)


@pytest.mark.parametrize(
    ("old", "new", "french", "english"),
    [
        ("12T18", "19T18", "Reporté du 12 au 19 mars", "Moved from 12 to 19 March"),
        ("19T18", "12T18", "Avancé du 19 au 12 mars", "Brought forward from 19 to 12 March"),
        ("12T18", "01T18", "Avancé du 12 au 1er mars", "Brought forward from 12 to 1 March"),
        (
            "12T10",
            "12T14",
            "Nouvel horaire le 12 mars, de 14\u00a0h à 16\u00a0h au lieu de 10\u00a0h à 12\u00a0h",
            "New time on 12 March, 14:00 to 16:00 instead of 10:00 to 12:00",
        ),
        (
            "12T09:30",
            "12T10",
            "Nouvel horaire le 12 mars, de 10\u00a0h à 12\u00a0h au lieu de 9\u00a0h\u00a030 à 11\u00a0h\u00a030",
            "New time on 12 March, 10:00 to 12:00 instead of 09:30 to 11:30",
        ),
    ],
)
def test_a_move_within_a_month_names_the_month_once(old: str, new: str, french: str, english: str) -> None:
    assert said("rescheduled", dates(f"2026-03-{new}"), dates(f"2026-03-{old}")) == (french, english)


def test_a_move_to_another_month_names_both() -> None:
    assert said("rescheduled", dates("2026-04-01T18"), dates("2026-03-31T18")) == (
        "Reporté du 31 mars au 1er avril",
        "Moved from 31 March to 1 April",
    )


def test_a_move_to_another_year_names_the_years() -> None:
    assert said("rescheduled", dates("2027-03-12T18"), dates("2026-03-12T18")) == (
        "Reporté du 12 mars 2026 au 12 mars 2027",
        "Moved from 12 March 2026 to 12 March 2027",
    )


def test_an_end_at_midnight_is_the_day_before() -> None:
    now, before = dates("2026-03-19", "2026-03-22"), dates("2026-03-12", "2026-03-15")
    french, english = said("rescheduled", now, before, is_all_day=True)
    assert french == "Reporté du 12–14 au 19–21 mars"
    assert english == "Moved from 12–14 to 19–21 March"


def test_a_longer_event_gives_both_ranges() -> None:
    now, before = dates("2026-12-30", "2027-01-03"), dates("2026-12-30", "2027-01-01")
    french, english = said("rescheduled", now, before, is_all_day=True)
    assert french == "Nouvelles dates, 30 décembre 2026–2 janvier 2027 au lieu de 30–31 décembre 2026"
    assert english == "New dates, 30 December 2026–2 January 2027 instead of 30–31 December 2026"


def test_the_latest_of_the_former_dates_counts() -> None:
    former = dates("2026-03-05T18"), dates("2026-03-12T18")
    assert said("rescheduled", dates("2026-03-19T18"), *former)[0] == "Reporté du 12 au 19 mars"


def test_the_hours_of_several_days_are_not_listed() -> None:
    now, before = dates("2026-03-12T10", "2026-03-13T12"), dates("2026-03-12T09", "2026-03-13T12")
    assert said("rescheduled", now, before) == ("Nouveaux horaires", "New times")


def test_a_rescheduled_event_without_former_dates_still_says_so() -> None:
    assert said("rescheduled", dates("2026-03-12T10")) == ("Nouvelles dates", "New dates")


def test_a_cancelled_event_gives_its_reason() -> None:
    assert said("cancelled", dates("2026-03-12T10")) == ("Annulé", "Cancelled")
    assert said("cancelled", dates("2026-03-12T10"), note="salle fermée") == (
        "Annulé\u00a0: salle fermée",
        "Cancelled: salle fermée",
    )


def test_a_postponed_event_says_which_day_no_longer_holds() -> None:
    assert said("postponed", dates("2026-03-12T10")) == (
        "Reporté à une date ultérieure, au lieu du 12 mars",
        "Postponed from 12 March, new dates to be announced",
    )


def test_an_event_moved_online_also_says_that_it_moved_in_time() -> None:
    assert said("moved_online", dates("2026-03-12T10")) == ("Passe en ligne", "Moves online")
    assert said("moved_online", dates("2026-03-19T10"), dates("2026-03-12T10")) == (
        "Passe en ligne, reporté du 12 au 19 mars",
        "Moves online, moved from 12 to 19 March",
    )


def test_days_are_those_of_the_event_not_of_the_server() -> None:
    now, before = dates("2026-03-19T22", zone="America/Guadeloupe"), dates("2026-03-12T22", zone="America/Guadeloupe")
    assert said("rescheduled", now, before, zone="America/Guadeloupe")[0] == "Reporté du 12 au 19 mars"
    assert said("rescheduled", now, before, zone="Asia/Tokyo")[0] == "Reporté du 13 au 20 mars"


instants = (
    st.integers(1990, 2099)
    .map(lambda year: datetime(year, 1, 1, tzinfo=UTC))
    .flatmap(lambda new_year: st.timedeltas(timedelta(0), timedelta(days=365)).map(lambda after: new_year + after))
)
lengths = st.timedeltas(timedelta(minutes=1), timedelta(days=366))
datings = st.tuples(instants, lengths).map(lambda dating: (dating[0], dating[0] + dating[1]))


@given(st.data())
def test_every_event_has_a_whole_sentence_in_both_languages(data) -> None:
    status, zone = data.draw(st.sampled_from(list(EventStatus))), data.draw(st.sampled_from(ZONES))
    note = data.draw(st.none() | st.text(min_size=1))
    now, *former = data.draw(st.lists(datings, min_size=1, max_size=4))
    for sentence in said(status, now, *former, note=note, zone=zone, is_all_day=data.draw(st.booleans())):
        assert (sentence is None) == (status is EventStatus.SCHEDULED)
        assert sentence is None or (sentence[0].isupper() and "{" not in sentence.removesuffix(note or ""))
        assert sentence is None or not note or sentence.endswith(note)
