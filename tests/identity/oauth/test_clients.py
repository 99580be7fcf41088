"""`/v1/clients`: applications ask, admins of the territory approve."""

from typing import Any

import pytest

from app.identity import opaque
from app.identity.caller import Role
from app.identity.rights import SCOPES
from tests.factories import a_school, a_territory
from tests.identity.oauth.support import REDIRECT, App, a_machine, an_account_of, an_app, ask, call, signed_in
from tests.identity.oauth.test_bearer import an_api_token

PLACE = "/v1/clients"


def wanted(territory, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Agenda", "territory_id": str(territory.id), "is_confidential": False,
        "grants": ["authorization_code", "refresh_token"], "redirect_uris": [REDIRECT], "scopes": ["events:read"],
        **changes,
    }  # fmt: skip


def machine(territory, **changes: Any) -> dict[str, Any]:
    traits = {"is_confidential": True, "grants": ["client_credentials"], "redirect_uris": [], "source": "cci"}
    return wanted(territory, **traits | changes)


@pytest.fixture
async def territory(session):
    return await a_territory(session)


@pytest.fixture
async def as_of(session, anonymous, territory):
    """Makes headers in the name of an account with a role in the territory."""

    async def headers(account=None, **grant: Any) -> dict[str, str]:
        account = account or await an_account_of(session, territory, **grant)
        _, token = await an_api_token(session, account, scopes=sorted(SCOPES))
        return {"Authorization": f"Bearer {token}"}

    return headers


@pytest.fixture
async def staff(as_of):
    return await as_of()


@pytest.fixture
async def admin(as_of):
    return await as_of(is_admin=True)


async def test_a_client_is_asked_for_then_approved_then_good(session, anonymous, territory, staff, admin):
    made = await anonymous.post(PLACE, json=machine(territory), headers=staff)
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["state"], body["allowed_actions"]) == ("requested", ["delete", "roll-secret", "update"])
    assert opaque.kind_of(body["client_secret"]) is opaque.Kind.CLIENT_SECRET
    auth, form = (body["client_id"], body["client_secret"]), {"grant_type": "client_credentials"}
    assert (await anonymous.post("/oauth/token", data=form, auth=auth)).json()["error"] == "invalid_client"
    place, version = f"{PLACE}/{body['id']}", {"If-Match": made.headers["etag"]}
    refused = await anonymous.post(f"{place}:approve", headers=staff | version)
    assert (refused.status_code, "clients:approve" in refused.headers["www-authenticate"]) == (403, True)
    approved = await anonymous.post(f"{place}:approve", headers=admin | version)
    assert approved.json()["state"] == "approved"
    assert "client_secret" not in approved.json()
    token = (await anonymous.post("/oauth/token", data=form, auth=auth)).json()["access_token"]
    assert (await call(anonymous, token, "/v1/events")).status_code == 200


async def test_the_secret_is_shown_once(anonymous, territory, staff):
    key, body = staff | {"Idempotency-Key": "same"}, machine(territory)
    first, again = [await anonymous.post(PLACE, json=body, headers=key) for _ in range(2)]
    assert again.json() == first.json() | {"client_secret": None}
    read = await anonymous.get(f"{PLACE}/{first.json()['id']}", headers=staff)
    assert "client_secret" not in read.json()


async def test_an_app_on_people_s_devices_has_no_secret(anonymous, territory, staff):
    made = await anonymous.post(PLACE, json=wanted(territory), headers=staff)
    assert made.json()["client_secret"] is None
    roll = f"{PLACE}/{made.json()['id']}:roll-secret"
    assert (await anonymous.post(roll, headers=staff | {"If-Match": '"1"'})).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [{"redirect_uris": []}, {"redirect_uris": ["http://app.example/cb"]}, {"redirect_uris": ["javascript:x"]},
     {"grants": ["password"]}, {"grants": []}, {"grants": ["refresh_token"], "redirect_uris": []},
     {"grants": ["client_credentials"], "redirect_uris": []}, {"scopes": []}, {"scopes": ["nothing:known"]},
     {"is_confidential": "yes"}, {"name": ""}, {"client_id": "mine"}, {"approved_at": "2026-01-01T00:00:00Z"}],
)  # fmt: skip
async def test_settings_that_do_not_go_together_are_refused(anonymous, territory, staff, wrong):
    assert (await anonymous.post(PLACE, json=wanted(territory, **wrong), headers=staff)).status_code == 422


async def test_a_client_is_asked_for_in_one_s_own_territory(session, anonymous, staff):
    elsewhere = await a_territory(session)
    assert (await anonymous.post(PLACE, json=wanted(elsewhere), headers=staff)).status_code == 403


async def test_one_sees_one_s_own_requests_and_an_admin_those_of_the_territory(
    session, anonymous, territory, staff, admin, as_of
):
    colleague, elsewhere = await as_of(), await a_territory(session)
    stranger = await as_of(await an_account_of(session, elsewhere, is_admin=True))
    place = f"{PLACE}/{(await anonymous.post(PLACE, json=wanted(territory), headers=staff)).json()['id']}"
    statuses = [(await anonymous.get(place, headers=who)).status_code for who in (staff, admin, colleague, stranger)]
    assert statuses == [200, 200, 404, 404]
    counts = [len((await anonymous.get(PLACE, headers=who)).json()["items"]) for who in (staff, admin, colleague)]
    assert counts == [1, 1, 0]
    assert (await anonymous.post(f"{place}:approve", headers=stranger | {"If-Match": '"1"'})).status_code == 404


async def test_other_addresses_or_scopes_await_approval_again(session, anonymous, territory, as_of, admin):
    account = await an_account_of(session, territory)
    mine, app = await as_of(account), await an_app(session, territory, requested_by=account.id)
    place, version = f"{PLACE}/{app.row.id}", {"If-Match": f'"{app.row.version}"'}
    named = await anonymous.patch(place, json={"name": "Autre"}, headers=mine | version)
    assert named.json()["state"] == "approved"
    version = {"If-Match": named.headers["etag"]}
    moved = await anonymous.patch(place, json={"redirect_uris": ["https://other.example/cb"]}, headers=mine | version)
    assert moved.json()["state"] == "requested"
    version = {"If-Match": moved.headers["etag"]}
    approved = await anonymous.post(f"{place}:approve", headers=admin | version)
    version = {"If-Match": approved.headers["etag"]}
    changed = await anonymous.patch(place, json={"scopes": ["events:read"]}, headers=admin | version)
    assert changed.json()["state"] == "approved"
    version = {"If-Match": changed.headers["etag"]}
    nowhere = await anonymous.patch(place, json={"redirect_uris": []}, headers=admin | version)
    assert nowhere.json()["errors"][0]["code"] == "redirect_uris_needed"


async def test_a_disabled_client_and_its_tokens_end_and_can_be_let_in_again(session, anonymous, territory, admin):
    app, account = await an_app(session, territory), await an_account_of(session, territory)
    tokens = await signed_in(session, anonymous, app, account)
    place, version = f"{PLACE}/{app.row.id}", {"If-Match": f'"{app.row.version}"'}
    disabled = await anonymous.post(f"{place}:disable", headers=admin | version)
    assert disabled.json()["state"] == "disabled"
    assert (await call(anonymous, tokens["access_token"])).status_code == 401
    version = {"If-Match": disabled.headers["etag"]}
    assert (await anonymous.post(f"{place}:disable", headers=admin | version)).status_code == 409
    assert (await anonymous.post(f"{place}:approve", headers=admin | version)).json()["state"] == "approved"
    assert (await call(anonymous, tokens["access_token"])).status_code == 401
    assert (await signed_in(session, anonymous, app, account))["access_token"]


async def test_a_new_secret_replaces_the_former(session, anonymous, territory, admin):
    app = await a_machine(session, territory)
    place, version = f"{PLACE}/{app.row.id}:roll-secret", {"If-Match": f'"{app.row.version}"'}
    secret = (await anonymous.post(place, headers=admin | version)).json()["client_secret"]
    assert (await ask(anonymous, app, grant_type="client_credentials")).status_code == 401
    assert (await ask(anonymous, App(app.row, secret), grant_type="client_credentials")).status_code == 200


async def test_a_deleted_client_is_gone_with_its_tokens(session, anonymous, territory, admin):
    app, account = await an_app(session, territory), await an_account_of(session, territory)
    tokens = await signed_in(session, anonymous, app, account)
    place, version = f"{PLACE}/{app.row.id}", {"If-Match": f'"{app.row.version}"'}
    assert (await anonymous.delete(place, headers=admin | version)).status_code == 204
    assert (await call(anonymous, tokens["access_token"])).status_code == 401
    assert (await anonymous.get(place, headers=admin)).status_code == 404


async def test_two_systems_cannot_write_under_one_source(anonymous, territory, staff):
    assert (await anonymous.post(PLACE, json=machine(territory), headers=staff)).status_code == 201
    again = await anonymous.post(PLACE, json=machine(territory), headers=staff)
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (409, "#/source")


async def test_everyone_may_ask_and_a_machine_may_not(session, anonymous, territory, as_of):
    school = await a_school(session, territory)
    for role in (Role.REFERENT, Role.CLUB_MEMBER):
        headers = await as_of(role=role, actor_id=school.id)
        assert (await anonymous.post(PLACE, json=wanted(territory), headers=headers)).status_code == 201
    app = await a_machine(session, territory, scopes=["clients:read", "clients:write", "events:read"], source="other")
    token = (await ask(anonymous, app, grant_type="client_credentials")).json()["access_token"]
    assert (await call(anonymous, token, PLACE)).status_code == 403
