"""`/v1/public/action-plans` and `/actions`: what was published, and nothing of what stays among those who work."""

from datetime import timedelta

import pytest
import time_machine

from app.action_plans.actions.models import ActionState
from app.action_plans.plans.models import PlanState
from app.core import clock
from app.core.publication import Publication
from app.publishing.plans import PublicAction, PublicActionPlan, PublicActionPlans, PublicActions
from tests import factories
from tests.action_plans.factories import a_note, a_plan, an_action, some_means
from tests.publishing.test_caching import until

PLANS, ACTIONS = "/v1/public/action-plans", "/v1/public/actions"
TOMORROW, YESTERDAY = clock.now() + timedelta(days=1), clock.now() - timedelta(days=1)
MAKE = {PLANS: a_plan, ACTIONS: an_action}
PAGES = {PLANS: PublicActionPlans, ACTIONS: PublicActions}
ITEMS = {PLANS: PublicActionPlan, ACTIONS: PublicAction}


async def titles(client, path: str, query: str = "") -> list[str]:
    answer = await client.get(f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    return [item.title for item in PAGES[path].model_validate_json(answer.content).items]


@pytest.mark.parametrize("path", MAKE)
async def test_only_what_was_published_and_is_out_of_embargo_is_told(anonymous, session, territory, path) -> None:
    out = {"publication": Publication.PUBLISHED, "published_at": YESTERDAY}
    never_out = {"published_at": TOMORROW, "publish_at": TOMORROW}
    withdrawn = {"publication": Publication.WITHDRAWN, "withdrawn_at": clock.now()}
    rows = {
        name: await MAKE[path](session, territory, title=name, **traits)
        for name, traits in {
            "draft": {},
            "out": out,
            "released": {**out, "publish_at": YESTERDAY},
            "embargoed": {**out, **never_out},
            "withdrawn": {**out, **withdrawn},
            "withdrawn under embargo": {**out, **never_out, **withdrawn},
        }.items()
    }
    assert await titles(anonymous, path) == ["out", "released"]
    statuses = {name: (await anonymous.get(f"{path}/{row.id}")).status_code for name, row in rows.items()}
    assert statuses == {
        "draft": 404, "out": 200, "released": 200, "embargoed": 404, "withdrawn": 410, "withdrawn under embargo": 404,
    }  # fmt: skip


@pytest.mark.parametrize("path", MAKE)
async def test_a_deleted_one_is_gone_and_nothing_else_is(anonymous, session, territory, client_for, path) -> None:
    shown, hidden = [await MAKE[path](session, territory, published=published) for published in (True, False)]
    town = client_for(factories.a_collectivite(territory))
    for row in (shown, hidden):
        url = f"{path.replace('/public', '')}/{row.id}"
        assert (await town.delete(url, headers={"If-Match": "*"})).status_code == 204
    assert (await anonymous.get(f"{path}/{shown.id}")).status_code == 410
    assert (await anonymous.get(f"{path}/{hidden.id}")).status_code == 404
    assert (await anonymous.get(f"/v1/public/partnerships/{shown.id}")).status_code == 404


async def test_an_embargo_ends_at_its_instant(anonymous, session, territory) -> None:
    release = clock.now().replace(microsecond=0) + timedelta(days=1)
    plan = await a_plan(session, territory, published=True, publish_at=release)
    action = await an_action(session, territory, plan=plan, published=True)
    with time_machine.travel(release - timedelta(seconds=1), tick=False):
        for path in (PLANS, ACTIONS, f"{ACTIONS}/{action.id}"):
            assert "max-age=1," in (await anonymous.get(path)).headers["cache-control"], path
        assert (await anonymous.get(f"{ACTIONS}/{action.id}")).json()["plan"] is None
        assert await titles(anonymous, PLANS) == []
    with time_machine.travel(release, tick=False):
        assert await titles(anonymous, PLANS) == [plan.title]
        assert (await anonymous.get(f"{ACTIONS}/{action.id}")).json()["plan"]["title"] == plan.title


async def test_a_plan_is_told_with_its_theme_and_its_programme(anonymous, session, territory) -> None:
    theme = await factories.a_theme(session, territory, slug="emploi")
    plan = await a_plan(session, territory, theme=theme, published=True, state=PlanState.RUNNING, summary="Ensemble")
    answer = await anonymous.get(f"{PLANS}/{plan.id}")
    told = PublicActionPlan.model_validate_json(answer.content)
    assert (told.theme.slug, told.state, told.summary, told.territory.slug) == (
        "emploi", "running", "Ensemble", territory.slug
    )  # fmt: skip
    assert PublicActionPlans.model_validate_json((await anonymous.get(PLANS)).content).items == [told]
    assert "adopted_at" not in answer.text
    headers = {"If-None-Match": answer.headers["etag"]}
    assert (await anonymous.get(f"{PLANS}/{plan.id}", headers=headers)).status_code == 304


async def test_an_action_is_told_without_what_stays_among_those_who_work_on_it(anonymous, session, territory) -> None:
    theme = await factories.a_theme(session, territory, slug="emploi")
    lead, partner = [await factories.an_actor(session, territory, name=name) for name in ("Club", "Lycée")]
    action = await an_action(
        session, territory, themes=[theme], leads=(lead,), partners=(partner,), published=True, objective="Trouver",
        state=ActionState.PAUSED, state_reason="Désaccord",
    )  # fmt: skip
    await a_note(session, action, "account:someone", text="Entre nous")
    await some_means(session, action=action, label="Subvention")
    answer = await anonymous.get(f"{ACTIONS}/{action.id}")
    told = PublicAction.model_validate_json(answer.content)
    assert ([one.name for one in told.leads], [one.name for one in told.partners]) == (["Club"], ["Lycée"])
    assert (told.state, [one.slug for one in told.themes]) == ("paused", ["emploi"])
    for secret in ("Désaccord", "Entre nous", "Subvention", "account:", "is_late"):
        assert secret not in answer.text
    assert PublicActions.model_validate_json((await anonymous.get(ACTIONS)).content).items == [told]


@pytest.mark.parametrize(
    ("real", "told"), [(None, (None, False)), (0, (None, True)), (10, (None, True)), (11, (11, False))]
)
async def test_a_count_that_could_point_at_someone_is_not_told(anonymous, session, territory, real, told) -> None:
    action = await an_action(session, territory, published=True, beneficiaries_real=real, beneficiaries_planned=3)
    row = PublicAction.model_validate_json((await anonymous.get(f"{ACTIONS}/{action.id}")).content).beneficiaries
    assert (row.planned, row.real, row.suppressed) == (3, *told)


async def test_each_filter_narrows_the_list(anonymous, session, territory) -> None:
    theme = await factories.a_theme(session, territory, slug="emploi")
    school = await factories.an_actor(session, territory)
    plan = await a_plan(session, territory, theme=theme, title="Écoles", state=PlanState.CLOSED, published=True)
    hidden = await a_plan(session, territory)
    await an_action(session, territory, plan=plan, themes=[theme], title="Élan", partners=(school,), published=True)
    await an_action(session, territory, plan=hidden, title="zone", state=ActionState.SELECTED, published=True)
    other = await factories.a_territory(session, slug="ailleurs")
    await a_plan(session, other, title="apprentis", published=True)
    for path, query, expected in (
        (PLANS, "", ["apprentis", "Écoles"]),
        (PLANS, "territory=ailleurs", ["apprentis"]),
        (PLANS, "theme=emploi", ["Écoles"]),
        (PLANS, "is_cross_cutting=true", ["apprentis"]),
        (PLANS, "state=closed", ["Écoles"]),
        (ACTIONS, "", ["Élan", "zone"]),
        (ACTIONS, "theme=emploi", ["Élan"]),
        (ACTIONS, "is_cross_cutting=false", ["Élan"]),
        (ACTIONS, "state=selected", ["zone"]),
        (ACTIONS, f"plan={plan.id}", ["Élan"]),
        (ACTIONS, f"plan={hidden.id}", []),
        (ACTIONS, f"actor={school.id}", ["Élan"]),
    ):
        assert await titles(anonymous, path, query) == expected, query
    first = (await anonymous.get(f"{ACTIONS}?limit=1")).json()
    assert await titles(anonymous, ACTIONS, f"limit=1&cursor={first['next']}") == ["zone"]
    for bad in ("theme=nothing", "state=done", "plan=1", "is_cross_cutting=maybe", "q=1"):
        assert (await anonymous.get(f"{ACTIONS}?{bad}")).status_code == 422


@pytest.mark.parametrize("path", MAKE)
async def test_a_kept_answer_follows_an_edit(keeping, reader, writer, told, path) -> None:
    territory = await factories.a_territory(writer)
    row = await MAKE[path](writer, territory, published=True, title="Avant")
    await until(keeping, lambda: row.__resource__ in told)
    assert await titles(reader, path) == ["Avant"]
    told.clear()
    row.title = "Après"
    await writer.commit()
    await until(keeping, lambda: row.__resource__ in told)
    assert await titles(reader, path) == ["Après"]
