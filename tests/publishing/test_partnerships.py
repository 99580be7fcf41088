"""`/v1/public/partnerships`: what was published, and nothing of what stays among the parties."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.publication import Publication
from app.partnerships.models import PartnershipStage, PartnershipType
from app.publishing.partnerships import PublicPartnership, PublicPartnerships
from tests import factories
from tests.partnerships.factories import a_contribution, a_partnership
from tests.publishing.test_caching import heard

PUBLIC = "/v1/public/partnerships"
TOMORROW, YESTERDAY = clock.now() + timedelta(days=1), clock.now() - timedelta(days=1)


async def titles(client, query: str = "") -> list[str]:
    answer = await client.get(f"{PUBLIC}?{query}")
    assert answer.status_code == 200, answer.text
    return [item.title for item in PublicPartnerships.model_validate_json(answer.content).items]


async def test_only_what_was_published_and_is_out_of_embargo_is_told(anonymous, session, territory) -> None:
    out = {"publication": Publication.PUBLISHED, "published_at": YESTERDAY}
    rows = {
        name: await a_partnership(session, territory, title=name, **traits)
        for name, traits in {
            "draft": {},
            "out": out,
            "released": {**out, "publish_at": YESTERDAY},
            "embargoed": {**out, "published_at": TOMORROW, "publish_at": TOMORROW},
            "withdrawn": {**out, "publication": Publication.WITHDRAWN, "withdrawn_at": clock.now()},
        }.items()
    }
    assert await titles(anonymous) == ["out", "released"]
    statuses = {name: (await anonymous.get(f"{PUBLIC}/{row.id}")).status_code for name, row in rows.items()}
    assert statuses == {"draft": 404, "out": 200, "released": 200, "embargoed": 404, "withdrawn": 410}


async def test_a_deleted_one_is_gone(anonymous, session, territory, client_for) -> None:
    row = await a_partnership(session, territory, published=True)
    town = client_for(factories.a_collectivite(territory))
    assert (await town.delete(f"/v1/partnerships/{row.id}", headers={"If-Match": "*"})).status_code == 204
    assert (await anonymous.get(f"{PUBLIC}/{row.id}")).status_code == 410
    assert (await anonymous.get(f"/v1/public/actors/{row.id}")).status_code == 404


async def test_it_names_its_parties_and_tells_nothing_they_keep_to_themselves(anonymous, session, territory) -> None:
    school, club = [await factories.an_actor(session, territory, name=name) for name in ("Lycée", "Club")]
    row = await a_partnership(
        session, territory, school, club, published=True, stage=PartnershipStage.SUSPENDED, stage_reason="Désaccord",
        agreement_reference="SECRET-1",
    )  # fmt: skip
    row.parties[0].benefit_sought = "Des moyens"
    await a_contribution(session, row.parties[0], planned=1500)
    answer = await anonymous.get(f"{PUBLIC}/{row.id}")
    told = PublicPartnership.model_validate_json(answer.content)
    assert [(party.actor.name, party.role) for party in told.parties] == [
        ("Lycée", "Partie prenante"),
        ("Club", "Partie prenante"),
    ]
    assert not [secret for secret in ("Désaccord", "SECRET-1", "Des moyens", "1500") if secret in answer.text]
    page = PublicPartnerships.model_validate_json((await anonymous.get(PUBLIC)).content)
    assert page.items == [told]


@pytest.fixture
async def several(session, territory):
    theme = await factories.a_theme(session, territory, slug="emploi")
    school = await factories.an_actor(session, territory)
    await a_partnership(session, territory, title="Écoles", theme=theme, published=True)
    await a_partnership(session, territory, school, title="apprentis", type=PartnershipType.PATRONAGE, published=True)
    other = await factories.a_territory(session, slug="ailleurs")
    await a_partnership(session, other, title="Zone", published=True)
    return school


async def test_each_filter_narrows_the_list(anonymous, several) -> None:
    for query, expected in (
        ("", ["apprentis", "Écoles", "Zone"]),
        ("territory=marne", ["apprentis", "Écoles"]),
        ("theme=emploi", ["Écoles"]),
        ("type=patronage", ["apprentis"]),
        (f"party={several.id}", ["apprentis"]),
    ):
        assert await titles(anonymous, query) == expected, query
    for query in ("theme=inconnu", "stage=active", "party=1", "type=amical"):
        assert (await anonymous.get(f"{PUBLIC}?{query}")).status_code == 422, query


async def test_pages_follow_one_another(anonymous, several) -> None:
    found, path = [], f"{PUBLIC}?limit=1"
    while path:
        answer = await anonymous.get(path)
        found += [item["title"] for item in answer.json()["items"]]
        path = answer.headers["link"].partition(">")[0].removeprefix("<") if "link" in answer.headers else ""
    assert found == ["apprentis", "Écoles", "Zone"]


async def test_an_edit_made_elsewhere_shows_at_once(keeping, reader, writer, told) -> None:
    place = await factories.a_territory(writer)
    school = await factories.an_actor(writer, place)
    row = await a_partnership(writer, place, school, title="Avant", published=True)
    await heard(keeping, told)
    assert (await reader.get(PUBLIC)).json()["items"][0]["title"] == "Avant"
    row.title = "Après"
    await writer.commit()
    await heard(keeping, told)
    assert (await reader.get(PUBLIC)).json()["items"][0]["title"] == "Après"
    row.parties[0].role = "Porteur"
    await writer.commit()
    await heard(keeping, told)
    assert (await reader.get(f"{PUBLIC}/{row.id}")).json()["parties"][0]["role"] == "Porteur"
