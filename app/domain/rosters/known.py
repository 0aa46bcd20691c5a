"""What the platform already knows of those whom a roster names, as far as importing must know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from app.domain.rosters.cells import folded
from app.domain.rosters.entries import EntityFacts
from app.domain.vocabulary import OrganisationKind


@dataclass(frozen=True)
class KnownPerson:
    """Somebody on record. `phone` is the number only if the roster names it too; `units` are where he or she works.

    `holds_in` is the county of an individual appointment in force of the roster's level and year, "" if none is held.
    """

    id: int
    uid: UUID
    name: str
    has_number: bool
    has_phone: bool
    phone: str | None = None
    units: tuple[str, ...] = ()
    holds_in: str = ""
    said: str = ""

    def works_at(self, unit: str) -> bool:
        return bool(unit) and folded(unit) in {folded(known) for known in self.units}


@dataclass(frozen=True)
class KnownOrganisation:
    """An organisation on record; `holds`: as a commissioner it has the appointment of the roster's level and year."""

    id: int
    name: str
    kind: OrganisationKind
    region_code: str | None
    credit_code: str | None
    holds: bool = False


@dataclass(frozen=True)
class KnownTeam:
    id: int
    holds: bool


@dataclass(frozen=True)
class Known:
    """Everything that was looked up for one workbook, in a few queries."""

    by_number: Mapping[str, KnownPerson] = field(default_factory=dict)
    by_name: Mapping[str, tuple[KnownPerson, ...]] = field(default_factory=dict)
    teams: Mapping[tuple[str, str], KnownTeam] = field(default_factory=dict)
    organisations: tuple[KnownOrganisation, ...] = ()

    def unit(self, name: str) -> KnownOrganisation | None:
        """The organisation that people of this unit work for: one that sends, else the only one of the name."""
        named = self._named(name)
        senders = [known for known in named if not known.kind.can_be_served]
        found = senders or named
        return found[0] if senders or len(found) == 1 else None

    def entity(self, facts: EntityFacts, county_code: str) -> KnownOrganisation | None:
        """The organisation that a legal entity is: by credit code, else the first of its name in the county."""
        if facts.credit_code:
            coded = next((known for known in self.organisations if known.credit_code == facts.credit_code), None)
            if coded is not None:
                return coded
        county = county_code[:4] if county_code.endswith("00") else county_code
        served = [known for known in self._named(facts.name) if known.kind.can_be_served]
        near = [known for known in served if (known.region_code or "").startswith(county)]
        return near[0] if near else None

    def _named(self, name: str) -> list[KnownOrganisation]:
        wanted = folded(name)
        return [known for known in self.organisations if folded(known.name) == wanted]
