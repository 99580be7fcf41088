"""`aet privacy`: what an operator does about personal data without seeing any."""

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.terminal import console
from app.identity.commands import run
from app.q2er.privacy import service
from app.settings import Settings

commands = typer.Typer(name="privacy", help="Erasures and retention of pupils.", no_args_is_help=True)


@commands.command("reapply-erasures")
def reapply_erasures() -> None:
    """Erase again the pupils whom a restored backup has brought back (also done at start, and every hour)."""

    async def work(session: AsyncSession, settings: Settings) -> None:
        console.print(f"Erased again: {await service.reapply_erasures(session, settings)}")

    run(work)


@commands.command("purge")
def purge() -> None:
    """Reduce to their code the pupils whose time is over (also done every hour)."""

    async def work(session: AsyncSession, settings: Settings) -> None:
        if settings.pupil_disposition == "transfer":
            console.print("Nothing is purged: AET_PUPIL_DISPOSITION=transfer asks to hand them over first.")
        console.print(f"Reduced to their code: {await service.purge(session, settings)}")

    run(work)
