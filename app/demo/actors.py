"""The organisations: those the source names, the town halls, and generated ones up to the source's count."""

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import cycle, islice, product
from typing import Any
from uuid import UUID

from faker import Faker
from stdnum import luhn

from app.actors.models import Actor, ActorKind, HeadcountBand
from app.demo.rows import Rows, demo_id
from app.demo.territories import FIRST, SUCCESSOR, Entry, MunicipalityEntry, ground, read, territory_id, theme_id
from app.territories.models import Theme

Values = dict[str, Any]

AT_THE_LAUNCH = 140  # the source: "140 acteurs du territoire mobilisés au lancement"
GENERATED_AT_THE_LAUNCH = {ActorKind.ASSOCIATION: 36, ActorKind.PUBLIC_BODY: 4, ActorKind.OTHER: 2}
GENERATED_PER_TOWN = {ActorKind.COMPANY: 4, ActorKind.ASSOCIATION: 2}
LISTED_SHARE, WEBSITE_SHARE = 0.6, 0.35

TRADES = (
    ("Menuiserie", "43.32A"), ("Boulangerie", "10.71C"), ("Garage", "45.20A"), ("Imprimerie", "18.12Z"),
    ("Cabinet comptable", "69.20Z"), ("Pharmacie", "47.73Z"), ("Restaurant", "56.10A"), ("Agence", "73.11Z"),
    ("Transports", "49.41A"), ("Électricité", "43.21A"), ("Plomberie", "43.22A"), ("Informatique", "62.02A"),
    ("Librairie", "47.61Z"), ("Paysages", "81.30Z"), ("Architecture", "71.11Z"), ("Optique", "47.78A"),
)  # fmt: skip
AIMS = ("Passerelles", "Tandem", "Élan", "Relais", "Horizons", "Coup de pouce", "Tremplin", "Main tendue")
CAUSES = ("Emploi", "Jeunesse", "Handicap", "Logement", "Savoirs", "Alimentation", "Numérique")
BODIES = ("Mission pour l’emploi", "Centre d’action sociale", "Maison de la solidarité", "Agence de l’insertion")
GATHERINGS = ("Collectif d’habitants", "Conseil de quartier")
HEADCOUNTS = {HeadcountBand.NONE: 3, HeadcountBand.FROM_1: 9, HeadcountBand.FROM_10: 4, HeadcountBand.FROM_20: 3,
              HeadcountBand.FROM_50: 2, HeadcountBand.FROM_250: 1}  # fmt: skip


class ActorEntry(Entry):
    """An organisation of the source, in each territory where it acted."""

    key: str
    territories: tuple[str, ...]
    name: str
    kind: ActorKind
    description: str
    siren: str | None = None
    insee_code: str | None = None
    valid_from: date | None = None
    themes: tuple[str, ...]
    is_demonstration: bool = False


@dataclass(frozen=True)
class Cast:
    """The actors of one territory, as the events' data names them."""

    territory: str
    actors: dict[str, Actor]

    def find(self, word: str, *, town: str, event: str) -> Actor | None:
        """An actor by its key (`club`), `town` for the town hall of `town` (INSEE), or any `company` or
        `association` of that town; `company:quay` is the same company in every event that says so.

        Nothing when somebody deleted it. Raises `KeyError` for a word that means nothing.
        """
        kind, _, seed = word.partition(":")
        if kind in {ActorKind.COMPANY, ActorKind.ASSOCIATION}:
            near = [actor for key, actor in self.actors.items() if key.startswith(f"{kind}-{town}-")]
            return random.Random(seed or event).choice(near) if near else None
        key = f"town-{town}" if word == "town" else word
        if key not in self._known:
            raise KeyError(word)
        return self.actors.get(key)

    @property
    def _known(self) -> set[str]:
        towns = {f"town-{entry.insee_code}" for entry in ground().municipalities_of(self.territory)}
        return towns | {entry.key for entry in _entries() if self.territory in entry.territories}


async def put_actors(rows: Rows, themes: dict[UUID, Theme]) -> dict[str, Cast]:
    """Write the actors of both territories; answers them by territory."""
    casts = {}
    for territory in (FIRST, SUCCESSOR):
        wanted = dict(_named(territory))
        wanted |= dict(_generated(territory, already=len(wanted)))
        for values in wanted.values():
            keys = {theme_id(territory, key) for key in values["themes"]}
            values["themes"] = [theme for theme in themes.values() if theme.id in keys]
            values["territory_id"] = territory_id(territory)
        ids = {key: demo_id("actor", territory, key) for key in wanted}
        found = await rows.put(Actor, {ids[key]: values for key, values in wanted.items()}, Actor.themes)
        casts[territory] = Cast(territory, {key: found[ids[key]] for key in wanted if ids[key] in found})
    return casts


@cache
def _entries() -> tuple[ActorEntry, ...]:
    return tuple(ActorEntry.model_validate(table) for table in read("actors")["actor"])


def _named(territory: str) -> Iterator[tuple[str, Values]]:
    """The organisations of the source, and the town halls."""
    for entry in _entries():
        if territory in entry.territories:
            yield entry.key, {**entry.model_dump(exclude={"key", "territories"}), "listed": True}
    for town in ground().municipalities_of(territory):
        yield (
            f"town-{town.insee_code}",
            {
                "name": f"Ville de {town.name}".replace("de Le ", "du "),
                "kind": ActorKind.PUBLIC_BODY,
                "insee_code": town.insee_code,
                "postal_code": town.postal_code,
                "themes": [theme.key for theme in ground().theme],
                "listed": True,
            },
        )


def _generated(territory: str, *, already: int) -> Iterator[tuple[str, Values]]:
    """Invented organisations: up to the count of the launch, or some in every town of today."""
    towns = ground().municipalities_of(territory)
    if territory == FIRST:
        others = sum(GENERATED_AT_THE_LAUNCH.values())
        numbers = {ActorKind.COMPANY: AT_THE_LAUNCH - already - others, **GENERATED_AT_THE_LAUNCH}
    else:
        numbers = {kind: number * len(towns) for kind, number in GENERATED_PER_TOWN.items()}
    invention = Invention(territory)
    for kind, number in numbers.items():
        for n, town in enumerate(islice(cycle(towns), number)):
            yield f"{kind}-{town.insee_code}-{n}", invention.actor(kind, town)


class Invention:
    """Organisations that do not exist, the same at every load.

    Their SIREN and RNA start with zeros, which no register has given: well-formed, and plainly invented.
    """

    def __init__(self, territory: str) -> None:
        self.series = 10_000 if territory == FIRST else 20_000
        self.chance = random.Random(territory)
        self.words = Faker("fr_FR")
        self.words.seed_instance(self.series)
        self.names = {kind: self._names(kind) for kind in ActorKind}

    def actor(self, kind: ActorKind, town: MunicipalityEntry) -> Values:
        """The next organisation of that kind, in that town."""
        self.series += 1
        name, naf = next(self.names[kind])
        values: Values = {
            "name": name,
            "kind": kind,
            "street": self.words.street_address(),
            "postal_code": town.postal_code,
            "insee_code": town.insee_code,
            "themes": self.chance.sample([theme.key for theme in ground().theme], k=self.chance.choice((1, 1, 2))),
            "website": f"https://{slug(name)}.example" if self.chance.random() < WEBSITE_SHARE else None,
            "listed": self.chance.random() < LISTED_SHARE,
            "is_demonstration": True,
        }
        if kind is ActorKind.COMPANY:
            band = self.chance.choices(list(HEADCOUNTS), weights=list(HEADCOUNTS.values()))[0]
            values |= {"naf": naf, "headcount_band": band, **_identifiers(self.series)}
        elif kind is ActorKind.ASSOCIATION:
            values["rna"] = f"W{self.series:09d}"
        return values

    def _names(self, kind: ActorKind) -> Iterator[tuple[str, str | None]]:
        """Names of organisations of that kind, each once, with their activity (NAF) if they are a company."""
        match kind:
            case ActorKind.COMPANY:
                return ((f"{trade} {name}", naf) for name, (trade, naf) in zip(self._people(), cycle(TRADES)))
            case ActorKind.ASSOCIATION:
                pairs = list(product(AIMS, CAUSES))
                self.chance.shuffle(pairs)
                return ((f"Association {aim} {cause}", None) for aim, cause in pairs)
            case ActorKind.PUBLIC_BODY:
                return ((f"{body} (démonstration)", None) for body in BODIES)
            case _:
                return (
                    (f"{gathering} {name}", None) for gathering, name in zip(GATHERINGS, self._people(), strict=False)
                )

    def _people(self) -> Iterator[str]:
        while True:
            yield self.words.unique.last_name()


def _identifiers(number: int) -> dict[str, object]:
    siren = f"000{number:05d}"
    siren += luhn.calc_check_digit(siren)
    office = f"{siren}0001"
    return {"siren": siren, "siret": office + luhn.calc_check_digit(office)}


def slug(name: str) -> str:
    """The name as an address has it: plain letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
