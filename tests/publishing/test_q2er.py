"""`/v1/public/q2er/editions` and `/sequences`: what was published, and nobody in it."""

from datetime import timedelta

from app.core import clock
from app.publishing.q2er import PublicEdition, PublicEditions, PublicSequence, PublicSequences
from tests import factories
from tests.q2er.factories import a_sequence, an_edition

EDITIONS, SEQUENCES = "/v1/public/q2er/editions", "/v1/public/q2er/sequences"


async def test_published_editions_and_their_sequences_are_told_and_no_others(anonymous, session, territory, client_for):
    school = await factories.a_school(session, territory, name="Lycée Robert Schuman")
    programme = await factories.a_programme(session, territory)
    out = await an_edition(session, territory, programme=programme, schools=(school,), published=True)
    draft = await an_edition(session, territory, programme=programme, school_year="2015-2016")
    later = clock.now() + timedelta(days=1)
    embargoed = await an_edition(
        session, territory, programme=programme, school_year="2017-2018", published=True, publish_at=later
    )
    shown, *hidden = [await a_sequence(session, edition) for edition in (out, draft, embargoed)]
    told = PublicEditions.model_validate_json((await anonymous.get(EDITIONS)).content).items
    assert [(one.id, one.number, [school.name for school in one.schools]) for one in told] == [
        (out.id, 2, ["Lycée Robert Schuman"])
    ]
    listed = PublicSequences.model_validate_json((await anonymous.get(SEQUENCES)).content).items
    assert [one.id for one in listed] == [shown.id]
    PublicEdition.model_validate_json((await anonymous.get(f"{EDITIONS}/{out.id}")).content)
    PublicSequence.model_validate_json((await anonymous.get(f"{SEQUENCES}/{shown.id}")).content)
    for path in [f"{EDITIONS}/{draft.id}", f"{EDITIONS}/{embargoed.id}", *(f"{SEQUENCES}/{one.id}" for one in hidden)]:
        assert (await anonymous.get(path)).status_code == 404
    town = client_for(factories.a_collectivite(territory))
    withdrawn = await town.post(
        f"/v1/q2er/editions/{out.id}:withdraw", json={"reason": "Trop tôt"}, headers={"If-Match": "*"}
    )
    assert withdrawn.status_code == 200
    assert (await anonymous.get(f"{EDITIONS}/{out.id}")).status_code == 410
    assert (await anonymous.get(f"{SEQUENCES}/{shown.id}")).status_code == 404
