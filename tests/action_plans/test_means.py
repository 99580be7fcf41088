"""Means: what is given, in exact amounts, and what they add up to unit by unit."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from app.action_plans.means.models import UNITS, MeansKind, MeansUnit
from tests import factories
from tests.action_plans.conftest import codes
from tests.action_plans.factories import a_plan, an_action, some_means

MEANS = "/v1/means"


@pytest.fixture
def body(programme):
    def make(**fields):
        known = {} if "action_id" in fields else {"programme_id": str(programme.id)}
        return {
            "label": "Budget de la DEE",
            "kind": "budget",
            "unit": "EUR",
            "planned_amount": "100",
            **known,
            **fields,
        }

    return make


async def test_means_are_given_to_a_programme_in_exact_amounts(session, territory, programme, town, body) -> None:
    provider = await factories.an_actor(session, territory)
    sent = body(planned_amount="999999999999.99", real_amount="0.10", provider_id=str(provider.id))
    made = await town.post(MEANS, json=sent)
    row = made.json()
    assert (made.status_code, row["territory_id"]) == (201, str(territory.id))
    assert (row["planned_amount"], row["real_amount"]) == ("999999999999.99", "0.10")
    assert (row["programme_id"], row["action_id"], row["provider"]["id"]) == (
        str(programme.id), None, str(provider.id)
    )  # fmt: skip
    assert (await town.get(made.headers["Location"])).json() == row
    changed = await town.patch(made.headers["Location"], json={"provider_id": None}, headers={"If-Match": '"1"'})
    assert (changed.json()["provider"], changed.json()["version"]) == (None, 2)
    assert (await town.delete(made.headers["Location"], headers={"If-Match": '"2"'})).status_code == 204


@pytest.mark.parametrize(("kind", "unit"), list(product(MeansKind, MeansUnit)))
async def test_each_kind_is_counted_in_its_units(town, body, kind, unit) -> None:
    answer = await town.post(MEANS, json=body(kind=kind, unit=unit))
    if unit in UNITS[kind]:
        assert answer.status_code == 201
    else:
        assert (answer.status_code, codes(answer)) == (422, [("#/unit", "unit_of_other_kind")])


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"planned_amount": None}, ("#/planned_amount", "amount_needed")),
        ({"planned_amount": "-1"}, ("#/planned_amount", "greater_than_equal")),
        ({"planned_amount": "0.001"}, ("#/planned_amount", "decimal_max_places")),
        ({"planned_amount": "1000000000000"}, ("#/planned_amount", "decimal_whole_digits")),
        ({"planned_amount": "beaucoup"}, ("#/planned_amount", "decimal_parsing")),
        ({"planned_amount": "NaN"}, ("#/planned_amount", "finite_number")),
        ({"starts_on": "2014-01-01", "ends_on": "2013-12-31"}, ("#/ends_on", "dates_reversed")),
        ({"programme_id": None}, ("#", "one_subject")),
        ({"programme_id": "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17"}, ("#/programme_id", "unknown_reference")),
        ({"action_id": "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17"}, ("#/action_id", "unknown_reference")),
        ({"provider_id": "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17"}, ("#/provider_id", "unknown_reference")),
    ],
)
async def test_means_that_contradict_themselves_are_refused(town, body, fields, fault) -> None:
    answer = await town.post(MEANS, json=body(**fields))
    assert (answer.status_code, codes(answer)) == (422, [fault])


async def test_means_are_for_one_thing_of_their_territory(
    session, territory, town, body, programme, client_for
) -> None:
    abroad = await factories.a_territory(session)
    action = await an_action(session, territory)
    both = await town.post(MEANS, json={**body(), "action_id": str(action.id)})
    assert codes(both) == [("#", "one_subject")]
    stranger = await factories.an_actor(session, abroad)
    of_both = client_for(factories.a_collectivite(territory, abroad))
    answer = await of_both.post(MEANS, json=body(provider_id=str(stranger.id)))
    assert codes(answer) == [("#/provider_id", "unknown_reference")]


async def test_totals_never_add_different_units(session, territory, programme, town) -> None:
    plan = await a_plan(session, territory, programme=programme)
    action = await an_action(session, territory, plan=plan)
    staff = {"kind": MeansKind.STAFF}
    for traits in (
        {"programme": programme, "planned_amount": Decimal("0.10"), "real_amount": Decimal("0.20")},
        {"action": action, "planned_amount": Decimal("0.20")},
        {"programme": programme, **staff, "unit": MeansUnit.FTE, "planned_amount": Decimal("1.50")},
        {"programme": programme, **staff, "unit": MeansUnit.HOUR, "planned_amount": None, "real_amount": Decimal(40)},
        {"programme": await factories.a_programme(session, territory), "planned_amount": Decimal(7)},
    ):
        await some_means(session, **traits)
    totals = (await town.get(f"{MEANS}/totals?within_programme={programme.id}")).json()["items"]
    assert totals == [
        {"kind": "budget", "unit": "EUR", "count": 2, "planned_amount": "0.30", "real_amount": "0.20",
         "without_real": 1},
        {"kind": "staff", "unit": "FTE", "count": 1, "planned_amount": "1.50", "real_amount": None, "without_real": 1},
        {"kind": "staff", "unit": "hour", "count": 1, "planned_amount": None, "real_amount": "40.00",
         "without_real": 0},
    ]  # fmt: skip
    assert (await town.get(f"{MEANS}/totals?action={action.id}")).json()["items"][0]["planned_amount"] == "0.20"
    assert (await town.get(f"{MEANS}/totals?kind=time")).json() == {"items": []}


async def test_an_organisation_sees_what_it_gives_and_what_its_actions_get(
    session, territory, programme, client_for
) -> None:
    company, other = [await factories.an_actor(session, territory) for _ in range(2)]
    led = await an_action(session, territory, leads=(company,))
    published = await an_action(session, territory, leads=(other,), published=True)
    abroad = await factories.a_programme(session, await factories.a_territory(session))
    rows = {
        "given": await some_means(session, programme=programme, provider=company),
        "led": await some_means(session, action=led),
        "published": await some_means(session, action=published),
        "programme": await some_means(session, programme=programme),
        "elsewhere": await some_means(session, programme=abroad),
    }
    seen = {
        factories.a_collectivite(territory): {*rows} - {"elsewhere"},
        factories.a_club_member(company): {"given", "led"},
        factories.a_referent(other): {"published"},
        factories.a_partner(territory): set(),
        factories.an_operator(territory_ids=frozenset({territory.id})): set(),
    }
    for caller, expected in seen.items():
        client = client_for(caller)
        listed = {row["id"] for row in (await client.get(MEANS)).json()["items"]}
        assert {name for name, row in rows.items() if str(row.id) in listed} == expected, caller.role
        counted = sum(row["count"] for row in (await client.get(f"{MEANS}/totals")).json()["items"])
        assert counted == len(expected)
        for name, row in rows.items():
            read = await client.get(f"{MEANS}/{row.id}")
            assert read.status_code == (200 if name in expected else 404)
            if name in expected and caller.role != "collectivite":
                assert (await client.delete(f"{MEANS}/{row.id}", headers={"If-Match": "*"})).status_code == 403


async def test_the_list_is_narrowed(session, territory, programme, town) -> None:
    provider = await factories.an_actor(session, territory)
    action = await an_action(session, territory)
    one = await some_means(
        session, programme=programme, label="Élan", provider=provider, starts_on=None, ends_on=None
    )  # fmt: skip
    two = await some_means(session, action=action, label="Heures", kind=MeansKind.TIME, unit=MeansUnit.HOUR)
    for query, expected in (
        ("", [one, two]),
        (f"programme={programme.id}", [one]),
        (f"action={action.id}", [two]),
        (f"provider={provider.id}", [one]),
        ("kind=time", [two]),
        ("unit=EUR&unit=FTE", [one]),
        ("q=elan", [one]),
        ("from=2013-01-01&to=2013-12-31", [one, two]),
        (f"territory={territory.slug}", [one, two]),
    ):
        found = (await town.get(f"{MEANS}?{query}")).json()["items"]
        assert [row["id"] for row in found] == [str(row.id) for row in expected], query


async def test_a_period_is_met_where_the_means_are_for_some_of_it(session, programme, town) -> None:
    await some_means(session, programme=programme, starts_on=date(2013, 1, 1), ends_on=date(2013, 12, 31))
    for query, count in (
        ("from=2013-12-31", 1), ("from=2014-01-01", 0), ("to=2013-01-01", 1), ("to=2012-12-31", 0),
    ):  # fmt: skip
        assert len((await town.get(f"{MEANS}?{query}")).json()["items"]) == count, query


async def test_an_action_with_means_or_mentorships_stays(session, territory, town) -> None:
    action = await an_action(session, territory)
    await some_means(session, action=action)
    answer = await town.delete(f"/v1/actions/{action.id}", headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/still-referenced")
