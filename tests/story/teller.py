"""Who tells the story: the collectivité's team, and the organisations in their own names, each by its own client."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from httpx import AsyncClient

from app.identity.caller import Caller, Role
from tests import factories

PARIS = ZoneInfo("Europe/Paris")
Json = dict[str, Any]


def at(day: date, hour: int) -> str:
    """That hour of that day, in the territory."""
    return datetime.combine(day, time(hour), PARIS).isoformat()


async def said(client: AsyncClient, method: str, path: str, body: Json | None = None) -> Json:
    """What the API answers to a request that is to succeed."""
    told = {"json": body} if body is not None else {}
    answer = await client.request(method, f"/v1/{path}", headers={"If-Match": "*"}, **told)
    assert answer.is_success, f"{method} {path}: {answer.text}"
    return answer.json() if answer.content else {}


async def every(client: AsyncClient, path: str, **filters: str) -> list[Json]:
    """All rows of a list, page after page."""
    rows: list[Json] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get(f"/v1/{path}", params={"limit": "200", **filters, **cursor})
        assert answer.status_code == 200, answer.text
        rows += answer.json()["items"]
        if not answer.json()["next"]:
            return rows
        cursor = {"cursor": answer.json()["next"]}


async def imported(client: AsyncClient, path: str, rows: list[list[str]]) -> None:
    """A file of the rows, previewed and then applied as it was previewed."""
    file = "\n".join(";".join(cells) for cells in rows).encode()
    sent: dict[str, Any] = {"content": file, "headers": {"Content-Type": "text/csv"}}
    preview = await client.post(f"/v1/{path}:import", **sent)
    assert preview.status_code == 200, preview.text
    assert preview.json()["counts"]["create"] == len(rows) - 1, preview.text[:2000]
    told = {"mode": "apply", "digest": preview.json()["digest"]}
    applied = await client.post(f"/v1/{path}:import", params=told, **sent)
    assert applied.status_code == 200, applied.text


@dataclass
class Actor:
    """An organisation, the person who speaks for it, and the client it acts by."""

    id: str
    kind: str
    person_id: str
    client: AsyncClient


@dataclass
class Teller:
    """The territory, its programme and themes, and everyone who acts there."""

    client_for: Callable[[Caller], AsyncClient]
    territory_id: str
    slug: str
    programme_id: str
    themes: dict[str, str]
    staff: AsyncClient
    actors: dict[str, Actor] = field(default_factory=dict)

    async def bring_in(self, kinds: dict[str, str]) -> None:
        """Organisations of the territory, each with a contact: two files, looked at, then kept."""
        actors = [["name", "kind"], *([name, kind] for name, kind in kinds.items())]
        people = [
            ["first_name", "last_name", "affiliations"],
            *(["Camille", name, f"Contact | {name}"] for name in kinds),
        ]
        await imported(self.staff, "actors", actors)
        await imported(self.staff, "people", people)
        contacts = {row["last_name"]: row["id"] for row in await every(self.staff, "people")}
        for row in await every(self.staff, "actors"):
            own = {"school_ids" if row["kind"] == "school" else "actor_ids": frozenset({UUID(row["id"])})}
            role = Role.REFERENT if row["kind"] == "school" else Role.CLUB_MEMBER
            caller = factories.a_caller(role, territory_ids=frozenset({UUID(self.territory_id)}), **own)
            self.actors[row["name"]] = Actor(row["id"], row["kind"], contacts[row["name"]], self.client_for(caller))

    async def event(self, kind: str, title: str, day: date, **more: Any) -> Json:
        """An event of the evening, published."""
        body = {
            "territory_id": self.territory_id, "kind": kind, "title": title, "starts_at": at(day, 18),
            "ends_at": at(day, 20), "organiser_ids": [self.actors["DEE"].id], "audience": "partners",
            "registration": {"mode": "internal"}, **more,
        }  # fmt: skip
        made = await said(self.staff, "POST", "events", body)
        return await said(self.staff, "POST", f"events/{made['id']}:publish", {})

    async def sign_up(self, event: Json, actor: Actor, **more: str) -> Json:
        """An organisation signs its person up, in its own name."""
        body = {"event_id": event["id"], "person_id": actor.person_id, "actor_id": actor.id, **more}
        return await said(actor.client, "POST", "registrations", body)

    async def all_came(self, event: Json) -> None:
        """One call for the whole room."""
        rows = await every(self.staff, "registrations", event=event["id"], status="registered")
        items = [{"registration_id": row["id"], "attendance": "attended"} for row in rows]
        await said(self.staff, "POST", f"events/{event['id']}:note-attendance", {"items": items})

    async def minuted(self, event: Json, text: str) -> None:
        """The minutes of a meeting, closed."""
        made = await said(self.staff, "POST", "minutes", {"event_id": event["id"], "text": text})
        await said(self.staff, "POST", f"minutes/{made['id']}:close")


def days_after(day: date, number: int) -> date:
    return day + timedelta(days=number)
