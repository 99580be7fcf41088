"""Everything the operator can set, once, typed: environment variables `AET_*` (or a `.env` file)."""

import os
import secrets
import tempfile
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MIN_SECRET = 32


class Settings(BaseSettings):
    """The settings of one running application.

    Raises `pydantic.ValidationError` at start when production is asked for with an unsafe value: a
    mistake here is seen by the operator, never by a visitor.
    """

    model_config = SettingsConfigDict(env_prefix="AET_", env_file=".env", extra="ignore", frozen=True)

    environment: Annotated[
        Literal["development", "production"],
        Field(description="production refuses unsafe values and demonstration data"),
    ] = "development"
    host: Annotated[str, Field(description="address the server listens on")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="port the server listens on")] = 8000
    public_url: Annotated[
        str | None,
        Field(description="address callers use, without a final slash; links in feeds and pages start with it"),
    ] = None
    data_dir: Annotated[Path, Field(description="folder of the embedded PostgreSQL and of the development secret")] = (
        Path(".data")
    )

    database_url: Annotated[
        str | None, Field(description="postgresql://… of the server; empty: the embedded PostgreSQL")
    ] = None
    owner_database_url: Annotated[
        str | None,
        Field(description="postgresql://… of the role that owns the schema, for migrations; empty: database_url"),
    ] = None
    app_role: Annotated[
        str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$", description="role without DDL the server works as")
    ] = "aet_app"
    pool_size: Annotated[int, Field(ge=1, le=100, description="connections to PostgreSQL a worker keeps")] = 8
    prepared_statements: Annotated[bool, Field(description="false behind PgBouncer in transaction mode")] = True
    statement_timeout_ms: Annotated[int, Field(ge=100, description="longest a statement may run")] = 10_000
    lock_timeout_ms: Annotated[int, Field(ge=100, description="longest a statement may wait for a lock")] = 3_000
    idle_timeout_ms: Annotated[int, Field(ge=1000, description="longest a transaction may stay idle")] = 30_000
    pool_timeout_s: Annotated[float, Field(gt=0, description="longest a request waits for a connection")] = 5.0

    secret_key: Annotated[
        SecretStr | None,
        Field(description="signs cursors; at least 32 characters; made and kept in data_dir in development"),
    ] = None
    security_contact: Annotated[
        str | None,
        Field(
            pattern=r"^(mailto:|https://)[!-~]+$", description="where to report a vulnerability; empty: no security.txt"
        ),
    ] = None
    session_hours: Annotated[float, Field(gt=0, le=24, description="longest a browser stays signed in")] = 12
    session_idle_minutes: Annotated[
        float, Field(gt=0, le=720, description="longest a signed-in browser stays without a request")
    ] = 60
    smtp_url: Annotated[
        SecretStr | None,
        Field(description="smtp://user:password@host:587 (STARTTLS) or smtps://…:465; empty: mails are only printed"),
    ] = None
    mail_from: Annotated[str, Field(description="sender of invitations and password resets")] = (
        "Agir Ensemble sur le Territoire <ne-pas-repondre@localhost>"
    )
    metrics_token: Annotated[
        SecretStr | None, Field(description="bearer token asked at /metrics; empty: only callers on this machine")
    ] = None
    forwarded_allow_ips: Annotated[str, Field(description="proxies whose X-Forwarded-* headers are believed")] = (
        "127.0.0.1"
    )
    log_format: Annotated[Literal["console", "json"], Field(description="json for a log collector")] = "console"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="least important message written")
    ] = "info"
    kept_answers_mib: Annotated[
        int, Field(ge=0, le=4096, description="memory for public answers kept ready; 0: none")
    ] = 32
    pupil_retention_years: Annotated[
        int,
        Field(ge=0, le=5, description="whole school years a pupil is kept after the one they were last entered in"),
    ] = 1
    pupil_disposition: Annotated[
        Literal["eliminate", "transfer"],
        Field(description="eliminate: only a code is left of a pupil whose time is over; transfer: hand over first"),
    ] = "eliminate"
    erasure_ledger: Annotated[
        Path | None,
        Field(description="file beside the database that keeps erasures through its restore; empty: none"),
    ] = None
    import_max_rows: Annotated[int, Field(ge=1, le=50_000, description="rows a file to import may have")] = 5000

    @model_validator(mode="after")
    def refuse_unsafe_production(self) -> Self:
        """Production needs its own secret, its own database and a public https address."""
        if self.secret_key and len(self.secret_key.get_secret_value()) < MIN_SECRET:
            raise ValueError(f"AET_SECRET_KEY: at least {MIN_SECRET} characters")
        if self.environment != "production":
            return self
        if not self.secret_key:
            raise ValueError("AET_SECRET_KEY is required in production (openssl rand -base64 48)")
        if not self.database_url:
            raise ValueError("AET_DATABASE_URL is required in production")
        if not self.public_url or urlsplit(self.public_url).scheme != "https":
            raise ValueError("AET_PUBLIC_URL must be the https address callers use")
        return self

    @property
    def base_url(self) -> str:
        """The address callers use, without a final slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def require_database_url(self) -> str:
        """The database of the server; `aet serve` fills it in when it brings its own. Raises `ValueError`."""
        if not self.database_url:
            raise ValueError("AET_DATABASE_URL is not set: start with `aet serve`, which brings a PostgreSQL along")
        return self.database_url


def signing_key(settings: Settings) -> bytes:
    """What signs cursors: the secret that was set, else, in development, one made once and kept in `data_dir`."""
    if settings.secret_key:
        return settings.secret_key.get_secret_value().encode()
    kept = settings.data_dir / "secret-key"
    if not kept.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        handle, new = tempfile.mkstemp(dir=settings.data_dir)  # readable by its owner only
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
        Path(new).replace(kept)
    return kept.read_bytes()
