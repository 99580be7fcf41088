"""Inviting, granting, taking back: who may, whom they see, and what ends at once."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from app.identity import rights
from app.identity.access import caller_of
from app.identity.caller import Caller, Role
from app.identity.models import Account, AuditEntry, Grant
from tests.factories import a_collectivite, a_referent, a_school, a_territory, an_actor, an_operator
from tests.identity.people import an_account, enrolled, grant, sign_in

SCOPES = frozenset(rights.SCOPES)


def admin_of(*territories) -> Caller:
    return a_collectivite(*territories, admin=True, scopes=SCOPES)


def body(role="collectivite", territory=None, actor=None, email=None, **traits):
    place = {"territory_id": str(territory.id)} if territory else {}
    place |= {"actor_id": str(actor.id)} if actor else {}
    return {
        "email": email or f"n{uuid4().hex}@example.org", "display_name": "Dominique Petit",
        "grant": {"role": role, **place, **traits},
    }  # fmt: skip


async def test_an_admin_invites_people_to_every_role_of_the_territory(session, client_for, capsys):
    territory = await a_territory(session)
    school, club = await a_school(session, territory), await an_actor(session, territory)
    admin = client_for(admin_of(territory))
    for role, actor in (("collectivite", None), ("referent", school), ("club_member", club)):
        answer = await admin.post("/v1/accounts", json=body(role, territory, actor))
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["state"], made["grants"][0]["role"], made["has_second_factor"]) == ("invited", role, False)
        assert "http://test/invitation?link=" in capsys.readouterr().err
        assert (await admin.get(answer.headers["location"])).json() == made
    listed = (await admin.get("/v1/accounts")).json()["items"]
    assert {item["grants"][0]["role"] for item in listed} == {"collectivite", "referent", "club_member"}


@pytest.mark.parametrize(
    ("role", "is_admin", "own", "by_admin", "by_operator"),
    [
        ("collectivite", False, True, 201, 403), ("collectivite", True, True, 201, 201),
        ("collectivite", False, False, 403, 403), ("collectivite", True, False, 403, 201),
        ("operator", False, None, 403, 201),
    ],
)  # fmt: skip
async def test_who_gives_which_role(session, client_for, role, is_admin, own, by_admin, by_operator):
    here, there = await a_territory(session), await a_territory(session)
    territory = {True: here, False: there, None: None}[own]
    sent = body(role, territory, is_admin=is_admin)
    assert (await client_for(admin_of(here)).post("/v1/accounts", json=sent)).status_code == by_admin
    sent = body(role, territory, is_admin=is_admin)
    assert (await client_for(an_operator(scopes=SCOPES)).post("/v1/accounts", json=sent)).status_code == by_operator


@pytest.mark.parametrize("of", ["staff", "referent", "without_scope", "nobody"])
async def test_nobody_else_sees_accounts(session, client_for, anonymous, of):
    territory = await a_territory(session)
    account = await an_account(session)
    await grant(session, account, Role.COLLECTIVITE, territory)
    callers = {
        "staff": a_collectivite(territory, scopes=SCOPES),
        "referent": a_referent(await a_school(session, territory), scopes=SCOPES),
        "without_scope": a_collectivite(territory, admin=True, scopes=frozenset({"events:read"})),
    }
    client = client_for(callers[of]) if of in callers else anonymous
    listed = await client.get("/v1/accounts")
    read = await client.get(f"/v1/accounts/{account.id}")
    if of in ("staff", "referent"):
        assert listed.json()["items"] == []
        assert read.status_code == 404
    else:
        assert listed.status_code == read.status_code == (403 if of == "without_scope" else 401)


async def test_an_account_shared_by_two_territories_shows_each_admin_only_their_own_roles(session, client_for):
    here, there = await a_territory(session), await a_territory(session)
    account = await an_account(session)
    for territory in (here, there):
        await grant(session, account, Role.COLLECTIVITE, territory)
    admin = client_for(admin_of(here))
    seen = await admin.get(f"/v1/accounts/{account.id}")
    assert [held["territory_id"] for held in seen.json()["grants"]] == [str(here.id)]
    headers = {"If-Match": seen.headers["etag"]}
    for verb in ("disable", "forget-second-factor"):
        refused = await admin.post(f"/v1/accounts/{account.id}:{verb}", headers=headers)
        assert refused.status_code == 403
    other = await session.scalar(select(Grant).where(Grant.territory_id == there.id))
    path = f"/v1/accounts/{account.id}/grants/{other.id}:revoke"
    assert (await admin.post(path, headers=headers)).status_code == 404


async def test_an_account_of_elsewhere_is_nowhere(session, client_for):
    here, there = await a_territory(session), await a_territory(session)
    account = await an_account(session)
    held = await grant(session, account, Role.COLLECTIVITE, there)
    admin, path = client_for(admin_of(here)), f"/v1/accounts/{account.id}"
    role = {"role": "collectivite", "territory_id": str(here.id)}
    answers = [
        await admin.get(path),
        *[await admin.post(f"{path}:{verb}", headers={"If-Match": "*"}) for verb in ("disable", "enable", "invite")],
        await admin.post(f"{path}/grants", json=role),
        await admin.post(f"{path}/grants/{held.id}:revoke", headers={"If-Match": "*"}),
    ]
    assert {answer.status_code for answer in answers} == {404}


async def test_a_role_taken_back_counts_at_once_and_stays_in_sight(session, client_for):
    territory = await a_territory(session)
    account = await an_account(session)
    held = await grant(session, account, Role.COLLECTIVITE, territory)
    assert await caller_of(session, account_id=account.id, scopes=SCOPES)
    admin = client_for(admin_of(territory))
    seen = await admin.get(f"/v1/accounts/{account.id}")
    path, headers = f"/v1/accounts/{account.id}/grants/{held.id}:revoke", {"If-Match": seen.headers["etag"]}
    assert (await admin.post(path)).status_code == 428
    answer = await admin.post(path, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["etag"] != seen.headers["etag"]
    assert answer.json()["grants"][0]["revoked_at"]
    assert await caller_of(session, account_id=account.id, scopes=SCOPES) is None
    assert (await admin.post(path, headers=headers)).status_code == 412
    assert (await admin.post(path, headers={"If-Match": answer.headers["etag"]})).status_code == 409


async def test_disabling_ends_sessions_and_enabling_lets_in_again(session, client_for, anonymous):
    territory = await a_territory(session)
    account = await an_account(session)
    await grant(session, account, Role.COLLECTIVITE, territory)
    await sign_in(anonymous, account)
    admin, path = client_for(admin_of(territory)), f"/v1/accounts/{account.id}"
    ended = await admin.post(f"{path}:disable", headers={"If-Match": "*"})
    assert (ended.status_code, ended.json()["state"]) == (200, "disabled")
    assert (await anonymous.get("/account")).status_code == 303
    assert "enable" in ended.json()["allowed_actions"]
    back = await admin.post(f"{path}:enable", headers={"If-Match": ended.headers["etag"]})
    assert back.json()["state"] == "active"
    assert (await anonymous.get("/account")).status_code == 303
    await sign_in(anonymous, account)


async def test_a_lost_device_is_forgotten_by_an_admin(session, client_for):
    territory = await a_territory(session)
    account = await an_account(session)
    await grant(session, account, Role.COLLECTIVITE, territory)
    await enrolled(session, account)
    admin = client_for(admin_of(territory))
    assert (await admin.get(f"/v1/accounts/{account.id}")).json()["has_second_factor"]
    answer = await admin.post(f"/v1/accounts/{account.id}:forget-second-factor", headers={"If-Match": "*"})
    assert not answer.json()["has_second_factor"]


async def test_an_admin_shuts_not_themselves_out(session, client_for):
    territory = await a_territory(session)
    account = await an_account(session)
    held = await grant(session, account, Role.COLLECTIVITE, territory, is_admin=True)
    me = client_for(a_collectivite(territory, admin=True, scopes=SCOPES, id=f"account:{account.id}"))
    path = f"/v1/accounts/{account.id}"
    for action in (":disable", f"/grants/{held.id}:revoke", ":forget-second-factor"):
        assert (await me.post(path + action, headers={"If-Match": "*"})).status_code == 403


@pytest.mark.parametrize(
    ("make", "pointer"),
    [
        (lambda t, s, a, o: {"role": "referent", "territory_id": t.id}, "#/actor_id"),
        (lambda t, s, a, o: {"role": "referent", "territory_id": t.id, "actor_id": a.id}, "#/actor_id"),
        (lambda t, s, a, o: {"role": "referent", "territory_id": t.id, "actor_id": o.id}, "#/actor_id"),
        (lambda t, s, a, o: {"role": "club_member", "territory_id": t.id, "actor_id": uuid4()}, "#/actor_id"),
        (lambda t, s, a, o: {"role": "collectivite", "territory_id": t.id, "actor_id": a.id}, "#/actor_id"),
        (lambda t, s, a, o: {"role": "referent", "territory_id": t.id, "actor_id": s.id, "is_admin": True},
         "#/is_admin"),
        (lambda t, s, a, o: {"role": "collectivite", "territory_id": t.id, "valid_from": "2026-02-01",
                             "valid_until": "2026-02-01"}, "#/valid_until"),
    ],
)  # fmt: skip
async def test_a_role_stands_on_what_it_must(session, client_for, make, pointer):
    territory, elsewhere = await a_territory(session), await a_territory(session)
    school, actor = await a_school(session, territory), await an_actor(session, territory)
    made = make(territory, school, actor, await a_school(session, elsewhere))
    sent = {name: value if isinstance(value, bool) else str(value) for name, value in made.items()}
    answer = await client_for(admin_of(territory)).post("/v1/accounts", json=body() | {"grant": sent})
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert await session.scalar(select(Account).where(Account.display_name == "Dominique Petit")) is None


async def test_one_who_has_an_account_gets_the_role_with_it_unless_they_have_another(session, client_for, capsys):
    here, there = await a_territory(session), await a_territory(session)
    account = await an_account(session)
    await grant(session, account, Role.COLLECTIVITE, there)
    admin = client_for(admin_of(here))
    answer = await admin.post("/v1/accounts", json=body("collectivite", here, email=account.email.upper()))
    assert (answer.status_code, answer.json()["id"]) == (201, str(account.id))
    assert len(answer.json()["grants"]) == 1
    assert "--- mail" not in capsys.readouterr().err
    again = await admin.post("/v1/accounts", json=body("collectivite", here, email=account.email))
    school = await a_school(session, here)
    other = await admin.post("/v1/accounts", json=body("referent", here, school, email=account.email))
    assert (again.status_code, other.status_code) == (409, 409)
    assert other.json()["errors"][0]["code"] == "one_role"


async def test_no_answer_tells_a_secret(session, client_for):
    territory = await a_territory(session)
    account = await an_account(session)
    await grant(session, account, Role.COLLECTIVITE, territory)
    shown = (await client_for(admin_of(territory)).get(f"/v1/accounts/{account.id}")).text
    assert "argon2" not in shown
    assert "hash" not in shown
    assert "secret" not in shown


async def test_everyone_reads_their_own_rights(session, client_for, anonymous):
    territory = await a_territory(session, name="Val de Marne Est")
    school = await a_school(session, territory, name="Lycée Robert Schuman")
    me = (await client_for(a_referent(school, scopes=frozenset({"events:read", "events:write"}))).get("/v1/me")).json()
    assert (me["role"], me["scopes"], me["is_admin"]) == ("referent", ["events:read", "events:write"], False)
    assert me["schools"] == [{"id": str(school.id), "name": "Lycée Robert Schuman"}]
    assert [place["name"] for place in me["territories"]] == ["Val de Marne Est"]
    assert "read_me" in me["operations"]
    assert "list_accounts" not in me["operations"]
    assert (await anonymous.get("/v1/me")).status_code == 401


async def test_a_refusal_leaves_a_line_and_the_change_none(session, client_for):
    here, there = await a_territory(session), await a_territory(session)
    account = await an_account(session)
    await grant(session, account, Role.COLLECTIVITE, here, is_admin=True)
    caller = a_collectivite(here, admin=True, scopes=SCOPES, id=f"account:{account.id}")
    await client_for(caller).post("/v1/accounts", json=body("collectivite", there))
    line = await session.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
    assert (line.action, line.outcome, line.detail) == ("invite_account", "denied", "out_of_sight")
    assert (line.caller, line.territory_id) == (caller.id, here.id)
    weak = a_collectivite(here, scopes=frozenset({"events:read"}), id=f"account:{account.id}")
    await client_for(weak).get("/v1/accounts")
    line = await session.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
    assert (line.action, line.detail) == ("list_accounts", "accounts:read")
