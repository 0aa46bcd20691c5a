"""Visits of the story: what is written, who is served, what comes of it, and how far review and confirmation went."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.demonstration.cast import person_actor, role_actor
from app.demonstration.stage import Figure, Stage
from app.domain.calendar import SHANGHAI
from app.domain.roles import Role
from app.domain.visits import ConfirmationAnswer
from app.domain.vocabulary import ConfirmationChannel, OrganisationKind, ServiceMode
from app.features.commissioners import queries as commissioners
from app.features.demands.models import Demand
from app.features.organisations import actions as organisations
from app.features.organisations.models import Organisation
from app.features.visits import actions as visits
from app.features.visits.models import Visit
from app.features.vocabulary import queries as vocabulary

WORK = {
    "agriculture": [
        ("进园查看长势和病虫，现场教修剪、清园和配药，留下一页用药表", "十天后再看一次新梢"),
        ("取土样测酸碱度，教改土和配方施肥，和社员商定分两片试验", "按片记账，秋后对比产量"),
        ("看棚温和湿度记录，调整通风和水肥，处理了一批病株", "病株要带出棚外深埋"),
        ("办田头培训一场，讲品种更换和绿色防控，答问一个多小时", "留了电话，有问题先拍照"),
        ("查看鱼塘水色和增氧机位置，测氨氮，教调水", "三天内少投料，勤开增氧"),
    ],
    "steel_equipment": [
        ("到车间看断口和浇冒口，查型砂水分，改了两处排气", "下一炉做对比，记录废品率"),
        ("测机床主轴跳动和导轨间隙，调整补偿参数，教点检方法", "每周记一次精度"),
    ],
    "new_materials": [
        ("查泄漏点和垫片材质，建议换用耐氟材料并改紧固顺序", "换后记录压力一个月"),
        ("取样测粒度和水分，调整混料时间，做三批对比", "把批次数据发给团队"),
    ],
    "culture_tourism_health": [
        ("走村看点，画出两天一夜线路草图，和民宿主商定分工", "先做两块标识试用"),
        ("查看步道和林分，提出康养课程和安全提示的安排", "补做一次路面修整"),
    ],
}


@dataclass(frozen=True)
class Ending:
    """How far a visit has come: submitted, asked, confirmed, disputed, passed or returned."""

    review: str | None = "pass"
    asked: bool = True
    answer: ConfirmationAnswer | None = ConfirmationAnswer.CONFIRMED
    words: str | None = None


PASSED_CONFIRMED = Ending()
PASSED_ONLY = Ending(answer=None, asked=False)
WAITING = Ending(review=None, asked=True, answer=None)
WAITING_CONFIRMED = Ending(review=None)
RETURNED = Ending(review="return", asked=False, answer=None, words="服务对象请写到具体的村或合作社，改好后再提交。")


class Visiting:
    """Logs visits as people did, each on its own day."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.session = stage, stage.session
        self.kinds = {kind.code: kind for kind in vocabulary.every_result_kind(stage.session)}
        self.units: dict[str, list[Organisation]] = {}

    def unit_in(self, township: str) -> Organisation:
        """One of two invented units of a township."""
        if township not in self.units:
            names = self.stage.names
            self.units[township] = [
                organisations.keep_organisation(
                    self.session, self.stage.actor, kind=kind, name=name, region_code=township,
                    contact_name=names.person(), contact_phone=names.phone(),
                )
                for kind, name in (
                    (OrganisationKind.VILLAGE, names.village()),
                    (OrganisationKind.COOPERATIVE, names.cooperative("种养")),
                )
            ]  # fmt: skip
        return self.stage.random.choice(self.units[township])

    def visit(
        self, figure: Figure, day: date, *, township: str, ending: Ending, demand: Demand | None = None,
        match_id: int | None = None, account_id: int | None = None,
    ) -> Visit:  # fmt: skip
        """One visit of a figure (an individual, or a team's leader with a member) with its review and confirmation."""
        random = self.stage.random
        days = random.choices([1, 2, 3], [8, 2, 1])[0]
        people = self._people(figure)
        work, advice = random.choice(WORK[figure.leading])
        unit_id = demand.organisation_id if demand is not None else self.unit_in(township).id
        writer = person_actor(Role.COMMISSIONER, people[0], account_id)
        mode = ServiceMode.ONLINE if random.random() < 0.12 else ServiceMode.ON_SITE
        filed = min(day + timedelta(days=random.randint(0, 6)), self.stage.today)
        visit = visits.log(
            self.session, writer, filed, _at(filed), region_code=township, service_date=day, days=days,
            industry_id=(demand and demand.industry_id) or self.stage.industry_ids[figure.trade], mode=mode,
            work_done=work, advice=advice, served=[unit_id],
            participants=[(person, random.randint(1, 2 * days)) for person in people],
            results=self._results(figure), demand_id=demand.id if demand else None, match_id=match_id,
        )  # fmt: skip
        self._finish(visit, unit_id, filed, ending)
        return visit

    def _people(self, figure: Figure) -> list[int]:
        members = commissioners.representatives(self.session, [figure.commissioner.id])[figure.commissioner.id]
        first = figure.person.id if figure.person else members[0]
        others = [m for m in members if m != first]
        return [first, *self.stage.random.sample(others, min(len(others), self.stage.random.randint(0, 2)))]

    def _results(self, figure: Figure) -> dict[int, int]:
        random = self.stage.random
        wanted = {"people_trained": random.randint(5, 40)}
        if random.random() < 0.5:
            wanted["problems_solved"] = 1
        if random.random() < 0.35:
            wanted["new_techniques"] = 1
        if figure.leading == "agriculture" and random.random() < 0.3:
            wanted["demonstration_area"] = random.randint(5, 80) * 10
        if random.random() < 0.15:
            wanted["income_gained"] = random.randint(2, 60) * 1000 * 100
        return {self.kinds[code].id: amount for code, amount in wanted.items()}

    def _finish(self, visit: Visit, unit_id: int, filed: date, ending: Ending) -> None:
        later = min(filed + timedelta(days=self.stage.random.randint(1, 9)), self.stage.today)
        if ending.asked:
            writer = person_actor(Role.COMMISSIONER, visit.participants[0].person_id)
            token = visits.ask_confirmation(self.session, writer, _at(filed), visit, unit_id, ConfirmationChannel.LINK)
            if ending.answer is not None:
                visits.answer_confirmation(
                    self.session, _at(later), later, token, ending.answer, words=ending.words, satisfaction=5
                )
        if ending.review:
            reviewer = role_actor(Role.COUNTY_REVIEWER, visit.region_code[:6])
            visits.review(self.session, reviewer, later, visit, ending.review, ending.words)


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10, 0), SHANGHAI)
