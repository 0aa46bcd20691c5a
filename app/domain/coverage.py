"""Cover of townships by industry, by three definitions that are always shown side by side.

*appointed*: an appointment whose declared township-industry pairs contain it and whose term includes the last day of
the period (or today, if earlier). *visited*: a passed visit there in that industry in the period. *confirmed*: a
confirmed visit, or a demand closed as met. A "全县" declaration is drawn hatched and covers no township. The
denominator is the townships valid on that same last day of the period, and the statistical units that the city counts
with them on it (141 in Sanming, 147 with all six). What a township did that ended within the period counts for the one
that took its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.vocabulary import CoverDefinition


@dataclass(frozen=True)
class TownshipCover:
    """What is known of one township, one industry (or all) and one period."""

    code: str
    name: str
    county_code: str
    county: str
    appointments: int = 0
    county_wide: int = 0
    visits: int = 0
    confirmed_visits: int = 0
    demands_met: int = 0

    def degree(self, definition: CoverDefinition) -> int:
        """How much cover there is by a definition; 0 is a gap."""
        match definition:
            case CoverDefinition.APPOINTED:
                return self.appointments
            case CoverDefinition.VISITED:
                return self.visits
            case CoverDefinition.CONFIRMED:
                return self.confirmed_visits + self.demands_met

    def covered(self, definition: CoverDefinition) -> bool:
        return self.degree(definition) > 0

    def words(self, definition: CoverDefinition) -> str:
        """What the page says of it; 全县 is a way of appointing, so it is told apart there only."""
        if self.covered(definition):
            return "已覆盖"
        return "仅全县申报" if self.only_county_wide and definition is CoverDefinition.APPOINTED else "空白"

    @property
    def only_county_wide(self) -> bool:
        """Declared for the whole county only: drawn hatched, not counted."""
        return self.county_wide > 0 and self.appointments == 0


@dataclass(frozen=True)
class CoverSummary:
    """Covered townships out of all, by a definition; `only_county_wide` of the others are declared as 全县 only."""

    definition: CoverDefinition
    covered: int
    townships: int
    only_county_wide: int = 0

    @property
    def gaps(self) -> int:
        return self.townships - self.covered

    @property
    def only_declared(self) -> bool:
        """Nothing is covered, but the county is declared as a whole: drawn hatched."""
        return not self.covered and self.only_county_wide > 0

    def step(self, steps: int = 6) -> int:
        """Which step of a scale the share of covered townships takes: 0 for none, `steps` for all."""
        return -(-steps * self.covered // self.townships) if self.townships else 0


def summary(cover: Sequence[TownshipCover], definition: CoverDefinition) -> CoverSummary:
    """How many of these townships are covered; 全县 is a way of appointing, so it is told apart there only."""
    declared = definition is CoverDefinition.APPOINTED
    return CoverSummary(
        definition,
        sum(t.covered(definition) for t in cover),
        len(cover),
        sum(t.only_county_wide for t in cover) if declared else 0,
    )


def summaries(cover: Sequence[TownshipCover]) -> list[CoverSummary]:
    """The three definitions side by side."""
    return [summary(cover, definition) for definition in CoverDefinition]


def gaps(cover: Sequence[TownshipCover], definition: CoverDefinition) -> list[TownshipCover]:
    """Townships without cover by a definition, county by county."""
    return [t for t in cover if not t.covered(definition)]
