from datetime import timedelta

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.events.models import Audience, Event, EventKind, Publication, Tombstone
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


async def told_since(client: AsyncClient, cursor: str) -> tuple[dict[str, str | None], str]:
    answer = await client.get(f"{CHANGES}?since={cursor}")
    page = PublicChanges.model_validate_json(answer.content)
    return {str(item.id): item.reason or item.change for item in page.items}, page.next


async def test_a_copy_kept_elsewhere_follows_every_change(keeping, reader: AsyncClient, writer: AsyncSession) -> None:
    territory = await a_territory(writer)
    kept = await an_event(writer, territory, published=True)
    withdrawn = await an_event(writer, territory, published=True)
    deleted = await an_event(writer, territory, published=True)
    turned_inside = await an_event(writer, territory, published=True)
    cursor = (await reader.get(CHANGES)).json()["next"]
    assert (await told_since(reader, cursor))[0] == {}
    kept.title = "Autre titre"
    withdrawn.publication, withdrawn.withdrawn_at = Publication.WITHDRAWN, clock.now()
    turned_inside.audience = Audience.INTERNAL
    await writer.delete(deleted)
    writer.add(Tombstone(event_id=deleted.id, territory_id=territory.id, removed_at=clock.now()))
    await an_event(writer, territory)
    await an_event(writer, territory, published=True, audience=Audience.PARTNERS)
    await writer.commit()
    changes, cursor = await told_since(reader, cursor)
    assert changes == {
        str(kept.id): "changed", str(withdrawn.id): "withdrawn", str(deleted.id): "deleted",
        str(turned_inside.id): "withdrawn",
    }  # fmt: skip
    assert (await told_since(reader, cursor))[0] == {}


async def test_the_end_of_an_embargo_is_a_change(keeping, reader: AsyncClient, writer: AsyncSession) -> None:
    import time_machine

    territory = await a_territory(writer)
    release = clock.now() + timedelta(hours=2)
    event = await an_event(writer, territory, published=True, publish_at=release, starts_in=timedelta(days=3))
    cursor = (await reader.get(CHANGES)).json()["next"]
    assert (await told_since(reader, cursor))[0] == {}
    with time_machine.travel(release + timedelta(minutes=1)):
        assert (await told_since(reader, cursor))[0] == {str(event.id): "changed"}


async def test_a_slow_transaction_is_not_jumped_over(keeping, reader: AsyncClient, writer: AsyncSession) -> None:
    from app.core.journal import attribute_to

    territory = await a_territory(writer)
    slow_event = await an_event(writer, territory, published=True)
    quick_event = await an_event(writer, territory, published=True)
    cursor = (await reader.get(CHANGES)).json()["next"]
    async with keeping.database.session() as slow:
        attribute_to(slow, "slow")
        row = await slow.get_one(Event, slow_event.id)
        row.title = "Lent"
        await slow.flush()
        quick_event.title = "Rapide"
        await writer.commit()
        first, cursor = await told_since(reader, cursor)
        await slow.commit()
    second, cursor = await told_since(reader, cursor)
    assert set(first) | set(second) == {str(slow_event.id), str(quick_event.id)}
    assert str(slow_event.id) in second


async def test_many_changes_come_in_pages(keeping, reader: AsyncClient, writer: AsyncSession) -> None:
    territory = await a_territory(writer)
    cursor = (await reader.get(CHANGES)).json()["next"]
    made = {str((await an_event(writer, territory, published=True)).id) for _ in range(5)}
    seen: set[str] = set()
    has_more = True
    while has_more:
        page = (await reader.get(f"{CHANGES}?limit=2&since={cursor}")).json()
        seen |= {item["id"] for item in page["items"]}
        cursor, has_more = page["next"], page["has_more"]
    assert seen == made
    assert (await reader.get(f"{CHANGES}?since=abc")).status_code == 422
