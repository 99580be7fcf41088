"""Every table, imported once, so that migrations and the mapper see them all."""

from app.action_plans.actions import models as actions
from app.action_plans.means import models as means
from app.action_plans.mentorships import models as mentorships
from app.action_plans.milestones import models as milestones
from app.action_plans.notes import models as action_notes
from app.action_plans.plans import models as action_plans
from app.actors import models as actors
from app.actors.people import models as people
from app.communication.channels import models as channels
from app.communication.publications import models as publications
from app.core import idempotency, journal, publication
from app.core.db import Base
from app.dialogue.decisions import models as decisions
from app.dialogue.needs import models as needs
from app.dialogue.working_groups import models as working_groups
from app.events import models as events
from app.events.minutes import models as minutes
from app.events.registrations import models as registrations
from app.identity import models as identity
from app.internships.offers import models as internship_offers
from app.partnerships import models as partnerships
from app.q2er.classes import models as classes
from app.q2er.editions import models as editions
from app.q2er.participations import models as participations
from app.q2er.pupils import models as pupils
from app.q2er.sequences import models as sequences
from app.territories import models as territories

metadata = Base.metadata

__all__ = [
    "Base",
    "action_notes",
    "action_plans",
    "actions",
    "actors",
    "channels",
    "classes",
    "decisions",
    "editions",
    "events",
    "idempotency",
    "identity",
    "internship_offers",
    "journal",
    "means",
    "mentorships",
    "metadata",
    "milestones",
    "minutes",
    "needs",
    "participations",
    "partnerships",
    "people",
    "publication",
    "publications",
    "pupils",
    "registrations",
    "sequences",
    "territories",
    "working_groups",
]
