"""The communes of a territory, dated; and the nomenclature they come from."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests import factories


async def put(client, territory, *items: dict, version: int = 1):
    return await client.put(
        f"/v1/territories/{territory.id}/municipalities",
        json={"items": list(items)},
        headers={"If-Match": f'"{version}"'},
    )


async def communes(client, territory, query: str = "") -> list[dict]:
    return (await client.get(f"/v1/territories/{territory.id}/municipalities{query}")).json()["items"]


async def test_what_was_put_is_what_is_read(session, client_for) -> None:
    await factories.a_municipality(session, "94018", "Charenton-le-Pont")
    await factories.a_municipality(session, "94069", "Saint-Maurice")
    territory = await factories.a_territory(session)
    admin = client_for(factories.a_collectivite(territory, admin=True))
    said = await put(
        admin,
        territory,
        {"insee_code": "94069"},
        {"insee_code": "94018", "valid_until": "2016-01-01"},
        {"insee_code": "94018", "valid_from": "2020-01-01"},
    )
    assert (said.status_code, said.headers["ETag"]) == (200, '"2"')
    assert await communes(admin, territory) == [
        {"insee_code": "94018", "name": "Charenton-le-Pont", "valid_from": None, "valid_until": "2016-01-01"},
        {"insee_code": "94018", "name": "Charenton-le-Pont", "valid_from": "2020-01-01", "valid_until": None},
        {"insee_code": "94069", "name": "Saint-Maurice", "valid_from": None, "valid_until": None},
    ]
    assert [row["insee_code"] for row in await communes(admin, territory, "?on=2016-01-01")] == ["94069"]
    assert [row["insee_code"] for row in await communes(admin, territory, "?on=2015-12-31")] == ["94018", "94069"]


async def test_a_period_can_be_cut_short_and_another_take_its_place(committed) -> None:
    async with committed.database.session() as session:
        session.info["caller"] = "test"
        territory = await factories.a_territory(session, municipalities=("94018", "94069"))
    async with committed.client(factories.a_collectivite(territory, admin=True)) as admin:
        said = await put(
            admin,
            territory,
            {"insee_code": "94018", "valid_until": "2016-01-01"},
            {"insee_code": "94018", "valid_from": "2016-01-01"},
        )
        assert said.status_code == 200
        assert [(row["insee_code"], row["valid_from"]) for row in await communes(admin, territory)] == [
            ("94018", None),
            ("94018", "2016-01-01"),
        ]


async def test_saying_the_same_again_changes_nothing(session, client_for) -> None:
    territory = await factories.a_territory(session, municipalities=("94018",))
    said = await put(client_for(factories.an_operator()), territory, {"insee_code": "94018"})
    assert (said.status_code, said.headers["ETag"]) == (200, '"1"')


async def test_two_periods_of_one_commune_lie_apart(session, client_for) -> None:
    await factories.a_municipality(session, "94018")
    territory = await factories.a_territory(session)
    refused = await put(
        client_for(factories.an_operator()),
        territory,
        {"insee_code": "94018", "valid_until": "2016-01-02"},
        {"insee_code": "94018", "valid_from": "2016-01-01"},
    )
    assert refused.status_code == 422
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("#/items", "overlapping_periods")]


async def test_the_database_itself_keeps_the_periods_apart(session) -> None:
    territory = await factories.a_territory(session, municipalities=("94018",))
    insert = "INSERT INTO territory_municipalities (territory_id, insee_code, valid_from) VALUES (:id, '94018', :day)"
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    with pytest.raises(DBAPIError, match="overlap"):
        await session.execute(text(insert), {"id": territory.id, "day": None})


async def test_a_code_that_is_no_commune_is_pointed_at(session, client_for) -> None:
    await factories.a_municipality(session, "94018")
    territory = await factories.a_territory(session)
    operator = client_for(factories.an_operator())
    unknown = await put(operator, territory, {"insee_code": "94018"}, {"insee_code": "94999"})
    assert unknown.status_code == 422
    assert [(e["pointer"], e["code"]) for e in unknown.json()["errors"]] == [
        ("#/items/1/insee_code", "unknown_reference")
    ]
    postal = await put(operator, territory, {"insee_code": "9422O"})
    assert [e["pointer"] for e in postal.json()["errors"]] == ["#/items/0/insee_code"]


async def test_a_colleague_reads_the_communes_and_does_not_change_them(session, client_for) -> None:
    territory = await factories.a_territory(session, municipalities=("94018",))
    colleague = client_for(factories.a_collectivite(territory))
    assert (await put(colleague, territory)).status_code == 403
    assert len(await communes(colleague, territory)) == 1


async def test_communes_are_found_by_words_without_accents_and_by_code(session, client_for) -> None:
    for code, name in (("94018", "Charenton-le-Pont"), ("94058", "Le Perreux-sur-Marne"), ("42218", "Saint-Étienne")):
        await factories.a_municipality(session, code, name)
    client = client_for(factories.a_partner(await factories.a_territory(session)))
    for query, codes in (
        ("q=saint etienne", ["42218"]),
        ("q=MARNE perreux", ["94058"]),
        ("q=pont", ["94018"]),
        ("q=%25", []),
        ("insee=94018", ["94018"]),
    ):
        found = (await client.get(f"/v1/municipalities?{query}")).json()["items"]
        assert [row["insee_code"] for row in found if row["insee_code"] in {"94018", "94058", "42218"}] == codes, query
