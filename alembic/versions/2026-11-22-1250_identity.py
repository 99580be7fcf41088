"""Accounts, roles, sessions, clients, keys and tokens."""

from app.core import ddl

revision = "identity"
down_revision = "events"
branch_labels = None
depends_on = None

SCHEMA = r"""
CREATE TABLE accounts (
    id UUID NOT NULL,
    email TEXT NOT NULL,
    display_name TEXT NOT NULL,
    locale TEXT NOT NULL,
    password_hash TEXT,
    disabled_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (id),
    CONSTRAINT accounts_email_check CHECK (email = lower(email) and email ~ '^[^@ ]+@[^@ ]+$'),
    CONSTRAINT accounts_email_key UNIQUE (email)
);

CREATE TABLE oauth_clients (
    id UUID NOT NULL,
    territory_id UUID,
    client_id TEXT NOT NULL,
    name TEXT NOT NULL,
    secret_hash BYTEA,
    redirect_uris TEXT[] NOT NULL,
    grants TEXT[] NOT NULL,
    scopes TEXT[] NOT NULL,
    source TEXT,
    requested_by UUID,
    approved_at TIMESTAMP WITH TIME ZONE,
    disabled_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT oauth_clients_pkey PRIMARY KEY (id),
    CONSTRAINT oauth_clients_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT oauth_clients_client_id_key UNIQUE (client_id),
    CONSTRAINT oauth_clients_source_key UNIQUE (source),
    CONSTRAINT oauth_clients_requested_by_fkey FOREIGN KEY(requested_by) REFERENCES accounts (id) ON DELETE SET NULL
);

CREATE INDEX oauth_clients_territory_id_idx ON oauth_clients (territory_id);

CREATE TABLE role_grants (
    id UUID NOT NULL,
    account_id UUID,
    client_id UUID,
    role VARCHAR(40) NOT NULL,
    territory_id UUID,
    actor_id UUID,
    is_admin BOOLEAN NOT NULL,
    valid_from DATE,
    valid_until DATE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT role_grants_pkey PRIMARY KEY (id),
    CONSTRAINT role_grants_holder_check CHECK (num_nonnulls(account_id, client_id) = 1),
    CONSTRAINT role_grants_territory_check CHECK ((role = 'operator') = (territory_id is null)),
    CONSTRAINT role_grants_actor_check CHECK ((role in ('referent', 'club_member')) = (actor_id is not null)),
    CONSTRAINT role_grants_admin_check CHECK (not is_admin or role = 'collectivite'),
    CONSTRAINT role_grants_validity_check CHECK (valid_from < valid_until),
    CONSTRAINT role_grants_account_one_role_excl EXCLUDE USING gist (account_id WITH =, role WITH <>) WHERE (revoked_at is null),
    CONSTRAINT role_grants_client_one_role_excl EXCLUDE USING gist (client_id WITH =, role WITH <>) WHERE (revoked_at is null),
    CONSTRAINT role_grants_account_id_fkey FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT role_grants_client_id_fkey FOREIGN KEY(client_id) REFERENCES oauth_clients (id) ON DELETE CASCADE,
    CONSTRAINT role_grants_role_check CHECK (role IN ('collectivite', 'referent', 'club_member', 'partner', 'operator')),
    CONSTRAINT role_grants_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT role_grants_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES actors (id)
);

CREATE INDEX role_grants_account_id_idx ON role_grants (account_id);

CREATE INDEX role_grants_client_id_idx ON role_grants (client_id);

CREATE UNIQUE INDEX role_grants_one_idx ON role_grants (account_id, client_id, role, territory_id, actor_id) NULLS NOT DISTINCT WHERE revoked_at is null;

CREATE TABLE second_factors (
    account_id UUID NOT NULL,
    sealed_secret BYTEA NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    last_step INTEGER,
    CONSTRAINT second_factors_pkey PRIMARY KEY (account_id),
    CONSTRAINT second_factors_account_id_fkey FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE TABLE recovery_codes (
    account_id UUID NOT NULL,
    code_hash BYTEA NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (account_id, code_hash),
    CONSTRAINT recovery_codes_account_id_fkey FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE TABLE one_time_links (
    secret_hash BYTEA NOT NULL,
    account_id UUID NOT NULL,
    purpose VARCHAR(40) NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT one_time_links_pkey PRIMARY KEY (secret_hash),
    CONSTRAINT one_time_links_account_id_fkey FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT one_time_links_link_purpose_check CHECK (purpose IN ('invitation', 'password_reset'))
);

CREATE INDEX one_time_links_account_id_idx ON one_time_links (account_id);

CREATE TABLE browser_sessions (
    secret_hash BYTEA NOT NULL,
    account_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    second_factor_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT browser_sessions_pkey PRIMARY KEY (secret_hash),
    CONSTRAINT browser_sessions_account_id_fkey FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE INDEX browser_sessions_account_id_idx ON browser_sessions (account_id);

CREATE INDEX browser_sessions_last_seen_at_idx ON browser_sessions (last_seen_at);

CREATE TABLE login_attempts (
    subject BYTEA NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    failures INTEGER NOT NULL,
    CONSTRAINT login_attempts_pkey PRIMARY KEY (subject)
);

CREATE INDEX login_attempts_since_idx ON login_attempts (since);

CREATE TABLE audit (
    seq BIGINT DEFAULT nextval('journal_seq_seq'::regclass) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    caller TEXT NOT NULL,
    action TEXT NOT NULL,
    resource TEXT,
    resource_id UUID,
    territory_id UUID,
    actor_id UUID,
    outcome TEXT NOT NULL,
    detail TEXT,
    address_hash BYTEA,
    request_id TEXT,
    CONSTRAINT audit_pkey PRIMARY KEY (seq),
    CONSTRAINT audit_outcome_check CHECK (outcome in ('allowed', 'denied'))
);

CREATE INDEX audit_territory_id_seq_idx ON audit (territory_id, seq);

CREATE INDEX audit_actor_id_seq_idx ON audit (actor_id, seq);

CREATE INDEX audit_caller_seq_idx ON audit (caller, seq);

CREATE TABLE oauth_codes (
    code_hash BYTEA NOT NULL,
    client_id UUID NOT NULL,
    account_id UUID NOT NULL,
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    narrowing JSONB NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    family_id UUID,
    CONSTRAINT oauth_codes_pkey PRIMARY KEY (code_hash),
    CONSTRAINT oauth_codes_client_id_fkey FOREIGN KEY(client_id) REFERENCES oauth_clients (id) ON DELETE CASCADE,
    CONSTRAINT oauth_codes_account_id_fkey FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE INDEX oauth_codes_expires_at_idx ON oauth_codes (expires_at);

CREATE TABLE oauth_families (
    id UUID NOT NULL,
    client_id UUID NOT NULL,
    account_id UUID,
    scopes TEXT[] NOT NULL,
    narrowing JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_for TEXT,
    CONSTRAINT oauth_families_pkey PRIMARY KEY (id),
    CONSTRAINT oauth_families_client_id_fkey FOREIGN KEY(client_id) REFERENCES oauth_clients (id) ON DELETE CASCADE,
    CONSTRAINT oauth_families_account_id_fkey FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE INDEX oauth_families_account_id_idx ON oauth_families (account_id);

CREATE INDEX oauth_families_client_id_idx ON oauth_families (client_id);

CREATE TABLE oauth_refresh_tokens (
    token_hash BYTEA NOT NULL,
    family_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    successor_hash BYTEA,
    CONSTRAINT oauth_refresh_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT oauth_refresh_tokens_family_id_fkey FOREIGN KEY(family_id) REFERENCES oauth_families (id) ON DELETE CASCADE
);

CREATE INDEX oauth_refresh_tokens_family_id_idx ON oauth_refresh_tokens (family_id);

CREATE TABLE api_tokens (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    name TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    hint TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    narrowing JSONB NOT NULL,
    networks TEXT[] NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_used_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_for TEXT,
    warned_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT api_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT api_tokens_account_id_fkey FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT api_tokens_token_hash_key UNIQUE (token_hash)
);

CREATE INDEX api_tokens_account_id_idx ON api_tokens (account_id);

CREATE TABLE signing_keys (
    kid TEXT NOT NULL,
    status TEXT NOT NULL,
    public_jwk JSONB NOT NULL,
    private_sealed BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    retired_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT signing_keys_pkey PRIMARY KEY (kid),
    CONSTRAINT signing_keys_status_check CHECK (status in ('next', 'current', 'retired'))
);

CREATE UNIQUE INDEX signing_keys_one_current_idx ON signing_keys (status) WHERE status = 'current';
"""


def upgrade() -> None:
    ddl.run(SCHEMA)
    ddl.append_only("audit")


def downgrade() -> None:
    ddl.run("""
DROP TABLE signing_keys, api_tokens, oauth_refresh_tokens, oauth_families, oauth_codes, audit, login_attempts,
    browser_sessions, recovery_codes, second_factors, one_time_links, role_grants, oauth_clients, accounts;
""")
