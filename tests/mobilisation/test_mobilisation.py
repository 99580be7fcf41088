"""The funnel: what each step counts, of when, told apart by what, and rows behind every figure."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event as listening
from sqlalchemy import select

from app.action_plans.actions.models import ActionState
from app.action_plans.mentorships.models import MentorshipState
from app.actors.models import ActorKind
from app.core import clock
from app.dialogue.working_groups.models import LeadRole
from app.events.models import EventKind
from app.identity.models import AuditEntry
from tests import factories
from tests.action_plans.factories import a_mentorship, an_action, some_means
from tests.dialogue.factories import a_group, a_lead, a_member
from tests.events.asking import codes
from tests.events.registrations.factories import a_registration, an_open_event

PATH = "/v1/actors/mobilisation"
STEPS = ("invited", "registered", "attended", "contributed", "active")
PARIS = ZoneInfo("Europe/Paris")


def at(*day: int, hour: int = 18, zone: ZoneInfo = PARIS) -> datetime:
    return datetime(*day, hour, tzinfo=zone)


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session, municipalities=("94018", "94080"))


@pytest.fixture
def town(territory, client_for):
    return client_for(factories.a_collectivite(territory))


@pytest.fixture
def asked(town):
    """The funnel, with a page of rows behind each of its figures that has as many as the figure says."""

    async def ask(query: str = "") -> dict[str, Any]:
        answer = await town.get(f"{PATH}?{query}")
        assert answer.status_code == 200, answer.text
        told = answer.json()
        for steps in (told["steps"], *(group["steps"] for group in told["groups"])):
            assert tuple(step["step"] for step in steps) == STEPS
            for step in steps:
                for of in ("actors", "people"):
                    rows = await town.get(step[of]["rows"], headers={"Prefer": "count=exact"})
                    assert rows.status_code == 200, rows.text
                    assert rows.json()["count"] == step[of]["count"], step[of]["rows"]
        return told

    return ask


def counts(steps: list[dict[str, Any]], of: str) -> list[int]:
    return [step[of]["count"] for step in steps]


async def test_a_territory_where_nothing_happened_has_no_one_at_any_step(asked) -> None:
    told = await asked()
    assert (counts(told["steps"], "actors"), counts(told["steps"], "people")) == ([0] * 5, [0] * 5)
    assert told["groups"] == []
    assert told["period"]["from"] is told["period"]["to"] is None


async def test_each_step_counts_each_actor_and_each_person_once(session, territory, asked) -> None:
    first = await an_open_event(session, territory, starts_at=at(2013, 3, 5))
    second = await an_open_event(session, territory, starts_at=at(2013, 4, 5))
    a, b, c, d = [await factories.an_actor(session, territory) for _ in range(4)]
    p, q = [await factories.a_person(session, territory, actors=(a,)) for _ in range(2)]
    await a_registration(session, first, actor=a, person=p, attendance="attended")
    await a_registration(session, second, actor=a, person=p, attendance="absent")
    await a_registration(session, first, person=q, status="declined")
    await a_registration(session, first, actor=b, status="invited")
    await a_registration(session, first, actor=c, status="waitlisted", waitlist_place=1)
    await a_registration(session, first, actor=d, is_walk_in=True, attendance="attended")
    told = await asked()
    assert counts(told["steps"], "actors") == [3, 2, 2, 0, 0]
    assert counts(told["steps"], "people") == [2, 1, 1, 0, 0]
    assert [step["actors"]["from_previous"] for step in told["steps"]] == [None, 2, 1, 0, 0]


async def test_one_contributes_by_a_session_a_group_an_action_a_mentorship_or_means(session, territory, asked) -> None:
    actors = [await factories.an_actor(session, territory) for _ in range(9)]
    people = [await factories.a_person(session, territory, actors=(actor,)) for actor in actors]
    meeting = await an_open_event(session, territory, kind=EventKind.WORKING_GROUP_SESSION, starts_at=at(2013, 1, 15))
    await a_registration(session, meeting, actor=actors[0], person=people[0], attendance="attended")
    await a_registration(session, meeting, actor=actors[1], attendance="excused")
    lead = a_lead(LeadRole.FACILITATOR, actors[2], people[2], valid_from=date(2012, 11, 1))
    group = await a_group(session, territory, leads=(lead,))
    await a_member(session, group, people[3], actors[3], valid_until=date(2013, 7, 1))
    action = await an_action(
        session, territory, state=ActionState.IN_PROGRESS, leads=(actors[4],), partners=(actors[5],)
    )
    await an_action(session, territory, state=ActionState.SELECTED, leads=(actors[1],))
    await a_mentorship(session, action, state=MentorshipState.ACTIVE, mentor=people[6], actor=actors[6])
    await a_mentorship(session, action, state=MentorshipState.MATCHED, mentor=people[1], actor=actors[1])
    await some_means(session, action=action, provider=actors[7], real_amount=100)
    await some_means(session, action=action, provider=actors[8])
    told = await asked()
    assert counts(told["steps"], "actors") == [2, 2, 1, 7, 5]
    assert counts(told["steps"], "people") == [1, 1, 1, 4, 2]
    year = await asked("from=2013-02-01&to=2013-08-31")
    assert counts(year["steps"], "actors") == [0, 0, 0, 3, 3]  # lead, member, and undated means


async def test_a_period_has_its_territory_s_days_and_ends_today_for_contributions(session, client_for) -> None:
    island = await factories.a_territory(session, timezone="Indian/Reunion")
    client = client_for(factories.a_collectivite(island))
    zone = ZoneInfo("Indian/Reunion")
    actor = await factories.an_actor(session, island)
    late = await an_open_event(session, island, starts_at=at(2020, 3, 31, hour=23, zone=zone))
    coming = await an_open_event(session, island, starts_in=timedelta(days=40))
    group = await a_group(session, island)
    person = await factories.a_person(session, island, actors=(actor,))
    tomorrow = clock.now().astimezone(zone).date() + timedelta(days=1)
    await a_member(session, group, person, actor, valid_from=tomorrow)
    for event in (late, coming):
        await a_registration(session, event, actor=actor)

    async def invited(query: str) -> int:
        return (await client.get(f"{PATH}?{query}")).json()["steps"][0]["actors"]["count"]

    assert [await invited(q) for q in ("from=2020-03-31&to=2020-03-31", "from=2020-04-01&to=2020-04-01")] == [1, 0]
    assert [await invited(q) for q in (f"from={tomorrow}", f"to={tomorrow}")] == [1, 1]
    told = (await client.get(f"{PATH}?from=2020-03-31&to=2020-03-31")).json()
    assert (told["period"]["from"], told["period"]["to"]) == ("2020-03-31T00:00:00+04:00", "2020-04-01T00:00:00+04:00")
    assert counts((await client.get(PATH)).json()["steps"], "people")[3] == 0  # a member from tomorrow on
    assert counts((await client.get(f"{PATH}?from={tomorrow}")).json()["steps"], "people")[3] == 0


async def test_who_is_still_active_contributed_in_the_last_year_of_the_period(session, territory, asked) -> None:
    actors = [await factories.an_actor(session, territory) for _ in range(2)]
    for actor, day in zip(actors, ((2013, 6, 30), (2013, 7, 1)), strict=True):
        meeting = await an_open_event(
            session, territory, kind=EventKind.WORKING_GROUP_SESSION, starts_at=at(*day, hour=0)
        )
        await a_registration(session, meeting, actor=actor, attendance="attended")
    told = await asked("from=2012-10-01&to=2014-06-30")
    assert told["period"]["active_from"] == "2013-07-01"
    assert counts(told["steps"], "actors") == [2, 2, 2, 2, 1]
    assert counts((await asked("from=2013-06-01&to=2014-06-30"))["steps"], "actors")[4] == 1
    assert counts((await asked("from=2013-06-30&to=2013-07-31"))["steps"], "actors")[4] == 2


async def test_figures_are_told_apart_by_kind_commune_theme_and_year(session, territory, asked) -> None:
    theme, other = [await factories.a_theme(session, territory, slug=s, name=s.upper()) for s in ("emploi", "sport")]
    firm = await factories.an_actor(session, territory, kind=ActorKind.COMPANY, insee_code="94018")
    school = await factories.an_actor(session, territory, kind=ActorKind.SCHOOL)
    person = await factories.a_person(session, territory, actors=(firm,))
    both = await an_open_event(session, territory, starts_at=at(2013, 12, 31, hour=23), themes=[theme, other])
    none = await an_open_event(session, territory, starts_at=at(2014, 1, 1, hour=0))
    await a_registration(session, both, actor=firm, person=person)
    await a_registration(session, none, actor=school)
    await a_registration(session, none, person=person)
    group = await a_group(session, territory, theme_id=theme.id)
    await a_member(session, group, person, school, valid_from=date(2012, 12, 31), valid_until=date(2014, 1, 1))

    async def invited(by: str, query: str = "") -> dict[str | None, tuple[int, int]]:
        groups = (await asked(f"by={by}&{query}"))["groups"]
        return {g["value"]: (counts(g["steps"], "actors")[0], counts(g["steps"], "people")[0]) for g in groups}

    assert await invited("kind") == {"company": (1, 1), "school": (1, 0), None: (0, 1)}
    assert await invited("municipality") == {"94018": (1, 1), None: (1, 1)}
    assert await invited("theme") == {"emploi": (1, 1), "sport": (1, 1), None: (1, 1)}
    assert await invited("theme", "kind=school") == {"emploi": (0, 0), None: (1, 0)}
    assert await invited("year") == {"2012": (0, 0), "2013": (1, 1), "2014": (1, 1)}
    assert await invited("year", "from=2013-06-01&to=2013-12-31") == {"2013": (1, 1)}
    told = await asked("by=year")
    active = {group["value"]: counts(group["steps"], "people")[4] for group in told["groups"]}
    assert active == {"2012": 1, "2013": 1, "2014": 0}
    assert counts(told["steps"], "people")[4] == 0
    assert [group["label"] for group in (await asked("by=theme"))["groups"]] == ["EMPLOI", "SPORT", None]


async def test_figures_are_narrowed_by_what_the_actor_is_and_what_it_was_about(session, territory, asked) -> None:
    theme = await factories.a_theme(session, territory, slug="emploi")
    firm = await factories.an_actor(session, territory, kind=ActorKind.COMPANY, insee_code="94018")
    club = await factories.an_actor(session, territory, kind=ActorKind.BUSINESS_CLUB, insee_code="94080")
    about = await an_open_event(session, territory, themes=[theme])
    plain = await an_open_event(session, territory)
    for event in (about, plain):
        for actor in (firm, club):
            await a_registration(session, event, actor=actor)
    await a_registration(session, about, person=await factories.a_person(session, territory))
    for query, actors, people in (
        ("kind=company", 1, 0), ("kind=company&kind=business_club", 2, 0), ("municipality=94080", 1, 0),
        ("theme=emploi", 2, 1), ("theme=emploi&kind=company", 1, 0), ("theme=none", 0, 0), ("missing=kind", 0, 1),
        ("missing=theme", 2, 0), ("missing=theme&municipality=94018", 1, 0), (f"territory={territory.slug}", 2, 1),
    ):  # fmt: skip
        steps = (await asked(query))["steps"]
        assert (counts(steps, "actors")[0], counts(steps, "people")[0]) == (actors, people), query


async def test_rows_are_listed_by_name_with_how_often_and_when(session, territory, town) -> None:
    names = ("Zola", "Éluard", "Abel")
    actors = [await factories.an_actor(session, territory, name=name) for name in names]
    for month in (3, 5):
        event = await an_open_event(session, territory, starts_at=at(2013, month, 1, hour=0))
        for actor in actors:
            await a_registration(session, event, actor=actor)
    path = f"{PATH}/rows?step=registered&of=actors&limit=2"
    first = (await town.get(path)).json()
    second = (await town.get(f"{path}&cursor={first['next']}")).json()
    rows = first["items"] + second["items"]
    assert [row["actor"]["name"] for row in rows] == ["Abel", "Éluard", "Zola"]
    assert {(row["person"], row["times"], row["first_on"], row["last_on"]) for row in rows} == {
        (None, 2, "2013-03-01", "2013-05-01")
    }
    assert second["next"] is None


async def test_many_rows_are_found_as_few_are(session, territory, town, monkeypatch) -> None:
    from app.mobilisation import service

    event = await an_open_event(session, territory)
    group = await a_group(session, territory)
    for number in range(6):
        actor = await factories.an_actor(session, territory)
        person = await factories.a_person(session, territory, actors=(actor,))
        await a_registration(session, event, actor=actor, person=person)
        if number % 2:
            await a_member(session, group, person, actor)
    answers = []
    for few in (0, 100):
        monkeypatch.setattr(service, "FEW", few)
        paths = [f"{PATH}/rows?step={step}&of={of}&kind=company" for step in STEPS for of in ("actors", "people")]
        answers.append([(await town.get(path)).json()["items"] for path in paths])
    assert answers[0] == answers[1]
    assert [len(items) for items in answers[0]] == [6, 6, 6, 6, 0, 0, 3, 3, 3, 3]


async def test_all_figures_come_from_one_statement(session, territory, town, database) -> None:
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    connection = database.connection.sync_connection
    listening.listen(connection, "before_cursor_execute", note)
    assert (await town.get(f"{PATH}?by=theme")).status_code == 200
    listening.remove(connection, "before_cursor_execute", note)
    assert sum("registrations" in statement for statement in sent) == 1


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("from=2014-01-01&to=2013-12-31", ("?to", "dates_reversed")),
        ("from=demain", ("?from", "date_type")),
        ("by=people", ("?by", "enum")),
        ("territory=ailleurs", ("?territory", "unknown_reference")),
        ("municipality=1", ("?municipality", "string_pattern_mismatch")),
        ("step=attended", ("?step", "unknown_parameter")),
    ],
)
async def test_a_wrong_question_is_pointed_at(town, query: str, fault: tuple[str, str]) -> None:
    refused = await town.get(f"{PATH}?{query}")
    assert refused.status_code == 422
    assert codes(refused) == [fault]


async def test_two_territories_of_other_zones_ask_for_one_to_be_named(session, territory, client_for) -> None:
    island = await factories.a_territory(session, timezone="America/Guadeloupe")
    both = client_for(factories.a_collectivite(territory, island))
    refused = await both.get(f"{PATH}?from=2013-01-01&to=2014-01-01")
    assert codes(refused) == [("?from", "territory_needed"), ("?to", "territory_needed")]
    assert (await both.get(f"{PATH}?from=2013-01-01&territory={island.slug}")).status_code == 200
    for here in (territory, island):
        await factories.a_theme(session, here, slug="emploi", name="Emploi")
        event = await an_open_event(session, here, themes=list(await _themes(session, here)))
        await a_registration(session, event, actor=await factories.an_actor(session, here))
    told = (await both.get(f"{PATH}?by=theme")).json()
    assert [(group["value"], counts(group["steps"], "actors")[0]) for group in told["groups"]] == [("emploi", 2)]


async def _themes(session, territory):
    from app.territories.models import Theme

    return (await session.scalars(select(Theme).where(Theme.territory_id == territory.id))).all()


async def test_who_sees_a_part_of_the_lists_sees_no_figures(session, territory, client_for) -> None:
    event = await an_open_event(session, territory)
    actor = await factories.an_actor(session, territory)
    await a_registration(session, event, actor=actor)
    elsewhere = factories.a_collectivite(await factories.a_territory(session))
    for caller in (
        factories.a_club_member(actor), factories.a_referent(actor), factories.a_partner(territory),
        factories.an_operator(territory_ids=frozenset({territory.id})), elsewhere,
    ):  # fmt: skip
        client = client_for(caller)
        assert counts((await client.get(PATH)).json()["steps"], "actors") == [0] * 5, caller.role
        assert (await client.get(f"{PATH}/rows")).json()["items"] == [], caller.role


async def test_who_reads_names_of_people_is_on_the_audit_trail(session, territory, town) -> None:
    event = await an_open_event(session, territory)
    await a_registration(session, event, person=await factories.a_person(session, territory))
    for of in ("actors", "people"):
        await town.get(f"{PATH}/rows?step=invited&of={of}")
    lines = await session.scalars(select(AuditEntry).where(AuditEntry.action == "list_mobilised"))
    assert [line.detail for line in lines] == ["rows:1"]
