"""The consent page: an application asks, its user decides, for which scopes and within which rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import OAuth2Error
from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import i18n
from app.identity import audit, places, rights, sessions
from app.identity.access import Held, caller_from
from app.identity.models import Client
from app.identity.oauth import redirects
from app.identity.oauth.grants import Consent
from app.identity.oauth.requests import OAuthRequest
from app.identity.oauth.router import Run, server_of
from app.identity.oauth.server import Answer, Server
from app.identity.pages.page import PRIVATE, PageRoute, checked_form, field, language_of, show

OURS = {"csrf", "decision", "within"}
EVERYWHERE = "all"

router = APIRouter(prefix="/oauth", route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """A territory, a school or an organisation an application can be kept to; `value` is what the form sends."""

    value: str
    name: str


class Refused(Exception):
    """The request of an application that Authlib refuses, with its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("refused")
        self.answer = answer


@router.get("/authorize")
async def ask_consent(request: Request) -> Response:
    """Show who asks for what. The application is checked before anyone is asked to sign in."""
    try:
        asked, _ = await _checked(request, request.query_params.multi_items())
    except Refused as refused:
        return _refuse(request, refused.answer)
    person = await sessions.require_signed_in(request)
    client: Client = asked.client.row
    grants = _within(person.grants, client)
    scopes = _grantable(grants, asked.scope.split())
    if not scopes:
        return _back(request, _error_to(asked, "access_denied"))
    language = language_of(request)
    return show(
        request, "consent.html", form_targets=[redirects.origin_of(asked.payload.redirect_uri)],
        application=client.name, person=person.account.display_name, host=_host(asked.payload.redirect_uri),
        scopes=[rights.SCOPES[name][language] for name in scopes], choices=await choices_of(request, grants),
        everywhere=EVERYWHERE, fields=asked.payload.data, lasts="refresh_token" in client.grants,
    )  # fmt: skip


@router.post("/authorize")
async def decide(request: Request) -> Response:
    """Take the decision, and go back to the application with a code, or with its refusal."""
    form = await checked_form(request)
    person = await sessions.require_signed_in(request)
    given = [(name, value) for name, value in form.multi_items() if name not in OURS and isinstance(value, str)]
    try:
        asked, run = await _checked(request, given)
    except Refused as refused:
        return _refuse(request, refused.answer)
    client: Client = asked.client.row
    grants = _within(person.grants, client)
    within = field(form, "within") or EVERYWHERE
    is_choice = within == EVERYWHERE or within in {choice.value for choice in await choices_of(request, grants)}
    scopes = _grantable(grants, asked.scope.split(), narrowing_of(within)) if is_choice else []
    consent = Consent(person.account.id, scopes, narrowing_of(within))
    is_allowed = field(form, "decision") == "allow" and bool(scopes)
    answer = await run(lambda server, asked: _authorized(server, asked, consent if is_allowed else None), asked)
    audit.note(
        request.state.session,
        audit.entry(
            person.caller_id, "consent", request=request, resource="clients", resource_id=client.id,
            territory_id=client.territory_id, is_allowed=is_allowed,
        ),
    )  # fmt: skip
    return _back(request, answer)


async def _checked(request: Request, pairs: Iterable[tuple[str, str]]) -> tuple[OAuthRequest, Run]:
    """The request, its client and address verified, and what runs more of Authlib's work. Raises `Refused`."""
    session: AsyncSession = request.state.session
    run = await server_of(request, session)
    try:
        asked = OAuthRequest("GET", request.app.state.settings.base_url, request.url.path, pairs)
    except OAuth2Error as error:
        raise Refused(Answer(*error())) from None
    answer = await run(_verified, asked)
    if answer.status != 200:
        raise Refused(answer)
    return asked, run


def _verified(server: Server, asked: OAuthRequest) -> Answer:
    try:
        server.get_consent_grant(asked)
    except OAuth2Error as error:
        answer: Answer = server.handle_error_response(asked, error)
        return answer
    return Answer(200, None, [])


def _authorized(server: Server, asked: OAuthRequest, consent: Consent | None) -> Answer:
    grant = server.get_consent_grant(asked)
    answer: Answer = server.create_authorization_response(asked, grant_user=consent, grant=grant)
    return answer


def _refuse(request: Request, answer: Answer) -> Response:
    """Back to a verified address with the error; a page when there is none to trust (RFC 6749, 4.1.2.1)."""
    if answer.location:
        return _back(request, answer)
    language = language_of(request)
    detail = i18n.text(language, "oauth.bad-request", error=dict(answer.body).get("error_description", ""))
    return show(
        request, "refusal.html", status=400, title=i18n.text(language, "oauth.bad-request-title"), detail=detail,
        home=sessions.HOME,
    )  # fmt: skip


def _back(request: Request, answer: Answer) -> Response:
    """To the application, with the issuer's name beside the answer (RFC 9207)."""
    assert answer.location is not None
    place = add_params_to_uri(answer.location, {"iss": request.app.state.settings.base_url})
    return Response(status_code=303, headers={**PRIVATE, "Location": place, "Referrer-Policy": "no-referrer"})


def _error_to(asked: OAuthRequest, error: str) -> Answer:
    params = {"error": error} | ({"state": asked.payload.state} if asked.payload.state else {})
    return Answer(302, "", [("Location", add_params_to_uri(asked.payload.redirect_uri, params))])


def _within(grants: Iterable[Held], client: Client) -> list[Held]:
    """The grants an application may use: those in the territory whose admin approved it."""
    return [grant for grant in grants if client.territory_id in (None, grant.territory_id)]


def _grantable(
    grants: Iterable[Held], asked: Iterable[str], narrowing: dict[str, list[str]] | None = None
) -> list[str]:
    """Of the scopes asked for, those these grants give."""
    caller = caller_from(grants, id="consent", scopes=asked, narrowing=narrowing)
    return sorted(caller.scopes) if caller else []


def narrowing_of(within: str) -> dict[str, list[str]]:
    """The narrowing a choice of the form stands for."""
    kind, _, place = within.partition(":")
    return {} if within == EVERYWHERE else {f"{kind}_ids": [place]}


async def choices_of(request: Request, grants: Sequence[Held]) -> list[Choice]:
    """The territories, schools and organisations these grants are on; none when there is nothing to choose."""
    names: dict[UUID, str] = await places.names(request.state.session, grants)
    found = {f"territory:{grant.territory_id}": names.get(grant.territory_id) for grant in grants if grant.territory_id}
    found |= {f"actor:{grant.actor_id}": names.get(grant.actor_id) for grant in grants if grant.actor_id}
    return [Choice(value, name or value) for value, name in found.items()] if len(found) > 1 else []


def _host(uri: str) -> str:
    """What people can recognise of the address they go back to."""
    return redirects.origin_of(uri).removeprefix("https://")
