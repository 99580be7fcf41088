"""The chain an action stands in, from the need to the means."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import View


class LinkKind(StrEnum):
    """What a link of the chain is, in the order of the chain."""

    NEED = "need"
    WORKING_GROUP = "working_group"
    MEETING = "meeting"
    PROPOSAL = "proposal"
    DECISION = "decision"
    ACTION = "action"
    MEANS = "means"


class Link(View):
    """One link of the chain."""

    kind: Annotated[LinkKind, Field(examples=["need"])]
    id: Annotated[UUID, Field(description="of the resource it is; of the action, for its proposal")]
    title: Annotated[str, Field(examples=["Les jeunes ne connaissent pas les entreprises d’ici"])]
    state: Annotated[
        str | None, Field(description="of an event: its status; of means: planned or real", examples=["addressed"])
    ]
    on: Annotated[
        date | None,
        Field(
            description="voiced, begun, held, proposed, decided, started, or given from this day",
            examples=["2013-02-12"],
        ),
    ]


class Lineage(View):
    """What an action came from and what is put into it, in the order of the chain, then of time.

    Links out of your sight, or for which your token has no scope, are left out.
    """

    items: list[Link]
