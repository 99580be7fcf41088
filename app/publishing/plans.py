"""The answers about published action plans and actions: what may be asked, what comes back, and how it is made."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.action_plans.actions.models import ActionState
from app.action_plans.plans.models import PlanState
from app.core.fields import Slug
from app.publishing.answers import Answer
from app.publishing.directory import list_rows, read_row
from app.publishing.filters import Paged, TerritoryFilter
from app.publishing.reading import Reading
from app.publishing.schemas import NEXT, Public, PublicActorName, PublicName
from app.publishing.selection.directory import Directory
from app.publishing.selection.plans import ACTION_PLANS, ACTIONS

ThemeFilter = Annotated[Slug | None, Field(description="slug of a theme it serves")]
CrossCutting = Annotated[bool | None, Field(description="serving all themes, or not")]


class ActionPlanQuestion(Paged):
    """A page of action plans."""

    territory: TerritoryFilter = None
    theme: ThemeFilter = None
    is_cross_cutting: CrossCutting = None
    state: Annotated[PlanState | None, Field(description="how far it is")] = None


class ActionQuestion(Paged):
    """A page of actions."""

    territory: TerritoryFilter = None
    theme: ThemeFilter = None
    is_cross_cutting: CrossCutting = None
    state: Annotated[ActionState | None, Field(description="how far it is")] = None
    plan: Annotated[UUID | None, Field(description="id of the published plan it is of")] = None
    actor: Annotated[UUID | None, Field(description="id of an actor that leads it or helps")] = None


class PublicActionPlan(Public):
    """A published action plan. Its actions: `/v1/public/actions?plan=`."""

    id: UUID
    title: Annotated[str, Field(examples=["Plan d’actions « insertion des jeunes »"])]
    summary: Annotated[str | None, Field(examples=["Rapprocher les jeunes des entreprises."])]
    programme: Annotated[str, Field(examples=["Agir Ensemble sur le Territoire"])]
    theme: Annotated[PublicName | None, Field(description="null: cross-cutting")]
    is_cross_cutting: bool
    state: Annotated[PlanState, Field(examples=["running"])]
    starts_on: Annotated[date | None, Field(description="first day", examples=["2013-06-20"])]
    ends_on: Annotated[date | None, Field(description="last day, included", examples=["2015-12-31"])]
    territory: PublicName
    published_at: datetime
    updated_at: datetime


class PublicActionPlans(Public):
    """A page of action plans, by title."""

    items: list[PublicActionPlan]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last", examples=[NEXT])]


class PublicPlanName(Public):
    """The plan an action is of."""

    id: UUID
    title: Annotated[str, Field(examples=["Plan d’actions « insertion des jeunes »"])]


class PublicBeneficiaries(Public):
    """How many people an action reaches."""

    planned: Annotated[int | None, Field(examples=[20])]
    real: Annotated[int | None, Field(description="null: not known, or suppressed", examples=[14])]
    suppressed: Annotated[bool, Field(description="the real count is under 11 and is not told")]


class PublicAction(Public):
    """A published action. Its days are included."""

    id: UUID
    title: Annotated[str, Field(examples=["Tutorat de jeunes par des dirigeants"])]
    description: Annotated[str | None, Field(description="Markdown", examples=["Un dirigeant suit un jeune."])]
    objective: Annotated[str | None, Field(examples=["Trouver une entreprise en alternance"])]
    plan: Annotated[PublicPlanName | None, Field(description="null where it is not published")]
    is_cross_cutting: bool
    themes: list[PublicName]
    leads: Annotated[list[PublicActorName], Field(description="who leads it, in the order shown")]
    partners: Annotated[list[PublicActorName], Field(description="who helps, in the order shown")]
    state: Annotated[ActionState, Field(examples=["in_progress"])]
    planned_start_on: Annotated[date | None, Field(examples=["2013-09-01"])]
    planned_end_on: Annotated[date | None, Field(examples=["2014-06-30"])]
    started_on: Annotated[date | None, Field(examples=["2013-09-16"])]
    ended_on: Annotated[date | None, Field(examples=["2014-06-20"])]
    beneficiaries: PublicBeneficiaries
    territory: PublicName
    published_at: datetime
    updated_at: datetime


class PublicActions(Public):
    """A page of actions, by title."""

    items: list[PublicAction]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last", examples=[NEXT])]


async def list_action_plans(reading: Reading) -> Answer:
    """A page of published plans, by title."""
    return await _list(reading, ACTION_PLANS)


async def read_action_plan(reading: Reading) -> Answer:
    """One published plan, by its id."""
    return await read_row(reading, ACTION_PLANS)


async def list_actions(reading: Reading) -> Answer:
    """A page of published actions, by title."""
    question = reading.question
    assert isinstance(question, ActionQuestion)
    return await _list(reading, ACTIONS, plan=question.plan, actor=question.actor)


async def read_action(reading: Reading) -> Answer:
    """One published action, by its id."""
    return await read_row(reading, ACTIONS)


async def _list(reading: Reading, directory: Directory, **more: UUID | None) -> Answer:
    question = reading.question
    assert isinstance(question, ActionPlanQuestion | ActionQuestion)
    async with reading.database.driver() as connection:
        themes = [question.theme] if question.theme else []
        known = await reading.reference.look_up(connection, question.territory, themes, [])
        filters = {
            "territory": known.territory_id,
            "theme": list(known.theme_ids) or None,
            "is_cross_cutting": question.is_cross_cutting,
            "state": question.state and str(question.state),
            **more,
        }
        return await list_rows(reading, connection, directory, filters)
