import asyncio
from datetime import timedelta

import time_machine
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.journal import attribute_to
from app.core.publication import Publication, Tombstone
from app.events.models import Audience, Event, EventKind
from app.publishing.schemas import PublicChanges, PublicFacets
from app.territories.models import Territory
from tests.factories import a_territory, a_theme, an_event

EVENTS = "/v1/public/events"
CHANGES = f"{EVENTS}/changes"


async def test_counts_are_those_of_the_same_selection(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    theme = await a_theme(session, territory, slug="emploi", name="Emploi")
    for kind in (EventKind.PLENARY, EventKind.PLENARY, EventKind.STEERING):
        await an_event(session, territory, published=True, kind=kind, themes=[theme], insee_code="94018")
    await an_event(session, territory, published=True, starts_in=-timedelta(days=2), lasts=timedelta(days=9))
    answer = await anonymous.get(f"{EVENTS}/facets?territory=marne")
    told = PublicFacets.model_validate_json(answer.content)
    assert told.total == 4
    assert [(count.value, count.label, count.count) for count in told.theme] == [("emploi", "Emploi", 3)]
    assert [(count.value, count.label, count.count) for count in told.kind] == [
        ("plenary", "Plénière", 3), ("steering", "Comité de pilotage", 1)
    ]  # fmt: skip
    assert [(count.value, count.count) for count in told.municipality] == [("94018", 3)]
    assert sum(count.count for count in told.month) == 4
    narrowed = await anonymous.get(f"{EVENTS}/facets?kind=steering&lang=en")
    assert (narrowed.json()["total"], narrowed.json()["kind"][0]["label"]) == (1, "Steering committee")


async def told_since(client: AsyncClient, cursor: str, *, of: set[Event]) -> tuple[dict[str, str | None], str]:
    """Read on until these events have been told: a transaction open elsewhere on the server holds them back."""
    told: dict[str, str | None] = {}
    async with asyncio.timeout(60):
        while True:
            answer = await client.get(f"{CHANGES}?since={cursor}&limit=2")
            page = PublicChanges.model_validate_json(answer.content)
            told |= {str(item.id): item.reason or item.change for item in page.items}
            cursor = page.next
            if not page.has_more and {str(event.id) for event in of} <= told.keys():
                return told, cursor


async def test_a_copy_kept_elsewhere_follows_every_change(keeping, reader: AsyncClient, writer: AsyncSession) -> None:
    territory = await a_territory(writer)
    kept, withdrawn, deleted, turned_inside = [await an_event(writer, territory, published=True) for _ in range(4)]
    draft = await an_event(writer, territory)
    inside = await an_event(writer, territory, published=True, audience=Audience.PARTNERS)
    cursor = (await reader.get(CHANGES)).json()["next"]
    kept.title = "Autre titre"
    withdrawn.publication, withdrawn.withdrawn_at = Publication.WITHDRAWN, clock.now()
    turned_inside.audience = Audience.INTERNAL
    draft.title = inside.title = "Autre titre"
    await writer.delete(deleted)
    writer.add(Tombstone(resource_id=deleted.id, resource="events", territory_id=territory.id, removed_at=clock.now()))
    await writer.commit()
    changes, _ = await told_since(reader, cursor, of={kept, withdrawn, deleted, turned_inside})
    assert changes == {
        str(kept.id): "changed", str(withdrawn.id): "withdrawn", str(deleted.id): "deleted",
        str(turned_inside.id): "withdrawn",
    }  # fmt: skip


async def test_what_was_told_is_not_told_again(keeping, reader: AsyncClient, writer: AsyncSession) -> None:
    territory = await a_territory(writer)
    cursor = (await reader.get(CHANGES)).json()["next"]
    first, second = [await an_event(writer, territory, published=True) for _ in range(2)]
    _, cursor = await told_since(reader, cursor, of={first, second})
    second.title = "Autre titre"
    await writer.commit()
    assert (await told_since(reader, cursor, of={second}))[0] == {str(second.id): "changed"}


async def test_the_end_of_an_embargo_is_a_change(keeping, reader: AsyncClient, writer: AsyncSession) -> None:
    territory = await a_territory(writer)
    release = clock.now() + timedelta(hours=2)
    event = await an_event(writer, territory, published=True, publish_at=release, starts_in=timedelta(days=3))
    other = await an_event(writer, territory, published=True)
    cursor = (await reader.get(CHANGES)).json()["next"]
    other.title = "Autre titre"
    await writer.commit()
    told, cursor = await told_since(reader, cursor, of={other})
    assert told == {str(other.id): "changed"}
    with time_machine.travel(release + timedelta(minutes=1)):
        assert (await told_since(reader, cursor, of={event}))[0] == {str(event.id): "changed"}


async def test_a_slow_transaction_is_not_jumped_over(keeping, reader: AsyncClient, writer: AsyncSession) -> None:
    territory = await a_territory(writer)
    slow_event, quick_event = [await an_event(writer, territory, published=True) for _ in range(2)]
    cursor = (await reader.get(CHANGES)).json()["next"]
    async with keeping.database.session() as slow:
        attribute_to(slow, "slow")
        row = await slow.get_one(Event, slow_event.id)
        row.title = "Lent"
        await slow.flush()
        quick_event.title = "Rapide"
        await writer.commit()
        cursor = (await reader.get(f"{CHANGES}?since={cursor}")).json()["next"]
        await slow.commit()
    await told_since(reader, cursor, of={slow_event, quick_event})


async def test_a_cursor_of_changes_made_elsewhere_is_refused(anonymous: AsyncClient) -> None:
    answer = await anonymous.get(f"{CHANGES}?since=abc")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "foreign_cursor")
