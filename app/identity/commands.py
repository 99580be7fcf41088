"""`aet accounts`: the first admin, and what an operator does for people without the API."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
from sqlalchemy import Text, Uuid, column, or_, select, table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.core import i18n
from app.core.db import PooledDatabase
from app.core.embedded import database_of
from app.core.errors import CannotStart, Problem
from app.core.journal import attribute_to
from app.core.terminal import console, plainly
from app.identity import totp
from app.identity.accounts import grants, service
from app.identity.caller import Role
from app.identity.models import Account, Grant, LinkPurpose
from app.settings import Settings

T = TypeVar("T")
CALLER = "cli"
TERRITORIES = table("territories", column("id", Uuid), column("slug", Text))
ACTORS = table("actors", column("id", Uuid), column("name", Text), column("territory_id", Uuid))

commands = typer.Typer(name="accounts", help="People who can sign in, and their roles.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The account's e-mail.")]
RoleOption = Annotated[Role, typer.Option(help="collectivite, referent, club_member or operator.")]
Place = Annotated[str | None, typer.Option(help="Slug of the territory.")]
Organisation = Annotated[str | None, typer.Option(help="Name or id of the school or organisation.")]
Admin = Annotated[bool, typer.Option("--admin", help="An admin of the collectivité.")]


def run(work: Callable[[AsyncSession, Settings], Awaitable[T]]) -> T:
    """Do the work in one transaction, in the operator's name; says in a sentence what was refused."""

    async def done(url: str, settings: Settings) -> T:
        database = PooledDatabase(url, settings)
        try:
            async with database.session() as session:
                attribute_to(session, CALLER)
                result = await work(session, settings)
                await session.commit()
                return result
        finally:
            await database.close()

    with plainly():
        settings = Settings()
        with database_of(settings) as urls:
            try:
                return asyncio.run(done(urls.app, settings))
            except Problem as problem:
                raise CannotStart(_sentence(problem)) from None
    raise AssertionError("a command that was stopped has ended")


def _sentence(problem: Problem) -> str:
    faults = "; ".join(
        f"{fault.pointer.removeprefix('#/')}: {i18n.text('en', f'error.{fault.code}', **fault.params)}"
        for fault in problem.errors
    )
    return faults or i18n.text("en", f"problem.{problem.slug}.detail", **problem.params)


@commands.command()
def create(
    email: Email,
    name: Annotated[str, typer.Argument(help="How the person is addressed.")],
    role: RoleOption = Role.COLLECTIVITE,
    territory: Place = None,
    actor: Organisation = None,
    admin: Admin = False,
    locale: Annotated[str, typer.Option(help="Language of the mails: fr or en.")] = "fr",
) -> None:
    """Open an account with a role; mails the invitation if it can, and shows its link."""

    async def work(session: AsyncSession, settings: Settings) -> str:
        if await service.by_email(session, email):
            raise CannotStart(f"{email} has an account already: aet accounts grant {email} …")
        account = await service.make(session, email, name, locale=locale)
        await _give(session, account, role, territory, actor, admin=admin)
        secret = await service.link_for(session, account, LinkPurpose.INVITATION)
        if settings.smtp_url:
            await service.send_link(settings, account, LinkPurpose.INVITATION, secret)
        return service.address_of(settings, LinkPurpose.INVITATION, secret)

    console.print(f"The account is open. To choose its password, within seven days:\n{run(work)}", markup=False)


@commands.command(name="list")
def list_accounts() -> None:
    """Every account with its living roles."""

    async def work(session: AsyncSession, _settings: Settings) -> list[str]:
        rows = await session.scalars(select(Account).options(selectinload(Account.grants)).order_by(Account.email))
        return [_told(account) for account in rows]

    for line in run(work):
        console.print(line, markup=False)


@commands.command()
def link(email: Email) -> None:
    """Show a new link to choose a password: the invitation again, or a reset."""

    async def work(session: AsyncSession, settings: Settings) -> str:
        account = await _account(session, email)
        purpose = LinkPurpose.PASSWORD_RESET if account.password_hash else LinkPurpose.INVITATION
        return service.address_of(settings, purpose, await service.link_for(session, account, purpose))

    console.print(run(work), markup=False)


@commands.command()
def disable(email: Email) -> None:
    """Shut an account out, at once: its sessions, applications and tokens end."""

    async def work(session: AsyncSession, _settings: Settings) -> None:
        await service.disable(session, await _account(session, email))

    run(work)
    console.print(f"{email} is disabled.", markup=False)


@commands.command()
def enable(email: Email) -> None:
    """Let a disabled account sign in again."""

    async def work(session: AsyncSession, _settings: Settings) -> None:
        (await _account(session, email)).disabled_at = None

    run(work)
    console.print(f"{email} is enabled.", markup=False)


@commands.command()
def grant(
    email: Email, role: RoleOption, territory: Place = None, actor: Organisation = None, admin: Admin = False
) -> None:
    """Give an account a role."""

    async def work(session: AsyncSession, _settings: Settings) -> UUID:
        return (await _give(session, await _account(session, email), role, territory, actor, admin=admin)).id

    console.print(f"Granted: {run(work)}", markup=False)


@commands.command()
def revoke(grant_id: Annotated[UUID, typer.Argument(help="The grant's id (aet accounts list).")]) -> None:
    """Take a role back, at once."""

    async def work(session: AsyncSession, _settings: Settings) -> None:
        found = await session.get(Grant, grant_id)
        account = await session.get(Account, found.account_id) if found and found.account_id else None
        if found is None or account is None:
            raise CannotStart(f"No grant {grant_id}: see aet accounts list.")
        await grants.revoke(session, account, found)

    run(work)
    console.print("Revoked.")


@commands.command(name="forget-second-factor")
def forget_second_factor(email: Email) -> None:
    """For a person who lost device and recovery codes: their sessions end, and they enrol anew."""

    async def work(session: AsyncSession, _settings: Settings) -> None:
        account = await _account(session, email)
        await totp.forget(session, account.id)
        await service.end_everywhere(session, account.id, reason="second-factor-forgotten")

    run(work)
    console.print(f"{email} will enrol a device at the next sign-in.", markup=False)


async def _give(
    session: AsyncSession, account: Account, role: Role, territory: str | None, actor: str | None, *, admin: bool
) -> Grant:
    territory_id = await _one(session, TERRITORIES, "territory", TERRITORIES.c.slug == territory) if territory else None
    actor_id = None
    if actor:
        is_it = or_(ACTORS.c.name == actor, ACTORS.c.id == _uuid(actor))
        actor_id = await _one(session, ACTORS, "organisation", is_it, ACTORS.c.territory_id == territory_id)
    return await grants.give(session, account, role, territory_id=territory_id, actor_id=actor_id, is_admin=admin)


async def _one(session: AsyncSession, source: Any, what: str, *conditions: Any) -> UUID:
    found = (await session.scalars(select(source.c.id).where(*conditions).limit(2))).all()
    if len(found) != 1:
        raise CannotStart(f"{'Several of' if found else 'No'} such {what}: name one exactly (or by its id).")
    return UUID(str(found[0]))


async def _account(session: AsyncSession, email: str) -> Account:
    found = await service.by_email(session, email)
    if found is None:
        raise CannotStart(f"No account {email}: see aet accounts list.")
    return found


def _told(account: Account) -> str:
    state = " (disabled)" if account.disabled_at else "" if account.password_hash else " (invited)"
    held = [
        f"  {each.id} {each.role}{' (admin)' if each.is_admin else ''}"
        for each in account.grants
        if not each.revoked_at
    ]
    return "\n".join([f"{account.email} {account.display_name}{state}", *held])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
