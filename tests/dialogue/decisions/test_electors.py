"""Who votes: chosen one by one, or taken from a group, an event or the actors, and frozen when the vote opens."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.dialogue.decisions.models import DecisionState, Secrecy
from app.events.registrations.models import Attendance
from app.identity.models import AuditEntry
from tests import factories
from tests.dialogue.factories import a_group, a_member
from tests.events.asking import codes
from tests.events.registrations.factories import a_registration, an_open_event

NOBODY = "019a0000-0000-7000-8000-000000000000"


@pytest.fixture
def electors(town, act):
    """Chooses electors, and gives who they are: a person's identifier or None, and an actor's."""

    async def choose(draft, voices, **source):
        answer = await act(draft, "choose-electors", voices=voices, source=source)
        assert answer.status_code == 200, answer.text
        draft |= answer.json()
        items = (await town.get(f"/v1/decisions/{draft['id']}/electors?limit=200")).json()["items"]
        assert (draft["electors"], draft["voices"]) == (len(items), voices)
        return {(one["person"] and one["person"]["id"], one["actor"] and one["actor"]["id"]) for one in items}

    return choose


@pytest.fixture
async def draft(town, body):
    return (await town.post("/v1/decisions", json=body())).json()


async def test_they_are_chosen_one_by_one(session, territory, draft, electors, company, other) -> None:
    person = await factories.a_person(session, territory, actors=(company,))
    chosen = [{"person_id": str(person.id), "actor_id": str(company.id)}]
    assert await electors(draft, "people", kind="chosen", electors=chosen) == {(str(person.id), str(company.id))}
    chosen = [{"actor_id": str(actor.id)} for actor in (company, other)]
    assert await electors(draft, "actors", kind="chosen", electors=chosen) == {
        (None, str(company.id)), (None, str(other.id)),
    }  # fmt: skip


async def test_a_working_group_gives_its_members_of_today_or_their_organisations(
    session, territory, draft, electors, company, other
) -> None:
    today = date.today()  # noqa: DTZ011
    one, two, gone, new = [await factories.a_person(session, territory, actors=(company,)) for _ in range(4)]
    group = await a_group(session, territory)
    await a_member(session, group, one, company)
    await a_member(session, group, two, other, valid_from=today, valid_until=today + timedelta(days=9))
    await a_member(session, group, gone, other, valid_until=today - timedelta(days=9))
    await a_member(session, group, new, other, valid_from=today + timedelta(days=9))
    source = {"kind": "working_group", "working_group_id": str(group.id)}
    assert await electors(draft, "people", **source) == {
        (str(one.id), str(company.id)), (str(two.id), str(other.id)),
    }  # fmt: skip
    assert await electors(draft, "actors", **source) == {(None, str(company.id)), (None, str(other.id))}


async def test_an_event_gives_those_registered_or_those_who_came(
    session, territory, draft, electors, company, other
) -> None:
    event = await an_open_event(session, territory, starts_in=timedelta(hours=-1))
    came, alone, absent, left = [await factories.a_person(session, territory, actors=(company,)) for _ in range(4)]
    await a_registration(session, event, person=came, actor=company, attendance=Attendance.ATTENDED)
    await a_registration(session, event, person=alone, attendance=Attendance.ATTENDED)
    await a_registration(session, event, person=absent, actor=company, attendance=Attendance.ABSENT)
    await a_registration(session, event, person=left, actor=company, status="cancelled")
    await a_registration(session, event, actor=other, attendance=Attendance.ATTENDED)
    source = {"kind": "event", "event_id": str(event.id)}
    assert await electors(draft, "people", **source, presence="attended") == {
        (str(came.id), str(company.id)), (str(alone.id), None),
    }  # fmt: skip
    assert await electors(draft, "people", **source, presence="registered") == {
        (str(came.id), str(company.id)), (str(alone.id), None), (str(absent.id), str(company.id)),
    }  # fmt: skip
    assert await electors(draft, "actors", **source, presence="attended") == {
        (None, str(company.id)), (None, str(other.id)),
    }  # fmt: skip


async def test_actors_are_taken_by_kind_and_theme_among_those_that_exist_today(
    session, territory, draft, electors, company, school
) -> None:
    theme = await factories.a_theme(session, territory)
    themed = await factories.an_actor(session, territory, themes=[theme])
    association = await factories.an_actor(session, territory, kind="association", themes=[theme])
    await factories.an_actor(session, territory, valid_until=date(2015, 12, 31))
    elsewhere = await factories.a_territory(session)
    await factories.an_actor(session, elsewhere)

    async def taken(**narrowed):
        return {actor for _, actor in await electors(draft, "actors", kind="actors", **narrowed)}

    assert await taken() == {str(actor.id) for actor in (company, school, themed, association)}
    assert await taken(kinds=["company", "school"]) == {str(actor.id) for actor in (company, school, themed)}
    assert await taken(kinds=["company"], theme_ids=[str(theme.id)]) == {str(themed.id)}


@pytest.mark.parametrize(
    ("voices", "source", "at", "code"),
    [
        ("people", {"kind": "actors"}, "#/voices", "actors_have_voices"),
        ("people", {"kind": "chosen", "electors": []}, "#/source/electors", "too_short"),
        ("people", {"kind": "chosen", "electors": [{}]}, "#/source/electors/0", "someone"),
        ("people", {"kind": "chosen", "electors": [{"actor_id": NOBODY}]}, "#/source/electors/0/person_id",
         "voices_mixed"),
        ("actors", {"kind": "chosen", "electors": [{"person_id": NOBODY}]}, "#/source/electors/0/person_id",
         "voices_mixed"),
        ("actors", {"kind": "chosen", "electors": [{"actor_id": NOBODY}]}, "#/source/electors/0/actor_id",
         "unknown_reference"),
        ("people", {"kind": "chosen", "electors": [{"person_id": NOBODY}]}, "#/source/electors/0/person_id",
         "unknown_reference"),
        ("actors", {"kind": "chosen", "electors": [{"actor_id": NOBODY}, {"actor_id": NOBODY}]}, "#/source/electors",
         "repeated_item"),
        ("people", {"kind": "working_group", "working_group_id": NOBODY}, "#/source/working_group_id",
         "unknown_reference"),
        ("people", {"kind": "event", "event_id": NOBODY, "presence": "attended"}, "#/source/event_id",
         "unknown_reference"),
        ("actors", {"kind": "actors", "theme_ids": [NOBODY]}, "#/source/theme_ids/0", "unknown_reference"),
        ("actors", {"kind": "actors", "kinds": ["other"]}, "#/source", "nobody_there"),
        ("actors", {"kind": "everyone"}, "#/source", "union_tag_invalid"),
    ],
)  # fmt: skip
async def test_who_cannot_vote_is_refused_where_the_fault_lies(act, draft, voices, source, at, code) -> None:
    refused = await act(draft, "choose-electors", voices=voices, source=source)
    assert (refused.status_code, codes(refused)) == (422, [(at, code)])


async def test_nobody_of_another_territory_votes_though_the_caller_works_there_too(
    session, territory, draft, client_for
) -> None:
    abroad = await factories.a_territory(session)
    actor = await factories.an_actor(session, abroad)
    person = await factories.a_person(session, abroad, actors=(actor,))
    theme = await factories.a_theme(session, abroad)
    event = await factories.an_event(session, abroad)
    group = await a_group(session, abroad)
    both = client_for(factories.a_collectivite(territory, abroad))
    for voices, source, at in (
        ("people", {"kind": "chosen", "electors": [{"person_id": str(person.id)}]}, "electors/0/person_id"),
        ("actors", {"kind": "chosen", "electors": [{"actor_id": str(actor.id)}]}, "electors/0/actor_id"),
        ("people", {"kind": "working_group", "working_group_id": str(group.id)}, "working_group_id"),
        ("people", {"kind": "event", "event_id": str(event.id), "presence": "attended"}, "event_id"),
        ("actors", {"kind": "actors", "theme_ids": [str(theme.id)]}, "theme_ids/0"),
    ):
        url, headers = f"/v1/decisions/{draft['id']}/electors", {"If-Match": '"1"'}
        refused = await both.put(url, json={"voices": voices, "source": source}, headers=headers)
        assert (refused.status_code, codes(refused)) == (422, [(f"#/source/{at}", "unknown_reference")])


async def test_electors_are_seen_whole_by_the_collectivite_and_each_by_their_own(
    session, territory, decided, company, other, town, club, referent
) -> None:
    one = await factories.a_person(session, territory, actors=(company,), last_name="Roussel")
    two = await factories.a_person(session, territory, actors=(other,))
    row = await decided((one, company), (two, other), state=DecisionState.OPEN)
    url = f"/v1/decisions/{row.id}/electors"
    assert len((await town.get(url)).json()["items"]) == 2
    own = (await club.get(url)).json()["items"]
    assert [(elector["person"]["last_name"], elector["actor"]["name"]) for elector in own] == [
        ("Roussel", "Atelier du Pont"),
    ]  # fmt: skip
    assert (await referent.get(url)).json()["items"] == []
    lines = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "list_electors"))).all()
    assert {(line.resource_id, line.detail) for line in lines} == {(row.id, "rows:2"), (row.id, "rows:1")}


async def test_a_secret_vote_opens_only_when_an_account_can_vote_for_each(
    session, territory, decided, company, shown, act
) -> None:
    alone = await factories.a_person(session, territory, actors=(company,))
    told = await shown(await decided((alone, None)))
    assert "open" not in told["allowed_actions"]
    refused = await act(told, "open")
    assert refused.status_code == 409
    assert "aucun compte ne peut voter pour elle" in refused.json()["detail"]
    told = (await act(told, secrecy="open")).json()
    assert (await act(told, "open")).status_code == 200


async def test_many_electors_are_taken_in_few_statements(session, territory, draft, electors, database) -> None:
    from sqlalchemy import event as listening

    for _ in range(150):
        await factories.an_actor(session, territory)
    sent = []

    def count(_c, _cursor, statement, _p, _ctx, _many) -> None:
        sent.append(statement)

    engine = database.connection.sync_connection
    listening.listen(engine, "before_cursor_execute", count)
    assert len(await electors(draft, "actors", kind="actors")) == 150
    listening.remove(engine, "before_cursor_execute", count)
    assert len(sent) < 30


async def test_electors_of_an_open_vote_are_those_it_was_opened_with(session, decided, company, other, act, shown):
    told = await shown(await decided(company, state=DecisionState.OPEN, secrecy=Secrecy.OPEN))
    refused = await act(told, "choose-electors", voices="actors", source={"kind": "actors"})
    assert refused.status_code == 409
    assert (await shown(type("Row", (), {"id": told["id"]})))["electors"] == 1
