"""What leaves of the balance sheet of a partnership."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.actors.schemas import ActorRef
from app.core.schemas import View
from app.partnerships.models import ContributionKind, ContributionUnit


class AmountOut(View):
    """Contributions of one kind added up. What is not known yet counts in no sum."""

    kind: ContributionKind
    unit: Annotated[ContributionUnit, Field(description="EUR for money, hours for the rest")]
    planned: Annotated[float, Field(examples=[1500])]
    real: Annotated[float, Field(description="of those entered so far", examples=[1200])]
    not_entered: Annotated[int, Field(description="contributions whose real amount is not entered yet", examples=[1])]


class PartyBalance(View):
    """What one party gives and receives, one line a kind."""

    actor: ActorRef
    role: Annotated[str, Field(examples=["Établissement pilote"])]
    given: Annotated[list[AmountOut], Field(description="to other parties and to the common work")]
    received: Annotated[list[AmountOut], Field(description="meant for this party alone")]
    benefit_sought: Annotated[str | None, Field(examples=["Faire connaître ses métiers"])]


class ScoresOut(View):
    """The parties' reviews, averaged. A party is told them once three have reviewed, so that nobody's own are."""

    reviews: Annotated[int, Field(description="how many there are")]
    parties: Annotated[int, Field(description="how many parties have written one")]
    suppressed: Annotated[bool, Field(description="true: too few for you to be told the averages")]
    performance: Annotated[float | None, Field(description="from 1 to 5", examples=[4.25])]
    innovation: Annotated[float | None, Field(description="from 1 to 5", examples=[3.5])]
    trust: Annotated[float | None, Field(description="from 1 to 5", examples=[4.75])]
    balance: Annotated[float | None, Field(description="from 1 to 5", examples=[3])]


class BalanceSheet(View):
    """What a partnership brings to whom."""

    partnership_id: UUID
    parties: list[PartyBalance]
    common: Annotated[list[AmountOut], Field(description="given to the common work, by all parties together")]
    scores: ScoresOut
    renewal_due_on: Annotated[date | None, Field(description="from then on it is to be renewed")]
    is_renewal_due: Annotated[bool, Field(description="whether that day has come, in its territory")]
