"""Every router of `/v1`, in reading order. A route that names no scope does not load."""

import re

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.action_plans.actions.router import router as actions
from app.action_plans.lineage.router import router as lineage
from app.action_plans.means.router import router as means
from app.action_plans.mentorships.router import router as mentorships
from app.action_plans.milestones.router import router as milestones
from app.action_plans.notes.router import router as action_notes
from app.action_plans.plans.router import router as action_plans
from app.actors.people.router import router as people
from app.actors.router import router as actors
from app.communication.channels.router import router as channels
from app.communication.publications.router import router as publications
from app.core.routing import TransactionalRoute
from app.dialogue.decisions.ballots.router import router as ballots
from app.dialogue.decisions.electors.router import router as electors
from app.dialogue.decisions.results.router import router as results
from app.dialogue.decisions.router import router as decisions
from app.dialogue.needs.router import router as needs
from app.dialogue.working_groups.members.router import router as working_group_members
from app.dialogue.working_groups.router import router as working_groups
from app.events.minutes.router import router as minutes
from app.events.registrations.router import router as registrations
from app.events.router import router as events
from app.identity.accounts.router import router as accounts
from app.identity.api_tokens.router import router as api_tokens
from app.identity.caller import Needs
from app.identity.me import router as me
from app.identity.oauth.clients.router import router as clients
from app.identity.trail.router import router as audit
from app.internships.compliance.router import router as compliance
from app.internships.offers.router import router as internship_offers
from app.mobilisation.router import router as mobilisation
from app.partnerships.balance.router import router as partnership_balance
from app.partnerships.parties.router import router as partnership_parties
from app.partnerships.reviews.router import router as partnership_reviews
from app.partnerships.router import router as partnerships
from app.q2er.classes.router import router as classes
from app.q2er.conflicts.router import router as conflicts
from app.q2er.counts.router import router as edition_counts
from app.q2er.editions.router import router as editions
from app.q2er.participations.router import router as participations
from app.q2er.pupils.router import router as pupils
from app.q2er.replication.router import router as replication
from app.q2er.sequences.router import router as sequences
from app.stage_gates.router import router as stage_gates
from app.territories.programmes.router import router as programmes
from app.territories.router import router as territories
from app.todo.router import router as todo

ROUTERS = (
    territories,
    programmes,
    stage_gates,
    actors,
    people,
    events,
    registrations,
    minutes,
    decisions,
    electors,
    ballots,
    results,
    partnerships,
    partnership_parties,
    partnership_reviews,
    partnership_balance,
    needs,
    working_groups,
    working_group_members,
    action_plans,
    actions,
    lineage,
    milestones,
    action_notes,
    pupils,
    compliance,
    internship_offers,
    editions,
    replication,
    conflicts,
    sequences,
    classes,
    participations,
    edition_counts,
    mobilisation,
    channels,
    publications,
    todo,
    mentorships,
    means,
    me,
    accounts,
    api_tokens,
    clients,
    audit,
)


def routes() -> list[TransactionalRoute]:
    """The work: every operation behind its scopes. Raises `RuntimeError` for a route left open or ambiguous."""
    found = []
    for route in (route for router in ROUTERS for route in router.routes):
        if not isinstance(route, TransactionalRoute) or not _needs(route.dependant):
            raise RuntimeError(f"{route}: a route of /v1 is a TransactionalRoute and names its scopes")
        if re.search(r"{\w+_id}", route.path):
            raise RuntimeError(f"{route}: an identifier in a path is {{…_id:uuid}}, else it swallows `:verb`")
        found.append(route)
    return found


def operations() -> dict[str, tuple[str, ...]]:
    """The scopes each operation asks for, by operationId."""
    return {route.name: scopes_of(route) for route in routes()}


def scopes_of(route: APIRoute) -> tuple[str, ...]:
    """The scopes an operation asks for."""
    return tuple(scope for needs in _needs(route.dependant) for scope in needs.scopes)


def _needs(dependant: Dependant) -> list[Needs]:
    own = [dependant.call] if isinstance(dependant.call, Needs) else []
    return own + [needs for inner in dependant.dependencies for needs in _needs(inner)]
