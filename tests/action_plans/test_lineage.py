"""The chain from a need to the means of an action: whole for the collectivité, and never more than one could open."""

from datetime import UTC, datetime

import pytest

from app.action_plans.actions.models import ActionState
from app.dialogue.needs.models import NeedState
from app.dialogue.working_groups.models import GroupState
from tests import factories
from tests.action_plans.factories import an_action, some_means
from tests.dialogue.factories import a_group, a_need

NOTHING = "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17"
CHAIN = ["need", "working_group", "meeting", "meeting", "meeting", "proposal", "action", "means", "means"]


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 23, 30, tzinfo=UTC)  # the day after, in Paris


@pytest.fixture
async def company(session, territory):
    return await factories.an_actor(session, territory)


@pytest.fixture
async def action(session, territory, company):
    """The tutoring, from the need of an apprentice to the hours given."""
    group = await a_group(session, territory, state=GroupState.CONCLUDED, name="Insertion des jeunes")
    first = await factories.an_event(session, territory, starts_at=at(2013, 1, 14), working_group_id=group.id)
    second = await factories.an_event(
        session, territory, starts_at=at(2013, 3, 11), working_group_id=group.id, published=True
    )
    report_back = await factories.an_event(session, territory, starts_at=at(2013, 6, 19), published=True)
    need = await a_need(session, territory, voiced_by=company, statement="Trouver une entreprise")
    row = await an_action(
        session, territory, state=ActionState.IN_PROGRESS, title="Tutorat", leads=(company,), needs=[need],
        origin_group_id=group.id, proposed_at_event_id=report_back.id,
    )  # fmt: skip
    need.state = NeedState.ADDRESSED
    await session.commit()
    await some_means(session, action=row, label="Salle", real_amount=10)
    await some_means(session, action=row, label="Budget")
    row.chain = {"group": group, "meetings": [first, second, report_back], "need": need}
    return row


async def chain_of(client, action) -> list[dict]:
    answer = await client.get(f"/v1/actions/{action.id}/lineage")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_the_collectivite_walks_the_whole_chain_in_its_order(action, town) -> None:
    links = await chain_of(town, action)
    assert [link["kind"] for link in links] == CHAIN
    assert [link["id"] for link in links if link["kind"] == "meeting"] == [str(e.id) for e in action.chain["meetings"]]
    assert [(link["title"], link["state"], link["on"]) for link in links[:2]] == [
        ("Trouver une entreprise", "addressed", "2014-02-03"), ("Insertion des jeunes", "concluded", "2012-11-15"),
    ]  # fmt: skip
    assert [(link["state"], link["on"]) for link in links if link["kind"] in ("proposal", "action")] == [
        ("proposed", "2013-06-20"), ("in_progress", "2013-09-16"),
    ]  # fmt: skip
    assert {link["title"]: link["state"] for link in links[-2:]} == {"Salle": "real", "Budget": "planned"}
    assert [link["on"] for link in links if link["kind"] == "meeting"] == ["2013-01-15", "2013-03-12", "2013-06-20"]


async def test_it_is_one_statement_however_long_the_chain(session, action, town, statements) -> None:
    for _ in range(2):
        with statements() as seen:
            await chain_of(town, action)
        assert len([statement for statement in seen if "set_config" not in statement]) == 1
        await some_means(session, action=action)


async def test_no_link_is_told_that_could_not_be_opened(session, territory, action, company, client_for) -> None:
    school = await factories.a_school(session, territory)
    other = await an_action(session, territory, leads=(school,), needs=[action.chain["need"]])
    paths = {
        "need": "needs", "working_group": "working-groups", "meeting": "events", "proposal": "actions",
        "action": "actions", "means": "means",
    }  # fmt: skip
    for caller, row, kinds in (
        (factories.a_collectivite(territory), action, CHAIN),
        (
            factories.a_club_member(company),
            action,
            ["need", *CHAIN[3:]],
        ),
        (factories.a_referent(school), other, ["proposal", "action"]),
    ):
        client = client_for(caller)
        links = await chain_of(client, row)
        assert [link["kind"] for link in links] == kinds, caller.role
        for link in links:
            assert (await client.get(f"/v1/{paths[link['kind']]}/{link['id']}")).status_code == 200, link["kind"]


async def test_an_action_out_of_sight_has_no_chain(session, territory, action, client_for) -> None:
    school = await factories.a_school(session, territory)
    abroad = await an_action(session, await factories.a_territory(session))
    for caller in (
        factories.a_referent(school), factories.a_partner(territory),
        factories.an_operator(territory_ids=frozenset({territory.id})),
    ):  # fmt: skip
        for id_ in (action.id, abroad.id, NOTHING):
            assert (await client_for(caller).get(f"/v1/actions/{id_}/lineage")).status_code == 404


@pytest.mark.parametrize(
    ("scope", "kind"),
    [("needs", "need"), ("groups", "working_group"), ("events", "meeting"), ("means", "means")],
)
async def test_a_token_without_the_scope_is_not_told_the_link(territory, action, client_for, scope, kind) -> None:
    scopes = factories.EVERY_SCOPE - {f"{scope}:read"}
    links = await chain_of(client_for(factories.a_collectivite(territory, scopes=scopes)), action)
    assert {link["kind"] for link in links} == {*CHAIN} - {kind}


async def test_a_proposal_that_no_event_made_is_dated_by_its_writing(session, territory, town) -> None:
    action = await an_action(session, territory, created_at=at(2013, 6, 19))
    assert [(link["kind"], link["on"]) for link in await chain_of(town, action)] == [
        ("proposal", "2013-06-20"), ("action", None),
    ]  # fmt: skip
