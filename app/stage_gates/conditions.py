"""What each gate asks for, after the four stages of the source and its three next steps.

A condition is the SELECT of what stands in its way, within the territory of the stage: a theme without a need, an
action still open; or the programme itself, where something of it is not there yet.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, String, Uuid, and_, cast, exists, func, literal, or_, select, true
from sqlalchemy import type_coerce as typed
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from app.action_plans.actions.models import Action, ActionState
from app.action_plans.plans.models import ActionPlan
from app.communication.publications.models import Publication
from app.dialogue.needs.models import Need, NeedState
from app.dialogue.working_groups.models import WorkingGroup
from app.events.held import has_attendance, is_held
from app.events.models import Event, EventKind
from app.partnerships.models import Partnership, PartnershipStage
from app.territories.models import Gate, Programme, Stage, Succession, Theme
from app.territories.programmes.gates import Condition, MissingRows

_Elsewhere = aliased(Programme)
OVER = (ActionState.COMPLETED, ActionState.ABANDONED)
ANSWERED_FOR = (NeedState.QUALIFIED, NeedState.ADDRESSED)


def _told(rows: Select[Any], resource: str, id_: SQLCoreOperations[UUID], title: SQLCoreOperations[str]) -> MissingRows:
    told = rows.with_only_columns(literal(resource, String), typed(id_, Uuid), typed(title, String))
    return told.order_by(title, id_)


def _programme_unless(there: Callable[[Stage], ColumnElement[bool]]) -> Callable[[Stage], MissingRows]:
    """The programme, unless something of it is there."""

    def missing(stage: Stage) -> MissingRows:
        rows = select(Programme).where(Programme.id == stage.programme_id, ~there(stage))
        return _told(rows, "programmes", Programme.id, Programme.name)

    return missing


def _themes_without(there: Callable[[Stage], ColumnElement[bool]]) -> Callable[[Stage], MissingRows]:
    """The themes of the territory on which something is not there."""

    def missing(stage: Stage) -> MissingRows:
        rows = select(Theme).where(Theme.territory_id == stage.territory_id, ~there(stage))
        return _told(rows, "themes", Theme.id, Theme.name)

    return missing


def _since(stage: Stage, day: SQLCoreOperations[Any]) -> ColumnElement[bool]:
    """What happened since the stage began."""
    return cast(day, Date) >= stage.starts_on if stage.starts_on else true()


def _held(stage: Stage, kind: EventKind) -> ColumnElement[bool]:
    """Events of this kind that took place in the territory since the stage began."""
    began = _since(stage, func.timezone(Event.timezone, Event.starts_at))
    return and_(Event.territory_id == stage.territory_id, Event.kind == kind, is_held(), began)


def _an_event(kind: EventKind) -> Callable[[Stage], MissingRows]:
    return _programme_unless(lambda stage: exists(literal(1)).where(_held(stage, kind)))


def _unnoted(kind: EventKind) -> Callable[[Stage], MissingRows]:
    """Events of this kind of which nobody noted who came."""

    def missing(stage: Stage) -> MissingRows:
        return _told(select(Event).where(_held(stage, kind), ~has_attendance()), "events", Event.id, Event.title)

    return missing


def _themes_exist(stage: Stage) -> ColumnElement[bool]:
    return exists(literal(1)).where(Theme.territory_id == stage.territory_id)


def _need(_stage: Stage) -> ColumnElement[bool]:
    return exists(literal(1)).where(Need.theme_id == Theme.id, Need.state.in_(ANSWERED_FOR))


def _group_that_met(stage: Stage) -> ColumnElement[bool]:
    met = exists(literal(1)).where(Event.working_group_id == WorkingGroup.id, is_held())
    of_theme = WorkingGroup.theme_id == Theme.id
    return exists(literal(1)).where(of_theme, WorkingGroup.programme_id == stage.programme_id, met)


def _plan(stage: Stage) -> ColumnElement[bool]:
    return exists(literal(1)).where(ActionPlan.theme_id == Theme.id, ActionPlan.programme_id == stage.programme_id)


def _actions_of(stage: Stage) -> ColumnElement[bool]:
    of_programme = exists(literal(1)).where(
        ActionPlan.id == Action.plan_id, ActionPlan.programme_id == stage.programme_id
    )
    return and_(Action.territory_id == stage.territory_id, of_programme)


def _open_actions(stage: Stage) -> MissingRows:
    rows = select(Action).where(_actions_of(stage), Action.state.not_in(OVER))
    return _told(rows, "actions", Action.id, Action.title)


def _told_of(stage: Stage) -> ColumnElement[bool]:
    """Something came out in a channel since the stage began, about one of its actions or its report-back."""
    of_action = exists(literal(1)).where(Action.id == Publication.action_id, _actions_of(stage))
    report_back = exists(literal(1)).where(Event.id == Publication.event_id, Event.kind == EventKind.REPORT_BACK)
    here = and_(Publication.territory_id == stage.territory_id, _since(stage, Publication.published_on))
    return exists(literal(1)).where(here, or_(of_action, report_back))


def _new_partnership(stage: Stage) -> ColumnElement[bool]:
    began = func.coalesce(Partnership.starts_on, Partnership.agreement_signed_on)
    active = and_(Partnership.territory_id == stage.territory_id, Partnership.stage == PartnershipStage.ACTIVE)
    return exists(literal(1)).where(active, _since(stage, began))


def _carried_on(stage: Stage) -> ColumnElement[bool]:
    """A territory that takes over from this one has launched a programme."""
    launched = exists(literal(1)).where(
        _Elsewhere.territory_id == Succession.successor_id, _Elsewhere.launched_on.is_not(None)
    )
    return exists(literal(1)).where(Succession.predecessor_id == stage.territory_id, launched)


def _has_objectives(_stage: Stage) -> ColumnElement[bool]:
    return func.cardinality(Programme.objectives) > 0


CONDITIONS: dict[Gate, tuple[Condition, ...]] = {
    Gate.DESIGN: (
        Condition("programme_without_purpose", _programme_unless(lambda _: Programme.purpose.is_not(None))),
        Condition("programme_without_objectives", _programme_unless(_has_objectives)),
        Condition("territory_without_themes", _programme_unless(_themes_exist)),
    ),
    Gate.MOBILISATION: (
        Condition("no_plenary_held", _an_event(EventKind.PLENARY)),
        Condition("plenary_without_attendance", _unnoted(EventKind.PLENARY)),
    ),
    Gate.DIAGNOSIS: (
        Condition("territory_without_themes", _programme_unless(_themes_exist)),
        Condition("theme_without_need", _themes_without(_need)),
    ),
    Gate.CO_CONSTRUCTION: (
        Condition("territory_without_themes", _programme_unless(_themes_exist)),
        Condition("theme_without_group", _themes_without(_group_that_met)),
        Condition("theme_without_plan", _themes_without(_plan)),
    ),
    Gate.IMPLEMENTATION: (
        Condition("programme_without_actions", _programme_unless(lambda s: exists(literal(1)).where(_actions_of(s)))),
        Condition("action_not_over", _open_actions),
    ),
    Gate.REPORT_BACK: (
        Condition("no_report_back_held", _an_event(EventKind.REPORT_BACK)),
        Condition("report_back_without_attendance", _unnoted(EventKind.REPORT_BACK)),
        Condition("nothing_came_out", _programme_unless(_told_of)),
    ),
    Gate.NEW_PARTNERSHIPS: (Condition("no_new_partnership", _programme_unless(_new_partnership)),),
    Gate.DEPLOYMENT: (Condition("not_carried_on", _programme_unless(_carried_on)),),
}
