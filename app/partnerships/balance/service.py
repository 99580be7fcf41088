"""The balance sheet of a partnership: what each party gives and receives, and what they think of it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.schemas import ActorRef
from app.identity.caller import Caller, Role
from app.partnerships.balance.schemas import AmountOut, BalanceSheet, PartyBalance, ScoresOut
from app.partnerships.models import SCORES, Contribution, ContributionKind, Partnership, Party, Review, unit_of
from app.partnerships.parties.policy import of_partnership as parties_of
from app.territories.service import today_in

FEWEST_REVIEWERS = 3
"""Of two scores and their average, who wrote one knows the other."""


async def balance_of(session: AsyncSession, caller: Caller, partnership: Partnership) -> BalanceSheet:
    """The balance sheet, as it stands now."""
    parties = list(await session.scalars(parties_of(caller, partnership).order_by(Party.id)))
    due = partnership.renewal_due_on
    return BalanceSheet(
        partnership_id=partnership.id,
        parties=weighed(parties),
        common=amounts(one for one in _all(parties) if one.recipient_id is None),
        scores=await _scores(session, caller, partnership),
        renewal_due_on=due,
        is_renewal_due=due is not None and due <= await today_in(session, partnership.territory_id),
    )


def weighed(parties: Sequence[Party]) -> list[PartyBalance]:
    """What each party gives, and what the others give to it alone."""
    everything = _all(parties)
    return [
        PartyBalance(
            actor=ActorRef.model_validate(party.actor),
            role=party.role,
            given=amounts(party.contributions),
            received=amounts(one for one in everything if one.recipient_id == party.actor_id),
            benefit_sought=party.benefit_sought,
        )
        for party in parties
    ]


def amounts(contributions: Iterable[Contribution]) -> list[AmountOut]:
    """The contributions added up, one line a kind, also where nothing is given."""
    given = list(contributions)
    return [_amount(kind, [one for one in given if one.kind is kind]) for kind in ContributionKind]


def _all(parties: Sequence[Party]) -> list[Contribution]:
    return [one for party in parties for one in party.contributions]


def _amount(kind: ContributionKind, given: Sequence[Contribution]) -> AmountOut:
    return AmountOut(
        kind=kind,
        unit=unit_of(kind),
        planned=float(sum((one.planned_amount or Decimal() for one in given), Decimal())),
        real=float(sum((one.real_amount or Decimal() for one in given), Decimal())),
        not_entered=sum(one.real_amount is None for one in given),
    )


async def _scores(session: AsyncSession, caller: Caller, partnership: Partnership) -> ScoresOut:
    averages = [func.round(func.avg(getattr(Review, score)), 2).label(score) for score in SCORES]
    counts = func.count().label("reviews"), func.count(Review.actor_id.distinct()).label("parties")
    asked = select(*counts, *averages).where(Review.partnership_id == partnership.id)
    found = (await session.execute(asked)).one()._asdict()
    is_hidden = caller.role is not Role.COLLECTIVITE and 0 < found["parties"] < FEWEST_REVIEWERS
    shown = dict.fromkeys(SCORES) if is_hidden else {score: found[score] for score in SCORES}
    return ScoresOut(reviews=found["reviews"], parties=found["parties"], suppressed=is_hidden, **shown)
