import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app.territories.models import Territory
from tests.factories import an_event

EVENTS = "/v1/public/events"


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("teritory=marne", "?teritory", "unknown_parameter"),
        ("territory=marne&territory=marne", "?territory", "repeated_parameter"),
        ("territory=nowhere", "?territory", "unknown_reference"),
        ("theme=nothing", "?theme", "unknown_reference"),
        ("municipality=99999", "?municipality", "unknown_reference"),
        ("municipality=Paris", "?municipality", "string_pattern_mismatch"),
        ("territory=No%20Slug", "?territory", "string_pattern_mismatch"),
        ("from=2026-02-30", "?from", "date_type"),
        ("from=tomorrow", "?from", "datetime_from_date_parsing"),
        ("to=1989-12-31", "?to", "year_out_of_range"),
        ("date=2101-01-01", "?date", "year_out_of_range"),
        ("date=20260301", "?date", "date_type"),
        ("when=someday", "?when", "enum"),
        ("limit=0", "?limit", "greater_than_equal"),
        ("limit=201", "?limit", "less_than_equal"),
        ("limit=99999999999999999999999", "?limit", "less_than_equal"),
        ("limit=ten", "?limit", "int_parsing"),
        ("cursor=abc", "?cursor", "foreign_cursor"),
        ("cursor=%C3%A9", "?cursor", "foreign_cursor"),
        ("bbox=1,2,3", "?bbox", "bbox_form"),
        ("bbox=3,48,2,49", "?bbox", "bbox_form"),
        ("bbox=nan,48,2,49", "?bbox", "bbox_form"),
        ("near=91,2", "?near", "near_form"),
        ("organiser=42", "?organiser", "uuid_parsing"),
        ("kind=party", "?kind", "enum"),
        ("lang=de", "?lang", "literal_error"),
        ("q=", "?q", "string_too_short"),
        ("q=%20", "?q", "string_pattern_mismatch"),
    ],
)
async def test_a_bad_filter_is_a_problem_that_names_it(
    anonymous: AsyncClient, territory: Territory, query: str, pointer: str, code: str
) -> None:
    for extension in ("", ".ics", ".atom", ".html"):
        answer = await anonymous.get(f"{EVENTS}{extension}?{query}")
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert (pointer, code) in [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


async def test_a_cursor_serves_its_own_list_only(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    for _ in range(3):
        await an_event(session, territory, published=True)
    cursor = (await anonymous.get(f"{EVENTS}?limit=1")).json()["next"]
    assert (await anonymous.get(f"{EVENTS}?limit=2&cursor={cursor}")).status_code == 200
    assert (await anonymous.get(f"{EVENTS}.html?limit=2&cursor={cursor}")).status_code == 200
    for elsewhere in (f"{EVENTS}?territory=marne&cursor={cursor}", f"/v1/public/actors?cursor={cursor}"):
        answer = await anonymous.get(elsewhere)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "foreign_cursor")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
async def test_the_public_tree_only_reads(anonymous: AsyncClient, method: str) -> None:
    answer = await anonymous.request(method, EVENTS)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    "path",
    ["/v1/public/", "/v1/public/nothing", "/v1/public/events/", "/v1/public/events.pdf", "/v1/public/events/42",
     "/v1/public/events/00000000-0000-7000-8000-000000000000", "/embed/nothing", "/v1/public/territories/nowhere"],
)  # fmt: skip
async def test_an_address_that_does_not_exist_is_not_found(anonymous: AsyncClient, path: str) -> None:
    assert (await anonymous.get(path)).status_code == 404


async def test_an_address_that_cannot_be_read_in_one_way_is_refused(anonymous: AsyncClient) -> None:
    assert (await anonymous.get(f"{EVENTS}?q=%00")).status_code == 400
    assert (await anonymous.get(f"{EVENTS}?q=%FF")).status_code == 400
    assert (await anonymous.get(f"{EVENTS}?q={'a' * 9000}")).status_code == 414


async def test_nothing_submitted_is_repeated(anonymous: AsyncClient) -> None:
    assert "secret-word" not in (await anonymous.get(f"{EVENTS}?when=secret-word")).text
