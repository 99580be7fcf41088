"""Partnerships as the matrix asks for them: `own` is one the caller's organisation is party to, a draft; `neighbour`
one between others that is published, `hidden` one that is not."""

from typing import Any

from app.partnerships.models import Partnership, PartnershipStage, Party
from tests import factories
from tests.partnerships.factories import a_partnership, a_review
from tests.permissions.world import Ask, Prepare, World, made_in, nothing

REASON = {"reason": "Changement de direction"}


async def made(world: World, whose: str, role: str, **traits: Any) -> tuple[Partnership, Party]:
    """The partnership, and the party that is the caller's organisation if it is theirs."""
    other = await factories.an_actor(world.session, world.territory(whose))
    is_published = whose == "neighbour"
    row = await a_partnership(
        world.session, world.territory(whose), world.actor(whose, role), other,
        **{"published": is_published, **traits},
    )  # fmt: skip
    return row, row.parties[0]


def partnership(stage: PartnershipStage = PartnershipStage.ACTIVE, body: dict[str, Any] | None = None) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        return Ask({"partnership_id": (await made(world, whose, role, stage=stage))[0].id}, body)

    return prepare


async def unpublished(world: World, whose: str, role: str) -> Ask:
    return Ask({"partnership_id": (await made(world, whose, role, published=False))[0].id})


async def published(world: World, whose: str, role: str) -> Ask:
    return Ask({"partnership_id": (await made(world, whose, role, published=True))[0].id}, REASON)


async def new_party(world: World, whose: str, role: str) -> Ask:
    joining = await factories.an_actor(world.session, world.territory(whose))
    asked = await partnership()(world, whose, role)
    contributions = [{"kind": "money", "planned_amount": 100, "recipient_id": str(world.actor(whose, role).id)}]
    return Ask(asked.path, {"actor_id": str(joining.id), "role": "Financeur", "contributions": contributions})


def party(body: dict[str, Any] | None = None) -> Prepare:
    async def prepare(world: World, whose: str, role: str) -> Ask:
        _, row = await made(world, whose, role)
        return Ask({"party_id": row.id}, body)

    return prepare


async def new_review(world: World, whose: str, role: str) -> Ask:
    row, mine = await made(world, whose, role, stage=PartnershipStage.ACTIVE)
    scores = dict.fromkeys(("performance", "innovation", "trust", "balance"), 4)
    period = {"starts_on": "2015-09-01", "ends_on": "2016-08-31"}
    return Ask({"partnership_id": row.id}, {"actor_id": str(mine.actor_id), **period, **scores})


def review(body: dict[str, Any] | None = None) -> Prepare:
    """`neighbour`: by the other party of a partnership the caller's organisation is party to."""

    async def prepare(world: World, whose: str, role: str) -> Ask:
        row, mine = await made(world, "own" if whose == "neighbour" else whose, role, stage=PartnershipStage.ACTIVE)
        return Ask(
            {"review_id": (await a_review(world.session, row.parties[1] if whose == "neighbour" else mine)).id}, body
        )

    return prepare


PREPARE: dict[str, Prepare] = {
    "list_partnerships": nothing,
    "create_partnership": made_in(title="Nouveau", type="patronage"),
    "get_partnership": partnership(),
    "update_partnership": partnership(body={"title": "Autre titre"}),
    "delete_partnership": partnership(),
    "discuss_partnership": partnership(PartnershipStage.PROSPECT),
    "activate_partnership": partnership(PartnershipStage.IN_DISCUSSION),
    "suspend_partnership": partnership(body=REASON),
    "resume_partnership": partnership(PartnershipStage.SUSPENDED),
    "end_partnership": partnership(body=REASON),
    "step_partnership_back": partnership(body=REASON),
    "reopen_partnership": partnership(PartnershipStage.ENDED, REASON),
    "publish_partnership": unpublished,
    "withdraw_partnership": published,
    "list_partnership_parties": partnership(),
    "create_partnership_party": new_party,
    "get_partnership_party": party(),
    "update_partnership_party": party({"contributions": [{"kind": "money", "real_amount": 90}]}),
    "delete_partnership_party": party(),
    "list_partnership_reviews": partnership(),
    "create_partnership_review": new_review,
    "get_partnership_review": review(),
    "update_partnership_review": review({"trust": 5}),
    "delete_partnership_review": review(),
    "get_partnership_balance": partnership(),
}
