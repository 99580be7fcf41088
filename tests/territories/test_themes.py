"""`/v1/themes`: the subjects a territory works on."""

from tests import factories


async def test_an_admin_makes_changes_and_deletes_a_theme(session, client_for) -> None:
    territory = await factories.a_territory(session)
    admin = client_for(factories.a_collectivite(territory, admin=True))
    made = await admin.post(
        "/v1/themes", json={"territory_id": str(territory.id), "slug": "handicap", "name": "Handicap", "position": 2}
    )
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    path = made.headers["Location"]
    changed = await admin.patch(path, json={"description": "  Une\r\nligne  "}, headers={"If-Match": '"1"'})
    assert changed.json()["description"] == "Une\nligne"
    assert changed.json()["name"] == "Handicap"
    assert (await admin.delete(path)).status_code == 428
    assert (await admin.delete(path, headers={"If-Match": '"2"'})).status_code == 204
    assert (await admin.get(path)).status_code == 404


async def test_a_theme_someone_works_on_stays(session, client_for) -> None:
    territory = await factories.a_territory(session)
    theme = await factories.a_theme(session, territory)
    await factories.an_actor(session, territory, themes=[theme])
    admin = client_for(factories.a_collectivite(territory, admin=True))
    refused = await admin.delete(f"/v1/themes/{theme.id}", headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/still-referenced")
    assert (await admin.get(f"/v1/themes/{theme.id}")).status_code == 200


async def test_only_admins_of_the_territory_write_its_themes(session, client_for) -> None:
    territory, other = await factories.a_territory(session), await factories.a_territory(session)
    theme = await factories.a_theme(session, territory)
    school = await factories.a_school(session, territory)
    body = {"territory_id": str(territory.id), "slug": "nouveau", "name": "Nouveau"}
    for caller, seen in (
        (factories.a_collectivite(territory), True),
        (factories.a_referent(school), True),
        (factories.a_club_member(school), True),
        (factories.a_partner(territory), True),
        (factories.a_collectivite(other, admin=True), False),
        (factories.an_operator(), False),
    ):
        client = client_for(caller)
        assert (await client.post("/v1/themes", json=body)).status_code == 403, caller.role
        refused = await client.patch(f"/v1/themes/{theme.id}", json={"name": "X"}, headers={"If-Match": '"1"'})
        assert refused.status_code == (403 if seen else 404), caller.role
        assert (await client.get(f"/v1/themes/{theme.id}")).status_code == (200 if seen else 404)
        assert len((await client.get("/v1/themes")).json()["items"]) == seen


async def test_themes_come_in_their_order_and_by_territory(session, client_for) -> None:
    territory, other = await factories.a_territory(session, slug="ici"), await factories.a_territory(session)
    for slug, position in (("troisieme", 3), ("premier", 1), ("deuxieme", 2)):
        await factories.a_theme(session, territory, slug=slug, position=position)
    await factories.a_theme(session, other)
    client = client_for(factories.a_collectivite(territory, other))
    listed = (await client.get("/v1/themes?territory=ici")).json()["items"]
    assert [row["slug"] for row in listed] == ["premier", "deuxieme", "troisieme"]
    unknown = await client.get("/v1/themes?territory=ailleurs")
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "?territory")


async def test_a_theme_cannot_change_territory(session, client_for) -> None:
    territory, other = await factories.a_territory(session), await factories.a_territory(session)
    theme = await factories.a_theme(session, territory)
    refused = await client_for(factories.a_collectivite(territory, other, admin=True)).patch(
        f"/v1/themes/{theme.id}", json={"territory_id": str(other.id)}, headers={"If-Match": '"1"'}
    )
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "extra_forbidden")


async def test_a_territory_that_does_not_exist_is_pointed_at(session, client_for) -> None:
    territory = await factories.a_territory(session)
    theme = await factories.a_theme(session, territory)
    refused = await client_for(factories.a_collectivite(territory, admin=True)).post(
        "/v1/themes", json={"territory_id": str(theme.id), "slug": "x", "name": "X"}
    )
    assert refused.status_code == 422
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("#/territory_id", "unknown_reference")]
