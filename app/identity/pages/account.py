"""What people do with their account without an application: take up an invitation, reset a password, look at it."""

from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask

from app.core import i18n
from app.identity import audit, passwords, places, sessions, throttle, totp
from app.identity.accounts import service as accounts
from app.identity.models import Account, LinkPurpose
from app.identity.pages.login import host_of
from app.identity.pages.page import PageRoute, checked_form, field, go, language_of, show
from app.settings import signing_key

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/invitation")
async def show_invitation(request: Request, link: str = "") -> Response:
    """Ask for the first password of an invited account."""
    return await _show_choice(request, LinkPurpose.INVITATION, link)


@router.post("/invitation")
async def take_up_invitation(request: Request) -> Response:
    """Keep the password, and sign in."""
    return await _choose(request, LinkPurpose.INVITATION)


@router.get("/password-reset")
async def show_password_reset(request: Request) -> Response:
    """Ask for the e-mail a reset is mailed to."""
    return show(request, "reset.html", is_sent=False)


@router.post("/password-reset")
async def ask_password_reset(request: Request) -> Response:
    """Mail a link, if there is such an account; the answer is the same if not."""
    form = await checked_form(request)
    email = field(form, "email")[:320]
    settings, database = request.app.state.settings, request.app.state.database
    key = signing_key(settings)
    seconds = await throttle.wait(database, throttle.mails_to(key, email), throttle.address(key, host_of(request)))
    page = show(request, "reset.html", is_sent=True)
    if not seconds:
        page.background = BackgroundTask(accounts.send_reset, database, settings, email)
    return page


@router.get("/password-reset/new")
async def show_new_password(request: Request, link: str = "") -> Response:
    """Ask for a new password."""
    return await _show_choice(request, LinkPurpose.PASSWORD_RESET, link)


@router.post("/password-reset/new")
async def reset_password(request: Request) -> Response:
    """Keep the new password, end everything the old one opened, and go to sign in."""
    return await _choose(request, LinkPurpose.PASSWORD_RESET)


@router.get("/account")
async def show_account(request: Request) -> Response:
    """Who one is here: roles, places, second factor."""
    person = await sessions.require_signed_in(request)
    named = await places.names(request.state.session, person.grants)
    held = [
        (grant, [named[id_] for id_ in (grant.actor_id, grant.territory_id) if id_ in named]) for grant in person.grants
    ]
    return show(request, "account.html", person=person, held=held)


@router.post("/account/sign-out-everywhere")
async def sign_out_everywhere(request: Request) -> Response:
    """End every session and every application signed in to this account, this browser too."""
    await checked_form(request)
    person = await sessions.require_signed_in(request)
    await accounts.end_everywhere(request.state.session, person.account.id, reason="signed-out-everywhere")
    await sessions.end(request)
    audit.note(request.state.session, audit.entry(person.caller_id, "sign-out-everywhere", request=request))
    return go("/login")


@router.post("/account/forget-device")
async def forget_device(request: Request) -> Response:
    """Put the enrolled device away, to enrol another; asks for a code of the old one."""
    form = await checked_form(request)
    person = await sessions.require_signed_in(request)
    database, key = request.app.state.database, signing_key(request.app.state.settings)
    counted = throttle.second_factor(key, person.account.id)
    is_right = not await throttle.wait(database, counted) and await totp.check(
        request.state.session, key, person.account.id, field(form, "code")[:40]
    )
    audit.note(
        request.state.session,
        audit.entry(person.caller_id, "second-factor-forgotten", request=request, is_allowed=is_right),
    )
    if not is_right:
        return show(request, "device.html", status=422, fault=_say(request, "second-factor.wrong"))
    await throttle.forget(database, counted)
    await totp.forget(request.state.session, person.account.id)
    await sessions.start(request, person.account)
    return go("/login/enrol")


@router.get("/account/forget-device")
async def show_forget_device(request: Request) -> Response:
    """Ask for a code of the device that is put away."""
    person = await sessions.require_signed_in(request)
    return show(request, "device.html", fault="") if person.is_enrolled else go("/login/enrol")


async def _show_choice(request: Request, purpose: LinkPurpose, link: str) -> Response:
    account = await accounts.of_link(request.state.session, link, purpose)
    if account is None:
        return show(request, "void_link.html", status=410, purpose=purpose.value)
    return _choice(request, purpose, link, account)


async def _choose(request: Request, purpose: LinkPurpose) -> Response:
    form = await checked_form(request)
    session, link, password = request.state.session, field(form, "link"), field(form, "password")
    account = await accounts.of_link(session, link, purpose)
    if account is None:
        return show(request, "void_link.html", status=410, purpose=purpose.value)
    fault = passwords.fault(password, email=account.email)
    if fault is None and password != field(form, "again"):
        fault = "differs"
    if fault:
        return _choice(request, purpose, link, account, fault)
    sessions.attribute(request, account)
    await accounts.set_password(session, account, password)
    audit.note(session, audit.entry(f"account:{account.id}", purpose.value.replace("_", "-"), request=request))
    if purpose is LinkPurpose.INVITATION:
        await sessions.start(request, account)
        return go(sessions.HOME)
    await sessions.end(request)
    return go("/login")


def _choice(request: Request, purpose: LinkPurpose, link: str, account: Account, fault: str = "") -> Response:
    told = _say(request, f"password.{fault}", shortest=passwords.SHORTEST, longest=passwords.LONGEST) if fault else ""
    return show(
        request, "choose_password.html", status=422 if fault else 200, purpose=purpose.value.replace("_", "-"),
        link=link, account=account, fault=told, shortest=passwords.SHORTEST,
    )  # fmt: skip


def _say(request: Request, key: str, **params: object) -> str:
    return i18n.text(language_of(request), f"identity.{key}", **params)
