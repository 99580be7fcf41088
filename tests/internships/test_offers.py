"""`/v1/internship-offers`: made by their hosts, found around a place, for a level, a theme or a period."""

import math

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Float, literal, select

from app.core.geography import EARTH_KM, lies_within
from app.internships.offers.models import OfferState
from app.internships.offers.states import MOVES, OfferVerb
from tests import factories
from tests.internships.factories import OFFER, an_offer

LATEST = {"If-Match": "*"}
URL = "/v1/internship-offers"


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session, municipalities=("94018",))


@pytest.fixture
async def host(session, territory):
    return await factories.an_actor(session, territory, name="Imprimerie du Pont")


@pytest.fixture
def member(client_for, host):
    return client_for(factories.a_club_member(host))


@pytest.fixture
def town(client_for, territory):
    return client_for(factories.a_collectivite(territory))


def codes(answer):
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


async def titles(client, query=""):
    answer = await client.get(f"{URL}?{query}")
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def test_a_host_offers_seats_changes_them_closes_and_reopens_them(session, territory, host, member):
    theme = await factories.a_theme(session, territory)
    tutor = await factories.a_person(session, territory, actors=(host,))
    extra = {
        "theme_id": str(theme.id),
        "tutor_id": str(tutor.id),
        "insee_code": "94018",
        "dangerous_work": ["d4153_28"],
    }
    made = await member.post(URL, json={**OFFER, "host_id": str(host.id), **extra})
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["host"]["name"], told["theme"]["slug"], told["tutor_id"]) == (host.name, theme.slug, str(tutor.id))
    assert (told["municipality"]["insee_code"], told["dangerous_work"]) == ("94018", ["d4153_28"])
    assert told["allowed_actions"] == ["edit", "delete", "close"]
    path = made.headers["Location"]
    changed = await member.patch(path, json={"seats": 5, "theme_id": None}, headers={"If-Match": '"1"'})
    assert (changed.json()["seats"], changed.json()["theme"], changed.json()["version"]) == (5, None, 2)
    closed = await member.post(f"{path}:close", headers=LATEST)
    assert (closed.json()["state"], closed.json()["allowed_actions"]) == ("closed", ["edit", "delete", "reopen"])
    assert (await member.post(f"{path}:reopen", headers=LATEST)).json()["state"] == "open"
    assert (await member.delete(path, headers={"If-Match": '"1"'})).status_code == 412
    assert (await member.delete(path, headers=LATEST)).status_code == 204


@pytest.mark.parametrize("state", OfferState)
@pytest.mark.parametrize("verb", [OfferVerb.CLOSE, OfferVerb.REOPEN])
async def test_each_verb_leads_from_each_state_where_the_table_says(session, host, member, state, verb):
    offer = await an_offer(session, host, state=state)
    answer = await member.post(f"{URL}/{offer.id}:{verb}", headers=LATEST)
    target = MOVES[verb].get(state)
    if target:
        assert (answer.status_code, answer.json()["state"]) == (200, target)
    else:
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/illegal-transition")


async def test_who_only_reads_offers_is_told_no_action(session, territory, host, client_for):
    await an_offer(session, host)
    readers = (
        factories.a_referent(await factories.a_school(session, territory)),
        factories.a_club_member(await factories.an_actor(session, territory)),
        factories.a_club_member(host, scopes=frozenset({"offers:read"})),
    )
    for reader in readers:
        [told] = (await client_for(reader).get(URL)).json()["items"]
        assert told["allowed_actions"] == []


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"ends_on": "2027-06-01"}, "#/ends_on", "dates_reversed"),
        ({"latitude": 48.8}, "#/longitude", "coordinates_together"),
        ({"insee_code": "01001"}, "#/insee_code", "unknown_reference"),
        ({"seats": 0}, "#/seats", "greater_than_equal"),
        ({"levels": ["2nde", "2nde"]}, "#/levels", "repeated_item"),
    ],
)
async def test_an_offer_that_makes_no_sense_is_refused_at_its_place(member, host, changes, pointer, code):
    answer = await member.post(URL, json={**OFFER, "host_id": str(host.id), **changes})
    assert (answer.status_code in (409, 422), codes(answer)) == (True, [(pointer, code)]), answer.text


async def test_a_tutor_is_a_person_of_the_host(session, territory, host, town):
    other = await factories.a_person(session, territory, actors=(await factories.an_actor(session, territory),))
    answer = await town.post(URL, json={**OFFER, "host_id": str(host.id), "tutor_id": str(other.id)})
    assert (answer.status_code, codes(answer)) == (422, [("#/tutor_id", "unknown_reference")])


async def test_offers_are_found_by_level_theme_period_host_and_state(session, territory, host, town):
    theme = await factories.a_theme(session, territory)
    await an_offer(session, host, title="A", levels=["3e"], theme_id=theme.id)
    await an_offer(session, host, title="B", levels=[], state=OfferState.CLOSED)
    await an_offer(session, await factories.an_actor(session, territory), title="C", regime="pfmp")
    assert await titles(town) == ["A", "B", "C"]
    assert await titles(town, "level=3e") == ["A", "B"]
    assert await titles(town, f"theme={theme.slug}") == ["A"]
    assert await titles(town, f"host={host.id}&state=open") == ["A"]
    assert await titles(town, "regime=pfmp&regime=mini_stage") == ["C"]
    assert await titles(town, "from=2027-06-25&to=2027-06-14") == ["A", "B", "C"]
    assert await titles(town, "from=2027-06-26") == await titles(town, "to=2027-06-13") == []


async def test_offers_are_found_around_a_place(session, host, town):
    await an_offer(session, host, title="Charenton", latitude=48.8216, longitude=2.4144)
    await an_offer(session, host, title="Créteil", latitude=48.7904, longitude=2.4556)
    await an_offer(session, host, title="Lyon", latitude=45.764, longitude=4.8357)
    await an_offer(session, host, title="Nowhere")
    assert await titles(town, "near=48.82,2.41&within=1") == ["Charenton"]
    assert await titles(town, "near=48.82,2.41") == ["Charenton", "Créteil"]
    assert codes(await town.get(f"{URL}?within=5")) == [("?within", "needs")]
    assert codes(await town.get(f"{URL}?near=north")) == [("?near", "near_form")]


async def test_pages_follow_one_another_without_a_gap(session, host, town):
    for number in range(5):
        await an_offer(session, host, title=str(number))
    first = (await town.get(f"{URL}?limit=3")).json()
    rest = (await town.get(f"{URL}?limit=3&cursor={first['next']}")).json()
    assert [item["title"] for item in first["items"] + rest["items"]] == list("01234")
    assert rest["next"] is None


LATITUDES, LONGITUDES = st.floats(-89, 89), st.floats(-179, 179)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(0.0, 0.0, 5e-324, -5e-324, 1)
@example(1e-200, 0.0, 1e-200, 1e-200, 1)
@given(LATITUDES, LONGITUDES, st.floats(-1, 1), st.floats(-1, 1), st.integers(1, 200))
async def test_what_lies_within_is_what_the_globe_says(session, latitude, longitude, north, east, km):
    there = (max(-89.0, min(89.0, latitude + north)), max(-179.0, min(179.0, longitude + east)))
    place = literal(there[0], Float), literal(there[1], Float)
    found = await session.scalar(select(lies_within(*place, (latitude, longitude), km)))
    a, b = map(math.radians, (latitude, there[0]))
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(math.radians(longitude - there[1]))
    distance = EARTH_KM * math.acos(max(-1, min(1, cosine)))
    if abs(distance - km) > 0.01:
        assert found == (distance < km)
