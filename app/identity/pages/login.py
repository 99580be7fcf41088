"""Signing in: e-mail and password, then the second factor; enrolling a device; signing out."""

from fastapi import APIRouter, Request, Response
from markupsafe import Markup
from sqlalchemy import select

from app.core import i18n
from app.identity import audit, passwords, sessions, throttle, totp
from app.identity.models import Account
from app.identity.pages.page import PageRoute, checked_form, field, go, language_of, show
from app.identity.sessions import SignedIn, SignInNeeded, safe_next, with_next
from app.settings import signing_key

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/login")
async def show_login(request: Request, next: str = "") -> Response:  # noqa: A002 (the parameter's name in addresses)
    """Ask for e-mail and password."""
    if await sessions.signed_in(request):
        return go(safe_next(next))
    return show(request, "login.html", next=safe_next(next), email="", fault="")


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Judge e-mail and password. The answer is the same whether the account exists or not, and as slow."""
    form = await checked_form(request)
    email, following = field(form, "email")[:320], safe_next(field(form, "next"))
    database, key = request.app.state.database, signing_key(request.app.state.settings)
    counted = throttle.account(key, email)
    seconds = await throttle.wait(database, counted, throttle.address(key, host_of(request)))
    if seconds:
        await audit.record(
            request, audit.entry(audit.NOBODY, "sign-in", request=request, is_allowed=False, detail="throttled")
        )
        return _again(request, "login.html", seconds, next=following, email=email)
    async with database.session() as session:  # closed before the password is compared: that takes its time
        found = await session.scalar(select(Account).where(Account.email == email.strip().lower()))
    is_right = await passwords.matches(field(form, "password"), found.password_hash if found else None)
    if not is_right or found is None or found.disabled_at:
        caller = f"account:{found.id}" if found else audit.NOBODY
        await audit.record(
            request, audit.entry(caller, "sign-in", request=request, is_allowed=False, detail="password")
        )
        fault = i18n.text(language_of(request), "identity.login.wrong")
        return show(request, "login.html", status=422, next=following, email=email, fault=fault)
    await throttle.forget(database, counted)
    await sessions.start(request, found)
    audit.note(request.state.session, audit.entry(f"account:{found.id}", "sign-in", request=request, detail="password"))
    return go(following)


@router.get("/login/second-factor")
async def show_second_factor(request: Request, next: str = "") -> Response:  # noqa: A002
    """Ask for the code the device shows."""
    person = await _begun(request, next)
    if person.is_complete:
        return go(safe_next(next))
    if person.must_enrol:
        return go(with_next("/login/enrol", safe_next(next)))
    return show(request, "second_factor.html", next=safe_next(next), fault="")


@router.post("/login/second-factor")
async def give_second_factor(request: Request) -> Response:
    """Judge the code; the session gets a new secret."""
    form = await checked_form(request)
    following = safe_next(field(form, "next"))
    person = await _begun(request, following)
    database, key = request.app.state.database, signing_key(request.app.state.settings)
    counted = throttle.second_factor(key, person.account.id)
    seconds = await throttle.wait(database, counted)
    if seconds:
        return _again(request, "second_factor.html", seconds, next=following)
    if not await totp.check(request.state.session, key, person.account.id, field(form, "code")[:40]):
        refused = audit.entry(person.caller_id, "second-factor", request=request, is_allowed=False, detail="code")
        audit.note(request.state.session, refused)
        fault = i18n.text(language_of(request), "identity.second-factor.wrong")
        return show(request, "second_factor.html", status=422, next=following, fault=fault)
    await throttle.forget(database, counted)
    await sessions.start(request, person.account, second_factor=True)
    audit.note(request.state.session, audit.entry(person.caller_id, "second-factor", request=request))
    return go(following)


@router.get("/login/enrol")
async def show_enrolment(request: Request, next: str = "") -> Response:  # noqa: A002
    """Show the secret to enrol a device with."""
    person = await _begun(request, next)
    if person.is_enrolled:
        return go(with_next("/login/second-factor", safe_next(next)))
    return await _enrolment(request, person, safe_next(next))


@router.post("/login/enrol")
async def enrol(request: Request) -> Response:
    """Put the device in force once it shows a right code, and give the recovery codes, this once."""
    form = await checked_form(request)
    following = safe_next(field(form, "next"))
    person = await _begun(request, following)
    if person.is_enrolled:
        return go(with_next("/login/second-factor", following))
    key, session = signing_key(request.app.state.settings), request.state.session
    codes = await totp.confirm(session, key, person.account.id, field(form, "code")[:40])
    if codes is None:
        fault = i18n.text(language_of(request), "identity.second-factor.wrong")
        return await _enrolment(request, person, following, fault)
    await sessions.start(request, person.account, second_factor=True)
    audit.note(session, audit.entry(person.caller_id, "second-factor-enrolled", request=request))
    return show(request, "recovery_codes.html", codes=codes, next=following)


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session of this browser."""
    await checked_form(request)
    person = await sessions.begun(request)
    await sessions.end(request)
    if person:
        audit.note(request.state.session, audit.entry(person.caller_id, "sign-out", request=request))
    return go("/login")


def host_of(request: Request) -> str | None:
    """The address a request comes from."""
    return request.client.host if request.client else None


async def _begun(request: Request, following: str) -> SignedIn:
    person = await sessions.begun(request)
    if person is None:
        raise SignInNeeded(with_next("/login", safe_next(following)))
    return person


async def _enrolment(request: Request, person: SignedIn, following: str, fault: str = "") -> Response:
    key = signing_key(request.app.state.settings)
    secret = await totp.begin(request.state.session, key, person.account.id)
    drawing = Markup(totp.qr_code(secret, person.account.email))  # noqa: S704 (drawn by us)
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return show(
        request, "enrol.html", status=422 if fault else 200, next=following, fault=fault,
        qr=drawing, secret=groups, is_asked=person.must_enrol,
    )  # fmt: skip


def _again(request: Request, template: str, seconds: int, **context: str) -> Response:
    minutes = -(-seconds // 60)
    fault = i18n.text(language_of(request), "identity.throttled", minutes=minutes)
    page = show(request, template, status=429, fault=fault, **context)
    page.headers["Retry-After"] = str(seconds)
    return page
