"""The page where people make, replace and revoke their own tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from babel.dates import format_date, format_datetime
from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from app.core import clock
from app.core.db import one_or_404
from app.identity import audit, rights, sessions
from app.identity.access import caller_from
from app.identity.api_tokens import service
from app.identity.api_tokens.policy import narrowed, visible_to
from app.identity.api_tokens.schemas import ApiTokenCreate
from app.identity.caller import Caller
from app.identity.models import ApiToken, AuditEntry
from app.identity.oauth.pages import EVERYWHERE, choices_of, narrowing_of
from app.identity.pages.page import PageRoute, checked_form, go, language_of, show
from app.identity.pages.page import field as typed

PLACE = "/account/tokens"
DAYS = (30, 90, 180, 365)
OVERLAP = timedelta(hours=24)

router = APIRouter(prefix=PLACE, route_class=PageRoute, include_in_schema=False)


@dataclass
class Draft:
    """What was typed in the form, shown again with its faults."""

    name: str = ""
    scopes: list[str] = field(default_factory=list)
    networks: str = ""
    within: str = EVERYWHERE
    days: int = 90
    faults: set[str] = field(default_factory=set)


@router.get("")
async def show_tokens(request: Request) -> Response:
    """One's tokens, and the form for a new one."""
    person = await sessions.require_signed_in(request)
    return await _page(request, person, Draft())


@router.post("")
async def make_token(request: Request) -> Response:
    """Make a token, and show it this once."""
    form = await checked_form(request)
    person = await sessions.require_signed_in(request)
    draft, caller = _draft(form), caller_for(person)
    body = _body(draft)
    within = {choice.value for choice in await choices_of(request, person.grants)} | {EVERYWHERE}
    if caller is None or body is None or draft.within not in within:
        return await _page(request, person, draft)
    narrowing = narrowed(caller, {}, body.scopes, narrowing_of(draft.within))
    token, secret = await service.create_api_token(
        request.state.session, account_id=person.account.id, name=body.name, scopes=body.scopes,
        narrowing=narrowing, networks=body.networks, expires_at=body.expires_at,
    )  # fmt: skip
    return _shown(request, person, token, secret, action="api-token.create")


@router.post("/{token_id}/roll")
async def replace_token(request: Request, token_id: UUID) -> Response:
    """Put a new token in the place of one, and show it this once."""
    token, person = await _own(request, token_id)
    if service.state_of(token) != "active":
        return go(PLACE)
    made, secret = await service.roll(request.state.session, token, overlap=OVERLAP)
    return _shown(request, person, made, secret, action="api-token.roll", is_rolled=True)


@router.post("/{token_id}/revoke")
async def end_token(request: Request, token_id: UUID) -> Response:
    """End a token."""
    token, person = await _own(request, token_id)
    if service.state_of(token) == "active":
        await service.revoke(request.state.session, token)
        audit.note(request.state.session, _line(request, person, token, "api-token.revoke"))
    return go(PLACE)


def caller_for(person: sessions.SignedIn) -> Caller | None:
    """The caller a person at a browser is: all their grants, all the scopes these give."""
    return caller_from(person.grants, id=person.caller_id, scopes=rights.SCOPES)


async def _own(request: Request, token_id: UUID) -> tuple[ApiToken, sessions.SignedIn]:
    await checked_form(request)
    person = await sessions.require_signed_in(request)
    mine = visible_to(Caller(person.caller_id, person.grants[0].role, frozenset())) if person.grants else None
    if mine is None:
        raise sessions.SignInNeeded(sessions.HOME)
    session: AsyncSession = request.state.session
    return await one_or_404(session, mine.where(ApiToken.id == token_id)), person


async def _page(request: Request, person: sessions.SignedIn, draft: Draft) -> Response:
    session: AsyncSession = request.state.session
    language, caller = language_of(request), caller_for(person)
    mine = visible_to(caller).order_by(ApiToken.id.desc()).limit(100) if caller else None
    rows: Sequence[ApiToken] = (await session.scalars(mine)).all() if mine is not None else []
    tokens = [
        {
            "id": row.id, "name": row.name, "hint": row.hint, "state": service.state_of(row),
            "ends": format_date(row.expires_at, "long", locale=language),
            "used": format_datetime(row.last_used_at, "short", locale=language) if row.last_used_at else None,
        }
        for row in rows
    ]  # fmt: skip
    scopes = {name: rights.SCOPES[name][language] for name in sorted(caller.scopes)} if caller else {}
    return show(
        request, "tokens.html", status=422 if draft.faults else 200, tokens=tokens, scopes=scopes, draft=draft,
        choices=await choices_of(request, person.grants), everywhere=EVERYWHERE, days=DAYS, place=PLACE,
    )  # fmt: skip


def _draft(form: FormData) -> Draft:
    days = typed(form, "days")
    return Draft(
        name=typed(form, "name"), scopes=[str(scope) for scope in form.getlist("scopes")],
        networks=typed(form, "networks"), within=typed(form, "within") or EVERYWHERE,
        days=int(days) if days in {str(each) for each in DAYS} else 90,
    )  # fmt: skip


def _body(draft: Draft) -> ApiTokenCreate | None:
    """What the form asks for; None, with the faults noted, when it cannot be had."""
    asked = {
        "name": draft.name, "scopes": draft.scopes, "networks": draft.networks.replace(",", " ").split(),
        "expires_at": (clock.now() + timedelta(days=draft.days)).isoformat(),
    }  # fmt: skip
    try:
        return ApiTokenCreate.model_validate(asked)
    except ValidationError as error:
        draft.faults = {str(fault["loc"][0]) for fault in error.errors()}
        return None


def _shown(
    request: Request, person: sessions.SignedIn, token: ApiToken, secret: str, *, action: str, is_rolled: bool = False
) -> Response:
    audit.note(request.state.session, _line(request, person, token, action))
    return show(request, "token.html", token=secret, name=token.name, is_rolled=is_rolled, place=PLACE)


def _line(request: Request, person: sessions.SignedIn, token: ApiToken, action: str) -> AuditEntry:
    return audit.entry(person.caller_id, action, request=request, resource="api-tokens", resource_id=token.id)
