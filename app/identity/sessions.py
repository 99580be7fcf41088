"""Signed-in browsers: what the cookie stands for, how long, and how a form proves it comes from our own page.

A page that wants a person begins with `await require_signed_in(request)`; a page with a form puts
`{{ csrf_field }}` in it and begins its POST with `check_csrf(request, form)`.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from markupsafe import Markup
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import NotAllowed
from app.core.journal import attribute_to
from app.identity import opaque, rights
from app.identity.access import Held, grants_of_account, held
from app.identity.models import Account, BrowserSession, SecondFactor
from app.settings import Settings, signing_key

SESSION, FORM = "session", "form"
SEEN_EVERY = timedelta(minutes=1)
HOME = "/account"
LONGEST_NEXT = 4000


class SignInNeeded(Exception):
    """The page is for a person who has signed in (or must finish to); `place` is where to do so."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person at a browser. `is_complete` once the second factor is given, if it is asked for or enrolled."""

    account: Account
    session: BrowserSession
    grants: list[Held]
    is_enrolled: bool

    @property
    def must_enrol(self) -> bool:
        """Whether a second factor is asked for and there is none yet."""
        asked = any(rights.asks_second_factor(grant.role, is_admin=grant.is_admin) for grant in self.grants)
        return asked and not self.is_enrolled

    @property
    def is_complete(self) -> bool:
        """Whether this person may go on: consent, make tokens, see the account."""
        return not self.must_enrol and (not self.is_enrolled or self.session.second_factor_at is not None)

    @property
    def caller_id(self) -> str:
        """How the journal and the audit trail name this person."""
        return f"account:{self.account.id}"


async def begun(request: Request) -> SignedIn | None:
    """Who gave a right password at this browser, whether or not a second factor is still to be given."""
    if not hasattr(request.state, "signed_in"):
        request.state.signed_in = await _read(request)
    found: SignedIn | None = request.state.signed_in
    return found


async def signed_in(request: Request) -> SignedIn | None:
    """Who has signed in at this browser, second factor included."""
    found = await begun(request)
    return found if found and found.is_complete else None


async def require_signed_in(request: Request) -> SignedIn:
    """The same. Raises `SignInNeeded`, answered by going to sign in, and then back to this page."""
    found = await begun(request)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = here if request.method == "GET" else HOME
    if found is None:
        raise SignInNeeded(with_next("/login", back))
    if not found.is_complete:
        raise SignInNeeded(with_next("/login/enrol" if found.must_enrol else "/login/second-factor", back))
    return found


async def start(request: Request, account: Account, *, second_factor: bool = False) -> None:
    """Sign the account in at this browser, under a new secret; what the browser's cookie stood for before ends."""
    session: AsyncSession = request.state.session
    await end(request)
    secret, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        BrowserSession(
            secret_hash=opaque.hashed(secret), account_id=account.id, created_at=now, last_seen_at=now,
            second_factor_at=now if second_factor else None,
        )
    )  # fmt: skip
    await session.execute(delete(BrowserSession).where(BrowserSession.created_at < now - timedelta(days=1)))
    attribute(request, account)
    request.state.new_session = secret


async def end(request: Request) -> None:
    """Sign out at this browser."""
    session: AsyncSession = request.state.session
    cookie = _cookie(request, SESSION)
    if cookie:
        await session.execute(delete(BrowserSession).where(BrowserSession.secret_hash == opaque.hashed(cookie)))
    request.state.new_session = ""
    request.state.signed_in = None


def attribute(request: Request, account: Account) -> None:
    """What this request writes is journaled in the account's name."""
    session: AsyncSession = request.state.session
    attribute_to(session, f"account:{account.id}", request_id=getattr(request.state, "request_id", None))


async def _read(request: Request) -> SignedIn | None:
    cookie = _cookie(request, SESSION)
    if not cookie:
        return None
    settings: Settings = request.app.state.settings
    now = clock.now()
    rows = (
        select(BrowserSession, Account, SecondFactor.confirmed_at, grants_of_account(Account.id))
        .join(Account, Account.id == BrowserSession.account_id)
        .outerjoin(SecondFactor, SecondFactor.account_id == Account.id)
        .where(
            BrowserSession.secret_hash == opaque.hashed(cookie),
            BrowserSession.created_at > now - timedelta(hours=settings.session_hours),
            BrowserSession.last_seen_at > now - timedelta(minutes=settings.session_idle_minutes),
            Account.disabled_at.is_(None),
        )
    )
    session: AsyncSession = request.state.session
    row = (await session.execute(rows)).one_or_none()
    if row is None:
        return None
    browser, account, confirmed_at, grants = row
    if browser.last_seen_at < now - SEEN_EVERY:
        browser.last_seen_at = now
    attribute(request, account)
    return SignedIn(account, browser, held(grants), confirmed_at is not None)


def safe_next(given: str | None) -> str:
    """Where to go after signing in: a path of ours, never another site; the account's page for anything else."""
    if not given or len(given) > LONGEST_NEXT or not given.startswith("/") or not given.isascii():
        return HOME
    if (
        given.startswith(("//", "/\\"))
        or "\\" in given
        or any(ord(sign) <= 0x20 or ord(sign) == 0x7F for sign in given)
    ):
        return HOME
    parts = urlsplit(given)
    return given if not parts.scheme and not parts.netloc else HOME


def with_next(place: str, following: str) -> str:
    """`place`, which leads to `following` afterwards."""
    return place if following == HOME else f"{place}?next={quote(following, safe='/')}"


def csrf_field(request: Request) -> Markup:
    """The hidden field a form of ours carries: bound to this browser and to its session."""
    if not hasattr(request.state, "form_secret"):
        request.state.form_secret = _cookie(request, FORM) or secrets.token_urlsafe(24)
    token = _csrf_token(request, request.state.form_secret)
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)


def check_csrf(request: Request, form: Mapping[str, object]) -> None:
    """Raises `NotAllowed` unless the form was sent from a page of ours, made for this browser and session."""
    settings: Settings = request.app.state.settings
    origin = request.headers.get("origin")
    ours = {_origin(settings.base_url)}
    if settings.environment == "development":
        ours.add(f"{request.url.scheme}://{request.headers.get('host', '')}")
    is_ours = origin in ours if origin else request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    kept, given = _cookie(request, FORM), form.get("csrf")
    if not is_ours or not kept or not isinstance(given, str):
        raise NotAllowed(reason="form")
    if not hmac.compare_digest(_csrf_token(request, kept).encode(), given.encode(errors="replace")):
        raise NotAllowed(reason="form")


def set_cookies(request: Request, response: Response) -> None:
    """Give the browser what this request changed: its session, the secret of its forms."""
    settings: Settings = request.app.state.settings
    is_secure = settings.base_url.startswith("https:")
    session, form = getattr(request.state, "new_session", None), getattr(request.state, "form_secret", None)
    if session == "":
        response.delete_cookie(_name(request, SESSION), secure=is_secure, httponly=True, samesite="lax")
    changes = {SESSION: session, FORM: form if form != _cookie(request, FORM) else None}
    for name, value in changes.items():
        if value:
            response.set_cookie(
                _name(request, name), value, path="/", secure=is_secure, httponly=True, samesite="lax"
            )  # without max_age: it ends with the browser, and with the session at the latest


def _csrf_token(request: Request, form_secret: str) -> str:
    settings: Settings = request.app.state.settings
    session = getattr(request.state, "new_session", None)
    bound_to = session if session is not None else _cookie(request, SESSION) or ""
    return hmac.digest(signing_key(settings), f"form\0{form_secret}\0{bound_to}".encode(), "sha256").hex()


def _cookie(request: Request, name: str) -> str | None:
    value = request.cookies.get(_name(request, name))
    return value if value and len(value) <= 200 else None


def _name(request: Request, name: str) -> str:
    """`__Host-` keeps a cookie from other hosts of the domain; browsers take it over https only."""
    settings: Settings = request.app.state.settings
    return f"__Host-aet_{name}" if settings.base_url.startswith("https:") else f"aet_{name}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
