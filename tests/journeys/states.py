"""States that the demonstration's present does not reach, brought about by the actions that people and workers use."""

from itertools import count

from sqlalchemy.orm import Session

from app.demonstration.cast import COMMISSIONERS_OFFER, COUNTY, TEAMS_OFFER, TOWNSHIP, Cast, role_actor
from app.domain.calendar import shanghai_date
from app.domain.escalations import Asked
from app.domain.matching.settings import shipped
from app.domain.roles import Role, system_actor
from app.domain.vocabulary import OrganisationKind, Urgency
from app.features.commissioners.models import Commissioner
from app.features.demands import actions as demands
from app.features.demands.models import Demand
from app.features.matches import actions as matches
from app.features.matches import escalations
from app.features.vocabulary import concepts, weights
from tests.conftest import NOW

OTHER_COUNTY, OTHER_TOWNSHIP = "350425", "350425100"  # 大田县均溪镇
TODAY = shanghai_date(NOW)
MEASURED = {"demands": 12, "pairs": 40, "folds": 5, "before": 0.7, "after": 0.74, "gain": 0.04, "better": 4, "worse": 1}


def rarer(session: Session, cast: Cast, ways: dict[str, list[str]]) -> None:
    """Add them; `ways` learns where each is found."""
    units = (f"少见第{n}村" for n in count(1))

    def opened(title: str, township: str, wanted: int = 1) -> Demand:
        example = cast.offers[COMMISSIONERS_OFFER]
        posted = demands.post(
            session, role_actor(Role.TOWNSHIP_OFFICIAL, township), TODAY, title=title, region_code=township,
            new_unit=(OrganisationKind.VILLAGE, next(units)), urgency=Urgency.NORMAL, people_wanted=wanted,
        )  # fmt: skip
        return demands.triage(
            session, role_actor(Role.COUNTY_TRIAGE, township[:6]), TODAY, posted, industry_id=example.industry_id,
            need_type=example.need_type, urgency=Urgency.NORMAL,
        )  # fmt: skip

    found = [_half_found(session, cast, opened("稻瘟病连片，想请两位老师", TOWNSHIP, wanted=2))]
    found.append(_asked_and_named(session, opened("高山茶园冻害后怎么恢复", TOWNSHIP)))
    found.append(_asking_others(session, opened("香榧幼苗不成活", OTHER_TOWNSHIP)))
    ways.setdefault("fenzhen", []).extend(f"/matches/demands/{demand.uid}" for demand in found)
    draft = demands.post(
        session, role_actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP), TODAY, title="先记下来：烤烟缺苗", region_code=TOWNSHIP,
        new_unit=(OrganisationKind.VILLAGE, next(units)), urgency=Urgency.NORMAL, people_wanted=1, submit=False,
    )  # fmt: skip
    session.flush()
    ways.setdefault("xiangzhen", []).append(f"/matches/demands/{draft.uid}")
    weights.propose(session, system_actor("match-weights"), {**shipped(), "distance": 0.2}, MEASURED)
    known = concepts.current_rows(session, TODAY)[0]["id"]
    ways.setdefault("shiju", []).append(f"/vocabulary/concept?id={known}")
    session.flush()


def _half_found(session: Session, cast: Cast, demand: Demand) -> Demand:
    """Two are wanted and one has accepted."""
    name = next(offer for offer in cast.offers if offer not in (COMMISSIONERS_OFFER, TEAMS_OFFER))
    bureau, offer = role_actor(Role.COUNTY_TRIAGE, COUNTY), cast.offers[name]
    match = matches.invite(session, bureau, TODAY, demand, cast.figures[name].commissioner, offer)
    session.flush()
    matches.answer(session, system_actor("tests"), NOW, match, "accept")
    return demand


def _asked_and_named(session: Session, demand: Demand) -> Demand:
    """The other counties were asked, and one of them has named somebody of its own."""
    asking = escalations.ask(
        session, role_actor(Role.COUNTY_TRIAGE, COUNTY), demand, Asked.COUNTIES, "本县没有茶园冻害的专家"
    )
    named = session.query(Commissioner).filter_by(county_code=OTHER_COUNTY).order_by(Commissioner.id).first()
    escalations.answer(session, role_actor(Role.COUNTY_TRIAGE, OTHER_COUNTY), asking, "他在大田管过三年茶园。", named)
    return demand


def _asking_others(session: Session, demand: Demand) -> Demand:
    """Another county asks all counties, and nobody has answered."""
    escalations.ask(session, role_actor(Role.COUNTY_TRIAGE, OTHER_COUNTY), demand, Asked.COUNTIES)
    return demand
