"""The list of an event as a file: exported, ticked in the room, taken back."""

from datetime import timedelta

import pytest

from app.events.models import RegistrationMode
from tests import factories
from tests.events.registrations.factories import a_registration
from tests.spreadsheets import CSV, XLSX, a_csv, an_xlsx, apply, column, lines_of, take_in

IMPORT = "/v1/registrations:import"


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session)


@pytest.fixture
def collectivite(client_for, territory):
    return client_for(factories.a_collectivite(territory))


@pytest.fixture
async def room(session, territory):
    """An event that has begun, and two on its list."""
    event = await factories.an_event(
        session, territory, published=True, starts_in=timedelta(hours=-1), registration_mode=RegistrationMode.INTERNAL
    )
    club = await factories.an_actor(session, territory, name="Club")
    people = [
        await factories.a_person(session, territory, actors=(club,), last_name=name, email=f"{name}@x.example")
        for name in ("Aubin", "Brun", "Colin")
    ]
    rows = [await a_registration(session, event, person=person, actor=club) for person in people[:2]]
    return event, rows, club


@pytest.mark.parametrize("media_type", [CSV, XLSX])
async def test_the_list_comes_back_unchanged(collectivite, room, media_type) -> None:
    event, *_ = room
    exported = await collectivite.get(f"/v1/registrations?event={event.id}", headers={"Accept": media_type})
    told = (await take_in(collectivite, IMPORT, exported.content, media_type)).json()
    assert (told["counts"]["unchanged"], [row["errors"] for row in told["rows"]]) == (2, [[], []]), told


async def test_the_room_is_ticked_with_who_came_unannounced(collectivite, room) -> None:
    event, *_ = room
    lines = lines_of(await collectivite.get(f"/v1/registrations?event={event.id}&format=xlsx"))
    lines[1][column(lines, "Présence")] = "présent"
    lines[2][column(lines, "Présence")] = "excusé"
    walk_in = [None] * len(lines[0])
    walk_in[column(lines, "Identifiant de l’événement")] = str(event.id)
    walk_in[column(lines, "Personne")] = "Camille Colin"
    walk_in[column(lines, "Présence")] = "présent"
    lines.append(walk_in)
    answer = await apply(collectivite, IMPORT, an_xlsx(lines), XLSX)
    assert answer.status_code == 200, answer.text
    assert answer.json()["counts"] == {"create": 1, "update": 2, "unchanged": 0, "conflict": 0, "reject": 0}
    listed = (await collectivite.get(f"/v1/registrations?event={event.id}")).json()["items"]
    assert [(row["attendance"], row["is_walk_in"]) for row in listed] == [
        ("attended", False), ("excused", False), ("attended", True),
    ]  # fmt: skip
    again = await apply(collectivite, IMPORT, an_xlsx(lines), XLSX)
    assert again.json()["counts"]["unchanged"] == 3, again.text


async def test_who_is_invited_or_registered_is_put_on_the_list(collectivite, room) -> None:
    event, *_ = room
    file = a_csv([["identifiant de l'événement", "personne"], [str(event.id), "colin@x.example"]])
    answer = await apply(collectivite, IMPORT, file)
    assert answer.json()["counts"]["create"] == 1, answer.text
    assert (await apply(collectivite, IMPORT, file)).json()["counts"]["unchanged"] == 1


async def test_what_only_verbs_change_and_who_only_hosts_note_is_refused(collectivite, client_for, room) -> None:
    event, rows, club = room
    lines = lines_of(await collectivite.get(f"/v1/registrations?event={event.id}&format=csv"))
    lines[1][column(lines, "Inscription")] = "Annulé"
    lines[2][column(lines, "Présence")] = "présent"
    told = (await take_in(collectivite, IMPORT, a_csv(lines))).json()
    assert [(row["action"], [e["code"] for e in row["errors"]]) for row in told["rows"]] == [
        ("reject", ["frozen_field"]), ("update", []),
    ]  # fmt: skip
    member = client_for(factories.a_club_member(club))
    told = (await take_in(member, IMPORT, a_csv([["id", "présence"], [str(rows[1].id), "présent"]]))).json()
    assert [e["code"] for e in told["rows"][0]["errors"]] == ["hosts_only"]
