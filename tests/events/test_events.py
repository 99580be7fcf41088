"""Events are made, read, changed and deleted."""

from datetime import date

import pytest

from app.core.publication import Tombstone
from tests import factories
from tests.events.asking import codes

IMAGE = {
    "url": "https://www.example.fr/salle.jpg", "alt": "Une salle pleine", "credit": "Ville de Charenton",
    "licence": "CC BY 4.0", "rights_until": None,
}  # fmt: skip


async def test_a_new_event_is_a_draft_read_back_as_it_was_sent(session, territory, town, body) -> None:
    theme = await factories.a_theme(session, territory)
    club, school = await factories.an_actor(session, territory), await factories.a_school(session, territory)
    sent = body(
        summary="Une ligne.", description="Du **Markdown**.\nSur deux lignes.", timezone="Europe/Paris",
        insee_code="94018", attendance_mode="mixed", online_url="https://visio.example.fr/", audience="partners",
        place={"name": "Espace Toffoli", "address": "12 rue du Cadran", "latitude": 48.82, "longitude": 2.41,
               "acceslibre_id": "abc"},
        keywords=["emploi", "stage"], accessibility=["wheelchair", "hearing_loop"], image=IMAGE,
        registration={"mode": "internal", "capacity": 10, "has_waitlist": True, "url": None},
        organiser_ids=[str(club.id), str(school.id)], partner_ids=[str(school.id)], theme_ids=[str(theme.id)],
        external_ids=[{"source": "agenda-ville", "id": "42"}],
    )  # fmt: skip
    answer = await town.post("/v1/events", json=sent)
    assert answer.status_code == 201
    event = answer.json()
    assert answer.headers["Location"] == f"/v1/events/{event['id']}"
    read = await town.get(answer.headers["Location"])
    assert read.json() == event
    assert read.headers["ETag"] == answer.headers["ETag"] == '"1"'
    plain = sent.keys() - {"insee_code", "organiser_ids", "partner_ids", "theme_ids"}
    assert {name: event[name] for name in plain} == {name: sent[name] for name in plain}
    assert event["municipality"] == {"insee_code": "94018", "name": "Commune 94018"}
    assert [(a["name"], a["kind"]) for a in event["organisers"]] == [(club.name, "company"), (school.name, "school")]
    assert [a["id"] for a in event["partners"]] == [str(school.id)]
    assert event["themes"] == [{"id": str(theme.id), "slug": theme.slug, "name": theme.name}]
    assert (event["publication"], event["status"], event["sequence"]) == ("draft", "scheduled", 0)
    assert event["availability"] == "open"
    assert event["change_notice"] is None


async def test_a_minimal_event_has_every_field(made) -> None:
    event = await made(published=False)
    assert {name for name, value in event.items() if value is None} == {
        "summary", "description", "starts_on", "ends_on", "municipality", "place", "online_url", "image", "status_note",
        "change_notice", "submitted_at", "publish_at", "published_at", "withdrawn_at", "seats_left",
        "working_group_id", "sequence_id",
    }  # fmt: skip
    assert event["registration"] == {"mode": "none", "url": None, "capacity": None, "has_waitlist": False}
    assert event["timezone"] == "Europe/Paris"
    assert event["starts_at"] == "2027-03-12T18:30:00+01:00"


async def test_an_event_has_the_zone_of_its_territory_unless_told(session, client_for) -> None:
    island = await factories.a_territory(session, timezone="Indian/Reunion")
    client = client_for(factories.a_collectivite(island))
    sent = {"territory_id": str(island.id), "kind": "other", "title": "Fête", "starts_on": "2027-01-01"}
    event = (await client.post("/v1/events", json={**sent, "ends_on": "2027-01-02"})).json()
    assert (event["timezone"], event["is_all_day"]) == ("Indian/Reunion", True)
    assert (event["starts_at"], event["ends_at"]) == ("2027-01-01T00:00:00+04:00", "2027-01-03T00:00:00+04:00")
    assert (event["starts_on"], event["ends_on"]) == ("2027-01-01", "2027-01-02")


async def test_whole_days_keep_their_dates_when_the_zone_changes(made, change) -> None:
    event = await made(published=False, starts_on="2027-03-28", ends_on="2027-03-28")
    assert event["ends_at"] == "2027-03-29T00:00:00+02:00"
    moved = (await change(event, timezone="America/Guadeloupe")).json()
    assert (moved["starts_on"], moved["ends_on"]) == ("2027-03-28", "2027-03-28")
    assert moved["starts_at"] == "2027-03-28T00:00:00-04:00"
    back = (await change(moved, timezone=None)).json()
    assert (back["timezone"], back["starts_at"]) == ("Europe/Paris", event["starts_at"])


async def test_absent_fields_stay_and_null_empties(made, change) -> None:
    place = {"name": "Espace Toffoli", "address": "12 rue du Cadran"}
    event = await made(published=False, summary="Une ligne.", place=place, image=IMAGE, keywords=["emploi"])
    same = await change(event)
    assert (same.status_code, same.json()["version"]) == (200, 1)
    event = (await change(event, title="Autre titre", place={"name": "Mairie"}, image={"alt": "Autre"})).json()
    assert event["summary"] == "Une ligne."
    assert event["place"]["name"] == "Mairie"
    assert event["place"]["address"] == "12 rue du Cadran"
    assert event["image"] == {**IMAGE, "alt": "Autre"}
    event = (await change(event, summary=None, place={"address": None}, image=None, keywords=[])).json()
    assert (event["summary"], event["image"], event["keywords"], event["title"]) == (None, None, [], "Autre titre")
    assert event["place"] == {
        "name": "Mairie", "address": None, "latitude": None, "longitude": None, "acceslibre_id": None,
    }  # fmt: skip
    event = (await change(event, place=None)).json()
    assert event["place"] is None


@pytest.mark.parametrize(
    "name",
    ["kind", "title", "attendance_mode", "keywords", "accessibility", "audience", "registration", "organiser_ids"],
)
async def test_null_is_refused_where_something_must_stand(made, change, name: str) -> None:
    event = await made(published=False)
    answer = await change(event, **{name: None})
    assert answer.status_code == 422
    assert codes(answer)[0][0] == f"#/{name}"


@pytest.mark.parametrize(
    "name", ["territory_id", "status", "publication", "publish_at", "sequence", "is_demonstration"]
)
async def test_what_is_decided_elsewhere_cannot_be_written(made, change, name: str) -> None:
    answer = await change(await made(published=False), **{name: "published"})
    assert codes(answer) == [(f"#/{name}", "extra_forbidden")]


@pytest.mark.parametrize("missing", ["url", "alt", "credit", "licence"])
async def test_a_picture_never_comes_without_its_description_author_and_licence(
    made, change, town, body, missing
) -> None:
    partial = {name: value for name, value in IMAGE.items() if name != missing}
    answer = await town.post("/v1/events", json=body(image=partial))
    assert codes(answer) == [(f"#/image/{missing}", "missing")]
    answer = await change(await made(published=False), image=partial)
    assert (answer.status_code, codes(answer)) == (422, [("#/image", "image_incomplete")])
    answer = await change(await made(published=False, image=IMAGE), image={missing: None})
    assert answer.status_code == 422
    assert codes(answer)[0][0] == f"#/image/{missing}"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"title": "   "}, ("#/title", "string_too_short")),
        ({"title": "x" * 201}, ("#/title", "string_too_long")),
        ({"title": "deux\nlignes"}, ("#/title", "forbidden_character")),
        ({"description": "x" * 20_001}, ("#/description", "string_too_long")),
        ({"keywords": ["x" * 51]}, ("#/keywords/0", "string_too_long")),
        ({"keywords": ["a", "a"]}, ("#/keywords", "repeated_item")),
        ({"keywords": [f"k{n}" for n in range(21)]}, ("#/keywords", "too_long")),
        ({"accessibility": ["lift"]}, ("#/accessibility/0", "enum")),
        ({"starts_at": "2027-03-12T18:30:00", "ends_at": "2027-03-12T20:00:00Z"}, ("#/starts_at", "timezone_aware")),
        ({"starts_at": "2027-03-12", "ends_at": "2027-03-12T20:00:00Z"}, ("#/starts_at", "datetime_type")),
        ({"starts_at": 1_800_000_000, "ends_at": "2027-03-12T20:00:00Z"}, ("#/starts_at", "datetime_type")),
        ({"starts_at": "1989-01-01T10:00:00Z", "ends_at": "1990-01-01T10:00:00Z"},
         ("#/starts_at", "year_out_of_range")),
        ({"starts_on": "2027-02-30", "ends_on": "2027-03-02"}, ("#/starts_on", "date_from_datetime_parsing")),
        ({"timezone": "Europe/Charenton"}, ("#/timezone", "unknown_timezone")),
        ({"insee_code": "94 018"}, ("#/insee_code", "string_pattern_mismatch")),
        ({"place": {"latitude": 91, "longitude": 0}}, ("#/place/latitude", "less_than_equal")),
        ({"place": {"latitude": "48.8", "longitude": 2.4}}, ("#/place/latitude", "float_type")),
        ({"place": {"latitude": 48.8}}, ("#/place", "coordinates_together")),
        ({"online_url": "ftp://example.fr/"}, ("#/online_url", "url_parsing")),
        ({"online_url": "javascript:alert(1)"}, ("#/online_url", "url_parsing")),
        ({"registration": {"mode": "external"}}, ("#/registration/url", "registration_url")),
        ({"registration": {"url": "https://example.fr/"}}, ("#/registration/url", "registration_url")),
        ({"registration": {"mode": "internal", "capacity": 0}}, ("#/registration/capacity", "greater_than_equal")),
        ({"registration": {"mode": "internal", "capacity": 10**6}}, ("#/registration/capacity", "less_than_equal")),
        ({"registration": {"capacity": 5}}, ("#/registration/capacity", "capacity_without_registration")),
        ({"registration": {"mode": "internal", "has_waitlist": True}},
         ("#/registration/has_waitlist", "waitlist_without_capacity")),
        ({"external_ids": [{"source": "a", "id": "1"}, {"source": "a", "id": "2"}]},
         ("#/external_ids", "repeated_item")),
        ({"surprise": 1}, ("#/surprise", "extra_forbidden")),
    ],
)  # fmt: skip
async def test_what_makes_no_event_is_refused_where_the_fault_lies(town, body, fields, fault) -> None:
    answer = await town.post("/v1/events", json=body(**fields))
    assert (answer.status_code, codes(answer)) == (422, [fault])


async def test_a_day_without_midnight_is_refused_as_such(town, body) -> None:
    answer = await town.post(
        "/v1/events", json=body(timezone="America/Havana", starts_on="2027-03-14", ends_on="2027-03-14")
    )
    assert codes(answer) == [("#/starts_on", "no_midnight")]


async def test_a_note_belongs_to_a_change(made, change) -> None:
    answer = await change(await made(published=False), status_note="Salle indisponible")
    assert codes(answer) == [("#/status_note", "nothing_to_note")]
    cancelled = (await change(await made(), "cancel")).json()
    noted = (await change(cancelled, status_note="Salle indisponible")).json()
    assert noted["change_notice"]["en"] == "Cancelled: Salle indisponible"


async def test_two_changes_of_the_same_version_make_one(made, change) -> None:
    event = await made(published=False)
    assert (await change(event, title="Un")).status_code == 200
    second = await change(event, title="Deux")
    assert (second.status_code, second.headers["ETag"]) == (412, '"2"')


@pytest.mark.parametrize("verb", ["", ":publish", ":cancel"])
async def test_no_change_without_the_version_read(made, town, verb: str) -> None:
    url = f"/v1/events/{(await made(published=False))['id']}{verb}"
    answer = await (town.post(url) if verb else town.patch(url, json={}))
    assert answer.status_code == 428
    assert (await town.delete(url.removesuffix(verb))).status_code == 428


async def test_a_change_of_what_hangs_on_it_is_a_change_of_the_event(session, territory, made, change) -> None:
    theme, actor = await factories.a_theme(session, territory), await factories.an_actor(session, territory)
    event = await made(published=False)
    for version, fields in enumerate(
        (
            {"theme_ids": [str(theme.id)]},
            {"organiser_ids": [str(actor.id)]},
            {"partner_ids": [str(actor.id)]},
            {"external_ids": [{"source": "a", "id": "1"}]},
            {"external_ids": [{"source": "a", "id": "2"}]},
        ),
        2,
    ):
        event = (await change(event, **fields)).json()
        assert event["version"] == version
    again = await change(event, theme_ids=[str(theme.id)], organiser_ids=[str(actor.id)])
    assert again.json()["version"] == event["version"]


async def test_actors_stand_in_the_order_given(session, territory, made, change) -> None:
    ids = [str((await factories.an_actor(session, territory)).id) for _ in range(3)]
    event = await made(published=False, organiser_ids=ids)
    assert [actor["id"] for actor in event["organisers"]] == ids
    event = (await change(event, organiser_ids=ids[::-1])).json()
    assert [actor["id"] for actor in event["organisers"]] == ids[::-1]
    assert event["version"] == 2


async def test_a_draft_is_deleted_without_a_trace(session, made, town) -> None:
    event = await made(published=False)
    url = f"/v1/events/{event['id']}"
    assert (await town.delete(url, headers={"If-Match": '"2"'})).status_code == 412
    assert (await town.delete(url, headers={"If-Match": '"1"'})).status_code == 204
    assert (await town.get(url)).status_code == 404
    assert await session.get(Tombstone, event["id"]) is None


async def test_what_was_public_leaves_a_tombstone(session, made, town) -> None:
    event = await made()
    answer = await town.delete(f"/v1/events/{event['id']}", headers={"If-Match": '"2"'})
    assert answer.status_code == 204
    tombstone = await session.get(Tombstone, event["id"])
    assert tombstone.territory_id == factories.UUID(event["territory_id"])


async def test_what_was_withdrawn_and_is_deleted_leaves_a_tombstone(session, made, change, town) -> None:
    event = (await change(await made(), "withdraw", reason="Erreur")).json()
    assert (await town.delete(f"/v1/events/{event['id']}", headers={"If-Match": '"3"'})).status_code == 204
    assert await session.get(Tombstone, event["id"])


async def test_what_partners_only_knew_leaves_no_tombstone(session, made, town) -> None:
    event = await made(audience="partners")
    assert (await town.delete(f"/v1/events/{event['id']}", headers={"If-Match": '"2"'})).status_code == 204
    assert await session.get(Tombstone, event["id"]) is None


async def test_an_event_no_longer_meant_for_the_public_leaves_a_tombstone_until_it_is_again(
    session, made, change
) -> None:
    event = (await change(await made(), audience="partners")).json()
    assert await session.get(Tombstone, event["id"])
    assert (await change(event, audience="public")).status_code == 200
    session.expire_all()
    assert await session.get(Tombstone, event["id"]) is None


async def test_the_same_post_with_the_same_key_makes_one_event(town, body) -> None:
    key = {"Idempotency-Key": "a-key"}
    first, second = [await town.post("/v1/events", json=body(), headers=key) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    url, if_match = f"{first.headers['Location']}:publish", {"If-Match": '"1"', "Idempotency-Key": "other"}
    first, second = [await town.post(url, headers=if_match) for _ in range(2)]
    assert (first.status_code, second.status_code, second.json()) == (200, 200, first.json())


async def test_the_path_of_a_verb_knows_post_only(made, town) -> None:
    url = f"/v1/events/{(await made(published=False))['id']}"
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        answer = await town.request(method, f"{url}:publish", json={})
        assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")
    answer = await town.put(url, json={})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "DELETE, GET, HEAD, OPTIONS, PATCH")
    assert (await town.get("/v1/events/not-an-id")).status_code == 404


async def test_rights_on_a_picture_may_end(made) -> None:
    event = await made(published=False, image={**IMAGE, "rights_until": "2030-12-31"})
    assert date.fromisoformat(event["image"]["rights_until"]) == date(2030, 12, 31)
