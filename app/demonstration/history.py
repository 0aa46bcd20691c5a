"""2017-2020: appointments that come to the published totals, and the visits of those years.

683 county individuals (名), 215 city individuals (名) with 50 experts from Beijing in two batches, 1,771 individual
(人次), 151 team (组次) and 17 legal-entity appointments (家次) of the province, a university station with 14 people.
"""

from collections.abc import Callable
from datetime import date

from app.demonstration.stage import Figure, Stage
from app.domain.vocabulary import Level, Source

Say = Callable[[str], object]

# Year → (first, behind the last) of a pool of people: some stay, some leave, some are new.
PROVINCE = {2017: (0, 400), 2018: (60, 500), 2019: (120, 580), 2020: (180, 651)}  # 400 + 440 + 460 + 471 = 1,771
COUNTY = {2017: (0, 200), 2018: (150, 380), 2019: (330, 530), 2020: (480, 683)}  # 683 people
CITY = {2017: (0, 60), 2018: (40, 110), 2019: (90, 140), 2020: (120, 165)}  # 165 people, with Beijing's 50: 215
BEIJING = {2018: (0, 25), 2019: (25, 50)}
TEAMS = {2017: (0, 22), 2018: (4, 40), 2019: (10, 53), 2020: (14, 64)}  # 22 + 36 + 43 + 50 = 151
ENTITIES = {2017: (0, 3), 2018: (0, 4), 2019: (1, 6), 2020: (3, 8)}  # 3 + 4 + 5 + 5 = 17
STATION_PEOPLE = 14
ALSO_COUNTY = 110  # people who hold a county and a provincial appointment: 1 名 at each level
ALSO_CITY = 40


def tell(stage: Stage, say: Say) -> dict[str, list[Figure]]:
    """Appoint everyone; the pools, for the present to renew some of them."""
    say("  2017—2020年：省级个人……")
    province = [_provincial(stage, n) for n in range(651)]
    _appoint(stage, province, Level.PROVINCE, PROVINCE)
    say("  2017—2020年：县级、市级个人……")
    county = province[300 : 300 + ALSO_COUNTY] + [stage.individual() for _ in range(683 - ALSO_COUNTY)]
    _appoint(stage, county, Level.COUNTY, COUNTY)
    city = province[200 : 200 + ALSO_CITY] + [stage.individual(source=Source.CITY) for _ in range(165 - ALSO_CITY)]
    _appoint(stage, city, Level.CITY, CITY)
    beijing = [stage.individual(stage.city, Source.BEIJING, unit=stage.sending_units[-1]) for _ in range(50)]
    _appoint(stage, beijing, Level.CITY, BEIJING)
    say("  2017—2020年：团队和法人……")
    teams = [stage.team() for _ in range(64)]
    _appoint(stage, teams, Level.PROVINCE, TEAMS)
    entities = [stage.entity() for _ in range(8)]
    _appoint(stage, entities, Level.PROVINCE, ENTITIES)
    return {"province": province, "county": county, "city": city, "teams": teams, "entities": entities}


def _provincial(stage: Stage, n: int) -> Figure:
    """People of a university station come in 2019 and stay; the others come from everywhere in the province."""
    if 560 <= n < 560 + STATION_PEOPLE:
        leading = "steel_equipment" if n % 2 else "new_materials"
        return stage.individual(stage.city, Source.UNIVERSITY_STATION, leading, stage.station)
    source = stage.random.choices(
        [Source.COUNTY, Source.CITY, Source.PROVINCE, Source.OTHER_PROVINCE, Source.TAIWAN], [40, 18, 36, 4, 2]
    )[0]
    return stage.individual(source=source)


def _appoint(stage: Stage, pool: list[Figure], level: Level, years: dict[int, tuple[int, int]]) -> None:
    for year, (first, behind) in years.items():
        stage.today = date(year, 3, 1)
        for figure in pool[first:behind]:
            stage.appoint(figure, level, year)
        stage.session.flush()
