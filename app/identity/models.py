"""Accounts and what they may be, their sessions and one-time links; clients, keys and tokens."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Sequence, column, text
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from uuid_utils.compat import uuid7

from app.core.db import Base, Resource, choice
from app.identity.caller import Role


class LinkPurpose(StrEnum):
    """What a one-time link is for."""

    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"


class Account(Resource, Base):
    """A person who can sign in. Everything here is personal; the journal tells names of fields only."""

    __tablename__ = "accounts"
    __resource__ = "accounts"
    __table_args__ = (CheckConstraint("email = lower(email) and email ~ '^[^@ ]+@[^@ ]+$'", name="email"),)

    email: Mapped[str] = mapped_column(unique=True, info={"personal": True})
    display_name: Mapped[str] = mapped_column(info={"personal": True})
    locale: Mapped[str] = mapped_column(default="fr")
    password_hash: Mapped[str | None]
    disabled_at: Mapped[datetime | None]

    grants: Mapped[list["Grant"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class Grant(Resource, Base):
    """A role held by an account or a client, dated and revocable; one role at a time, on any number of rows.

    A collectivité works in a territory, a referent on a school, a club member for an organisation, a
    partner's client in a territory; an operator everywhere, on no business row. `valid_until` is excluded.
    """

    __tablename__ = "role_grants"
    __resource__ = "role-grants"
    __table_args__ = (
        CheckConstraint("num_nonnulls(account_id, client_id) = 1", name="holder"),
        CheckConstraint("(role = 'operator') = (territory_id is null)", name="territory"),
        CheckConstraint("(role in ('referent', 'club_member')) = (actor_id is not null)", name="actor"),
        CheckConstraint("not is_admin or role = 'collectivite'", name="admin"),
        CheckConstraint("valid_from < valid_until", name="validity"),
        ExcludeConstraint(
            (column("account_id"), "="), (column("role"), "<>"),
            name="role_grants_account_one_role_excl", where=text("revoked_at is null"),
        ),
        ExcludeConstraint(
            (column("client_id"), "="), (column("role"), "<>"),
            name="role_grants_client_one_role_excl", where=text("revoked_at is null"),
        ),
        Index("role_grants_account_id_idx", "account_id"),
        Index("role_grants_client_id_idx", "client_id"),
        Index(
            "role_grants_one_idx", "account_id", "client_id", "role", "territory_id", "actor_id",
            unique=True, postgresql_nulls_not_distinct=True, postgresql_where=text("revoked_at is null"),
        ),
    )  # fmt: skip

    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey("oauth_clients.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(choice(Role))
    territory_id: Mapped[UUID | None] = mapped_column(ForeignKey("territories.id"))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"))
    is_admin: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    revoked_at: Mapped[datetime | None]


class SecondFactor(Base):
    """The secret an account's device makes codes of (TOTP, RFC 6238), sealed; it counts once confirmed.

    `last_step`: the 30-second step of the last code taken, so that none is taken twice.
    """

    __tablename__ = "second_factors"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None]


class RecoveryCode(Base):
    """A code to sign in with once, when the device that shows the second factor is lost."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    used_at: Mapped[datetime | None]


class OneTimeLink(Base):
    """An invitation or a password reset: a hashed secret, used once, before it expires."""

    __tablename__ = "one_time_links"

    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[LinkPurpose] = mapped_column(choice(LinkPurpose))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class BrowserSession(Base):
    """A signed-in browser; the cookie holds the secret, this its hash."""

    __tablename__ = "browser_sessions"

    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(index=True)
    second_factor_at: Mapped[datetime | None]


class LoginAttempts(Base):
    """Failures of one account or one address, by keyed hash, since the first of the window."""

    __tablename__ = "login_attempts"

    subject: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    since: Mapped[datetime] = mapped_column(index=True)
    failures: Mapped[int]


class AuditEntry(Base):
    """What was done, refused or read of persons, by whom: codes and identifiers, never a personal value.

    Its numbers and the journal's come from one sequence, so that together they are one trail. The app role
    may add to it only.
    """

    __tablename__ = "audit"
    __table_args__ = (
        CheckConstraint("outcome in ('allowed', 'denied')", name="outcome"),
        Index("audit_territory_id_seq_idx", "territory_id", "seq"),
        Index("audit_actor_id_seq_idx", "actor_id", "seq"),
        Index("audit_caller_seq_idx", "caller", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Sequence("journal_seq_seq"), primary_key=True)
    at: Mapped[datetime]
    caller: Mapped[str]
    action: Mapped[str]
    resource: Mapped[str | None]
    resource_id: Mapped[UUID | None]
    territory_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    outcome: Mapped[str]
    detail: Mapped[str | None]
    address_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    request_id: Mapped[str | None]


class Client(Resource, Base):
    """An OAuth client: a mobile app (public), a partner's system (confidential). Approved by an admin."""

    __tablename__ = "oauth_clients"
    __resource__ = "clients"

    territory_id: Mapped[UUID | None] = mapped_column(ForeignKey("territories.id"), index=True)
    client_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    secret_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    redirect_uris: Mapped[list[str]] = mapped_column(default=list)
    grants: Mapped[list[str]] = mapped_column(default=list)
    scopes: Mapped[list[str]] = mapped_column(default=list)
    source: Mapped[str | None] = mapped_column(unique=True)
    requested_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    approved_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]


class AuthorizationCode(Base):
    """A code between consent and token: one minute, once (RFC 6749, 4.1.2)."""

    __tablename__ = "oauth_codes"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("oauth_clients.id", ondelete="CASCADE"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    redirect_uri: Mapped[str]
    code_challenge: Mapped[str]
    scopes: Mapped[list[str]]
    narrowing: Mapped[dict[str, list[str]]] = mapped_column(JSONB)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    family_id: Mapped[UUID | None]


class TokenFamily(Base):
    """What one consent, or one machine's request, opened: all its tokens end together.

    `narrowing`: {"territory_ids": […], "actor_ids": […]}, which restrict the account's own rows.
    """

    __tablename__ = "oauth_families"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("oauth_clients.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    scopes: Mapped[list[str]]
    narrowing: Mapped[dict[str, list[str]]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_for: Mapped[str | None]


class RefreshToken(Base):
    """One refresh token of a family; rotated at each use."""

    __tablename__ = "oauth_refresh_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    family_id: Mapped[UUID] = mapped_column(ForeignKey("oauth_families.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    successor_hash: Mapped[bytes | None] = mapped_column(LargeBinary)


class ApiToken(Resource, Base):
    """A token for a script, made by its owner: narrowed, dated, shown once, kept as a hash."""

    __tablename__ = "api_tokens"
    __resource__ = "api-tokens"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    hint: Mapped[str]
    scopes: Mapped[list[str]]
    narrowing: Mapped[dict[str, list[str]]] = mapped_column(JSONB)
    networks: Mapped[list[str]] = mapped_column(default=list)
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_for: Mapped[str | None]
    warned_at: Mapped[datetime | None]


class SigningKey(Base):
    """A key that signs access tokens: next (published), current (signs), retired (still verifies)."""

    __tablename__ = "signing_keys"
    __table_args__ = (
        CheckConstraint("status in ('next', 'current', 'retired')", name="status"),
        Index("signing_keys_one_current_idx", "status", unique=True, postgresql_where=text("status = 'current'")),
    )

    kid: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    public_jwk: Mapped[dict[str, str]] = mapped_column(JSONB)
    private_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
