"""What stands before the API and answers the public tree and the embedded pages itself.

The crowd reads here, so each step counts: an answer kept ready leaves after a look at the address, its
parameters and `If-None-Match`.
"""

from functools import partial
from time import perf_counter

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core import clock, metrics, problems
from app.core.db import Database
from app.core.errors import MethodNotAllowed, NotFound
from app.core.hardening import check_headers, check_target
from app.core.headers import Trees
from app.core.pagination import Cursors
from app.publishing.answers import ALLOW, CORS, PREFLIGHT, Answer, encoded
from app.publishing.filters import read, read_pairs
from app.publishing.kept import KeptAnswers, key_of
from app.publishing.operations import Route, route
from app.publishing.reading import Reading
from app.publishing.reference import Reference
from app.publishing.revision import Listener, Revision
from app.settings import Settings

TREES = ("/v1/public/", "/embed/")
MIB = 1 << 20


class PublicFront:
    """Answers what anyone may read; everything else is `app`'s."""

    def __init__(self, app: ASGIApp, *, settings: Settings, cursors: Cursors) -> None:
        self.app = app
        self.revision = Revision()
        self._settings = settings
        self._trees = Trees(settings)
        self._cursors = cursors
        self._kept = KeptAnswers(self.revision, settings.kept_answers_mib * MIB)
        self._reference = Reference(self.revision, self._kept)
        self._database: Database | None = None
        self._listener: Listener | None = None

    async def start(self, database: Database) -> None:
        """Begin to answer from `database`, and to hear of its changes.

        Nothing is kept where changes cannot be heard: through PgBouncer, or with a single connection.
        """
        self._database = database
        settings = self._settings
        if settings.kept_answers_mib and settings.prepared_statements and settings.pool_size > 1:
            self._listener = Listener(self.revision, database)
            await self._listener.start()

    async def stop(self) -> None:
        """Hear no more changes."""
        if self._listener:
            await self._listener.stop()
            self._listener = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(TREES):
            await self.app(scope, receive, send)
            return
        await self._answer(scope, receive, send)

    def kept(self, scope: Scope) -> Answer | None:
        """The answer kept ready for this request, if there is one."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(TREES):
            return None
        return self._kept.get(key_of(scope["path"], scope["query_string"]))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            check_target(scope)
            check_headers(scope)
            found = route(scope["path"])
            scope.setdefault("state", {})["route"] = found.name if found else "unmatched"
            if found is None:
                raise NotFound
            if scope["method"] == "OPTIONS":
                await send({"type": "http.response.start", "status": 204, "headers": encoded(PREFLIGHT)})
                await send({"type": "http.response.body", "body": b""})
                return
            if scope["method"] not in {"GET", "HEAD"}:
                raise MethodNotAllowed(headers={"Allow": ALLOW})
            key = key_of(scope["path"], scope["query_string"])
            answer = await self._kept.get_or_make(key, partial(self._make, found, *key))
        except Exception as error:  # every failure is a problem, told as such
            response = problems.response(scope, problems.problem_for(error, scope))
            response.headers.update(CORS)
            await response(scope, receive, send)
            return
        await answer.send_to(scope, send)

    async def _make(self, found: Route, path: str, query: bytes) -> Answer:
        assert self._database is not None
        pairs = read_pairs(query)
        reading = Reading(
            database=self._database,
            reference=self._reference,
            cursors=self._cursors,
            base_url=self._settings.base_url,
            path=path,
            query=query,
            pairs=pairs,
            extension=found.format.extension,
            question=read(found.operation.question, pairs),
            place=found.place,
            now=clock.now(),
        )
        answer = await found.format.make(reading)
        answer.route = found.name
        answer.complete(partial(self._trees.completed, path))
        return answer


class KeptFirst:
    """Gives the answers kept ready, before anything else is done; they are counted, not logged one by one."""

    def __init__(self, front: PublicFront, app: ASGIApp) -> None:
        self.front = front
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self.front.kept(scope)
        if answer is None:
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        status = await answer.send_to(scope, send)
        metrics.count("GET", answer.route, status, perf_counter() - started)
