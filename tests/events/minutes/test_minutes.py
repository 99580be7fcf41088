"""Minutes are written, closed once, and amended from then on; a closed meeting stands in the database too."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.journal import JournalEntry
from app.events.models import Audience, EventStatus
from tests import factories
from tests.events.asking import codes
from tests.events.registrations.factories import a_registration, an_open_event, some_minutes

HOUR = timedelta(hours=1)
NOBODY = "019a0000-0000-7000-8000-000000000000"


@pytest.fixture
async def begun(session, territory):
    return await an_open_event(session, territory, starts_in=-HOUR)


@pytest.fixture
def write(town):
    """Sends a PATCH or a verb for minutes as they were last answered."""

    async def send(minutes, verb=None, client=None, **fields):
        client, headers = client or town, {"If-Match": f'"{minutes["version"]}"'}
        url = f"/v1/minutes/{minutes['id']}"
        if verb is None:
            return await client.patch(url, json=fields, headers=headers)
        return await client.post(f"{url}:{verb}", json=fields or None, headers=headers)

    return send


@pytest.fixture
def begin(town):
    """Begins the minutes of an event, and gives them as they are answered."""

    async def send(event, **fields):
        made = await town.post("/v1/minutes", json={"event_id": str(event.id), **fields})
        assert made.status_code == 201, made.text
        return made.json()

    return send


async def attendance(town, event) -> list[tuple[str, str]]:
    items = (await town.get(f"/v1/registrations?event={event.id}")).json()["items"]
    return [(row["attendance"], row["noted_attendance"]) for row in items]


async def test_minutes_are_begun_written_closed_and_amended(session, territory, begun, town, begin, write) -> None:
    minutes = await begin(begun, agenda="1. Bilan\n2. Suites")
    assert (minutes["state"], minutes["text"], minutes["amendments"]) == ("open", None, [])
    assert set(minutes["allowed_actions"]) == {"edit", "delete"}  # not closed while empty
    minutes = (await write(minutes, text="Le groupe a **retenu** deux pistes.")).json()
    assert set(minutes["allowed_actions"]) == {"edit", "delete", "close"}
    minutes = (await write(minutes, "close")).json()
    assert (minutes["state"], minutes["allowed_actions"]) == ("closed", ["amend"])
    assert minutes["closed_at"]
    assert minutes["closed_by"].startswith("account:")
    for number in (1, 2):
        answer = await write(minutes, "amend", text=f"Rectification {number}.")
        assert answer.status_code == 200, answer.text
        minutes = answer.json()
    told = [(a["number"], a["text"], a["author"], a["corrections"]) for a in minutes["amendments"]]
    assert told == [(n, f"Rectification {n}.", minutes["closed_by"], []) for n in (1, 2)]
    read = await town.get(f"/v1/minutes/{minutes['id']}")
    assert (read.json(), read.headers["ETag"]) == (minutes, '"5"')
    listed = (await town.get(f"/v1/minutes?state=closed&event={begun.id}&territory={territory.slug}")).json()
    assert listed["items"] == [minutes]
    assert (await town.get("/v1/minutes?state=open")).json()["items"] == []
    lines = select(JournalEntry).where(JournalEntry.resource == "minutes").order_by(JournalEntry.seq)
    said = [(line.action, line.version) for line in await session.scalars(lines)]
    assert said == [("insert", 1), *(("update", n) for n in range(2, 6))]


async def test_an_amendment_puts_attendance_right_beside_what_was_noted(
    session, territory, begun, town, begin, write
) -> None:
    actors = [await factories.an_actor(session, territory) for _ in range(4)]
    absent = await a_registration(session, begun, actor=actors[0], attendance="absent")
    came = await a_registration(session, begun, actor=actors[1], attendance="attended")
    minutes = (await write(await begin(begun, text="Dit."), "close")).json()
    items = [
        {"registration_id": str(absent.id), "attendance": "attended"},
        {"registration_id": str(came.id), "attendance": "excused"},
    ]
    walk_ins = [{"actor_id": str(actors[2].id)}]
    minutes = (await write(minutes, "amend", text="Étaient là.", items=items, walk_ins=walk_ins)).json()
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # as a commit would
    assert await attendance(town, begun) == [("attended", "absent"), ("excused", "attended"), ("attended", "unknown")]
    walk_in = (await town.get(f"/v1/registrations?event={begun.id}&actor={actors[2].id}")).json()["items"][0]
    corrections = minutes["amendments"][0]["corrections"]
    assert sorted((c["registration_id"], c["attendance_before"], c["attendance"]) for c in corrections) == sorted(
        [(str(absent.id), "absent", "attended"), (str(came.id), "attended", "excused"),
         (walk_in["id"], "unknown", "attended")]
    )  # fmt: skip
    assert (walk_in["is_walk_in"], walk_in["version"]) == (True, 1)
    again = [{"registration_id": str(absent.id), "attendance": "absent"}]
    minutes = (await write(minutes, "amend", text="Finalement non.", items=again)).json()
    assert minutes["amendments"][1]["corrections"] == [
        {"registration_id": str(absent.id), "attendance_before": "attended", "attendance": "absent"}
    ]
    assert (await attendance(town, begun))[0] == ("absent", "absent")
    counts = (await town.get(f"/v1/events/{begun.id}/registration-counts")).json()
    assert (counts["attended"], counts["excused"], counts["absent"], counts["walk_ins"]) == (1, 1, 1, 1)


async def test_what_the_state_does_not_lead_to_is_refused_with_the_reason(
    session, territory, event, begun, begin, write, town
) -> None:
    early = await begin(event, text="Avant.")
    off = await an_open_event(session, territory, starts_in=-HOUR, status=EventStatus.CANCELLED)
    empty = await begin(begun)
    for minutes, verb, body, reason in (
        (early, "close", {}, "l’événement n’a pas commencé"),
        (await begin(off, text="Rien."), "close", {}, "l’événement est annulé ou reporté"),
        (empty, "close", {}, "le compte rendu est vide"),
        (empty, "amend", {"text": "Trop tôt"}, "le compte rendu n’est pas clos"),
    ):
        refused = await write(minutes, verb, **body)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/illegal-transition")
        assert reason in refused.json()["detail"]
    closed = (await write((await write(empty, text="Dit.")).json(), "close")).json()
    for refused in (
        await write(closed, text="Réécrit."),
        await write(closed, "close"),
        await town.delete(f"/v1/minutes/{closed['id']}", headers={"If-Match": "*"}),
    ):
        assert refused.status_code == 409
        assert "seul un avenant" in refused.json()["detail"]
    assert (await town.delete(f"/v1/minutes/{early['id']}", headers={"If-Match": "*"})).status_code == 204


async def test_a_wrong_field_is_pointed_at(session, territory, begun, company, town, begin, write) -> None:
    refused = await town.post("/v1/minutes", json={"event_id": NOBODY})
    assert (refused.status_code, codes(refused)) == (422, [("#/event_id", "unknown_reference")])
    minutes = await begin(begun, text="Dit.")
    again = await town.post("/v1/minutes", json={"event_id": str(begun.id)})
    assert (again.status_code, codes(again)) == (409, [("#/event_id", "already_exists")])
    closed = (await write(minutes, "close")).json()
    assert codes(await write(closed, "amend", items=[])) == [("#/text", "missing")]
    elsewhere = await a_registration(session, await an_open_event(session, territory), actor=company)
    items = [{"registration_id": str(elsewhere.id), "attendance": "attended"}]
    refused = await write(closed, "amend", text="Non.", items=items)
    assert (refused.status_code, codes(refused)) == (422, [("#/items/0/registration_id", "unknown_reference")])
    assert (await town.get(f"/v1/minutes/{closed['id']}")).json()["amendments"] == []


async def test_an_event_with_minutes_is_not_deleted_nor_put_off_once_they_are_closed(
    session, begun, town, begin, write, change
) -> None:
    minutes = await begin(begun, text="Dit.")
    assert (await town.delete(f"/v1/events/{begun.id}", headers={"If-Match": "*"})).status_code == 409
    await write(minutes, "close")
    shown = (await town.get(f"/v1/events/{begun.id}")).json()
    dates = {
        name: (clock.now() + n * HOUR).replace(microsecond=0).isoformat()
        for n, name in ((24, "starts_at"), (25, "ends_at"))
    }
    refused = await change(shown, "reschedule", **dates)
    assert (refused.status_code, codes(refused)) == (422, [("#/starts_at", "attendance_was_noted")])


ADD = """INSERT INTO registrations (id, territory_id, event_id, actor_id, status, is_walk_in, noted_attendance,
    corrected_attendance, is_demonstration, created_at, updated_at, version)
    SELECT gen_random_uuid(), territory_id, :event, id, 'registered', true, 'unknown', 'attended', false, now(), now(),
    1 FROM actors WHERE id = :actor"""
CORRECT = "UPDATE registrations SET corrected_attendance = 'attended'"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE registrations SET noted_attendance = 'attended'", "registrations_closed_check"),
        ("UPDATE registrations SET status = 'cancelled', noted_attendance = 'unknown', attendance_noted_at = null",
         "registrations_closed_check"),
        ("DELETE FROM registrations", "registrations_closed_check"),
        (CORRECT, "registrations_closed_check"),
        (ADD, "registrations_closed_check"),
        (ADD.replace("'attended'", "null"), "registrations_closed_check"),
        ("UPDATE minutes SET text = 'Autre'", "minutes_closed_check"),
        ("UPDATE minutes SET closed_at = null, closed_by = null", "minutes_closed_check"),
        ("DELETE FROM minutes", "minutes_closed_check"),
        ("UPDATE minutes_amendments SET text = 'Autre'", "permission denied"),
        ("DELETE FROM minutes_amendments", "permission denied"),
        ("DELETE FROM attendance_corrections", "permission denied"),
    ],
)  # fmt: skip
async def test_a_closed_meeting_stands_in_the_database_whoever_asks(
    session, territory, begun, statement, constraint
) -> None:
    actor = await factories.an_actor(session, territory)
    await a_registration(session, begun, actor=await factories.an_actor(session, territory), attendance="absent")
    await some_minutes(session, begun, closed=True)
    params = {"event": begun.id, "actor": actor.id} if statement.startswith("INSERT") else {}
    with pytest.raises(DBAPIError, match=constraint):
        async with session.begin_nested():
            await session.execute(text(statement), params)


async def test_the_database_lets_open_minutes_have_no_amendment_and_none_close_before_the_event(
    session, territory, event, begun
) -> None:
    minutes = await some_minutes(session, begun)
    amend = """INSERT INTO minutes_amendments (id, minutes_id, number, text, author, made_at)
        VALUES (gen_random_uuid(), :id, 1, 'Non', 'test', now())"""
    early = await some_minutes(session, event)
    close = "UPDATE minutes SET closed_at = now(), closed_by = 'test' WHERE id = :id"
    for statement, one, constraint in (
        (amend, minutes, "minutes_amendments_closed_check"),
        (close, early, "minutes_begun_check"),
    ):
        with pytest.raises(DBAPIError, match=constraint):
            async with session.begin_nested():
                await session.execute(text(statement), {"id": one.id})


async def test_those_who_took_part_read_them_and_the_text_once_closed(
    session, territory, company, client_for, begin, write
) -> None:
    traits = {"starts_in": -HOUR, "audience": Audience.INTERNAL}
    listed = await an_open_event(session, territory, **traits)
    await a_registration(session, listed, actor=company)
    organised = await an_open_event(session, territory, organisers=(company,), **traits)
    draft = await an_open_event(session, territory, published=False, organisers=(company,), **traits)
    sent = await an_open_event(session, territory, sources=("partner-system",), **traits)
    public = await an_open_event(session, territory, starts_in=-HOUR)
    found = {
        name: await begin(event, text="Dit.")
        for name, event in (
            ("listed", listed), ("organised", organised), ("draft", draft), ("sent", sent), ("public", public),
        )
    }  # fmt: skip
    sight = {
        "club": (factories.a_club_member(company), {"listed", "organised"}),
        "referent": (factories.a_referent(company), {"listed", "organised"}),
        "partner": (factories.a_partner(territory), {"sent"}),
        "operator": (factories.an_operator(territory_ids=frozenset({territory.id})), set()),
    }
    for role, (caller, seen) in sight.items():
        client = client_for(caller)
        rows = {row["id"]: row for row in (await client.get("/v1/minutes")).json()["items"]}
        assert {name for name, minutes in found.items() if minutes["id"] in rows} == seen, role
        for name, minutes in found.items():
            answer = await client.get(f"/v1/minutes/{minutes['id']}")
            assert answer.status_code == (200 if name in seen else 404), (role, name)
            if name in seen:
                assert (answer.json()["text"], answer.json()["allowed_actions"]) == (None, [])
                assert (await write(minutes, client=client, agenda="Non")).status_code == 403
    club = client_for(sight["club"][0])
    await write(found["listed"], "close")
    assert (await club.get(f"/v1/minutes/{found['listed']['id']}")).json()["text"] == "Dit."
