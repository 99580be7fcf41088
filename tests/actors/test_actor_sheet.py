"""Actors as a spreadsheet: exported, edited, previewed, applied."""

from datetime import date

import pytest
from sqlalchemy import func, select

from app.actors.models import Actor, ActorExternalId, ActorKind, HeadcountBand
from app.core.journal import JournalEntry
from tests import factories
from tests.permissions.world import a_world
from tests.spreadsheets import CSV, XLSX, a_csv, an_xlsx, apply, column, lines_of, take_in

IMPORT = "/v1/actors:import"


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session, municipalities=("94018",))


@pytest.fixture
def collectivite(client_for, territory):
    return client_for(factories.a_collectivite(territory))


@pytest.fixture
async def three(session, territory):
    """Three actors with all there is to say of one."""
    themes = [await factories.a_theme(session, territory, slug=slug) for slug in ("handicap", "jeunes")]
    town = await factories.an_actor(
        session, territory, name="=Ville & Cie", kind=ActorKind.PUBLIC_BODY, siren="219400181", siret="21940018100018",
        headcount_band=HeadcountBand.FROM_10, postal_code="01000", insee_code="94018", valid_from=date(1789, 7, 14),
        valid_until=date(2027, 6, 12), description="Une mairie ;\n« deux » lignes.", themes=themes,
    )  # fmt: skip
    town.external_ids = [
        ActorExternalId(actor_id=town.id, territory_id=territory.id, source=source, id=id_)
        for source, id_ in (("cci", "A;1"), ("siae", "+7:9"))
    ]
    await session.commit()
    others = [await factories.an_actor(session, territory, name=name) for name in ("'-Club", "Zénith")]
    return [town, *others]


@pytest.mark.parametrize("media_type", [CSV, XLSX])
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_what_is_exported_imports_as_unchanged(collectivite, three, media_type, language) -> None:
    exported = await collectivite.get("/v1/actors", headers={"Accept": media_type, "Accept-Language": language})
    assert exported.status_code == 200
    answer = await take_in(collectivite, IMPORT, exported.content, media_type)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [row["errors"] for row in told["rows"]] == [[], [], []]
    assert told["counts"] == {"create": 0, "update": 0, "unchanged": 3, "conflict": 0, "reject": 0}
    assert told["notices"] == []


async def test_an_edited_workbook_previews_exactly_the_edits_and_applies_them(session, collectivite, three) -> None:
    lines = lines_of(await collectivite.get("/v1/actors?format=xlsx"))
    assert lines[0][:5] == ["Identifiant", "Version", "Territoire", "Nom", "Nature"]
    zenith = next(n for n, line in enumerate(lines) if line[3] == "Zénith")
    lines[zenith][column(lines, "Effectif")] = "10 à 19 salariés"
    lines[zenith][column(lines, "Depuis le")] = date(2014, 9, 1)
    lines[zenith][column(lines, "SIRET")] = 35600000000048
    lines.append([None] * 3 + ["Atelier du Pont", "Entreprise"])
    file = an_xlsx(lines)
    previewed = (await take_in(collectivite, IMPORT, file, XLSX)).json()
    assert previewed["counts"] == {"create": 1, "update": 1, "unchanged": 2, "conflict": 0, "reject": 0}
    changed = next(row for row in previewed["rows"] if row["action"] == "update")
    assert (changed["row"], changed["id"], changed["errors"]) == (zenith + 1, str(three[2].id), [])
    assert changed["changes"] == [
        {"column": "siret", "from": None, "to": "35600000000048"},
        {"column": "headcount_band", "from": None, "to": "10 à 19 salariés"},
        {"column": "valid_from", "from": None, "to": "2014-09-01"},
    ]
    assert await session.scalar(select(func.count()).select_from(Actor).where(Actor.name == "Atelier du Pont")) == 0
    query = {"mode": "apply", "digest": previewed["digest"]}
    applied = await take_in(collectivite, IMPORT, file, XLSX, **query)
    assert (applied.status_code, applied.json()["is_written"]) == (200, True), applied.text
    now = (await collectivite.get(f"/v1/actors/{three[2].id}")).json()
    told = (now["siret"], now["siren"], now["headcount_band"], now["valid_from"], now["version"])
    assert told == ("35600000000048", "356000000", "10-19", "2014-09-01", 2)
    made = next(row for row in applied.json()["rows"] if row["action"] == "create")
    assert (await collectivite.get(f"/v1/actors/{made['id']}")).json()["name"] == "Atelier du Pont"
    entries = (
        await session.execute(
            select(JournalEntry.action, JournalEntry.version, JournalEntry.fields)
            .where(JournalEntry.resource_id.in_([three[2].id, made["id"]]), JournalEntry.caller != "test")
            .order_by(JournalEntry.seq)
        )
    ).all()
    assert sorted(tuple(entry) for entry in entries) == [
        ("insert", 1, []),
        ("update", 2, ["headcount_band", "siren", "siret", "valid_from"]),
    ]
    again = await take_in(collectivite, IMPORT, file, XLSX, **query)
    assert again.json()["counts"] == {"create": 0, "update": 0, "unchanged": 4, "conflict": 0, "reject": 0}, again.text
    assert (await collectivite.get(f"/v1/actors/{three[2].id}")).json()["version"] == 2


async def test_a_french_office_file_is_read_as_it_is(session, territory, collectivite) -> None:
    await factories.a_theme(session, territory, slug="insertion-des-jeunes", name="Insertion des jeunes")
    file = a_csv(
        [
            ["Liste des entreprises partenaires", "", "", "", "", "", "", ""],
            ["RAISON SOCIALE", "Type", "N° siret", "siret", "Commune", "Thématiques", "Depuis le", "Annuaire"],
            ["Café de l’Écluse", "entreprise", "?", "356 000 000 00048", "Commune 94018", "insertion des jeunes",
             "1/9/2014", "Oui"],
            ["", "", "", "", "", "", "", ""],
            ["Élan", "ASSOCIATION", "", "", "94018", "", "", ""],
        ],
        encoding="cp1252",
    )  # fmt: skip
    answer = await apply(collectivite, IMPORT, file, "text/csv; charset=windows-1252")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["counts"]["create"] == 2
    assert [(notice["code"], notice["column"]) for notice in told["notices"]] == [
        ("unknown_column", "N° siret"), ("empty_rows", None),
    ]  # fmt: skip
    cafe, elan = [(await collectivite.get(f"/v1/actors/{row['id']}")).json() for row in told["rows"]]
    assert [row["row"] for row in told["rows"]] == [3, 5]
    assert (cafe["name"], cafe["siret"], cafe["valid_from"], cafe["listed"]) == (
        "Café de l’Écluse", "35600000000048", "2014-09-01", True,
    )  # fmt: skip
    assert cafe["municipality"]["insee_code"] == elan["municipality"]["insee_code"] == "94018"
    assert [theme["slug"] for theme in cafe["themes"]] == ["insertion-des-jeunes"]
    again = await apply(collectivite, IMPORT, file)
    assert again.json().get("counts", {}).get("unchanged") == 2, again.text


async def test_each_error_says_row_column_code_and_what_to_do_and_nothing_is_written(
    session, territory, collectivite
) -> None:
    taken = await factories.an_actor(session, territory, siret="35600000000048", siren="356000000")
    file = a_csv(
        [
            ["nom", "nature", "siret", "rna", "code insee", "depuis le", "jusqu'au (exclu)", "annuaire"],
            ["Bonne ligne", "entreprise", "", "", "94018", "", "", ""],
            ["Mauvais SIRET", "entreprise", "12345678901234", "", "", "", "", ""],
            ["Arrondi", "entreprise", "3,56E+13", "", "", "", "", ""],
            ["", "entreprise", "", "", "", "", "", ""],
            ["Inconnue", "boutique", "", "", "99999", "31/02/2020", "", "peut-être"],
            ["À l’envers", "association", "", "", "", "2020-01-02", "01/01/2020", ""],
            ["Double", "association", "", "W941000123", "", "", "", ""],
            ["Double ailleurs", "association", "21940018100026", "W941000123", "", "", "", ""],
            ["Bonne ligne", "association", "", "", "", "", "", ""],
        ]
    )
    told = (await take_in(collectivite, IMPORT, file)).json()
    assert told["counts"] == {"create": 2, "update": 0, "unchanged": 0, "conflict": 2, "reject": 5}
    errors = [(e["row"], e["column"], e["code"]) for row in told["rows"] for e in row["errors"]]
    assert errors == [
        (3, "siret", "siret"),
        (4, "siret", "rounded_number"),
        (5, "name", "missing"),
        (6, "kind", "enum"),
        (6, "insee_code", "unknown_reference"),
        (6, "valid_from", "date_parsing"),
        (6, "listed", "yes_no"),
        (7, "valid_until", "dates_reversed"),
        (9, None, "repeated_row"),
        (10, None, "repeated_row"),
    ]
    assert all(e["message"] and e["hint"] for row in told["rows"] for e in row["errors"] if e["column"])
    refused = await take_in(collectivite, IMPORT, file, mode="apply", digest=told["digest"])
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/import-refused")
    assert refused.json()["errors"][0]["pointer"] == "#/rows/3/siret"
    assert await session.scalar(select(func.count()).select_from(Actor)) == 1
    skipped = await take_in(collectivite, IMPORT, file, mode="apply", digest=told["digest"], on_error="skip")
    assert (skipped.status_code, skipped.json()["counts"]) == (200, told["counts"])
    names = (await session.scalars(select(Actor.name).where(Actor.id != taken.id).order_by(Actor.name))).all()
    assert names == ["Bonne ligne", "Double"]


async def test_what_only_the_database_knows_is_told_of_its_own_row(session, territory, collectivite) -> None:
    await factories.an_actor(session, territory, name="Là", rna="W941000123", siret="35600000000048", siren="356000000")
    lines = [["nom", "nature", "siret", "rna", "siren"]]
    lines += [[f"Nouveau {n}", "association", "", "", ""] for n in range(20)]
    lines[7][2:4] = ["21940018100026", "W941000123"]
    lines[11][2], lines[11][4] = "21940018100018", "356000000"
    told = (await take_in(collectivite, IMPORT, a_csv(lines))).json()
    assert told["counts"] == {"create": 18, "update": 0, "unchanged": 0, "conflict": 0, "reject": 2}
    errors = [(e["row"], e["column"], e["code"]) for row in told["rows"] for e in row["errors"]]
    assert errors == [(8, "rna", "already_exists"), (12, "siret", "siret_of_other_siren")]


async def test_a_change_made_since_the_export_is_a_conflict_and_made_since_the_preview_a_refusal(
    session, collectivite, three
) -> None:
    lines = lines_of(await collectivite.get("/v1/actors?format=csv"))
    name, street = column(lines, "Nom"), column(lines, "Adresse")
    of_zenith = next(line for line in lines if line[name] == "Zénith")
    of_zenith[street] = "1 rue du Pont"
    digest = (await take_in(collectivite, IMPORT, a_csv(lines))).json()["digest"]
    path = f"/v1/actors/{three[2].id}"
    await collectivite.patch(path, json={"street": "2 rue du Port"}, headers={"If-Match": "*"})
    late = await take_in(collectivite, IMPORT, a_csv(lines), mode="apply", digest=digest)
    assert (late.status_code, late.json()["type"]) == (412, "/problems/preview-outdated")
    other_file = await take_in(collectivite, IMPORT, a_csv(lines[:2]), mode="apply", digest=digest)
    assert (other_file.status_code, other_file.json()["type"]) == (412, "/problems/preview-outdated")
    told = (await take_in(collectivite, IMPORT, a_csv(lines))).json()
    conflict = next(row for row in told["rows"] if row["action"] == "conflict")
    assert [(e["column"], e["code"]) for e in conflict["errors"]] == [("version", "changed_since")]
    of_zenith[column(lines, "Version")] = ""
    forced = await apply(collectivite, IMPORT, a_csv(lines))
    assert forced.json()["counts"]["update"] == 1
    assert (await collectivite.get(path)).json()["street"] == "1 rue du Pont"


async def test_a_file_may_hold_a_few_columns_and_an_empty_cell_empties(session, territory, collectivite) -> None:
    actor = await factories.an_actor(session, territory, name="Club", website="https://a.example/", street="1 rue A")
    answer = await apply(collectivite, IMPORT, a_csv([["nom", "site web"], ["CLUB", ""]]))
    assert answer.status_code == 200, answer.text
    assert answer.json()["counts"]["update"] == 1
    now = (await collectivite.get(f"/v1/actors/{actor.id}")).json()
    assert (now["name"], now["website"], now["street"], now["listed"]) == ("CLUB", None, "1 rue A", True)


async def test_the_file_can_be_had_back_with_remarks_and_sent_again(collectivite, three) -> None:
    lines = lines_of(await collectivite.get("/v1/actors?format=xlsx"))
    lines[1][column(lines, "Effectif")] = "beaucoup"
    sent = {"Content-Type": XLSX, "Accept": XLSX}
    remarked = await collectivite.post(IMPORT, content=an_xlsx(lines), headers=sent)
    told = lines_of(remarked)
    assert told[0] == [*lines[0], "Remarques de l’importation"]
    assert told[1][-1].startswith("Refusée\nEffectif : ")
    assert told[2][:-1] == lines[2]
    again = await take_in(collectivite, IMPORT, remarked.content, XLSX)
    assert (again.json()["counts"]["reject"], again.json()["notices"]) == (1, [])


async def test_a_form_of_a_page_can_send_the_file(collectivite, three) -> None:
    exported = await collectivite.get("/v1/actors?format=csv")
    sent = await collectivite.post(IMPORT, files={"file": ("acteurs.csv", exported.content, "text/csv")})
    assert sent.json()["counts"]["unchanged"] == 3


@pytest.mark.parametrize(
    ("role", "own", "neighbour"),
    [("staff", "update", "update"), ("referent", "update", "reject"), ("club", "update", "reject"),
     ("partner", "update", "reject"), ("operator", "reject", "reject")],
)  # fmt: skip
async def test_each_role_changes_by_file_what_it_changes_by_hand(session, client_for, role, own, neighbour) -> None:
    world = await a_world(session)
    client = client_for(world.caller(role))
    found = {}
    for whose in ("own", "neighbour", "foreign"):
        actor = world.actor(whose, role)
        file = a_csv([["id", "adresse"], [str(actor.id), "1 rue du Pont"]])
        [row] = (await take_in(client, IMPORT, file)).json()["rows"]
        found[whose] = row["action"]
        if row["action"] == "reject":
            refused = await apply(client, IMPORT, file)
            assert refused.status_code == 422
    assert found == {"own": own, "neighbour": neighbour, "foreign": "reject"}


@pytest.mark.parametrize(("role", "expected"), [("staff", "create"), ("club", "reject"), ("partner", "create")])
async def test_each_role_adds_by_file_what_it_adds_by_hand(session, client_for, role, expected) -> None:
    world = await a_world(session)
    line = ["Nouveau", "entreprise", "partner-system:9" if role == "partner" else ""]
    file = a_csv([["nom", "nature", "identifiants externes"], line])
    [row] = (await take_in(client_for(world.caller(role)), IMPORT, file)).json()["rows"]
    assert row["action"] == expected, row
    abroad = a_csv([["nom", "nature", "territoire"], ["Nouveau", "entreprise", world.abroad.slug]])
    [row] = (await take_in(client_for(world.caller(role)), IMPORT, abroad)).json()["rows"]
    assert [(e["column"], e["code"]) for e in row["errors"]] == [("territory", "unknown_reference")]


async def test_a_file_holds_the_rows_of_the_list_and_its_filters(session, client_for, collectivite, three) -> None:
    abroad = await factories.a_territory(session)
    await factories.an_actor(session, abroad)
    listed = [row["name"] for row in (await collectivite.get("/v1/actors?q=e")).json()["items"]]
    exported = lines_of(await collectivite.get("/v1/actors?q=e&format=xlsx"))
    assert [line[3] for line in exported[1:]] == listed == ["=Ville & Cie", "Zénith"]
    operator = client_for(factories.an_operator())
    assert len(lines_of(await operator.get("/v1/actors?format=csv"))) == 1
    paged = await collectivite.get("/v1/actors?format=csv&limit=5")
    assert (paged.status_code, paged.json()["errors"][0]["pointer"]) == (422, "?limit")


async def test_the_number_of_statements_does_not_grow_with_the_rows(
    session, territory, collectivite, statements
) -> None:
    def a_file(count: int) -> bytes:
        lines = [[f"Atelier {n}", "entreprise", "94018", f"cci:{n}", "x" * (count % 7)] for n in range(count)]
        return a_csv([["nom", "nature", "commune", "identifiants externes", "adresse"], *lines])

    counts = {}
    for count in (5, 50, 150):
        with statements() as creating:
            answer = await apply(collectivite, IMPORT, a_file(count))
        assert answer.status_code == 200, answer.text
        counts[count] = len(creating)
    assert counts[150] == counts[50], counts
    with statements() as few:
        await collectivite.get("/v1/actors?format=csv&q=atelier+14")
    with statements() as many:
        await collectivite.get("/v1/actors?format=csv")
    assert len(many) == len(few)
