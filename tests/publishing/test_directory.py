from datetime import date, timedelta

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import ActorKind
from app.core import clock
from app.publishing.schemas import PublicActor, PublicActors, PublicTerritories, PublicTerritory, PublicThemes
from app.territories.models import Succession, Territory, TerritoryMunicipality
from tests.factories import a_municipality, a_territory, a_theme, an_actor

PUBLIC = "/v1/public"


async def test_a_territory_names_its_communes_and_what_came_before_it(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    await a_municipality(session, "75056", "Paris")
    older = await a_territory(
        session, slug="ancien", municipalities=("94018",), valid_until=date(2016, 1, 1), valid_from=date(2004, 1, 1)
    )
    older.memberships[0].valid_until = date(2016, 1, 1)
    session.add(Succession(predecessor_id=older.id, successor_id=territory.id, succeeds_on=date(2016, 1, 1)))
    session.add(TerritoryMunicipality(territory_id=territory.id, insee_code="75056", valid_until=date(2020, 1, 1)))
    await session.commit()
    answer = await anonymous.get(f"{PUBLIC}/territories/marne")
    told = PublicTerritory.model_validate_json(answer.content)
    assert [municipality.insee_code for municipality in told.municipalities] == ["94018", "94069"]
    assert [name.slug for name in told.predecessors] == ["ancien"]
    ended = PublicTerritory.model_validate_json((await anonymous.get(f"{PUBLIC}/territories/ancien")).content)
    assert [municipality.insee_code for municipality in ended.municipalities] == ["94018"]
    assert [name.slug for name in ended.successors] == ["marne"]
    page = PublicTerritories.model_validate_json((await anonymous.get(f"{PUBLIC}/territories")).content)
    assert [territory.slug for territory in page.items] == ["ancien", "marne"]
    holding = await anonymous.get(f"{PUBLIC}/territories?municipality=94018&kind=intermunicipality")
    assert [item["slug"] for item in holding.json()["items"]] == ["marne"]


async def test_themes_come_in_the_order_of_their_territory(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    other = await a_territory(session, slug="autre")
    for position, slug in ((2, "handicap"), (1, "emploi")):
        await a_theme(session, territory, slug=slug, position=position)
    await a_theme(session, other, slug="ailleurs", position=3)
    first = PublicThemes.model_validate_json((await anonymous.get(f"{PUBLIC}/themes?limit=2")).content)
    assert [theme.slug for theme in first.items] == ["ailleurs", "emploi"]
    second = (await anonymous.get(f"{PUBLIC}/themes?limit=2&cursor={first.next}")).json()
    assert [theme["slug"] for theme in second["items"]] == ["handicap"]
    assert second["next"] is None
    mine = (await anonymous.get(f"{PUBLIC}/themes?territory=marne")).json()["items"]
    assert [theme["slug"] for theme in mine] == ["emploi", "handicap"]


async def test_only_those_who_agreed_stand_in_the_directory(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    theme = await a_theme(session, territory, slug="emploi")
    shown = await an_actor(session, territory, name="Éclat & Cie", themes=[theme], insee_code="94018")
    hidden = await an_actor(session, territory, listed=False)
    yesterday = clock.now().date() - timedelta(days=1)
    ended = await an_actor(session, territory, valid_until=yesterday)
    answer = await anonymous.get(f"{PUBLIC}/actors")
    page = PublicActors.model_validate_json(answer.content)
    assert [actor.id for actor in page.items] == [shown.id]
    one = await anonymous.get(f"{PUBLIC}/actors/{shown.id}")
    assert PublicActor.model_validate_json(one.content) == page.items[0]
    for actor in (hidden, ended):
        assert (await anonymous.get(f"{PUBLIC}/actors/{actor.id}")).status_code == 404


async def test_the_directory_is_in_french_order_and_searched_without_accents(
    anonymous: AsyncClient, session: AsyncSession, territory: Territory
) -> None:
    theme = await a_theme(session, territory, slug="emploi")
    for name, kind in (
        ("Zèbre", ActorKind.SCHOOL),
        ("école Élan", ActorKind.ASSOCIATION),
        ("Arc 100%", ActorKind.COMPANY),
    ):
        await an_actor(session, territory, name=name, kind=kind, themes=[theme] if kind is ActorKind.SCHOOL else [])

    async def names(query: str = "") -> list[str]:
        path, found = f"{PUBLIC}/actors?{query}", []
        while path:
            answer = await anonymous.get(path)
            assert answer.status_code == 200, answer.text
            found += [item["name"] for item in answer.json()["items"]]
            path = answer.headers["link"].partition(">")[0].removeprefix("<") if "link" in answer.headers else ""
        return found

    assert await names("limit=1") == ["Arc 100%", "école Élan", "Zèbre"]
    assert await names("q=ELAN") == ["école Élan"]
    assert await names("q=100%25") == ["Arc 100%"]
    assert await names("q=_") == []
    assert await names("kind=school&territory=marne&theme=emploi") == ["Zèbre"]
    assert (await anonymous.get(f"{PUBLIC}/actors?theme=nothing")).status_code == 422
