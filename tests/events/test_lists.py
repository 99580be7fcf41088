"""Lists of events: filters, windows, pages."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event as engine_event
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from app.core.publication import Publication
from app.events.models import Audience, Event, EventKind, EventStatus
from app.events.policy import visible_to
from tests import factories
from tests.events.asking import codes


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
def titles(town):
    """Titles of the events a query answers, in order."""

    async def ask(query: dict | list | None = None, client=None) -> list[str]:
        answer = await (client or town).get("/v1/events?" + urlencode(query or {}))
        assert answer.status_code == 200, answer.text
        return [row["title"] for row in answer.json()["items"]]

    return ask


async def test_every_filter_narrows_and_repeats_widen(session, territory, client_for, titles) -> None:
    second = await factories.a_territory(session)
    both = client_for(factories.a_collectivite(territory, second))
    theme, other_theme = [await factories.a_theme(session, territory) for _ in range(2)]
    actor, helper = [await factories.an_actor(session, territory) for _ in range(2)]
    day = timedelta(days=1)
    for number, traits in enumerate(
        (
            {"title": "a", "insee_code": "94018", "themes": [theme], "kind": EventKind.STEERING},
            {"title": "b", "insee_code": "94069", "themes": [theme, other_theme], "organisers": (actor,)},
            {"title": "c", "status": EventStatus.CANCELLED, "published": True, "partners": (actor,)},
            {"title": "d", "audience": Audience.INTERNAL, "published": True, "organisers": (helper, actor)},
        ),
        1,
    ):
        await factories.an_event(session, territory, starts_in=number * day, **traits)
    await factories.an_event(session, second, title="e", starts_in=5 * day)
    for query, found in (
        ({}, "abcde"),
        ({"territory": territory.slug}, "abcd"),
        ({"territory": second.slug}, "e"),
        ({"municipality": "94069"}, "b"),
        ({"theme": theme.slug}, "ab"),
        ([("theme", theme.slug), ("theme", other_theme.slug)], "ab"),
        ({"theme": other_theme.slug}, "b"),
        ({"theme": "inconnu"}, ""),
        ({"kind": "steering"}, "a"),
        ([("kind", "steering"), ("kind", "plenary")], "abcde"),
        ({"organiser": actor.id}, "bd"),
        ({"publication": "published"}, "cd"),
        ({"publication": "draft"}, "abe"),
        ({"status": "cancelled"}, "c"),
        ({"audience": "internal"}, "d"),
        ({"audience": "internal", "status": "cancelled"}, ""),
    ):
        assert "".join(await titles(query, both)) == found, query


async def test_words_are_found_as_french_people_write_them(session, territory, titles) -> None:
    for title, traits in (
        ("Forum des métiers", {}),
        ("Rencontre", {"description": "Les entreprises accueillent des lycéens."}),
        ("Visite", {"keywords": ["Apprentissage"], "place_name": "Hôtel de Ville"}),
    ):
        await factories.an_event(session, territory, title=title, **traits)
    for words, found in (
        ("metier", ["Forum des métiers"]),
        ("MÉTIERS", ["Forum des métiers"]),
        ("entreprise lycéen", ["Rencontre"]),
        ("hotel ville", ["Visite"]),
        ("apprentissages", ["Visite"]),
        ("métiers or apprentissage", ["Forum des métiers", "Visite"]),
        ("rencontre -entreprise", []),
        ('"des métiers', ["Forum des métiers"]),
        ("& | !(:*", []),
        ("le", []),
    ):
        assert sorted(await titles({"q": words})) == found, words


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Guadeloupe", "Indian/Reunion"])
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-06-15"])
async def test_a_bare_date_is_a_day_of_the_territory(session, client_for, titles, zone: str, day: str) -> None:
    territory = await factories.a_territory(session, timezone=zone)
    client = client_for(factories.a_collectivite(territory))
    answer = await client.post(
        "/v1/events",
        json={"territory_id": str(territory.id), "kind": "other", "title": "jour", "starts_on": day, "ends_on": day},
    )
    whole = answer.json()
    minute, second = timedelta(minutes=1), timedelta(seconds=1)
    midnight, next_midnight = at(whole["starts_at"]), at(whole["ends_at"])
    for title, starts_at, lasts in (
        ("veille", midnight - minute, minute),
        ("à cheval sur minuit", midnight - minute, 2 * minute),
        ("dernière minute", next_midnight - minute, minute),
        ("lendemain", next_midnight, minute),
    ):
        await factories.an_event(session, territory, title=title, starts_at=starts_at, lasts=lasts)
    assert await titles({"from": day, "to": day}, client) == ["à cheval sur minuit", "jour", "dernière minute"]
    assert await titles({"to": day}, client) == ["veille", "à cheval sur minuit", "jour", "dernière minute"]
    assert (await titles({"from": day}, client))[-1] == "lendemain"
    window = (await client.get(f"/v1/events?from={day}&to={day}")).json()["window"]
    assert window == {"after": whole["starts_at"], "before": whole["ends_at"], "updated_since": None}
    instants = {"from": midnight.isoformat(), "to": (midnight + second).isoformat()}
    assert await titles(instants, client) == ["à cheval sur minuit", "jour"]


moments = st.integers(-400 * 24, 400 * 24).map(
    lambda hours: datetime(2026, 10, 25, tzinfo=UTC) + timedelta(hours=hours)
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(moments, st.integers(1, 366 * 24)), min_size=1, max_size=6),
    st.none() | moments,
    st.none() | moments,
)
async def test_a_window_answers_what_is_not_over_before_it_and_begins_before_its_end(
    session, client_for, events, after, before
) -> None:
    if after and before and after >= before:
        before = None
    territory = await factories.a_territory(session)
    client = client_for(factories.a_collectivite(territory))
    for starts_at, hours in events:
        await factories.an_event(session, territory, starts_at=starts_at, lasts=timedelta(hours=hours))
    asked = {"from": after, "to": before}
    answer = await client.get("/v1/events?" + urlencode({k: v.isoformat() for k, v in asked.items() if v}))
    expected = [
        start
        for start, hours in sorted(events)
        if (not after or start + timedelta(hours=hours) > after) and (not before or start < before)
    ]
    assert [at(row["starts_at"]) for row in answer.json()["items"]] == expected


async def test_a_bare_date_needs_a_territory_where_zones_differ(session, territory, client_for, titles) -> None:
    island = await factories.a_territory(session, timezone="Indian/Reunion")
    client = client_for(factories.a_collectivite(territory, island))
    answer = await client.get("/v1/events?from=2026-03-12&updated_since=2026-03-12")
    assert codes(answer) == [("?from", "territory_needed"), ("?updated_since", "territory_needed")]
    answer = await client.get(f"/v1/events?from=2026-03-12&territory={island.slug}")
    assert answer.json()["window"]["after"] == "2026-03-12T00:00:00+04:00"
    answer = await client.get("/v1/events?from=2026-03-12T00:00:00%2B04:00")
    assert answer.json()["window"]["after"] == "2026-03-11T20:00:00Z"


async def test_changes_since_include_what_came_out_of_embargo(session, territory, client_for, titles) -> None:
    now = datetime.now(UTC)
    hour, old = timedelta(hours=1), now - timedelta(days=9)
    out = {"publication": Publication.PUBLISHED, "created_at": old, "updated_at": old, "published_at": old}
    await factories.an_event(session, territory, title="vieux", **out)
    await factories.an_event(session, territory, title="sorti", publish_at=now - hour, **out)
    await factories.an_event(session, territory, title="à sortir", publish_at=now + hour, **out)
    await factories.an_event(session, territory, title="neuf", published=True)
    since = {"updated_since": (now - 2 * hour).isoformat()}
    assert sorted(await titles(since)) == ["neuf", "sorti"]
    partner = client_for(factories.a_partner(territory))
    assert sorted(await titles(since, partner)) == ["neuf", "sorti"]


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("surprise=1", ("?surprise", "unknown_parameter")),
        ("territory=inconnu", ("?territory", "unknown_reference")),
        ("municipality=94", ("?municipality", "string_pattern_mismatch")),
        ("kind=party", ("?kind", "enum")),
        ("organiser=me", ("?organiser", "uuid_parsing")),
        ("from=2026-02-30", ("?from", "date_from_datetime_parsing")),
        ("from=1772000000", ("?from", "date_type")),
        ("from=2026-03-12T10:00:00", ("?from", "timezone_aware")),
        ("from=0001-01-01", ("?from", "year_out_of_range")),
        ("from=2026-03-12&to=2026-03-11", ("?to", "dates_reversed")),
        ("q=" + "x" * 201, ("?q", "string_too_long")),
        ("q=%20", ("?q", "string_too_short")),
        ("territory=a&territory=b", ("?territory", "repeated_parameter")),
        ("limit=0", ("?limit", "greater_than_equal")),
        ("limit=201", ("?limit", "less_than_equal")),
        ("cursor=abc", ("?cursor", "foreign_cursor")),
    ],
)
async def test_a_question_that_cannot_be_meant_is_refused(town, query: str, fault: tuple[str, str]) -> None:
    answer = await town.get(f"/v1/events?{query}")
    assert answer.status_code == 422
    assert fault in codes(answer)


async def test_a_territory_out_of_sight_is_unknown(session, town) -> None:
    other = await factories.a_territory(session)
    assert codes(await town.get(f"/v1/events?territory={other.slug}")) == [("?territory", "unknown_reference")]


async def test_pages_neither_lose_nor_repeat_rows_while_others_come_in(session, territory, town) -> None:
    start, minute = datetime(2027, 1, 1, tzinfo=UTC), timedelta(minutes=1)
    at_once = [
        await factories.an_event(session, territory, starts_at=start + n // 3 * minute, lasts=minute) for n in range(20)
    ]
    expected = [str(row.id) for row in sorted(at_once, key=lambda row: (row.starts_at, row.id))]
    url, found, pages = "/v1/events?limit=3", [], 0
    while url:
        answer = await town.get(url)
        found += [row["id"] for row in answer.json()["items"]]
        following, link = answer.json()["next"], answer.headers.get("Link")
        assert (following is None) == (link is None)
        url = link and link.split(";")[0].strip("<>")
        pages += 1
        await factories.an_event(session, territory, starts_at=start - minute, lasts=minute)
        await factories.an_event(session, territory, starts_at=start + 100 * minute, lasts=minute)
    assert [one for one in found if one in expected] == expected
    assert len(found) == len(set(found))


async def test_a_cursor_is_for_its_caller_and_filters_only(session, territory, town, client_for) -> None:
    for _ in range(3):
        await factories.an_event(session, territory)
    cursor = (await town.get("/v1/events?limit=1")).json()["next"]
    assert (await town.get(f"/v1/events?limit=2&cursor={cursor}")).status_code == 200
    assert (await town.get(f"/v1/events?limit=1&kind=plenary&cursor={cursor}")).status_code == 422
    other = client_for(factories.a_collectivite(territory))
    assert (await other.get(f"/v1/events?limit=1&cursor={cursor}")).status_code == 422


async def test_rows_are_counted_on_demand(session, territory, town) -> None:
    for _ in range(3):
        await factories.an_event(session, territory)
    answer = await town.get("/v1/events?limit=1", headers={"Prefer": "count=exact"})
    assert (answer.json()["count"], answer.headers["Preference-Applied"]) == (3, "count=exact")
    assert (await town.get("/v1/events?limit=1")).json()["count"] is None


async def test_a_page_costs_as_many_statements_whatever_its_length(house, session, territory, town) -> None:
    actors = [await factories.an_actor(session, territory) for _ in range(3)]
    theme = await factories.a_theme(session, territory)
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_) -> None:
        statements.append(statement)

    async def cost(limit: int) -> int:
        statements.clear()
        answer = await town.get(f"/v1/events?limit={limit}&from=2020-01-01")
        assert len(answer.json()["items"]) == limit
        return len(statements)

    for _ in range(50):
        await factories.an_event(
            session, territory, organisers=tuple(actors[:2]), partners=(actors[2],), themes=[theme],
            insee_code="94018", sources=("a", "b"),
        )  # fmt: skip
    engine = house.pooled.engine.sync_engine
    engine_event.listen(engine, "before_cursor_execute", note)
    try:
        few, many = await cost(5), await cost(50)
    finally:
        engine_event.remove(engine, "before_cursor_execute", note)
    assert few == many <= 10


async def test_the_list_of_one_territory_is_read_in_the_order_of_an_index(session, territory) -> None:
    await session.execute(text("set local enable_seqscan = off"))
    await session.execute(text("set local enable_sort = off"))
    rows = visible_to(factories.a_collectivite(territory)).order_by(Event.starts_at, Event.id).limit(50)
    sql = str(rows.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
    plan = "\n".join((await session.scalars(text("explain " + sql.replace(":", r"\:")))).all())
    assert "Index Scan using events_territory_id_starts_at_id_idx" in plan
    assert "Sort" not in plan
