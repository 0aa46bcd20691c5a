"""A year of visits for `seed`: who went where under which appointment, what came of it, how far review has come."""

from datetime import date, timedelta

from app.cli.seeded_city import City, Figure, Served
from app.cli.seeded_rows import noon
from app.domain.visits import ConfirmationAnswer, VisitReport, VisitState
from app.domain.vocabulary import ConfirmationChannel, Kind, ServiceMode
from app.features.visits.models import Confirmation, Participant, ServedUnit, Visit, VisitResult

# How visits of the last year stand; of the last fortnight most still wait.
OLD = {VisitState.PASSED: 95, VisitState.RETURNED: 2, VisitState.SUBMITTED: 1, VisitState.WITHDRAWN: 2}
FRESH = {VisitState.PASSED: 45, VisitState.SUBMITTED: 45, VisitState.RETURNED: 5, VisitState.DRAFT: 5}
FRESH_DAYS, SPAN_DAYS = 14, 365
CONFIRMED, OF_A_DEMAND, AT_HOME = 0.6, 0.2, 0.8


def visits(city: City) -> None:
    """All visits of the scale, spread evenly over the last year, the oldest first."""
    willing = [f for f in city.figures if f.kind is not Kind.ENTITY]
    count = city.scale.visits
    for n in range(count):
        day = city.today - timedelta(days=SPAN_DAYS - 1 - SPAN_DAYS * n // count)
        helped = city.random.choice(city.served) if city.random.random() < OF_A_DEMAND else None
        if helped is not None and helped.begun > day:
            helped = None
        figure = helped.figure if helped else city.random.choice(willing)
        _visit(city, figure, helped, day)
        city.rows.flush_if_many()
        if n and n % 10_000 == 0:
            city.rows.say(f"  {n:,} of {count:,} visits")


def _visit(city: City, figure: Figure, helped: Served | None, day: date) -> None:
    random = city.random
    county = figure.county if random.random() < AT_HOME else city.county()
    region = helped.region if helped else random.choice(city.place.townships[county])
    people = [figure.people[0], *random.sample(figure.people[1:], min(len(figure.people) - 1, 1))]
    days = random.choices([1, 2, 3], [8, 2, 1])[0]
    work, advice = city.words.work(figure.industry)
    report = VisitReport(
        region_code=region, service_date=day, days=days, industry_id=city.place.industries[figure.industry],
        mode=city.mode(), work_done=work, advice=advice,
        served=(helped.organisation if helped else random.choice(city.units[region]),),
        participants=tuple((person, random.randint(1, 2 * days)) for person in people),
        results=tuple(sorted(_results(city, figure).items())),
    )  # fmt: skip
    state = random.choices(*zip(*(FRESH if (city.today - day).days < FRESH_DAYS else OLD).items(), strict=True))[0]
    _rows(city, report, state, figure.appointments[day.year], helped)


def _results(city: City, figure: Figure) -> dict[int, int]:
    random, kinds = city.random, city.place.result_kinds
    wanted = {"people_trained": random.randint(5, 40)}
    if random.random() < 0.4:
        wanted["problems_solved"] = 1
    if figure.industry == "agriculture" and random.random() < 0.3:
        wanted["demonstration_area"] = random.randint(5, 80) * 10
    return {kinds[code]: amount for code, amount in wanted.items()}


def _rows(city: City, report: VisitReport, state: VisitState, appointment: int, helped: Served | None) -> None:
    passed = state is VisitState.PASSED
    later = min(report.service_date + timedelta(days=city.random.randint(1, 9)), city.today)
    confirmed = passed and report.mode is ServiceMode.ON_SITE and city.random.random() < CONFIRMED
    submitted = None if state is VisitState.DRAFT else noon(report.service_date)
    fingerprint, rows = report.fingerprint(), city.rows
    key = rows.add(
        Visit, demand_id=helped.demand if helped else None, match_id=helped.match if helped else None,
        region_code=report.region_code, service_date=report.service_date, days=report.days,
        industry_id=report.industry_id, mode=report.mode, work_done=report.work_done, advice=report.advice,
        fingerprint=fingerprint, state=state, submitted_at=submitted, passed_on=later if passed else None,
        confirmed_on=later if confirmed else None, made_at=noon(report.service_date),
    )  # fmt: skip
    for person, half_days in report.participants:
        rows.add(Participant, visit_id=key, person_id=person, appointment_id=appointment, half_days=half_days)
    rows.add(ServedUnit, visit_id=key, organisation_id=report.served[0])
    for kind, amount in report.results:
        rows.add(VisitResult, visit_id=key, kind_id=kind, amount=amount)
    if confirmed:
        rows.add(
            Confirmation, visit_id=key, organisation_id=report.served[0], channel=ConfirmationChannel.LINK,
            content_hash=fingerprint, expires_at=noon(later + timedelta(days=60)),
            answer=ConfirmationAnswer.CONFIRMED, answered_at=noon(later), satisfaction=5, made_at=noon(later),
        )  # fmt: skip
    rows.event("visits.log", "visits", key, "科技特派员", report.service_date)
    if submitted is not None:
        rows.event("visits.submit", "visits", key, "科技特派员", report.service_date)
    if passed:
        rows.event("visits.pass", "visits", key, "县级审核员", later)
