"""`/v1/accounts`: people are invited to a role, roles are given and taken back, accounts end."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, BackgroundTasks, Depends, Request, Response, status

from app.core import idempotency
from app.core.errors import IllegalTransition, NotAllowed
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.identity import audit, totp
from app.identity.accounts import grants, service
from app.identity.accounts.policy import (
    VisibleAccount,
    VisibleGrant,
    load,
    may_give,
    require_sole_answer,
    visible_to,
)
from app.identity.accounts.schemas import AccountCreate, AccountView, GrantCreate
from app.identity.caller import Caller, CurrentCaller, Needs, Role
from app.identity.models import Account, LinkPurpose

READ = [Depends(Needs("accounts:read"))]
WRITE = [Depends(Needs("accounts:write")), Depends(idempotency.begin)]

router = APIRouter(prefix="/accounts", tags=["accounts"], route_class=TransactionalRoute)


@router.get("", response_model=Page[AccountView], dependencies=READ, responses=ON_LIST)
async def list_accounts(asked: PageAsked, caller: CurrentCaller, session: OpenSession) -> dict[str, object]:
    """The people who have, or had, a role the caller answers for."""
    found: dict[str, Any] = await page(session, visible_to(caller), asked, by=[Account.id])
    return found | {"items": await _views(session, found["items"], caller)}


@router.post("", response_model=AccountView, status_code=status.HTTP_201_CREATED, dependencies=WRITE,
             responses=ON_CREATE)  # fmt: skip
async def invite_account(
    body: AccountCreate, caller: CurrentCaller, session: OpenSession, request: Request, response: Response,
    later: BackgroundTasks,
) -> dict[str, Any]:  # fmt: skip
    """Invite a person to a role; one who has an account already gets the role with it."""
    _require_may_give(caller, body.grant)
    account = await service.by_email(session, body.email)
    if account is None:
        account = await service.make(session, body.email, body.display_name, locale=body.locale)
    await grants.give(session, account, Role(body.grant.role), **body.grant.model_dump(exclude={"role"}))
    if account.password_hash is None:
        await _mail_invitation(request, session, account, later)
    seen = await load(account.id, caller, session)
    return await _view(session, created(response, seen), caller)


@router.get("/{account_id:uuid}", response_model=AccountView, dependencies=READ, responses=ON_READ)
async def read_account(
    account: VisibleAccount, caller: CurrentCaller, session: OpenSession, response: Response
) -> dict[str, Any]:
    """One account."""
    return await _view(session, tagged(response, account), caller)


@router.post("/{account_id:uuid}:invite", response_model=AccountView, dependencies=WRITE, responses=ON_VERB)
async def reinvite_account(
    account: VisibleAccount, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, request: Request,
    response: Response, later: BackgroundTasks,
) -> dict[str, Any]:  # fmt: skip
    """Mail the invitation again; the link sent before is void."""
    require_match(account, if_match)
    if _state(account) != "invited":
        raise IllegalTransition(_state(account), "invited", "already_done")
    await _mail_invitation(request, session, account, later)
    return await _view(session, tagged(response, account), caller)


@router.post("/{account_id:uuid}:disable", response_model=AccountView, dependencies=WRITE, responses=ON_VERB)
async def disable_account(
    account: VisibleAccount, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> dict[str, Any]:
    """Shut the account out: its sessions, applications and tokens end now."""
    require_match(account, if_match)
    await _require_other(session, caller, account)
    if account.disabled_at:
        raise IllegalTransition("disabled", "disabled", "already_done")
    await service.disable(session, account)
    await session.flush()
    return await _view(session, tagged(response, account), caller)


@router.post("/{account_id:uuid}:enable", response_model=AccountView, dependencies=WRITE, responses=ON_VERB)
async def enable_account(
    account: VisibleAccount, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> dict[str, Any]:
    """Let a disabled account sign in again; its tokens stay revoked."""
    require_match(account, if_match)
    await _require_other(session, caller, account)
    if not account.disabled_at:
        raise IllegalTransition(_state(account), "active", "already_done")
    account.disabled_at = None
    await session.flush()
    return await _view(session, tagged(response, account), caller)


@router.post(
    "/{account_id:uuid}:forget-second-factor", response_model=AccountView, dependencies=WRITE, responses=ON_VERB
)
async def forget_second_factor(
    account: VisibleAccount, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, request: Request,
    response: Response,
) -> dict[str, Any]:  # fmt: skip
    """For a person who lost both device and recovery codes: their sessions end, and they enrol anew."""
    require_match(account, if_match)
    await _require_other(session, caller, account)
    await totp.forget(session, account.id)
    await service.end_everywhere(session, account.id, reason="second-factor-forgotten")
    line = audit.entry(
        caller.id, "second-factor-forgotten", request=request, resource="accounts", resource_id=account.id
    )
    audit.note(session, line)
    return await _view(session, tagged(response, account), caller)


@router.post("/{account_id:uuid}/grants", response_model=AccountView, status_code=status.HTTP_201_CREATED,
             dependencies=WRITE, responses=ON_CREATE)  # fmt: skip
async def grant_role(
    body: GrantCreate, account: VisibleAccount, caller: CurrentCaller, session: OpenSession, response: Response
) -> dict[str, Any]:
    """Give the account a role beside those it has, which are of the same kind."""
    _require_may_give(caller, body)
    await grants.give(session, account, Role(body.role), **body.model_dump(exclude={"role"}))
    seen = await load(account.id, caller, session)
    return await _view(session, created(response, seen), caller)


@router.post("/{account_id:uuid}/grants/{grant_id:uuid}:revoke", response_model=AccountView, dependencies=WRITE,
             responses=ON_VERB)  # fmt: skip
async def revoke_role(
    account: VisibleAccount, grant: VisibleGrant, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> dict[str, Any]:  # fmt: skip
    """Take a role back; it counts from the next request on."""
    require_match(account, if_match)
    if not may_give(caller, grant.role, grant.territory_id, is_admin=grant.is_admin):
        raise NotAllowed(reason="out_of_sight")
    if caller.id == f"account:{account.id}":
        raise NotAllowed(reason="own_account")
    await grants.revoke(session, account, grant)
    seen = await load(account.id, caller, session)
    return await _view(session, tagged(response, seen), caller)


def _require_may_give(caller: Caller, body: GrantCreate) -> None:
    if not may_give(caller, Role(body.role), body.territory_id, is_admin=body.is_admin):
        raise NotAllowed(reason="out_of_sight")


async def _require_other(session: OpenSession, caller: Caller, account: Account) -> None:
    """One does not shut oneself out, nor someone for whom another answers too."""
    if caller.id == f"account:{account.id}":
        raise NotAllowed(reason="own_account")
    await require_sole_answer(session, caller, account)


async def _mail_invitation(request: Request, session: OpenSession, account: Account, later: BackgroundTasks) -> None:
    secret = await service.link_for(session, account, LinkPurpose.INVITATION)
    later.add_task(service.send_link, request.app.state.settings, account, LinkPurpose.INVITATION, secret)


def _state(account: Account) -> str:
    if account.disabled_at:
        return "disabled"
    return "active" if account.password_hash else "invited"


async def _view(session: OpenSession, account: Account, caller: Caller) -> dict[str, Any]:
    return (await _views(session, [account], caller))[0]


async def _views(session: OpenSession, found: Sequence[Account], caller: Caller) -> list[dict[str, Any]]:
    enrolled = await totp.enrolled(session, [account.id for account in found])
    views = []
    for account in found:
        state = _state(account)
        is_other = caller.id != f"account:{account.id}"
        actions = {"grant"} | ({"invite"} if state == "invited" else set())
        if is_other:
            actions |= {"enable" if state == "disabled" else "disable", "revoke", "forget-second-factor"}
        fields = {name: getattr(account, name, None) for name in AccountView.model_fields}
        views.append(
            fields | {
                "state": state, "has_second_factor": account.id in enrolled,
                "allowed_actions": sorted(actions) if "accounts:write" in caller.scopes else [],
            }
        )  # fmt: skip
    return views
