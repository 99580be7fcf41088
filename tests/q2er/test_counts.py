"""What is told of how many an edition reached: all to the school, safe counts to others, and never a name."""

from datetime import timedelta

import pytest

from app.core.suppression import INSIDE
from app.events.registrations.models import Attendance
from app.q2er.editions.models import EditionState
from app.q2er.pupils.retention import today
from tests import factories
from tests.q2er.factories import a_class, a_pupil, a_sequence, an_edition
from tests.q2er.sessions import THIS_YEAR, a_participation, a_session, pupils_at


@pytest.fixture
async def edition(session, territory, school):
    return await an_edition(session, territory, schools=(school,), school_year=THIS_YEAR, state=EditionState.RUNNING)


@pytest.fixture
async def place(session, edition, school):
    """Two classes and two sequences, each with a session."""
    classes = [await a_class(session, school, school_year=THIS_YEAR, name=name) for name in ("2nde 4", "2nde 5")]
    sequences = [await a_sequence(session, edition, position=position) for position in (1, 2)]
    return classes, [await a_session(session, sequence) for sequence in sequences]


def path(edition, what: str) -> str:
    return f"/v1/q2er/editions/{edition.id}/{what}"


async def test_small_counts_are_hidden_from_all_but_the_school(session, referent, collectivite, school, edition, place):
    (four, five), (first, second) = place
    await pupils_at(session, first, school, four, 3)
    await pupils_at(session, first, school, five, 7)
    await pupils_at(session, second, school, four, 6, feedback_score=5)
    await a_participation(session, second, class_id=five.id, school_id=school.id)
    whole = (await referent.get(path(edition, "counts"))).json()
    numbers = {(c["class_id"], c["sequence_id"]): c["pupils"] for c in whole["cells"]}
    assert numbers == {
        (str(four.id), str(first.sequence_id)): 3, (str(five.id), str(first.sequence_id)): 7,
        (str(four.id), str(second.sequence_id)): 6, (str(five.id), str(second.sequence_id)): five.headcount,
    }  # fmt: skip
    assert (whole["pupils"], whole["least_told"], whole["suppressed"]) == (46, 0, False)
    safe = (await collectivite.get(path(edition, "counts"))).json()
    hidden = [c for c in safe["cells"] if c["suppressed"]]
    assert safe["least_told"] == INSIDE
    assert all(c["pupils"] is None for c in hidden)
    assert len(hidden) >= 2
    small = (str(four.id), str(first.sequence_id))
    assert small in {(c["class_id"], c["sequence_id"]) for c in hidden}
    assert safe["sequences"][1]["feedback"] == 5.0
    assert safe["sequences"][0]["feedback"] is None


async def test_a_school_is_told_of_its_own_classes_and_of_no_others(session, client_for, referent, territory, edition):
    neighbour = await factories.a_school(session, territory)
    there = await a_class(session, neighbour, school_year=THIS_YEAR)
    event = await a_session(session, await a_sequence(session, edition))
    await pupils_at(session, event, neighbour, there, 9)
    assert (await referent.get(path(edition, "counts"))).json()["cells"] == []
    theirs = client_for(factories.a_referent(neighbour))
    assert [c["pupils"] for c in (await theirs.get(path(edition, "counts"))).json()["cells"]] == [9]


async def test_a_pupil_entered_twice_counts_once(session, referent, school, edition, place):
    (four, _), (first, _) = place
    one, two = await pupils_at(session, first, school, four, 2)
    merging = {"duplicate_id": str(two.pupil_id)}
    await referent.post(f"/v1/q2er/pupils/{one.pupil_id}:merge", json=merging, headers={"If-Match": "*"})
    assert [c["pupils"] for c in (await referent.get(path(edition, "counts"))).json()["cells"]] == [1]
    lines = (await referent.get(path(edition, "ledger"))).json()["items"]
    assert [[row["sessions"] for row in line["followed"]] for line in lines] == [[1]]


async def test_who_is_erased_is_still_counted_and_no_longer_known(session, referent, school, edition, place):
    (four, _), (first, _) = place
    (gone,) = await pupils_at(session, first, school, four, 1)
    await referent.delete(f"/v1/q2er/pupils/{gone.pupil_id}", headers={"If-Match": "*"})
    assert [c["pupils"] for c in (await referent.get(path(edition, "counts"))).json()["cells"]] == [1]
    assert (await referent.get(path(edition, "ledger"))).json()["items"] == []


async def test_the_ledger_tells_a_school_its_pupils_and_others_its_classes(
    session, referent, collectivite, school, edition, place
):
    (four, _), (first, second) = place
    came, late = await pupils_at(session, first, school, four, 2)
    await a_participation(session, second, pupil_id=came.pupil_id, school_id=school.id, attendance=Attendance.ABSENT)
    idle = await a_pupil(session, school)
    lines = (await referent.get(path(edition, "ledger"))).json()["items"]
    followed = {line["pupil_id"]: [row["sequence_id"] for row in line["followed"]] for line in lines}
    once = [str(first.sequence_id)]
    assert followed == {str(came.pupil_id): once, str(late.pupil_id): once, str(idle.id): []}
    told = await collectivite.get(path(edition, "ledger"))
    assert {line["class_name"] for line in told.json()["items"]} == {"2nde 4", "2nde 5"}
    assert all(line["pupil_id"] is line["last_name"] is None for line in told.json()["items"])
    assert "Durand" not in told.text


async def test_a_school_asks_who_has_nothing_on_some_days_and_nobody_else_may(
    session, referent, collectivite, school, edition, place
):
    (four, _), (first, _) = place
    (busy,) = await pupils_at(session, first, school, four, 1)
    (absent,) = await pupils_at(session, first, school, four, 1, attendance=Attendance.ABSENT)
    day = today()

    async def asked(client, start, end):
        days = {"from": start.isoformat(), "until": end.isoformat()}
        return await client.get(path(edition, "ledger"), params={**days, "nothing": "true"})

    on_the_day = (await asked(referent, day - timedelta(days=1), day)).json()["items"]
    assert [line["pupil_id"] for line in on_the_day] == [str(absent.pupil_id)]
    before = (await asked(referent, day - timedelta(days=5), day - timedelta(days=2))).json()["items"]
    assert {line["pupil_id"] for line in before} == {str(busy.pupil_id), str(absent.pupil_id)}
    refused = await asked(collectivite, day, day)
    assert refused.status_code == 403
    wrong = await asked(referent, day, day - timedelta(days=1))
    assert [fault["code"] for fault in wrong.json()["errors"]] == ["before_from"]
    half = await referent.get(path(edition, "ledger"), params={"nothing": "true"})
    assert [fault["pointer"] for fault in half.json()["errors"]] == ["?from", "?until"]
