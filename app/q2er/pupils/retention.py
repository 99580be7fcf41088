"""How long a pupil is kept, and what is left of one who is erased or whose time is over: a code and a school.

`law.md`: participations are kept for the school year and one more. What a public service keeps is archives: they go
only once it is settled that they are eliminated, rather than handed over first (C. patrimoine L.212-2, L.212-3).
"""

import hmac
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core import clock
from app.core.errors import ErrorAt, InvalidInput
from app.identity.access import OPERATORS_ZONE
from app.identity.keys import derive
from app.q2er.pupils.models import Pupil
from app.settings import Settings, signing_key

FIRST_MONTH = 9
"""School years begin on 1 September."""


def today() -> date:
    """The day it is now in France."""
    return clock.now().astimezone(ZoneInfo(OPERATORS_ZONE)).date()


def school_year_of(day: date) -> str:
    """The school year a day is in.

    >>> school_year_of(date(2016, 9, 1))
    '2016-2017'
    """
    first = day.year if day.month >= FIRST_MONTH else day.year - 1
    return f"{first}-{first + 1}"


def purge_day(day: date, years: int) -> date:
    """The day from which only a code is left of a pupil known on `day`: the end of that school year, and `years` more.

    >>> purge_day(date(2026, 11, 23), 1)
    datetime.date(2028, 9, 1)
    """
    ends = day.year + 1 if day.month >= FIRST_MONTH else day.year
    return date(ends + years, FIRST_MONTH, 1)


def purge_on(asked: date | None, settings: Settings) -> date:
    """The day asked for, or that of the retention. Raises `InvalidInput` for a later one."""
    latest = purge_day(today(), settings.pupil_retention_years)
    if asked and asked > latest:
        raise InvalidInput(ErrorAt("#/purge_on", "later_than_retention", {"latest": latest.isoformat()}))
    return asked or latest


def blank(pupil: Pupil) -> None:
    """Take away all that says who a pupil was; the code stays, so that counts of past years do."""
    pupil.first_name = pupil.last_name = ""
    pupil.birth_date = pupil.class_name = None
    pupil.guardians, pupil.external_ids = [], []
    pupil.erased_at = clock.now()


def erasure_key(settings: Settings, pupil_id: UUID) -> bytes:
    """What the ledger of erasures keeps of a pupil: it recognises their code, and tells it to nobody."""
    return hmac.digest(derive(signing_key(settings), "erasures"), pupil_id.bytes, "sha256")
