"""`aet clients`, `aet keys` and `aet tokens`: what an operator does without the API."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import CannotStart
from app.core.terminal import console
from app.identity import keys as signing
from app.identity import rights
from app.identity.api_tokens import service as api_tokens
from app.identity.commands import TERRITORIES, run
from app.identity.models import Account, ApiToken, Client
from app.identity.oauth import redirects
from app.identity.oauth.clients import service
from app.settings import Settings, signing_key

clients = typer.Typer(name="clients", help="Applications that may ask for tokens.", no_args_is_help=True)
keys = typer.Typer(name="keys", help="The keys that sign access tokens.", no_args_is_help=True)
tokens = typer.Typer(name="tokens", help="API tokens of accounts.", no_args_is_help=True)
SUB_APPS = (clients, keys, tokens)

ClientName = Annotated[str, typer.Argument(help="The client's id, as it says it (client_id).")]
Owner = Annotated[str, typer.Argument(help="E-mail of the owner.")]


@clients.command("list")
def list_clients() -> None:
    """Every client and its state."""

    async def work(session: AsyncSession, _settings: Settings) -> None:
        table = Table("client_id", "name", "state", "grants", "scopes", box=None)
        for row in await session.scalars(select(Client).order_by(Client.id)):
            state = "disabled" if row.disabled_at else "approved" if row.approved_at else "requested"
            table.add_row(row.client_id, row.name, state, " ".join(row.grants), " ".join(row.scopes))
        console.print(table)

    run(work)


@clients.command("create")
def create_client(
    name: Annotated[str, typer.Argument(help="What people read when they are asked to allow it.")],
    scope: Annotated[list[str], typer.Option(help="A scope it may ask for; once for each.")],
    territory: Annotated[str | None, typer.Option(help="Slug of its territory; none: every territory.")] = None,
    redirect_uri: Annotated[list[str] | None, typer.Option(help="Where people come back to; once for each.")] = None,
    source: Annotated[str | None, typer.Option(help="A system in its own name: the source of its rows.")] = None,
    confidential: Annotated[bool, typer.Option("--confidential", help="It can keep a secret.")] = False,
) -> None:
    """Make a client, approved. Its secret is printed this once."""
    addresses = redirect_uri or []
    _require(not set(scope) - rights.SCOPES.keys(), f"No such scope: {', '.join(set(scope) - rights.SCOPES.keys())}")
    _require(all(map(redirects.is_acceptable, addresses)), "A redirect URI is https, an app's own scheme or loopback.")
    _require(
        bool(addresses) != bool(source), "Give redirect URIs (people sign in) or a source (a system), one of both."
    )
    _require(not source or territory is not None, "A system in its own name works in one territory: name it.")

    async def work(session: AsyncSession, _settings: Settings) -> tuple[Client, str | None]:
        place = None
        if territory:
            place = await session.scalar(select(TERRITORIES.c.id).where(TERRITORIES.c.slug == territory))
            _require(place is not None, f"No territory has the slug {territory}.")
        return await service.create_client(
            session, name=name, territory_id=place, scopes=scope, redirect_uris=addresses, source=source,
            grants=["client_credentials"] if source else ["authorization_code", "refresh_token"],
            is_confidential=confidential or bool(source), is_approved=True,
        )  # fmt: skip

    client, secret = run(work)
    console.print(f"client_id      {client.client_id}")
    if secret:
        console.print(f"client_secret  {secret}\nIt is not shown again.")


@clients.command("approve")
def approve_client(client_id: ClientName) -> None:
    """Let a client in, or in again."""

    async def work(session: AsyncSession, _settings: Settings) -> None:
        await service.approve(session, await _client(session, client_id))

    run(work)


@clients.command("disable")
def disable_client(client_id: ClientName) -> None:
    """Shut a client out: all its tokens end now."""

    async def work(session: AsyncSession, _settings: Settings) -> None:
        await service.disable(session, await _client(session, client_id))

    run(work)


@clients.command("roll-secret")
def roll_secret(client_id: ClientName) -> None:
    """Print a new secret, this once; the former is refused from now on."""

    async def work(session: AsyncSession, _settings: Settings) -> str:
        return await service.roll_secret(session, await _client(session, client_id))

    console.print(run(work))


@keys.command("list")
def list_keys() -> None:
    """Every signing key and its state."""

    async def work(session: AsyncSession, _settings: Settings) -> None:
        table = Table("kid", "status", "made", "retired", box=None)
        for row in await signing.listed(session):
            retired = f"{row.retired_at:%Y-%m-%d %H:%M}" if row.retired_at else ""
            table.add_row(row.kid, row.status, f"{row.created_at:%Y-%m-%d %H:%M}", retired)
        console.print(table)

    run(work)


@keys.command("rotate")
def rotate_keys(
    compromised: Annotated[
        bool, typer.Option("--compromised", help="The current key verifies nothing any more.")
    ] = False,
) -> None:
    """Sign with the next key from now on; tokens signed before stay good for their ten minutes."""

    async def work(session: AsyncSession, settings: Settings) -> None:
        await signing.rotate(session, signing_key(settings), is_compromised=compromised)

    run(work)
    console.print("The next key signs; every worker knows within a minute.")


@tokens.command("list")
def list_tokens(owner: Owner) -> None:
    """The API tokens of an account."""

    async def work(session: AsyncSession, _settings: Settings) -> None:
        table = Table("id", "name", "hint", "state", "ends", "scopes", box=None)
        account = await _account(session, owner)
        for row in await session.scalars(
            select(ApiToken).where(ApiToken.account_id == account.id).order_by(ApiToken.id)
        ):
            state, ends = api_tokens.state_of(row), f"{row.expires_at:%Y-%m-%d}"
            table.add_row(str(row.id), row.name, row.hint, state, ends, " ".join(row.scopes))
        console.print(table)

    run(work)


@tokens.command("create")
def create_token(
    owner: Owner,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[list[str], typer.Option(help="What it may do; once for each scope.")],
    days: Annotated[int, typer.Option(min=1, max=365, help="How long it lasts.")] = 90,
    output: Annotated[Path | None, typer.Option(help="A file to write it to, readable by its owner only.")] = None,
) -> None:
    """Make an API token and print it, this once."""
    _require(not set(scope) - rights.SCOPES.keys(), f"No such scope: {', '.join(set(scope) - rights.SCOPES.keys())}")

    _require(output is None or not output.exists(), f"{output} exists already.")

    async def work(session: AsyncSession, _settings: Settings) -> str:
        account, ends = await _account(session, owner), clock.now() + timedelta(days=days)
        _, secret = await api_tokens.create_api_token(
            session, account_id=account.id, name=name, scopes=scope, expires_at=ends
        )
        return secret

    secret = run(work)
    if output:
        output.touch(mode=0o600, exist_ok=False)
        output.write_text(secret + "\n")
    else:
        console.print(secret)


@tokens.command("revoke")
def revoke_tokens(owner: Owner) -> None:
    """End every API token of an account now."""

    async def work(session: AsyncSession, _settings: Settings) -> None:
        await api_tokens.revoke_all(session, (await _account(session, owner)).id, "operator")

    run(work)


async def _client(session: AsyncSession, client_id: str) -> Client:
    client = await session.scalar(select(Client).where(Client.client_id == client_id))
    if client is None:
        raise CannotStart(f"No client has the id {client_id}.")
    return client


async def _account(session: AsyncSession, email: str) -> Account:
    account = await session.scalar(select(Account).where(Account.email == email.strip().lower()))
    if account is None:
        raise CannotStart(f"No account has the e-mail {email}.")
    return account


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise typer.BadParameter(sentence)
