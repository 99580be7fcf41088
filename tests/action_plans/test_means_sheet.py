"""Means as a spreadsheet, in exact amounts."""

import pytest

from tests import factories
from tests.action_plans.factories import some_means
from tests.spreadsheets import CSV, XLSX, a_csv, apply, column, lines_of, take_in

IMPORT = "/v1/means:import"


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session)


@pytest.fixture
async def programme(session, territory):
    return await factories.a_programme(session, territory, name="AET")


@pytest.fixture
def collectivite(client_for, territory):
    return client_for(factories.a_collectivite(territory))


FILE = [
    ["libellé", "nature", "unité", "montant prévu", "montant réel", "apporté par", "démarche", "premier jour"],
    ["Budget de la DEE", "budget", "euros", "12 500,10", "11840,5", "Ville", "aet", "01/01/2013"],
    ["Salle", "Locaux", "heures", "40", "", "", "AET", ""],
]


@pytest.mark.parametrize("media_type", [CSV, XLSX])
async def test_means_go_out_and_come_back_to_the_cent(session, territory, programme, collectivite, media_type) -> None:
    giver = await factories.an_actor(session, territory, name="Ville")
    applied = await apply(collectivite, IMPORT, a_csv(FILE))
    assert applied.status_code == 200, applied.text
    budget, room = (await collectivite.get("/v1/means")).json()["items"]
    told = (budget["planned_amount"], budget["real_amount"], budget["provider"]["id"], budget["programme_id"])
    assert told == ("12500.10", "11840.50", str(giver.id), str(programme.id))
    assert (room["kind"], room["unit"], room["real_amount"]) == ("premises", "hour", None)
    assert (await apply(collectivite, IMPORT, a_csv(FILE))).json()["counts"]["unchanged"] == 2
    exported = await collectivite.get("/v1/means", headers={"Accept": media_type})
    again = (await take_in(collectivite, IMPORT, exported.content, media_type)).json()
    assert again["counts"]["unchanged"] == 2, again
    lines = lines_of(await collectivite.get("/v1/means?format=csv"))
    lines[2][column(lines, "Montant réel")] = "38,5"
    changed = await apply(collectivite, IMPORT, a_csv(lines))
    assert [row["changes"] for row in changed.json()["rows"] if row["changes"]] == [
        [{"column": "real_amount", "from": None, "to": "38,5"}]
    ]
    assert (await collectivite.get(f"/v1/means/{room['id']}")).json()["real_amount"] == "38.50"


async def test_errors_of_means_stand_where_they_lie(session, territory, programme, collectivite) -> None:
    other = await factories.a_programme(session, territory, name="Autre")
    kept = await some_means(session, programme=programme)
    lines = [
        ["id", "libellé", "nature", "unité", "montant prévu", "démarche"],
        [str(kept.id), "", "", "", "", other.name],
        ["", "Sans sujet", "budget", "euros", "1", ""],
        ["", "Autre unité", "budget", "ETP", "1", "AET"],
        ["", "Trois décimales", "budget", "euros", "1,234", "AET"],
    ]
    told = (await take_in(collectivite, IMPORT, a_csv(lines))).json()
    errors = {(e["row"], e["column"], e["code"]) for row in told["rows"] for e in row["errors"]}
    assert errors >= {
        (2, "label", "missing"), (2, "programme", "frozen_field"), (3, None, "one_subject"),
        (4, "unit", "unit_of_other_kind"), (5, "planned_amount", "decimal_max_places"),
    }  # fmt: skip


async def test_only_the_collectivite_writes_means_by_file(session, territory, programme, client_for) -> None:
    own = await factories.an_actor(session, territory)
    given = await some_means(session, programme=programme, provider_id=own.id)
    file = a_csv([["id", "libellé"], [str(given.id), "Autre"]])
    [row] = (await take_in(client_for(factories.a_club_member(own)), IMPORT, file)).json()["rows"]
    assert [e["code"] for e in row["errors"]] == ["not_editable"]
    [row] = (await take_in(client_for(factories.a_partner(territory)), IMPORT, file)).json()["rows"]
    assert [e["code"] for e in row["errors"]] == ["unknown_reference"]
