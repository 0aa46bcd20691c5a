"""Carrying out a plan: each entry through the actions of the desks whose rows it makes, in the roster's order."""

from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.refusals import RuleBroken
from app.domain.roles import Actor
from app.domain.rosters.entries import Entry, Mention
from app.domain.rosters.known import Known
from app.domain.rosters.persons import Certainty, Identified
from app.domain.rosters.places import PlaceBook, within
from app.domain.rosters.planning import Plan, Verdict
from app.domain.vocabulary import Kind, OrganisationKind
from app.features.commissioners import actions as commissioners
from app.features.commissioners import queries as roll
from app.features.commissioners.models import Commissioner
from app.features.organisations import actions as organisations
from app.features.organisations.models import Organisation
from app.features.people import actions as people
from app.features.people.models import Person
from app.features.regions.models import Region
from app.features.rounds.models import ImportBatch

MOVED_ON = "名册中的人员刚刚被别人登记或更改，请重新核对后再确认。"


@dataclass
class Applying:
    """One batch being applied; `today` is the Shanghai date that terms and numbers are judged by."""

    session: Session
    actor: Actor
    today: date
    batch: ImportBatch
    places: PlaceBook
    known: Known
    _units: dict[str, int] = field(default_factory=dict)
    _people: dict[str, Person] = field(default_factory=dict)

    def carry_out(self, plan: Plan) -> None:
        """Make every row that the plan asks for. A rule broken on the way names the row and undoes all of it."""
        # Held for the while, so that each action finds divisions without asking the database again.
        held = list(self.session.scalars(sa.select(Region)))
        with self.session.no_autoflush:
            for verdict in plan.verdicts:
                if not verdict.outcome.is_applied:
                    continue
                try:
                    self._appoint(verdict)
                except RuleBroken as broken:
                    where = f"工作表“{verdict.entry.sheet}”第{verdict.entry.row}行"
                    raise RuleBroken(f"{where}：{broken.message}") from broken
        del held

    def _appoint(self, verdict: Verdict) -> None:
        entry = verdict.entry
        commissioners.appoint(
            self.session,
            self.actor,
            self.today,
            commissioner=self._commissioner(verdict),
            level=self.batch.level,
            batch_year=self.batch.year,
            begins=entry.begins,
            ends=entry.ends,
            ground=entry.ground,
            county_code=entry.county_code,
            document=entry.document,
            cover=entry.cover,
            import_batch_id=self.batch.id,
        )

    def _commissioner(self, verdict: Verdict) -> Commissioner:
        entry = verdict.entry
        if entry.kind is Kind.INDIVIDUAL:
            return self._individual(verdict)
        sending = self._unit(entry.sending_unit)
        if entry.kind is Kind.ENTITY:
            return commissioners.keep_entity(
                self.session,
                self.actor,
                organisation=self._entity(verdict),
                source=entry.source,
                county_code=entry.county_code,
                sending_unit_id=sending,
                specialities=entry.specialities,
                industry_ids=entry.industry_ids,
            )
        leader, *members = [self._person(m, p) for m, p in zip(entry.people, verdict.people, strict=True)]
        return commissioners.keep_team(
            self.session,
            self.actor,
            name=entry.name,
            source=entry.source,
            county_code=entry.county_code,
            leader=leader,
            members=members,
            sending_unit_id=sending,
            specialities=entry.specialities,
            industry_ids=entry.industry_ids,
        )

    def _individual(self, verdict: Verdict) -> Commissioner:
        entry = verdict.entry
        person = self._person(entry.people[0], verdict.people[0])
        if verdict.people[0].person is not None:
            found = roll.of_person(self.session, person.id)
            # Another county's record is appointed, but not filled in: that county keeps it.
            if found is not None and not within(self.batch.county_code, found.county_code):
                return found
        return commissioners.keep_individual(
            self.session,
            self.actor,
            person=person,
            source=entry.source,
            county_code=entry.county_code,
            sending_unit_id=self._unit(entry.sending_unit),
            specialities=entry.specialities,
            industry_ids=entry.industry_ids,
        )

    def _person(self, mention: Mention, identified: Identified) -> Person:
        """The row of a person. Only sure matches are filled in: one judged by name may be mistaken."""
        known = self._people.get(identified.handle)
        if known is not None:
            return known
        if identified.certainty is Certainty.LIKELY and identified.person is not None:
            found = self.session.get_one(Person, identified.person.id)
        else:
            found = people.keep_person(
                self.session,
                self.actor,
                self.today,
                name=mention.name,
                id_number=mention.id_number,
                phone=mention.phone,
                employer_id=self._unit(mention.employer),
                professional_title=mention.title or None,
                education=mention.education or None,
            )
        expected = identified.person.id if identified.person else None
        if expected is not None and found.id != expected:
            raise RuleBroken(MOVED_ON)
        self._people[identified.handle] = found
        return found

    def _unit(self, name: str) -> int | None:
        """The organisation somebody works for or is sent by, made where there is none of the name."""
        if not name:
            return None
        if name not in self._units:
            known = self.known.unit(name)
            self._units[name] = known.id if known else self._new_unit(name).id
        return self._units[name]

    def _new_unit(self, name: str) -> Organisation:
        county = self.places.county_in(name)
        home = self.places.city_code if county is None and self.places.city_name in name else county
        return organisations.keep_organisation(
            self.session, self.actor, kind=OrganisationKind.SENDING_UNIT, name=name, region_code=home
        )

    def _entity(self, verdict: Verdict) -> Organisation:
        entry: Entry = verdict.entry
        assert entry.entity is not None
        if verdict.organisation is not None:
            return self.session.get_one(Organisation, verdict.organisation.id)
        return organisations.keep_organisation(
            self.session,
            self.actor,
            kind=entry.entity.kind,
            name=entry.entity.name,
            region_code=entry.county_code,
            credit_code=entry.entity.credit_code,
            contact_name=entry.entity.contact_name or None,
            contact_phone=entry.entity.contact_phone,
        )
