"""The list of actors: filters, pages, and cursors that serve one caller and one question."""

from datetime import date
from urllib.parse import quote

import pytest

from app.actors.models import ActorExternalId, ActorKind
from tests import factories


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session, slug="ici", municipalities=("94018", "94069"))


@pytest.fixture
def client(client_for, territory):
    return client_for(factories.a_collectivite(territory))


async def names(client, query: str = "") -> list[str]:
    answer = await client.get(f"/v1/actors?{query}")
    assert answer.status_code == 200, answer.text
    return [actor["name"] for actor in answer.json()["items"]]


async def test_actors_come_by_name_whatever_their_accents_and_case(session, territory, client) -> None:
    for name in ("zèbre", "Écluse", "echo", "Ébène"):
        await factories.an_actor(session, territory, name=name)
    assert await names(client) == ["Ébène", "echo", "Écluse", "zèbre"]


async def test_each_filter_narrows_the_list(session, territory, client) -> None:
    theme = await factories.a_theme(session, territory, slug="handicap")
    await factories.an_actor(
        session, territory, name="Mairie", kind=ActorKind.PUBLIC_BODY, insee_code="94018", siret="21940018100018",
        siren="219400181", listed=False, themes=[theme], valid_until=date(2016, 1, 1),
    )  # fmt: skip
    school = await factories.a_school(session, territory, name="Lycée", insee_code="94069", valid_from=date(2016, 1, 1))
    school.external_ids = [ActorExternalId(territory_id=territory.id, source="onde", id="7")]
    await session.commit()
    for query, expected in (
        ("kind=public_body", ["Mairie"]),
        ("kind=public_body&kind=school", ["Lycée", "Mairie"]),
        ("theme=handicap", ["Mairie"]),
        ("theme=inconnu", []),
        ("municipality=94069", ["Lycée"]),
        ("listed=false", ["Mairie"]),
        ("listed=true", ["Lycée"]),
        ("siret=219+400+181+00018", ["Mairie"]),
        ("source=onde", ["Lycée"]),
        ("source=onde&external_id=7", ["Lycée"]),
        ("source=onde&external_id=8", []),
        ("q=LYCEE", ["Lycée"]),
        ("q=lyc ai", []),
        ("q=ai m", ["Mairie"]),
        ("q=%25", []),
        ("q=_", []),
        ("q=%5C", []),
        ("on=2015-12-31", ["Mairie"]),
        ("on=2016-01-01", ["Lycée"]),
        ("territory=ici", ["Lycée", "Mairie"]),
        ("updated_since=2999-01-01T00:00:00Z", []),
        ("updated_since=2020-01-01T00:00:00+02:00", ["Lycée", "Mairie"]),
    ):
        assert await names(client, query) == expected, query


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("kidn=school", "?kidn", "unknown_parameter"),
        ("q=a&q=b", "?q", "repeated_parameter"),
        ("kind=empire", "?kind", "enum"),
        ("on=demain", "?on", "date_type"),
        ("on=0000-00-00", "?on", "date_from_datetime_parsing"),
        ("on=9999-12-31", "?on", "year_out_of_range"),
        ("updated_since=2020-01-01", "?updated_since", "datetime_type"),
        ("updated_since=2020-01-01T00:00", "?updated_since", "timezone_aware"),
        ("territory=ailleurs", "?territory", "unknown_reference"),
        ("municipality=9401", "?municipality", "string_pattern_mismatch"),
        ("siret=1", "?siret", "siret"),
        ("limit=0", "?limit", "greater_than_equal"),
        ("limit=100000000000000000000", "?limit", "less_than_equal"),
        ("cursor=n'importe quoi", "?cursor", "foreign_cursor"),
    ],
)
async def test_a_wrong_parameter_is_pointed_at(client, query: str, pointer: str, code: str) -> None:
    refused = await client.get(f"/v1/actors?{query}")
    assert refused.status_code == 422
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in refused.json()["errors"]]


async def test_pages_give_each_actor_once(session, territory, client) -> None:
    for number in (3, 1, 2, 2, 2):
        await factories.an_actor(session, territory, name=f"Acteur {number}")
    seen: list[str] = []
    query = "/v1/actors?limit=2"
    while query:
        answer = (await client.get(query)).json()
        seen += [actor["id"] for actor in answer["items"]]
        query = answer["next"] and f"/v1/actors?limit=2&cursor={answer['next']}"
    assert len(seen) == len(set(seen)) == 5
    assert seen == [actor["id"] for actor in (await client.get("/v1/actors")).json()["items"]]


async def test_the_next_page_is_linked_and_the_count_is_given_when_asked(session, territory, client) -> None:
    for _ in range(3):
        await factories.an_actor(session, territory)
    answer = await client.get("/v1/actors?limit=2&listed=true", headers={"Prefer": "count=exact"})
    assert answer.json()["count"] == 3
    following = await client.get(answer.links["next"]["url"])
    assert (len(following.json()["items"]), following.json()["next"], following.json()["count"]) == (1, None, None)


async def test_a_cursor_serves_one_caller_and_one_question(session, territory, client, client_for) -> None:
    for _ in range(3):
        await factories.an_actor(session, territory)
    cursor = quote((await client.get("/v1/actors?limit=1&listed=true")).json()["next"])
    assert (await client.get(f"/v1/actors?limit=2&listed=true&cursor={cursor}")).status_code == 200
    colleague = client_for(factories.a_collectivite(territory))
    for refused in (
        await client.get(f"/v1/actors?limit=1&listed=false&cursor={cursor}"),
        await client.get(f"/v1/actors?limit=1&cursor={cursor}"),
        await client.get(f"/v1/themes?cursor={cursor}"),
        await colleague.get(f"/v1/actors?limit=1&listed=true&cursor={cursor}"),
        await client.get(f"/v1/actors?limit=1&listed=true&cursor={cursor[:-1]}"),
    ):
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "foreign_cursor")
