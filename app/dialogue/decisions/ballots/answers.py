"""A ballot put into words for a caller."""

from app.dialogue.decisions.ballots.content import vote_of
from app.dialogue.decisions.ballots.schemas import BallotOut
from app.dialogue.decisions.models import Ballot

AS_IS = BallotOut.model_fields.keys() - {"person", "actor", "vote"}


def ballot_out(ballot: Ballot) -> BallotOut:
    """What was cast, and whose it is."""
    shown = {name: getattr(ballot, name) for name in AS_IS}
    who = {"person": ballot.elector.person, "actor": ballot.elector.actor}
    return BallotOut.model_validate({**shown, **who, "vote": vote_of(ballot)}, from_attributes=True)
