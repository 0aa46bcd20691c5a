"""The command that plans a round from two files: who should serve whom, by best fit, by two-way choice or by cover.

It needs no database and no key. Candidates come from the platform's own ranking with the vocabulary that ships.
"""

import csv
import json
from pathlib import Path

import click

from app.cli.files import FILE, BadInput, read_table, reason, written
from app.cli.matching import DEMAND_COLUMNS, OFFER_COLUMNS, read_demands, read_offers, shipped_vocabulary
from app.domain.matching.facts import Place
from app.domain.matching.plans.fairness import Fairness, fairness
from app.domain.matching.plans.outcome import Plan
from app.domain.matching.plans.problem import SCALE, UNKNOWN_TRAVEL, PlanDemand, PlanInputs, PlanOffer, PlanRefused
from app.domain.matching.plans.solving import solve_plan
from app.domain.plans import Mode

# Read where the file has them: what a plan can use beyond the ranking.
DEMAND_MORE = ("county", "township_code", "place", "unit_type", "places", "lon", "lat")
OFFER_MORE = ("county", "capacity", "lon", "lat")
RESULT_COLUMNS = ("demand_id", "offer_id", "township", "industry", "fit", "travel_km", "renewal")


@click.command("match-plan")
@click.option("--demands", type=FILE, help="需求 CSV：id,title,description,industry[,county,place,lon,lat …]")
@click.option("--offers", type=FILE, help="服务 CSV：id,kind,title,description[,county,capacity,lon,lat]")
@click.option("--mode", required=True, type=click.Choice([mode.value for mode in Mode]), help="方案类型")
@click.option("--out", required=True, type=FILE, help="结果 CSV；以 .json 结尾时写出完整方案")
@click.option("--candidates", default=20, show_default=True, type=click.IntRange(1, 1000), help="每条需求的候选人数")
@click.option(
    "--capacity", default=3, show_default=True, type=click.IntRange(0, 1000), help="未注明时每人可服务的需求数"
)
@click.option("--freeze", type=FILE, help="另存方案的全部输入（JSON），供日后重算")
@click.option("--inputs", "frozen", type=FILE, help="用 --freeze 存下的输入重算，代替需求和服务文件")
def match_plan(
    demands: Path | None,
    offers: Path | None,
    mode: str,
    out: Path,
    candidates: int,
    capacity: int,
    freeze: Path | None,
    frozen: Path | None,
) -> None:
    """为一轮对接编制方案：总体匹配最优、双向选择稳定或全覆盖优先。不需要数据库。"""
    try:
        if frozen is not None:
            inputs = read_frozen(frozen)
        elif demands is not None and offers is not None:
            inputs = read_inputs(demands, offers, candidates, capacity)
        else:
            raise BadInput("请用 --demands 和 --offers 给出需求与服务，或用 --inputs 给出存下的输入。")
        plan = solve_plan(inputs, Mode(mode))
    except PlanRefused as refused:
        raise BadInput(refused.message) from None
    if freeze is not None:
        with written(freeze) as file:
            file.write(inputs.canonical)
    write_plan(plan, out)
    click.echo(json.dumps(summary(plan), ensure_ascii=False))


def read_frozen(path: Path) -> PlanInputs:
    """Inputs that `--freeze` wrote, or that a plan's page gave. Refused: what is not such a file."""
    try:
        return PlanInputs.from_json(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadInput(f"无法读取 {path}：{reason(error)}。") from None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise BadInput(f"{path} 不是 --freeze 存下的方案输入，请换一个文件。") from None


def read_inputs(demands: Path, offers: Path, candidates: int, capacity: int) -> PlanInputs:
    """The frozen inputs of two files, with the ranking's best `candidates` for each demand."""
    wanted, given = read_demands(demands), read_offers(offers)
    demand_rows = read_table(demands, (*DEMAND_COLUMNS, *DEMAND_MORE))
    offer_rows = read_table(offers, (*OFFER_COLUMNS, *OFFER_MORE))
    from app.domain.matching.plans.candidates import RankedCandidates, inputs_from_candidates
    from app.domain.matching.ranking import Engine  # numpy and the cutter: only where something is ranked

    found = RankedCandidates(Engine(shipped_vocabulary()))(wanted, given, candidates)
    return inputs_from_candidates(
        [_demand(demands, row) for row in demand_rows],
        [_offer(offers, row, capacity) for row in offer_rows],
        found,
        places=([_place(demands, row) for row in demand_rows], [_place(offers, row) for row in offer_rows]),
    )


def _demand(path: Path, row: dict[str, str]) -> PlanDemand:
    township = row["township_code"] or row["place"]
    county = row["county"] or row["township_code"][:6]
    places = _whole(path, row, "places", 1)
    return PlanDemand(row["id"], county, township, row["industry"], row["unit_type"], places)


def _offer(path: Path, row: dict[str, str], capacity: int) -> PlanOffer:
    return PlanOffer(row["id"], row["county"], _whole(path, row, "capacity", capacity))


def _whole(path: Path, row: dict[str, str], name: str, usual: int) -> int:
    text = row[name]
    if not text:
        return usual
    if not text.isdecimal() or len(text) > 6:
        raise BadInput(f"{path} 中 {row['id']} 的 {name} 是“{text}”，应为不超过六位的整数。")
    return int(text)


def _place(path: Path, row: dict[str, str]) -> Place | None:
    lon, lat = row["lon"], row["lat"]
    if not lon or not lat:
        return None
    try:
        place = Place(float(lon), float(lat))
    except ValueError:
        raise BadInput(f"{path} 中 {row['id']} 的经纬度“{lon},{lat}”不是数字。") from None
    if not (-180 <= place.longitude <= 180 and -90 <= place.latitude <= 90):
        raise BadInput(f"{path} 中 {row['id']} 的经纬度“{lon},{lat}”超出范围。")
    return place


def write_plan(plan: Plan, out: Path) -> None:
    """The assignments as CSV, or the whole plan as JSON when the name ends so."""
    if out.suffix.lower() == ".json":
        with written(out) as file:
            json.dump(plan.as_json(), file, ensure_ascii=False, indent=1)
        return
    named = {demand.uid: demand for demand in plan.inputs.demands}
    with written(out) as file:
        writer = csv.writer(file)
        writer.writerow(RESULT_COLUMNS)
        for held in plan.assignments:
            demand = named[held.demand]
            way = "" if held.travel_m == UNKNOWN_TRAVEL else f"{held.travel_m / 1000:.1f}"
            fit = f"{held.fit / SCALE:.4f}"
            row = [held.demand, held.offer, demand.township, demand.industry, fit, way, int(held.renewal)]
            writer.writerow(row)


def summary(plan: Plan) -> dict[str, object]:
    """What the command prints; keys are stable."""
    told: Fairness = fairness(plan)
    whole = told.whole
    return {
        "mode": plan.mode.value,
        "inputs_sha256": plan.inputs.sha256,
        "solver": plan.solver,
        "demands": len(plan.inputs.demands),
        "offers": len(plan.inputs.offers),
        "candidates": len(plan.inputs.pairs),
        "assigned": len(plan.chosen),
        "unserved": [uid for uid, _ in plan.unserved],
        "open_cells": [[c.cell.township, c.cell.industry, c.reason.value] for c in plan.open_cells],
        "value": plan.value,
        "bound": plan.bound,
        "gap": plan.gap,
        "mean_fit": None if whole.mean_fit is None else round(whole.mean_fit / SCALE, 4),
        "mean_travel_km": None if whole.mean_travel_km is None else round(whole.mean_travel_km, 1),
        "first_choice_share": None if whole.first_choice_share is None else round(whole.first_choice_share, 4),
    }


COMMANDS: list[click.Command] = [match_plan]
