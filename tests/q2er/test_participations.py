"""Participations through the API: a school enters its classes and pupils, others their own."""

from datetime import timedelta

import pytest

from app.q2er.editions.models import EditionState
from tests import factories
from tests.q2er.factories import a_class, a_pupil, a_sequence, an_edition
from tests.q2er.sessions import THIS_YEAR, a_session

PATH = "/v1/q2er/participations"
ANY = {"If-Match": "*"}


@pytest.fixture
async def edition(session, territory, school):
    return await an_edition(session, territory, schools=(school,), school_year=THIS_YEAR)


@pytest.fixture
async def held(session, edition):
    return await a_session(session, await a_sequence(session, edition))


def faults(answer) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


async def test_a_school_enters_its_pupils_who_are_counted_in_the_class_they_were_in(session, referent, school, held):
    here = await a_class(session, school, school_year=THIS_YEAR, name="2NDE 4")
    pupil = await a_pupil(session, school, class_name="2nde 4")
    made = await referent.post(PATH, json={"event_id": str(held.id), "pupil_id": str(pupil.id)})
    assert made.status_code == 201, made.text
    assert made.json()["of_class_id"] == str(here.id)
    assert made.json()["sequence_id"] == str(held.sequence_id)
    noted = {"attendance": "attended", "feedback_score": 4}
    changed = await referent.patch(made.headers["Location"], json=noted, headers=ANY)
    assert (changed.status_code, changed.json()["attendance"]) == (200, "attended"), changed.text
    words = await referent.patch(made.headers["Location"], json={"feedback_words": "Timide"}, headers=ANY)
    assert faults(words) == [("#/feedback_words", "no_words_of_pupils")]
    again = await referent.post(PATH, json={"event_id": str(held.id), "pupil_id": str(pupil.id)})
    assert (again.status_code, faults(again)) == (409, [("#/pupil_id", "takes_part_already")])
    whole = (await referent.get(f"/v1/q2er/pupils/{pupil.id}:export")).json()["held"]
    assert [row["attendance"] for row in whole["participations"]] == ["attended"]


async def test_each_sees_and_enters_only_what_is_theirs(session, client_for, territory, school, referent, held):
    company, other = [await factories.an_actor(session, territory) for _ in range(2)]
    collectivite = client_for(factories.a_collectivite(territory))
    club = client_for(factories.a_club_member(company))
    pupil, school_class = await a_pupil(session, school), await a_class(session, school, school_year=THIS_YEAR)

    async def enter(client, **who) -> int:
        body = {"event_id": str(held.id), **{name: str(row.id) for name, row in who.items()}}
        return (await client.post(PATH, json=body)).status_code

    assert await enter(collectivite, actor_id=other) == 201
    assert await enter(collectivite, class_id=school_class) == 403
    assert await enter(collectivite, pupil_id=pupil) == 422
    assert await enter(club, actor_id=company) == 201
    assert await enter(club, actor_id=other) == 403
    assert await enter(club, pupil_id=pupil) == 422
    assert await enter(referent, class_id=school_class) == 201
    assert await enter(referent, pupil_id=pupil) == 201
    assert await enter(referent, actor_id=company) == 403
    seen = {}
    for name, client in (("collectivite", collectivite), ("club", club), ("referent", referent)):
        rows = (await client.get(PATH)).json()["items"]
        seen[name] = sorted(k for row in rows for k in ("actor_id", "class_id", "pupil_id") if row[k])
    assert seen == {
        "collectivite": ["actor_id", "actor_id", "class_id"],
        "club": ["actor_id"],
        "referent": ["actor_id", "actor_id", "class_id", "pupil_id"],
    }
    assert (await client_for(factories.a_partner(territory)).get(PATH)).json()["items"] == []


async def test_what_cannot_be_entered_is_told_by_its_place(session, referent, territory, school, edition, held):
    school_class = await a_class(session, school, school_year=THIS_YEAR)
    plain = await factories.an_event(session, territory, published=True)
    coming = await a_session(session, await a_sequence(session, edition, position=2), starts_in=timedelta(minutes=5))
    who = {"class_id": str(school_class.id)}
    neighbour = await factories.a_school(session, territory)
    stranger = await a_pupil(session, neighbour)
    for body, expected in (
        ({"event_id": str(plain.id), **who}, (422, [("#/event_id", "not_a_session")])),
        ({"event_id": str(held.id)}, (422, [("#", "one_participant")])),
        ({"event_id": str(held.id), **who, "actor_id": str(school.id)}, (422, [("#", "one_participant")])),
        ({"event_id": str(held.id), "pupil_id": str(stranger.id)}, (422, [("#/pupil_id", "unknown_reference")])),
        ({"event_id": str(held.id), "actor_id": str(school.id), "pupils_present": 3},
         (422, [("#/pupils_present", "of_class_only")])),
        ({"event_id": str(coming.id), **who, "attendance": "attended"}, (409, [("#/attendance", "event_not_begun")])),
    ):  # fmt: skip
        answer = await referent.post(PATH, json=body)
        assert (answer.status_code, faults(answer)) == expected
    made = await referent.post(PATH, json={"event_id": str(held.id), **who})
    edition.state = EditionState.CLOSED
    await session.commit()
    for answer in (
        await referent.post(PATH, json={"event_id": str(coming.id), **who}),
        await referent.patch(made.headers["Location"], json={"attendance": "absent"}, headers=ANY),
        await referent.delete(made.headers["Location"], headers=ANY),
    ):
        assert (answer.status_code, faults(answer)) == (409, [("#/event_id", "edition_is_closed")])


async def test_a_school_enters_a_whole_class_and_leaves_who_is_on_the_list_as_they_are(session, referent, school, held):
    of = await a_class(session, school, school_year=THIS_YEAR, name="2nde 4")
    here = [await a_pupil(session, school, class_name="2NDE 4") for _ in range(3)]
    await a_pupil(session, school, class_name="2nde 5")
    await a_pupil(session, school, class_name="2nde 4", school_year="2015-2016")
    absent = {"event_id": str(held.id), "pupil_id": str(here[0].id), "attendance": "absent"}
    assert (await referent.post(PATH, json=absent)).status_code == 201
    body = {"event_id": str(held.id), "class_id": str(of.id), "attendance": "attended"}
    for told in ({"entered": 2, "already": 1}, {"entered": 0, "already": 3}):
        answer = await referent.post(f"{PATH}:enter-class", json=body)
        assert (answer.status_code, answer.json()) == (200, told), answer.text
    rows = (await referent.get(PATH)).json()["items"]
    assert sorted(row["attendance"] for row in rows) == ["absent", "attended", "attended"]
    assert {row["of_class_id"] for row in rows} == {str(of.id)}
