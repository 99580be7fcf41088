"""What is asked of the public tree: one selection for the comparisons, many for the growth."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

import asyncpg
from httpx import AsyncClient

from app.core import clock
from scripts.benchmarks.generator import OURS, YEARS
from scripts.benchmarks.measure import CannotMeasure

LIST = "/v1/public/events"
TERRITORY = "paris-est-marne-et-bois"
PAGE = 20
WALK = 200
MANY = 5_000


@dataclass(frozen=True)
class Questions:
    """Paths, the first of each the one every comparison uses."""

    lists: list[str]
    one: list[str]
    deep: list[str]

    @property
    def work(self) -> list[str]:
        """The same single events, as people at work read them."""
        return [path.replace("/public/", "/") for path in self.one]


async def questions(url: str, base_url: str, *, depth: int) -> Questions:
    """Paths for the database behind `url`, served at `base_url`: deep pages begin `depth` events on."""
    connection = await asyncpg.connect(url)
    try:
        towns = await connection.fetch(
            "SELECT insee_code FROM events GROUP BY insee_code HAVING count(*) > 100 ORDER BY 1"
        )
        ids = await connection.fetch(
            f"SELECT e.id FROM events e WHERE {OURS} AND e.publication = 'published' AND e.audience = 'public' "
            "ORDER BY md5(e.id::text) LIMIT $1",
            MANY,
        )
    finally:
        await connection.close()
    codes = [row["insee_code"] for row in towns]
    codes.sort(key=lambda code: code != "94080")
    themes = ("insertion-des-jeunes", "handicap", "lutte-contre-la-precarite")
    days = [today() + timedelta(days=30 * month) for month in range(24)]
    lists = [
        _path(territory=TERRITORY, theme=theme, municipality=code, limit=PAGE, **{"from": day.isoformat()})
        for code in codes
        for theme in themes
        for day in days
    ]
    deep = [await _walk(base_url, depth * part // 4) for part in (4, 3, 2, 1)]
    return Questions(lists, [f"{LIST}/{row['id']}" for row in ids], deep)


def today() -> date:
    """This day, in UTC."""
    return clock.now().date()


async def _walk(base_url: str, depth: int) -> str:
    """The path of the page that begins after `depth` events, reached as a reader would: page by page."""
    first = today() - timedelta(days=365 * YEARS + 30)
    asked = {"territory": TERRITORY, "from": first.isoformat()}
    cursor: str | None = None
    async with AsyncClient(base_url=base_url) as client:
        for _ in range(depth // WALK):
            answer = await client.get(_path(**asked, limit=WALK, **({"cursor": cursor} if cursor else {})))
            if answer.status_code != 200:
                raise CannotMeasure(f"{answer.url} answers {answer.status_code}: {answer.text[:300]}")
            cursor = answer.json()["next"]
    return _path(**asked, limit=PAGE, **({"cursor": cursor} if cursor else {}))


def _path(**parameters: str | int) -> str:
    return f"{LIST}?{urlencode(parameters)}"
