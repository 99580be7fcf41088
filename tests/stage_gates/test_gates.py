"""A stage with a gate is completed only when its checklist holds, and says what is missing item by item."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from app.action_plans.actions.models import ActionState
from app.core import clock, i18n
from app.dialogue.needs.models import NeedState
from app.dialogue.working_groups.models import GroupState, WorkingGroup
from app.events.models import EventKind, EventStatus
from app.events.registrations.models import Attendance
from app.partnerships.models import PartnershipStage
from app.stage_gates.conditions import CONDITIONS
from app.territories.models import Gate, StageStatus, Succession
from tests import factories
from tests.action_plans.factories import a_plan, an_action
from tests.communication.factories import a_channel, a_publication
from tests.dialogue.factories import a_need
from tests.events.registrations.factories import a_registration
from tests.partnerships.factories import a_partnership

BEGAN = date(2012, 10, 1)
AGO = -timedelta(days=3)


class Territory:
    """A territory with two themes, and a programme whose one stage is active behind a gate."""

    def __init__(self, session, here, programme, themes, actor) -> None:
        self.session, self.here, self.programme, self.themes, self.actor = session, here, programme, themes, actor
        self.stage = programme.stages[0]

    async def event(self, kind: EventKind, *, attendance: bool = False, **traits):
        values = {"kind": kind, "published": True, "starts_in": AGO, **traits}
        event = await factories.an_event(self.session, self.here, **values)
        if attendance:
            await a_registration(self.session, event, actor=self.actor, attendance=Attendance.ATTENDED)
        return event

    async def need(self, theme, state: NeedState) -> None:
        await a_need(self.session, self.here, theme=theme, state=state)

    async def group(self, theme, programme=None, name: str | None = None) -> WorkingGroup:
        row = WorkingGroup(
            territory_id=self.here.id, programme_id=(programme or self.programme).id, theme_id=theme.id,
            name=name or theme.name, state=GroupState.FORMING,
        )  # fmt: skip
        self.session.add(row)
        await self.session.commit()
        return row

    async def plan(self, theme=None, programme=None):
        return await a_plan(self.session, self.here, programme=programme or self.programme, theme=theme)


@pytest.fixture
async def place(session) -> Territory:
    here = await factories.a_territory(session)
    themes = [await factories.a_theme(session, here, name=name) for name in ("Handicap", "Jeunes")]
    programme = await factories.a_programme(session, here, name="AET", stages=("Une",))
    programme.stages[0].status, programme.stages[0].starts_on = StageStatus.ACTIVE, BEGAN
    await session.commit()
    return Territory(session, here, programme, themes, await factories.an_actor(session, here))


@pytest.fixture
def admin(place, client_for):
    return client_for(factories.a_collectivite(place.here, admin=True))


async def gated(place: Territory, gate: Gate | None) -> str:
    place.stage.gate = gate
    await place.session.commit()
    return f"/v1/stages/{place.stage.id}"


async def lacks(admin, path: str) -> dict[str, list[str]]:
    """What the checklist says is missing, by condition; the verb and `allowed_actions` must agree."""
    told = (await admin.get(f"{path}/checklist")).json()
    missing = {one["code"]: [row["title"] for row in one["missing"]] for one in told["conditions"] if not one["holds"]}
    assert told["is_complete"] == (not missing)
    assert ("complete" in (await admin.get(path)).json()["allowed_actions"]) == (not missing)
    if missing:
        refused = await admin.post(f"{path}:complete", headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/illegal-transition")
        errors = refused.json()["errors"]
        assert [error["code"] for error in errors] == [code for code, titles in missing.items() for _ in titles]
        titles = [title for found in missing.values() for title in found]
        assert all(title in error["message"] for title, error in zip(titles, errors, strict=True))
        assert all(error["pointer"].startswith("#/conditions/") for error in errors)
    return missing


Step = Callable[[Territory], Awaitable[object]]


async def _mobilise(place: Territory) -> None:
    """What does not count: other kinds, what was called off, what is to come, what was before."""
    await place.event(EventKind.STEERING, attendance=True)
    await place.event(EventKind.PLENARY, status=EventStatus.CANCELLED)
    await place.event(EventKind.PLENARY, starts_in=timedelta(days=1))
    await place.event(EventKind.PLENARY, starts_at=clock.now().replace(year=2011), attendance=True)


async def _note_plenary(place: Territory) -> None:
    await a_registration(place.session, place.plenary, actor=place.actor, attendance=Attendance.ABSENT)


async def _plenary(place: Territory) -> None:
    place.plenary = await place.event(EventKind.PLENARY, title="Ouverture")


async def _half_a_diagnosis(place: Territory) -> None:
    await place.need(place.themes[0], NeedState.QUALIFIED)
    await place.need(place.themes[1], NeedState.VOICED)


async def _diagnosis(place: Territory) -> None:
    await place.need(place.themes[1], NeedState.QUALIFIED)


async def _groups(place: Territory) -> None:
    """One met, one did not, and one of another programme did."""
    for theme, starts_in in zip(place.themes, (AGO, timedelta(days=1)), strict=True):
        group = await place.group(theme)
        await place.event(EventKind.WORKING_GROUP_SESSION, working_group_id=group.id, starts_in=starts_in)
    other = await factories.a_programme(place.session, place.here)
    group = await place.group(place.themes[1], other)
    await place.event(EventKind.WORKING_GROUP_SESSION, working_group_id=group.id)
    await place.plan(place.themes[1], other)
    await place.plan()


async def _co_construction(place: Territory) -> None:
    group = await place.group(place.themes[1], name="Un second groupe")
    await place.event(EventKind.WORKING_GROUP_SESSION, working_group_id=group.id)
    for theme in place.themes:
        await place.plan(theme)


async def _actions(place: Territory) -> None:
    plan = await place.plan()
    for state in ActionState:
        await an_action(place.session, place.here, plan=plan, state=state, title=state)
    await an_action(place.session, place.here, title="d’une autre démarche")


async def _end_actions(place: Territory) -> None:
    await place.session.execute(text("delete from actions where state not in ('completed', 'abandoned')"))
    await place.session.commit()


async def _report_back(place: Territory) -> None:
    await place.event(EventKind.REPORT_BACK, attendance=True)
    channel = await a_channel(place.session, place.here)
    await a_publication(place.session, channel)


async def _tell(place: Territory) -> None:
    action = await an_action(place.session, place.here, plan=await place.plan())
    await a_publication(place.session, await a_channel(place.session, place.here), action_id=action.id)


async def _old_partnership(place: Territory) -> None:
    other = await factories.an_actor(place.session, place.here)
    of = {"stage": PartnershipStage.ACTIVE, "starts_on": BEGAN - timedelta(days=1)}
    await a_partnership(place.session, place.here, place.actor, other, **of)
    await a_partnership(place.session, place.here, place.actor, other, starts_on=BEGAN)


async def _new_partnership(place: Territory) -> None:
    other = await factories.an_actor(place.session, place.here)
    of = {"stage": PartnershipStage.ACTIVE, "agreement_signed_on": BEGAN}
    await a_partnership(place.session, place.here, place.actor, other, **of)


async def _successor(place: Territory) -> None:
    place.next = await factories.a_territory(place.session, valid_from=date(2016, 1, 1))
    place.session.add(
        Succession(predecessor_id=place.here.id, successor_id=place.next.id, succeeds_on=date(2016, 1, 1))
    )
    place.here.valid_until = date(2016, 1, 1)
    await place.session.commit()


async def _carry_on(place: Territory) -> None:
    await factories.a_programme(place.session, place.next, launched_on=date(2016, 2, 1))


async def _purpose(place: Territory) -> None:
    place.programme.purpose = "Agir ensemble"
    await place.session.commit()


async def _objectives(place: Territory) -> None:
    place.programme.objectives = ["Rapprocher"]
    await place.session.commit()


ROADS: dict[Gate, list[tuple[dict[str, list[str]], Step | None]]] = {
    Gate.DESIGN: [
        ({"programme_without_purpose": ["AET"], "programme_without_objectives": ["AET"]}, _purpose),
        ({"programme_without_objectives": ["AET"]}, _objectives),
    ],
    Gate.MOBILISATION: [
        ({"no_plenary_held": ["AET"]}, _mobilise),
        ({"no_plenary_held": ["AET"]}, _plenary),
        ({"plenary_without_attendance": ["Ouverture"]}, _note_plenary),
    ],
    Gate.DIAGNOSIS: [
        ({"theme_without_need": ["Handicap", "Jeunes"]}, _half_a_diagnosis),
        ({"theme_without_need": ["Jeunes"]}, _diagnosis),
    ],
    Gate.CO_CONSTRUCTION: [
        ({"theme_without_group": ["Handicap", "Jeunes"], "theme_without_plan": ["Handicap", "Jeunes"]}, _groups),
        ({"theme_without_group": ["Jeunes"], "theme_without_plan": ["Handicap", "Jeunes"]}, _co_construction),
    ],
    Gate.IMPLEMENTATION: [
        ({"programme_without_actions": ["AET"]}, _actions),
        ({"action_not_over": ["in_progress", "paused", "proposed", "selected"]}, _end_actions),
    ],
    Gate.REPORT_BACK: [
        ({"no_report_back_held": ["AET"], "nothing_came_out": ["AET"]}, _report_back),
        ({"nothing_came_out": ["AET"]}, _tell),
    ],
    Gate.NEW_PARTNERSHIPS: [
        ({"no_new_partnership": ["AET"]}, _old_partnership),
        ({"no_new_partnership": ["AET"]}, _new_partnership),
    ],
    Gate.DEPLOYMENT: [({"not_carried_on": ["AET"]}, _successor), ({"not_carried_on": ["AET"]}, _carry_on)],
}
"""What is missing at first, and after each step; then nothing is."""


@pytest.mark.unit
def test_every_gate_asks_for_something_that_is_told_in_both_languages() -> None:
    assert set(CONDITIONS) == set(Gate) == set(ROADS)
    codes = {condition.code for conditions in CONDITIONS.values() for condition in conditions}
    assert all(i18n.has(f"{table}.{code}") for code in codes for table in ("gate", "error"))


@pytest.mark.parametrize("gate", Gate)
async def test_a_stage_is_completed_once_its_checklist_holds(place, admin, gate) -> None:
    path = await gated(place, gate)
    for missing, step in ROADS[gate]:
        assert await lacks(admin, path) == missing
        await step(place)
    assert await lacks(admin, path) == {}
    done = await admin.post(f"{path}:complete", headers={"If-Match": "*"})
    assert (done.status_code, done.json()["status"]) == (200, "done")


async def test_a_territory_without_themes_has_nothing_to_diagnose(session, client_for) -> None:
    here = await factories.a_territory(session)
    programme = await factories.a_programme(session, here, name="AET", stages=("Une",))
    programme.stages[0].status = StageStatus.ACTIVE
    place = Territory(session, here, programme, [], None)
    admin = client_for(factories.a_collectivite(here, admin=True))
    for gate in (Gate.DIAGNOSIS, Gate.CO_CONSTRUCTION):
        assert await lacks(admin, await gated(place, gate)) == {"territory_without_themes": ["AET"]}


async def test_nothing_changes_for_a_stage_without_a_gate(place, admin) -> None:
    path = await gated(place, None)
    assert (await admin.get(f"{path}/checklist")).json() == {
        "stage_id": str(place.stage.id), "gate": None, "is_complete": True, "conditions": [],
    }  # fmt: skip
    assert (await admin.post(f"{path}:complete", headers={"If-Match": "*"})).json()["status"] == "done"


async def test_a_gate_is_set_on_a_stage_and_lifted(place, admin) -> None:
    path = f"/v1/stages/{place.stage.id}"
    for gate in ("mobilisation", None):
        changed = await admin.patch(path, json={"gate": gate}, headers={"If-Match": "*"})
        assert (changed.status_code, changed.json()["gate"]) == (200, gate)
        assert ("complete" in changed.json()["allowed_actions"]) == (gate is None)
    refused = await admin.patch(path, json={"gate": "celebration"}, headers={"If-Match": "*"})
    assert refused.status_code == 422
