"""Means as a spreadsheet: what is put into which programme or action, planned and real, in exact amounts."""

from collections.abc import Hashable, Iterable, Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.actions.models import Action
from app.action_plans.actions.policy import visible_to as actions_visible_to
from app.action_plans.means import policy, service
from app.action_plans.means.models import Means, MeansKind, MeansUnit
from app.action_plans.means.schemas import MeansCreate, MeansUpdate
from app.actors.spreadsheet import actors_named
from app.core.spreadsheets.kinds import Choice, Day, Exact, Reference
from app.core.spreadsheets.lookups import among_few, goes_by
from app.core.spreadsheets.sheet import ID, VERSION, Change, Column, Record, Sheet, Writing
from app.core.spreadsheets.words import same_name
from app.identity.caller import Caller
from app.territories.models import Programme
from app.territories.policy import visible_to as owned_visible_to
from app.territories.spreadsheet import TERRITORY, ground

COLUMNS: Sequence[Column[Means]] = (
    ID,
    VERSION,
    TERRITORY,
    Column("label"),
    Column("kind", Choice("means_kind", MeansKind)),
    Column("unit", Choice("means_unit", MeansUnit)),
    Column("planned_amount", Exact()),
    Column("real_amount", Exact()),
    Column("provider", Reference("actors"), "provider_id", lambda means: means.provider_id),
    Column("programme", Reference("programmes"), "programme_id", lambda means: means.programme_id),
    Column("action", Reference("actions"), "action_id", lambda means: means.action_id),
    Column("starts_on", Day()),
    Column("ends_on", Day()),
)


async def sheet(session: AsyncSession, caller: Caller) -> Sheet[Means]:
    """The means a caller sees, and those it may change."""
    where = await ground(session, caller)
    programmes, actions = owned_visible_to(caller, Programme), actions_visible_to(caller)

    async def write(changes: Sequence[Change[Means]]) -> Sequence[Means]:
        return await service.write_means(session, caller, changes)

    return Sheet(
        name="means",
        model=Means,
        columns=COLUMNS,
        rows=policy.visible_to(caller),
        order=(Means.sort_label, Means.id),
        lookups={
            **where.lookups,
            "actors": actors_named(caller),
            "programmes": among_few(Programme, programmes, lambda programme: [programme.name]),
            "actions": among_few(Action, actions, lambda action: [action.title]),
        },
        zones=where.zones,
        writing=Writing(
            create=MeansCreate,
            update=MeansUpdate,
            editable=policy.editable(caller),
            keys=[_by_all_that_tells_them_apart],
            candidates=_candidates,
            write=write,
            defaults=where.defaults,
        ),
    )


def _by_all_that_tells_them_apart(record: Record) -> Iterable[Hashable]:
    """The same means are those of one label, kind, unit and first day, for the same programme or action."""
    label = record.get("label")
    others = ("territory", "kind", "unit", "programme", "action", "starts_on")
    return [(same_name(label), *(record.get(name) for name in others))] if label else []


def _candidates(records: Sequence[Record]) -> ColumnElement[bool]:
    return goes_by(Means.sort_label, {record["label"] for record in records if record.get("label")})
