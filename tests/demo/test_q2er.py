"""The third edition of Q2ER comes out of the API as the source tells it, with two before it and the present one."""

from datetime import date

from app.demo.load import load
from app.demo.q2er import edition_id
from app.demo.territories import SUCCESSOR, territory_id
from app.territories.models import Territory
from tests import factories


async def test_the_third_edition_has_six_sequences_and_its_closing(database, session, client_for):
    await load(database, today=date(2026, 11, 23))
    town = client_for(factories.a_collectivite(await session.get_one(Territory, territory_id(SUCCESSOR))))
    editions = (await town.get("/v1/q2er/editions")).json()["items"]
    assert [(row["school_year"], row["number"], row["state"]) for row in editions] == [
        ("2026-2027", 4, "running"),
        ("2016-2017", 3, "closed"),
        ("2015-2016", 2, "closed"),
        ("2014-2015", 1, "closed"),
    ]
    assert editions[1]["theme"] == "Entreprise et Citoyenneté"
    for year in ("2016-2017", "2026-2027"):
        listed = await town.get("/v1/q2er/sequences", params={"edition": str(edition_id(year))})
        sequences = listed.json()["items"]
        assert [row["position"] for row in sequences] == list(range(1, 8))
        assert sequences[-1]["kind"] == "closing"
        for sequence in sequences:
            sessions = (await town.get("/v1/events", params={"sequence": sequence["id"]})).json()["items"]
            assert len(sessions) == 1
            assert [one["code"] for one in sessions[0]["notices"] if one["code"] == "school_holiday"] == []
