"""Partnerships for tests."""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.core import clock
from app.core.publication import Publication
from app.partnerships.models import (
    Contribution,
    ContributionKind,
    Partnership,
    PartnershipStage,
    PartnershipType,
    Party,
    Review,
)
from app.territories.models import Territory

_numbers = count(1)
OVER = (PartnershipStage.SUSPENDED, PartnershipStage.ENDED)


async def a_partnership(
    session: AsyncSession,
    territory: Territory,
    *parties: Actor,
    published: bool = False,
    stage: PartnershipStage = PartnershipStage.PROSPECT,
    **traits: Any,
) -> Partnership:
    """Between these parties. `published`: seen by everyone now."""
    values: dict[str, Any] = {
        "title": f"Partenariat {next(_numbers)}", "type": PartnershipType.SOCIETAL_INNOVATION, "stage": stage,
        "objectives": [], "theme": None, "stage_reason": "Fin d’année" if stage in OVER else None,
        "ended_on": date(2020, 6, 30) if stage is PartnershipStage.ENDED else None, **traits,
    }  # fmt: skip
    if published:
        values |= {"publication": Publication.PUBLISHED, "published_at": clock.now()}
    row = Partnership(territory_id=territory.id, **values)
    row.parties = [
        Party(territory_id=territory.id, actor_id=actor.id, role="Partie prenante", contributions=[])
        for actor in parties
    ]
    session.add(row)
    await session.commit()
    return row


async def a_contribution(
    session: AsyncSession,
    party: Party,
    kind: ContributionKind = ContributionKind.MONEY,
    *,
    planned: int | None = None,
    real: int | None = None,
    recipient: Actor | None = None,
) -> Contribution:
    """Given by this party, to `recipient` or to the common work."""
    row = Contribution(
        partnership_id=party.partnership_id, giver_id=party.actor_id, position=next(_numbers) % 30_000, kind=kind,
        recipient_id=recipient and recipient.id, planned_amount=planned and Decimal(planned),
        real_amount=real and Decimal(real),
    )  # fmt: skip
    session.add(row)
    await session.commit()
    return row


async def a_review(session: AsyncSession, party: Party, *, score: int = 4, **traits: Any) -> Review:
    """By this party of the school year 2015-2016, `score` on everything."""
    values: dict[str, Any] = {
        "starts_on": date(2015, 9, 1), "ends_on": date(2016, 8, 31), "performance": score, "innovation": score,
        "trust": score, "balance": score, **traits,
    }  # fmt: skip
    row = Review(
        territory_id=party.territory_id, partnership_id=party.partnership_id, actor_id=party.actor_id, **values
    )
    session.add(row)
    await session.commit()
    return row
