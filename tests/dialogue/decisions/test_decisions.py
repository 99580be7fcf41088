"""Drafts of decisions: what they say, who sees them, and how they are found."""

import pytest
from sqlalchemy import select

from app.core.journal import JournalEntry
from app.dialogue.decisions.models import DecisionState
from tests import factories
from tests.events.asking import codes

NOBODY = "019a0000-0000-7000-8000-000000000000"
MAJORITY = {"name": "majority", "threshold": {"numerator": 2, "denominator": 3, "is_strict": False}, "base": "ballots"}
NO_METHOD = {"threshold": None, "base": None, "budget": None, "per_option": None, "grades": []}


async def test_a_draft_says_what_was_sent(session, territory, town, body) -> None:
    programme = await factories.a_programme(session, territory)
    theme = await factories.a_theme(session, territory)
    event = await factories.an_event(session, territory)
    context = {"programme_id": str(programme.id), "theme_id": str(theme.id), "event_id": str(event.id)}
    sent = body(
        method=MAJORITY,
        quorum={"kind": "percent", "value": 50},
        description="Chaque proposition a été présentée.",
        closes_at="2030-04-04T18:00:00+02:00",
        options=[{"label": "Forum", "description": "Une journée"}, {"label": "Rien", "is_status_quo": True}],
        **context,
    )
    answer = await town.post("/v1/decisions", json=sent)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (answer.headers["Location"], answer.headers["ETag"]) == (f"/v1/decisions/{told['id']}", '"1"')
    assert told["method"] == {**NO_METHOD, **MAJORITY}
    assert told["quorum"] == {"kind": "percent", "value": 50}
    assert told["closes_at"] == "2030-04-04T16:00:00Z"
    assert [(o["position"], o["label"], o["description"], o["is_status_quo"]) for o in told["options"]] == [
        (1, "Forum", "Une journée", False), (2, "Rien", None, True),
    ]  # fmt: skip
    assert {name: told[name] for name in context} == context
    assert (await town.get(f"/v1/decisions/{told['id']}")).json() == told


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ({"name": "consent"}, {}),
        ({"name": "majority"}, {"base": "expressed"}),
        ({"name": "points", "budget": 10}, {"budget": 10}),
        ({"name": "points", "budget": 10, "per_option": 4}, {"budget": 10, "per_option": 4}),
        ({"name": "ranked"}, {}),
        ({"name": "majority_judgment", "grades": ["Pour", "Contre"]}, {"grades": ["Pour", "Contre"]}),
    ],
)
async def test_a_method_gives_way_to_another_with_all_it_asked_for(town, body, act, method, told) -> None:
    draft = (await town.post("/v1/decisions", json=body(method=MAJORITY))).json()
    answer = await act(draft, method=method)
    assert answer.status_code == 200, answer.text
    assert answer.json()["method"] == {**NO_METHOD, "name": method["name"], **told}


async def test_majority_judgment_has_the_seven_usual_grades_unless_told_otherwise(town, body) -> None:
    told = (await town.post("/v1/decisions", json=body(method={"name": "majority_judgment"}))).json()
    assert (len(told["method"]["grades"]), told["method"]["grades"][0]) == (7, "Excellent")


async def test_options_are_replaced_as_a_whole_in_one_version(session, town, body, act) -> None:
    draft = (await town.post("/v1/decisions", json=body())).json()
    told = (await act(draft, options=[{"label": "Rien", "is_status_quo": True}, {"label": "Forum"}])).json()
    assert ([option["label"] for option in told["options"]], told["version"]) == (["Rien", "Forum"], 2)
    told = (await act(told, options=[{"label": "Forum", "is_status_quo": True}, {"label": "Rien"}])).json()
    assert [(option["label"], option["is_status_quo"]) for option in told["options"]] == [
        ("Forum", True), ("Rien", False),
    ]  # fmt: skip
    journal = select(JournalEntry).where(JournalEntry.resource == "decisions").order_by(JournalEntry.seq)
    entries = [(entry.action, entry.version, entry.fields) for entry in await session.scalars(journal)]
    assert entries == [("insert", 1, []), ("update", 2, ["options"]), ("update", 3, ["options"])]


@pytest.mark.parametrize(
    ("fields", "at", "code"),
    [
        ({"question": ""}, "#/question", "string_too_short"),
        ({"method": {"name": "lottery"}}, "#/method", "union_tag_invalid"),
        ({"method": {"name": "points"}}, "#/method/budget", "missing"),
        ({"method": {"name": "points", "budget": 3, "per_option": 4}}, "#/method", "more_points_than_budget"),
        ({"method": {"name": "ranked", "budget": 3}}, "#/method/budget", "extra_forbidden"),
        ({"method": MAJORITY | {"threshold": {"numerator": 4, "denominator": 3}}}, "#/method/threshold",
         "threshold_out_of_reach"),
        ({"method": MAJORITY | {"threshold": {"numerator": 3, "denominator": 3, "is_strict": True}}},
         "#/method/threshold", "threshold_out_of_reach"),
        ({"method": {"name": "majority_judgment", "grades": ["Bien"]}}, "#/method/grades", "too_short"),
        ({"method": {"name": "majority_judgment", "grades": ["Bien", "Bien"]}}, "#/method/grades", "repeated_item"),
        ({"options": [{"label": "Forum"}, {"label": "Forum"}]}, "#/options", "repeated_item"),
        ({"options": [{"label": n, "is_status_quo": True} for n in "ab"]}, "#/options", "one_status_quo"),
        ({"options": [{"label": str(n)} for n in range(51)]}, "#/options", "too_long"),
        ({"quorum": {"kind": "percent", "value": 101}}, "#/quorum", "percentage"),
        ({"quorum": {"kind": "ballots", "value": 0}}, "#/quorum/value", "greater_than_equal"),
        ({"opens_at": "2030-01-02T00:00:00Z", "closes_at": "2030-01-01T00:00:00Z"}, "#/closes_at", "dates_reversed"),
        ({"theme_id": NOBODY}, "#/theme_id", "unknown_reference"),
        ({"programme_id": NOBODY}, "#/programme_id", "unknown_reference"),
        ({"working_group_id": NOBODY}, "#/working_group_id", "unknown_reference"),
        ({"event_id": NOBODY}, "#/event_id", "unknown_reference"),
        ({"state": "open"}, "#/state", "extra_forbidden"),
    ],
)  # fmt: skip
async def test_what_makes_no_decision_is_refused_where_the_fault_lies(town, body, fields, at, code) -> None:
    refused = await town.post("/v1/decisions", json=body(**fields))
    assert refused.status_code == 422, refused.text
    assert (at, code) in codes(refused)


async def test_what_was_put_to_the_vote_is_seen_by_those_it_concerns(
    decided, company, other, school, town, club, rival, referent
) -> None:
    draft = await decided(company)
    dropped = await decided(company, state=DecisionState.CANCELLED)
    voted = await decided(company, state=DecisionState.CLOSED)
    for client, seen in (
        (town, {draft.id, dropped.id, voted.id}),
        (club, {dropped.id, voted.id}),
        (rival, set()),
        (referent, {dropped.id, voted.id}),
    ):
        items = (await client.get("/v1/decisions")).json()["items"]
        assert {item["id"] for item in items} == {str(id_) for id_ in seen}
        for row in (draft, dropped, voted):
            answer = await client.get(f"/v1/decisions/{row.id}")
            assert answer.status_code == (200 if row.id in seen else 404)


async def test_a_list_is_narrowed_by_what_decisions_say(session, territory, town, decided, company) -> None:
    theme = await factories.a_theme(session, territory)
    rows = {
        "forum": await decided(company, question="Organiser un forum des métiers ?", theme_id=theme.id),
        "closed": await decided(company, method="ranked", state=DecisionState.CLOSED),
        "open": await decided(company, state=DecisionState.OPEN),
    }
    for query, found in (
        ("q=FORUMS", ["forum"]),
        ("state=open&state=closed", ["closed", "open"]),
        ("method=ranked", ["closed"]),
        (f"theme={theme.id}", ["forum"]),
        (f"event={NOBODY}", []),
        (f"territory={territory.slug}", ["forum", "closed", "open"]),
    ):
        items = (await town.get(f"/v1/decisions?{query}")).json()["items"]
        assert [item["id"] for item in items] == [str(rows[name].id) for name in found], query
    assert (await town.get("/v1/decisions?territory=ailleurs")).status_code == 422


async def test_pages_hold_every_decision_once_in_the_order_they_were_made(town, decided, company) -> None:
    rows = [await decided(company) for _ in range(5)]
    url, found = "/v1/decisions?limit=2", []
    while url:
        page = (await town.get(url)).json()
        found += [item["id"] for item in page["items"]]
        url = page["next"] and f"/v1/decisions?limit=2&cursor={page['next']}"
    assert found == [str(row.id) for row in rows]


async def test_a_draft_is_deleted_and_what_was_put_to_the_vote_stays(town, decided, company, shown) -> None:
    for state, status in ((DecisionState.DRAFT, 204), (DecisionState.OPEN, 409), (DecisionState.CLOSED, 409)):
        told = await shown(await decided(company, state=state))
        answer = await town.delete(f"/v1/decisions/{told['id']}", headers={"If-Match": f'"{told["version"]}"'})
        assert answer.status_code == status
        if status == 409:
            assert codes(answer) == [("#", "drafts_only")]


async def test_a_version_read_before_a_change_changes_nothing(town, decided, company, shown, act) -> None:
    told = await shown(await decided(company))
    assert (await act(told, question="Autre ?")).status_code == 200
    for what, fields in ((None, {"question": "Non"}), ("open", {}), ("cancel", {"reason": "Non"})):
        assert (await act(told, what, **fields)).status_code == 412
    url = f"/v1/decisions/{told['id']}"
    assert (await town.patch(url, json={"question": "Non"})).status_code == 428
    assert (await town.post(f"{url}:open")).status_code == 428


async def test_a_verb_sent_twice_under_one_key_is_done_once(town, decided, company, shown) -> None:
    told = await shown(await decided(company))
    headers = {"If-Match": f'"{told["version"]}"', "Idempotency-Key": "open-it"}
    answers = [await town.post(f"/v1/decisions/{told['id']}:open", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
