"""Every table, imported once, so that migrations and the mapper see them all."""

from app.actors import models as actors
from app.actors.people import models as people
from app.core import idempotency, journal
from app.core.db import Base
from app.dialogue.needs import models as needs
from app.dialogue.working_groups import models as working_groups
from app.events import models as events
from app.events.minutes import models as minutes
from app.events.registrations import models as registrations
from app.identity import models as identity
from app.territories import models as territories

metadata = Base.metadata

__all__ = [
    "Base", "actors", "events", "idempotency", "identity", "journal", "metadata", "minutes", "needs", "people",
    "registrations", "territories", "working_groups",
]  # fmt: skip
