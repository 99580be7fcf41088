"""Roles and scopes: the one table of who may ask for what (`api.md`: roles, scopes, rows).

An effective right is role ∩ scopes of the token ∩ narrowing of the token ∩ row. This file is the first two;
each domain's `policy.py` is the last.
"""

from collections.abc import Iterable
from typing import Final

from app.identity.caller import Role

SCOPES: Final[dict[str, dict[str, str]]] = {
    "territories:read": {"fr": "Lire les territoires", "en": "Read the territories"},
    "territories:write": {"fr": "Modifier les territoires", "en": "Change the territories"},
    "themes:read": {"fr": "Lire les thèmes", "en": "Read the themes"},
    "themes:write": {"fr": "Modifier les thèmes", "en": "Change the themes"},
    "programmes:read": {"fr": "Lire les démarches et leurs étapes", "en": "Read programmes and their stages"},
    "programmes:write": {"fr": "Modifier les démarches et leurs étapes", "en": "Change programmes and their stages"},
    "actors:read": {"fr": "Lire les organisations", "en": "Read the organisations"},
    "actors:write": {"fr": "Modifier les organisations", "en": "Change organisations"},
    "people:read": {"fr": "Lire les personnes et leurs coordonnées", "en": "Read people and how to reach them"},
    "people:write": {"fr": "Modifier les personnes", "en": "Change people"},
    "events:read": {"fr": "Lire les événements", "en": "Read the events"},
    "events:write": {"fr": "Écrire des événements", "en": "Write events"},
    "events:publish": {"fr": "Publier ou retirer des événements", "en": "Publish or withdraw events"},
    "registrations:read": {"fr": "Lire les inscriptions et les présences", "en": "Read sign-ups and attendance"},
    "registrations:write": {"fr": "Inscrire et noter les présences", "en": "Sign up and note attendance"},
    "partnerships:read": {"fr": "Lire les partenariats et leurs bilans", "en": "Read partnerships and their reviews"},
    "partnerships:write": {"fr": "Modifier les partenariats", "en": "Change partnerships"},
    "partnerships:review": {"fr": "Évaluer les partenariats de son organisation", "en": "Review own partnerships"},
    "partnerships:publish": {"fr": "Publier ou retirer des partenariats", "en": "Publish or withdraw partnerships"},
    "needs:read": {"fr": "Lire les besoins du diagnostic", "en": "Read the needs of the diagnosis"},
    "needs:write": {"fr": "Exprimer et modifier des besoins", "en": "Voice and change needs"},
    "groups:read": {"fr": "Lire les groupes de travail", "en": "Read the working groups"},
    "groups:write": {"fr": "Modifier les groupes de travail", "en": "Change working groups"},
    "decisions:read": {"fr": "Lire les scrutins et leurs résultats", "en": "Read decisions and their results"},
    "decisions:write": {"fr": "Préparer, ouvrir et clore des scrutins", "en": "Prepare, open and close decisions"},
    "decisions:vote": {"fr": "Voter", "en": "Vote"},
    "plans:read": {"fr": "Lire les plans d’actions, actions et tutorats", "en": "Read plans, actions, mentorships"},
    "plans:write": {"fr": "Modifier les plans, actions et tutorats", "en": "Change plans, actions and mentorships"},
    "plans:contribute": {"fr": "Contribuer aux actions de son organisation", "en": "Contribute to own actions"},
    "plans:publish": {"fr": "Publier ou retirer des plans et actions", "en": "Publish or withdraw plans and actions"},
    "means:read": {"fr": "Lire les moyens prévus et réels", "en": "Read planned and real means"},
    "means:write": {"fr": "Modifier les moyens", "en": "Change means"},
    "communication:read": {"fr": "Lire les canaux et les parutions", "en": "Read channels and publications"},
    "communication:write": {"fr": "Modifier les canaux et les parutions", "en": "Change channels and publications"},
    "pupils:read": {"fr": "Lire les élèves de son établissement", "en": "Read the pupils of one’s school"},
    "pupils:write": {"fr": "Modifier les élèves de son établissement", "en": "Change the pupils of one’s school"},
    "offers:read": {"fr": "Lire les offres de stage", "en": "Read internship offers"},
    "offers:write": {"fr": "Modifier les offres de stage", "en": "Change internship offers"},
    "internships:read": {"fr": "Lire les stages", "en": "Read placements"},
    "q2er:read": {"fr": "Lire les éditions de Q2ER, séquences et classes", "en": "Read Q2ER editions and classes"},
    "q2er:write": {"fr": "Modifier éditions, séquences et classes", "en": "Change editions, sequences and classes"},
    "q2er:publish": {"fr": "Publier ou retirer des éditions de Q2ER", "en": "Publish or withdraw Q2ER editions"},
    "participations:read": {"fr": "Lire les participations à Q2ER", "en": "Read who takes part in Q2ER"},
    "participations:write": {"fr": "Noter les participations à Q2ER", "en": "Note who takes part in Q2ER"},
    "todo:read": {"fr": "Lire les tâches de la semaine", "en": "Read the weekly to-do"},
    "mobilisation:read": {"fr": "Lire les chiffres de la mobilisation", "en": "Read the mobilisation figures"},
    "accounts:read": {"fr": "Lire les comptes et leurs rôles", "en": "Read accounts and their roles"},
    "accounts:write": {"fr": "Inviter des comptes, donner et retirer des rôles", "en": "Invite accounts, grant roles"},
    "audit:read": {"fr": "Lire le journal d’audit", "en": "Read the audit trail"},
    "clients:read": {"fr": "Lire les applications clientes", "en": "Read client applications"},
    "clients:write": {"fr": "Enregistrer des applications clientes", "en": "Register client applications"},
    "clients:approve": {"fr": "Approuver des applications clientes", "en": "Approve client applications"},
    "tokens:read": {"fr": "Lire la liste de ses jetons", "en": "List one’s own tokens"},
    "tokens:write": {"fr": "Créer et révoquer ses jetons", "en": "Make and revoke one’s own tokens"},
    "webhooks:read": {"fr": "Lire ses webhooks", "en": "Read one’s own webhooks"},
    "webhooks:write": {"fr": "Modifier ses webhooks", "en": "Change one’s own webhooks"},
}


def _both(*resources: str) -> frozenset[str]:
    return frozenset(f"{resource}:{verb}" for resource in resources for verb in ("read", "write"))


FRAME: Final = frozenset({"territories:read", "themes:read", "programmes:read"})
DIALOGUE: Final = ("registrations", "partnerships", "needs", "groups", "decisions", "plans", "means", "communication")
READ_DIALOGUE: Final = frozenset(f"{resource}:read" for resource in DIALOGUE)
TAKE_PART: Final = frozenset(
    {"registrations:write", "partnerships:review", "needs:write", "decisions:vote", "plans:contribute"}
)
"""What an organisation of the territory does in the dialogue: sign up, review partnerships, voice needs, vote,
contribute to actions."""
INTERNSHIPS: Final = frozenset({"internships:read", "offers:read"})
"""What collectivité, school and host alike do with placements."""
OWN: Final = _both("clients", "tokens", "webhooks")

ALLOWED: Final[dict[Role, frozenset[str]]] = {
    Role.COLLECTIVITE: FRAME
    | OWN
    | TAKE_PART
    | _both("actors", "people", "events", "q2er", "participations", *DIALOGUE)
    | {"q2er:publish", "events:publish", "partnerships:publish", "plans:publish", "todo:read", "mobilisation:read"}
    | INTERNSHIPS
    | {"offers:write"},
    Role.REFERENT: FRAME
    | OWN
    | READ_DIALOGUE
    | TAKE_PART
    | _both("events", "pupils", "q2er", "participations")
    | {"actors:read", "people:read", "audit:read"}
    | INTERNSHIPS,
    Role.CLUB_MEMBER: FRAME
    | OWN
    | READ_DIALOGUE
    | TAKE_PART
    | _both("actors", "people", "events", "participations")
    | {"q2er:read"}
    | INTERNSHIPS
    | {"offers:write"},
    Role.PARTNER: FRAME
    | _both("actors", "events", *DIALOGUE)
    | {"people:read", "q2er:read", "offers:read"}
    | _both("webhooks"),
    Role.OPERATOR: _both("territories", "accounts", "clients", "tokens") | {"clients:approve", "audit:read"},
}
"""What a role may ask for; a partner's client gets of it what it was granted."""

ADMIN: Final = _both("territories", "themes", "programmes", "accounts") | {"audit:read", "clients:approve"}
"""What an admin of a collectivité may ask for beside."""


def allowed(role: Role, *, is_admin: bool = False) -> frozenset[str]:
    """The scopes a role may ask for."""
    return ALLOWED[role] | ADMIN if is_admin and role is Role.COLLECTIVITE else ALLOWED[role]


def asks_second_factor(role: Role, *, is_admin: bool = False) -> bool:
    """Whether one signs in to this role by a second factor: it reads pupils, or it gives rights to others."""
    return role in (Role.REFERENT, Role.OPERATOR) or is_admin


def known(scopes: Iterable[str]) -> frozenset[str]:
    """Those of `scopes` that exist."""
    return frozenset(scopes).intersection(SCOPES)
