"""An edition made after another: previewed, then made, in another school year or territory, once."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from app.events.models import Event, EventStatus
from app.events.registrations.models import Registration
from app.q2er.editions.models import Edition
from app.q2er.participations.models import Participation
from app.q2er.sequences.models import Sequence, SequenceKind
from tests import factories
from tests.events.registrations.factories import a_registration
from tests.q2er.factories import a_sequence, an_edition

NEXT = {"school_year": "2017-2018"}


@pytest.fixture
async def edition(session, territory, school):
    await factories.a_municipality(session)
    school.insee_code = "94018"
    person = await factories.a_person(session, territory, actors=(school,))
    row = await an_edition(session, territory, schools=(school,), referent_id=person.id, theme="Citoyenneté")
    talk = await a_sequence(session, row, title="Intervention", starts_on=date(2016, 10, 3), ends_on=date(2016, 10, 28))
    await a_sequence(session, row, position=2, title="Clôture", kind=SequenceKind.CLOSING, objectives=["Fêter"])
    company = await factories.an_actor(session, territory)
    at = datetime(2016, 10, 11, 8, tzinfo=UTC)
    held = await factories.an_event(
        session, territory, starts_at=at, sequence_id=talk.id, organisers=(company,), title="Chez Martin",
        place_name="Salle 4", insee_code="94018", published=True,
    )  # fmt: skip
    await a_registration(session, held, actor=company)
    toussaint = datetime(2016, 10, 18, 8, tzinfo=UTC)
    await factories.an_event(session, territory, starts_at=toussaint, sequence_id=talk.id, title="Chez Durand")
    await factories.an_event(session, territory, starts_at=at, sequence_id=talk.id, status=EventStatus.CANCELLED)
    return row


async def rows(session) -> list[int]:
    kinds = (Edition, Sequence, Event, Registration, Participation)
    return [await session.scalar(select(func.count()).select_from(kind)) for kind in kinds]


async def test_a_preview_writes_nothing_and_says_what_would_be_made(session, edition, collectivite):
    before = await rows(session)
    answer = await collectivite.post(f"/v1/q2er/editions/{edition.id}:replicate", json=NEXT)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["outcome"], told["edition_id"]) == ("preview", None)
    assert [(one["position"], one["title"], one["id"]) for one in told["sequences"]] == [
        (1, "Intervention", None),
        (2, "Clôture", None),
    ]
    sessions = told["sequences"][0]["sessions"]
    assert [(one["title"], one["starts_at"], one["is_displaced"]) for one in sessions] == [
        ("Chez Martin", "2017-10-10T10:00:00+02:00", False),
        ("Chez Durand", "2017-10-17T10:00:00+02:00", False),
    ]
    assert await rows(session) == before


async def test_applied_twice_it_makes_one_edition_with_its_structure_and_nobody_in_it(session, edition, collectivite):
    before = await rows(session)
    url = f"/v1/q2er/editions/{edition.id}:replicate"
    made = (await collectivite.post(url, json=NEXT | {"dry_run": False})).json()
    assert made["outcome"] == "made"
    after = await rows(session)
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 2, 2, 0, 0]
    again = (await collectivite.post(url, json=NEXT | {"dry_run": False})).json()
    assert (again["outcome"], again["edition_id"]) == ("already_there", made["edition_id"])
    assert await rows(session) == after
    row = (await collectivite.get(f"/v1/q2er/editions/{made['edition_id']}")).json()
    assert (row["referent_id"], row["theme"], row["state"], row["number"]) == (None, None, "preparing", 2)
    assert [one["name"] for one in row["schools"]] == ["Lycée Robert Schuman"]
    sequence = made["sequences"][0]
    assert (sequence["starts_on"], sequence["ends_on"]) == ("2017-10-02", "2017-10-27")
    event = (await collectivite.get(f"/v1/events/{sequence['sessions'][0]['id']}")).json()
    assert (event["publication"], event["place"]["name"], len(event["organisers"])) == ("draft", "Salle 4", 1)


async def test_sessions_avoid_the_days_off_of_the_year_they_go_to(edition, collectivite):
    answer = await collectivite.post(f"/v1/q2er/editions/{edition.id}:replicate", json={"school_year": "2020-2021"})
    sessions = answer.json()["sequences"][0]["sessions"]  # 20 October 2020 is in the Toussaint
    assert [(one["starts_at"][:10], one["is_displaced"], one["is_on_day_off"]) for one in sessions] == [
        ("2020-10-13", False, False),
        ("2020-11-03", True, False),
    ]


async def test_another_edition_in_that_year_is_in_the_way(session, territory, edition, collectivite):
    programme = await session.get_one(factories.Programme, edition.programme_id)
    await an_edition(session, territory, programme=programme, school_year="2017-2018")
    answer = await collectivite.post(f"/v1/q2er/editions/{edition.id}:replicate", json=NEXT)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (409, "#/school_year")


async def test_to_another_territory_go_the_sequences_and_sessions_without_places_and_actors(
    session, territory, edition, client_for, collectivite
):
    abroad = await factories.a_territory(session)
    programme = await factories.a_programme(session, abroad)
    body = NEXT | {"programme_id": str(programme.id), "dry_run": False}
    url = f"/v1/q2er/editions/{edition.id}:replicate"
    assert (await collectivite.post(url, json=body)).status_code == 422
    both = client_for(factories.a_collectivite(territory, abroad))
    made = (await both.post(url, json=body)).json()
    assert (made["outcome"], made["territory_id"]) == ("made", str(abroad.id))
    event = (await both.get(f"/v1/events/{made['sequences'][0]['sessions'][0]['id']}")).json()
    assert (event["territory_id"], event["place"], event["organisers"]) == (str(abroad.id), None, [])
    row = (await both.get(f"/v1/q2er/editions/{made['edition_id']}")).json()
    assert (row["schools"], row["replicated_from_id"]) == ([], str(edition.id))
