"""`/v1/actors`: what an actor is, who sees it and who changes it."""

from datetime import date

import pytest

from tests import factories

FIRST = {"If-Match": '"1"'}


def body(territory, **fields) -> dict:
    return {"territory_id": str(territory.id), "name": "Ville de Charenton-le-Pont", "kind": "public_body", **fields}


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session, municipalities=("94018",))


@pytest.fixture
def collectivite(client_for, territory):
    return client_for(factories.a_collectivite(territory))


async def test_an_actor_tells_everything_of_itself(session, territory, collectivite) -> None:
    late = await factories.a_theme(session, territory, slug="tard", position=2)
    early = await factories.a_theme(session, territory, slug="tot", position=1)
    made = await collectivite.post(
        "/v1/actors",
        json=body(
            territory, siret="219 400 181 00018", insee_code="94018", theme_ids=[str(late.id), str(early.id)],
            website="HTTPS://www.Charenton.fr", external_ids=[{"source": "b", "id": "2"}, {"source": "a", "id": "1"}],
        ),
    )  # fmt: skip
    assert made.status_code == 201, made.text
    told = made.json()
    assert (made.headers["Location"], made.headers["ETag"]) == (f"/v1/actors/{told['id']}", '"1"')
    expected = {
        "siret": "21940018100018", "siren": "219400181", "website": "https://www.charenton.fr/",
        "municipality": {"insee_code": "94018", "name": "Commune 94018"},
        "themes": [{"id": str(theme.id), "slug": theme.slug, "name": theme.name} for theme in (early, late)],
        "external_ids": [{"source": "a", "id": "1"}, {"source": "b", "id": "2"}],
        "listed": False, "is_demonstration": False, "description": None, "rna": None, "uai": None, "naf": None,
        "headcount_band": None, "street": None, "postal_code": None, "valid_from": None, "valid_until": None,
    }  # fmt: skip
    assert {name: told[name] for name in expected} == expected
    assert (await collectivite.get(made.headers["Location"])).json() == told


async def test_a_change_touches_the_fields_given_and_no_other(session, territory, collectivite) -> None:
    theme = await factories.a_theme(session, territory)
    actor = await factories.an_actor(session, territory, insee_code="94018", naf="62.02A", themes=[theme])
    path = f"/v1/actors/{actor.id}"
    before = (await collectivite.get(path)).json()
    changed = await collectivite.patch(path, json={"naf": None, "headcount_band": "10-19"}, headers=FIRST)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    after = changed.json()
    assert (after["naf"], after["headcount_band"], after["version"]) == (None, "10-19", 2)
    same = before.keys() - {"naf", "headcount_band", "version", "updated_at"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}


async def test_a_change_of_commune_themes_and_names_is_answered_at_once(session, territory, collectivite) -> None:
    await factories.a_municipality(session, "94069", "Saint-Maurice")
    old, new = await factories.a_theme(session, territory), await factories.a_theme(session, territory)
    actor = await factories.an_actor(session, territory, insee_code="94018", themes=[old])
    path = f"/v1/actors/{actor.id}"
    changed = await collectivite.patch(
        path,
        json={"insee_code": "94069", "theme_ids": [str(new.id)], "external_ids": [{"source": "a", "id": "1"}]},
        headers=FIRST,
    )
    assert changed.json()["municipality"] == {"insee_code": "94069", "name": "Saint-Maurice"}
    assert [theme["id"] for theme in changed.json()["themes"]] == [str(new.id)]
    renamed = await collectivite.patch(
        path, json={"external_ids": [{"source": "a", "id": "2"}]}, headers={"If-Match": '"2"'}
    )
    assert (renamed.headers["ETag"], renamed.json()["external_ids"]) == ('"3"', [{"source": "a", "id": "2"}])
    emptied = await collectivite.patch(
        path, json={"insee_code": None, "theme_ids": [], "external_ids": []}, headers={"If-Match": '"3"'}
    )
    told = emptied.json()
    assert (told["municipality"], told["themes"], told["external_ids"]) == (None, [], [])
    assert (await collectivite.get(path)).json() == told


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"siret": "21940018100017"}, "#/siret", "siret"),
        ({"siren": "219400182"}, "#/siren", "siren"),
        ({"siret": "21940018100018", "siren": "732829320"}, "#/siret", "siret_of_other_siren"),
        ({"rna": "94"}, "#/rna", "rna"),
        ({"uai": "0940112M"}, "#/uai", "uai"),
        ({"naf": "codeur"}, "#/naf", "naf"),
        ({"postal_code": "9422"}, "#/postal_code", "string_pattern_mismatch"),
        ({"insee_code": "94999"}, "#/insee_code", "unknown_reference"),
        ({"website": "javascript:alert(1)"}, "#/website", "url_parsing"),
        ({"listed": "yes"}, "#/listed", "bool_type"),
        ({"headcount_band": "beaucoup"}, "#/headcount_band", "enum"),
        ({"valid_from": "2020-01-01", "valid_until": "2020-01-01"}, "#/valid_until", "dates_reversed"),
        ({"valid_from": "0020-01-01"}, "#/valid_from", "year_out_of_range"),
        ({"theme_ids": ["019a0000-0000-7000-8000-000000000000"]}, "#/theme_ids/0", "unknown_reference"),
        ({"external_ids": [{"source": "a", "id": "1"}, {"source": "a", "id": "2"}]}, "#/external_ids", "repeated_item"),
        ({"name": "Deux\nlignes"}, "#/name", "forbidden_character"),
        ({"is_demonstration": True}, "#/is_demonstration", "extra_forbidden"),
    ],
)
async def test_a_wrong_field_is_pointed_at_and_nothing_is_kept(
    territory, collectivite, fields: dict, pointer: str, code: str
) -> None:
    refused = await collectivite.post("/v1/actors", json=body(territory, **fields))
    assert refused.status_code == 422
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]
    assert (await collectivite.get("/v1/actors")).json()["items"] == []


async def test_a_date_given_alone_is_held_against_the_one_kept(session, territory, collectivite) -> None:
    actor = await factories.an_actor(session, territory, valid_from=date(2020, 1, 1))
    refused = await collectivite.patch(f"/v1/actors/{actor.id}", json={"valid_until": "2019-01-01"}, headers=FIRST)
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("#/valid_until", "dates_reversed")]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"siret": "21940018100018"}, "#/siret"),
        ({"rna": "W941000123"}, "#/rna"),
        ({"uai": "0940112L"}, "#/uai"),
        ({"external_ids": [{"source": "annuaire", "id": "1"}]}, "#/external_ids"),
    ],
)
async def test_an_identifier_stands_for_one_actor_of_a_territory(
    session, client_for, territory, fields: dict, pointer: str
) -> None:
    elsewhere = await factories.a_territory(session)
    client = client_for(factories.a_collectivite(territory, elsewhere))
    assert (await client.post("/v1/actors", json=body(territory, **fields))).status_code == 201
    again = await client.post("/v1/actors", json=body(territory, **fields))
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (409, pointer)
    assert (await client.post("/v1/actors", json=body(elsewhere, **fields))).status_code == 201


async def test_a_theme_of_another_territory_is_unknown(session, client_for, territory) -> None:
    elsewhere = await factories.a_territory(session)
    theme = await factories.a_theme(session, elsewhere)
    client = client_for(factories.a_collectivite(territory, elsewhere))
    refused = await client.post("/v1/actors", json=body(territory, theme_ids=[str(theme.id)]))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/theme_ids/0")


async def test_an_actor_nothing_speaks_of_can_go(session, territory, collectivite) -> None:
    actor = await factories.an_actor(session, territory, themes=[await factories.a_theme(session, territory)])
    assert (await collectivite.delete(f"/v1/actors/{actor.id}")).status_code == 428
    assert (await collectivite.delete(f"/v1/actors/{actor.id}", headers={"If-Match": '"2"'})).status_code == 412
    assert (await collectivite.delete(f"/v1/actors/{actor.id}", headers=FIRST)).status_code == 204
    assert (await collectivite.get(f"/v1/actors/{actor.id}")).status_code == 404


async def test_an_actor_of_an_event_stays(session, territory, collectivite) -> None:
    actor = await factories.an_actor(session, territory)
    await factories.an_event(session, territory, organisers=(actor,))
    refused = await collectivite.delete(f"/v1/actors/{actor.id}", headers=FIRST)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/still-referenced")


async def test_each_role_changes_what_is_its_own(session, client_for, territory) -> None:
    other = await factories.a_territory(session)
    school, company = await factories.a_school(session, territory), await factories.an_actor(session, territory)
    for caller, may in (
        (factories.a_collectivite(territory), {school.id: 200, company.id: 200}),
        (factories.a_referent(school), {school.id: 200, company.id: 403}),
        (factories.a_club_member(company), {school.id: 403, company.id: 200}),
        (factories.a_partner(territory), {school.id: 403, company.id: 403}),
        (factories.a_collectivite(other, admin=True), {school.id: 404, company.id: 404}),
        (factories.an_operator(), {school.id: 404, company.id: 404}),
    ):
        client = client_for(caller)
        for actor_id, status in may.items():
            path = f"/v1/actors/{actor_id}"
            read = await client.get(path)
            assert read.status_code == (404 if status == 404 else 200), caller.role
            match = {"If-Match": read.headers.get("ETag", '"1"')}
            changed = await client.patch(path, json={"street": f"Rue {caller.role}"}, headers=match)
            assert changed.status_code == status, (caller.role, changed.text)
            if status != 200:
                assert (await client.delete(path, headers=match)).status_code == status
        seen = len((await client.get("/v1/actors")).json()["items"])
        assert seen == (0 if 404 in may.values() else 2)


async def test_only_the_collectivite_and_partner_systems_add_actors(session, client_for, territory) -> None:
    school = await factories.a_school(session, territory)
    other = await factories.a_territory(session)
    named = {"external_ids": [{"source": "cci", "id": "1"}]}
    for caller, fields, status in (
        (factories.a_collectivite(territory), {}, 201),
        (factories.a_collectivite(other), {}, 403),
        (factories.a_referent(school), {}, 403),
        (factories.a_club_member(school), {}, 403),
        (factories.an_operator(), {}, 403),
        (factories.a_partner(territory, source="cci"), {}, 403),
        (factories.a_partner(territory, source="cci"), named, 201),
        (factories.a_partner(territory, source="autre"), named, 422),
        (factories.a_partner(territory, source=None), named, 422),
    ):
        made = await client_for(caller).post("/v1/actors", json=body(territory, **fields))
        assert made.status_code == status, (caller.role, made.text)


async def test_a_partner_system_keeps_to_the_rows_and_names_of_its_own_source(
    client_for, territory, collectivite
) -> None:
    partner = client_for(factories.a_partner(territory, source="cci"))
    names = [{"source": "cci", "id": "1"}, {"source": "insee", "id": "9"}]
    path = (await collectivite.post("/v1/actors", json=body(territory, external_ids=names))).headers["Location"]
    renamed = await partner.patch(path, json={"external_ids": [{"source": "cci", "id": "2"}]}, headers=FIRST)
    assert renamed.json()["external_ids"] == [{"source": "cci", "id": "2"}, {"source": "insee", "id": "9"}]
    second = {"If-Match": '"2"'}
    stolen = await partner.patch(path, json={"external_ids": [{"source": "insee", "id": "8"}]}, headers=second)
    assert [(e["pointer"], e["code"]) for e in stolen.json()["errors"]] == [
        ("#/external_ids/0/source", "foreign_source")
    ]
    dropped = await partner.patch(path, json={"external_ids": []}, headers=second)
    assert (dropped.status_code, dropped.json()["type"]) == (403, "/problems/not-allowed")
    assert (await partner.get(path)).json()["external_ids"] == renamed.json()["external_ids"]


async def test_no_organisation_removes_itself(session, client_for, territory) -> None:
    actor = await factories.an_actor(session, territory)
    refused = await client_for(factories.a_club_member(actor)).delete(f"/v1/actors/{actor.id}", headers=FIRST)
    assert refused.status_code == 403
