"""`aet`: the operator's commands."""

import asyncio
import contextlib
import difflib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.table import Table

from app import models  # noqa: F401  (the mapper needs every table)
from app.core.errors import CannotStart
from app.core.terminal import console, plainly
from app.identity.commands import commands as accounts
from app.identity.oauth.commands import SUB_APPS
from app.q2er.privacy.commands import commands as privacy
from app.settings import MIN_SECRET, Settings

OPENAPI = Path(__file__).resolve().parents[1] / "openapi" / "v1.json"

main = typer.Typer(
    name="aet",
    help="Agir Ensemble sur le Territoire: serve it, migrate it, look at it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@contextlib.contextmanager
def step(words: str) -> Iterator[None]:
    """One line of progress with the time it took."""
    begun = time.perf_counter()
    console.print(f"  {words} …", end="\r" if console.is_terminal else "\n")
    yield
    console.print(f"  {words}: ready in {time.perf_counter() - begun:.1f} s")


@main.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (AET_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (AET_PORT).")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    demo: Annotated[bool, typer.Option(help="Load the demonstration territory (never in production).")] = True,
) -> None:
    """Bring the database up to date and answer requests until Ctrl-C or SIGTERM."""
    from app import server
    from app.core import migrations
    from app.core.embedded import database_of

    given: dict[str, Any] = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    with plainly(), contextlib.ExitStack() as stack:
        settings = Settings(**given)
        stack.enter_context(server.orderly_end())
        stack.enter_context(server.alone_on(settings))
        listening = stack.enter_context(server.listen(settings))
        server.import_ahead()
        with step("PostgreSQL"):
            urls = stack.enter_context(database_of(settings))
        with step("Schema"):
            migrations.upgrade(urls.owner, settings.app_role)
        if demo and settings.environment == "development":
            with step("Demonstration territory"):
                _load_demonstration(settings, urls.app, unless_current=True)
        working = settings.model_copy(update={"database_url": urls.app})
        server.run(working, listening, workers, lambda: _what_to_open(working, has_demo=demo))


def _load_demonstration(settings: Settings, app_url: str, *, unless_current: bool = False) -> str:
    """What there is then, counted; nothing to count when this week's is there already."""
    from app.core.db import PooledDatabase
    from app.demo import loaded
    from app.demo.accounts import put_accounts

    async def put() -> str:
        database = PooledDatabase(app_url, settings)
        try:
            counted = ""
            if not (unless_current and await loaded.is_current(database)):
                from app.demo.load import load

                counted = str(await load(database))
            await put_accounts(database, settings)
            return counted
        finally:
            await database.close()

    return asyncio.run(put())


def _what_to_open(settings: Settings, *, has_demo: bool) -> None:
    """Where to look first."""
    base = settings.base_url
    console.print(f"\nListening on {base} (Ctrl-C stops). Open:")
    table = Table.grid(padding=(0, 2))
    for what, where in (
        ("the page a town embeds", "/embed/events"),
        ("the events as JSON", "/v1/public/events.json"),
        ("the calendar to subscribe to", "/v1/public/events.ics"),
        ("every operation", "/docs"),
        ("your account", "/login"),
    ):
        table.add_row(f"  {what}", f"{base}{where}")
    console.print(table)
    if has_demo and settings.environment == "development":
        _who_may_sign_in(settings)


def _who_may_sign_in(settings: Settings) -> None:
    """The demonstration's people; their passwords and tokens stay in the file."""
    from app.demo import accounts as demonstration

    path = settings.data_dir / demonstration.FILE
    console.print(f"\nSign in as one of these; passwords, second factors and API tokens are in {path}:", markup=False)
    table = Table.grid(padding=(0, 2))
    for person in demonstration.read(path)["accounts"]:
        table.add_row(f"  {person['role']}", person["email"])
    console.print(table)


@main.command()
def migrate() -> None:
    """Bring the schema of the database up to date."""
    from app.core import migrations
    from app.core.embedded import database_of

    with plainly():
        settings = Settings()
        with database_of(settings) as urls, step("Schema"):
            migrations.upgrade(urls.owner, settings.app_role)


@main.command()
def demo() -> None:
    """Load the demonstration territory; loading it again changes nothing."""
    from app.core import migrations
    from app.core.embedded import database_of

    with plainly():
        settings = Settings()
        if settings.environment == "production":
            raise CannotStart("Demonstration data is never loaded in production: set AET_ENVIRONMENT=development.")
        with database_of(settings) as urls:
            migrations.upgrade(urls.owner, settings.app_role)
            console.print(_load_demonstration(settings, urls.app))


@main.command(name="demo-token")
def show_demo_token(role: Annotated[str, typer.Argument(help="collectivite, referent, club_member …")]) -> None:
    """The API token of the demonstration's person of a role."""
    from app.demo.accounts import FILE, read

    with plainly():
        people = {person["role"]: person for person in read(Settings().data_dir / FILE)["accounts"]}
        if role not in people:
            raise CannotStart(f"No such person: start with scripts/serve, then ask for one of {', '.join(people)}.")
        print(people[role]["api_token"])  # noqa: T201  (alone on its line, for a script)


@main.command()
def openapi(
    check: Annotated[bool, typer.Option("--check", help="Only compare; exit code 1 when it differs.")] = False,
) -> None:
    """Write openapi/v1.json, the description of the API."""
    from app.main import create_api

    with plainly():
        described = create_api(Settings(secret_key=SecretStr("-" * MIN_SECRET))).openapi()
        now = json.dumps(described, ensure_ascii=False, indent=2) + "\n"
        kept = OPENAPI.read_text() if OPENAPI.exists() else ""
        if not check:
            OPENAPI.parent.mkdir(exist_ok=True)
            OPENAPI.write_text(now)
        elif kept != now:
            changes = difflib.unified_diff(
                kept.splitlines(), now.splitlines(), "openapi/v1.json", "the code", lineterm=""
            )
            console.print("\n".join(list(changes)[:40]), markup=False)
            raise CannotStart("openapi/v1.json is not what the code says: run `aet openapi` and commit the file.")


@main.command(name="settings")
def show_settings() -> None:
    """Every setting: its environment variable, its default and its meaning."""
    table = Table("variable", "default", "meaning", box=None)
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else str(field.default)
        table.add_row(f"AET_{name.upper()}", default, field.description)
    console.print(table)


for commands in (accounts, *SUB_APPS, privacy):
    main.add_typer(commands)

if __name__ == "__main__":
    main()
