"""`aet accounts`, as an operator types it, on a database of its own."""

import re
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from app.cli import main
from tests.conftest import make_database, run_as_superuser, url_of
from tests.factories import a_school, a_territory

Aet = Callable[..., Result]


@pytest.fixture
async def aet(server, worker_id, monkeypatch, tmp_path):
    """Runs a command in a thread: it has an event loop of its own."""
    import asyncio

    name = f"aet_commands_{worker_id}"
    await make_database(server, name)
    monkeypatch.setenv("AET_DATABASE_URL", url_of(server, name))
    monkeypatch.setenv("AET_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, main, ["accounts", *words])

    run.url = url_of(server, name)  # type: ignore[attr-defined]
    yield run
    await run_as_superuser(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def territory(aet):
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.core.db import create_engine
    from app.core.journal import attribute_to
    from tests.conftest import SETTINGS

    engine = create_engine(aet.url, SETTINGS)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        attribute_to(session, "test")
        made = await a_territory(session, slug="ici")
        await a_school(session, made, name="Lycée d’ici")
    await engine.dispose()
    return made


async def test_the_first_admin_is_made_listed_and_shut_out(aet, territory):
    made = await aet("create", "Admin@Ville.fr", "Première Admin", "--territory", "ici", "--admin")
    assert made.exit_code == 0, made.output
    assert re.search(r"/invitation\?link=\S{40,}", made.output)
    listed = (await aet("list")).output
    assert "admin@ville.fr Première Admin (invited)" in listed
    grant = re.search(r"  (\S+) collectivite \(admin\)", listed)[1]
    assert (await aet("link", "admin@ville.fr")).output.count("/invitation?link=") == 1
    assert (await aet("revoke", grant)).exit_code == 0
    assert "collectivite" not in (await aet("list")).output
    assert (await aet("grant", "admin@ville.fr", "--role", "operator")).exit_code == 0
    for verb, state in (("disable", "(disabled)"), ("enable", "(invited)")):
        assert (await aet(verb, "admin@ville.fr")).exit_code == 0
        assert state in (await aet("list")).output
    assert (await aet("forget-second-factor", "admin@ville.fr")).exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "a@b.fr", "A", "--role", "referent", "--territory", "ici"), "actor_id"),
        (("create", "a@b.fr", "A", "--territory", "ailleurs"), "No such territory"),
        (
            ("create", "a@b.fr", "A", "--role", "referent", "--territory", "ici", "--actor", "Lycée de là"),
            "No such org",
        ),
        (("create", "a@b.fr", "A", "--role", "operator", "--admin"), "is_admin"),
        (("disable", "nobody@b.fr"), "No account"),
        (("revoke", "01a205a4-309d-7772-b789-9ed33b599351"), "No grant"),
    ],
)
async def test_what_is_refused_is_said_in_a_sentence_and_nothing_is_kept(aet, territory, words, said):
    refused = await aet(*words)
    assert refused.exit_code == 1
    assert said in refused.output
    assert "Traceback" not in refused.output
    assert (await aet("list")).output.strip() == ""


async def test_a_referent_is_made_by_the_name_of_the_school(aet, territory):
    made = await aet("create", "r@lycee.fr", "R", "--role", "referent", "--territory", "ici", "--actor", "Lycée d’ici")
    assert made.exit_code == 0, made.output
    again = await aet("create", "R@lycee.fr", "R", "--role", "operator")
    assert again.exit_code == 1
    assert "has an account already" in again.output
    other = await aet("grant", "r@lycee.fr", "--role", "operator")
    assert (other.exit_code, "at a time" in other.output) == (1, True)
