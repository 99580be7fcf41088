"""Many at once, with real commits: one refresh wins, and the event loop is not held up."""

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.core.journal import attribute_to
from tests.factories import a_territory
from tests.identity.oauth.support import a_code, an_account_of, an_app, ask, call, refresh, signed_in

MOST_MS = 20
AT_ONCE = 20
ROUNDS = 4


@contextmanager
def longest_step(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The longest any one step of the event loop takes, in milliseconds: nothing else runs meanwhile.

    It is the time of this thread on a processor, since tests share theirs; as in a server that has started,
    what was there before is not looked through for garbage.
    """
    gc.collect()
    gc.freeze()
    longest, run = [0.0], asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        before = time.thread_time()
        run(handle)
        longest[0] = max(longest[0], (time.thread_time() - before) * 1000)

    with monkeypatch.context() as patch:
        patch.setattr(asyncio.Handle, "_run", timed)
        yield longest
    gc.unfreeze()


async def test_of_twenty_refreshes_at_once_exactly_one_succeeds_and_the_family_lives(committed, monkeypatch):
    pauses = []
    async with committed.client() as client:
        async with committed.database.session() as session:
            attribute_to(session, "test")
            territory = await a_territory(session)
            app, account = await an_app(session, territory), await an_account_of(session, territory)
            tokens = await signed_in(session, client, app, account)
        for _ in range(ROUNDS):
            with longest_step(monkeypatch) as longest:
                answers = await asyncio.gather(*(refresh(client, app, tokens["refresh_token"]) for _ in range(AT_ONCE)))
            pauses.append(longest[0])
            assert sorted(answer.status_code for answer in answers) == [200] + [400] * (AT_ONCE - 1)
            assert {answer.json().get("error") for answer in answers} == {None, "invalid_grant"}
            tokens = next(answer.json() for answer in answers if answer.status_code == 200)
            assert (await call(client, tokens["access_token"])).status_code == 200
    assert max(pauses) < MOST_MS, f"one step took {pauses} ms"


async def test_of_ten_uses_of_a_code_at_once_at_most_one_gives_tokens(committed):
    async with committed.client() as client:
        async with committed.database.session() as session:
            attribute_to(session, "test")
            territory = await a_territory(session)
            app, account = await an_app(session, territory), await an_account_of(session, territory)
            code = await a_code(session, app, account, verifier="v" * 43)
        asked = {"grant_type": "authorization_code", "code": code, "code_verifier": "v" * 43}
        answers = await asyncio.gather(
            *(ask(client, app, redirect_uri="https://app.example/callback", **asked) for _ in range(10))
        )
        assert [answer.status_code for answer in answers].count(200) == 1
        won = next(answer.json() for answer in answers if answer.status_code == 200)
        assert (await call(client, won["access_token"])).status_code == 401
