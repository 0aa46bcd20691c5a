"""What the pages of this desk share: its one blueprint, a visit as every page names it, its history, its files.

The routes stand in views.py (list and record), log_views.py, confirmation_views.py and review_views.py.
"""

from typing import Any

from flask import Blueprint, Response

from app.domain.visits import shown_amount
from app.features.regions import queries as regions
from app.features.visits import confirmations, queries
from app.features.visits.models import Visit
from app.features.vocabulary import queries as vocabulary
from app.storage.files import StoredFile
from app.storage.trail import shown_words
from app.web.pages import minute
from app.web.platform import platform
from app.web.session import db

blueprint = Blueprint("visits", __name__)

# What the history of a visit says; what only follows from another entry is left out.
HISTORY = {
    "visits.log": ("填写", "neutral"),
    "visits.amend": ("修改内容", "neutral"),
    "visits.submit": ("提交审核", "waiting"),
    "visits.withdraw": ("撤回", "wrong"),
    "visits.pass": ("审核通过", "good"),
    "visits.return": ("退回", "wrong"),
    "visits.ask_confirmation": ("请受援单位确认", "neutral"),
    "visits.confirmed": ("受援单位确认属实", "good"),
    "visits.disputed": ("受援单位表示与实际不符", "wrong"),
    "visits.stands_unconfirmed": ("内容有改动或异议，原来的确认不再有效", "wrong"),
}


def shown_of(found: Visit) -> dict[str, Any]:
    """What every page about a visit names: place, industry, results in their units, the words given on it."""
    kinds = {kind.id: kind for kind in vocabulary.every_result_kind(db())}
    results = sorted(found.results, key=lambda row: kinds[row.kind_id].place)
    industry = vocabulary.industries_by_id(db()).get(found.industry_id)
    return {
        "place": regions.place_name(db(), found.region_code),
        "county": regions.place_name(db(), found.region_code[: queries.COUNTY_DIGITS]),
        "industry": industry.title if industry else "",
        "results": [
            {"kind": kinds[row.kind_id], "amount": shown_amount(row.amount, kinds[row.kind_id].per_unit)}
            for row in results
        ],
        "words": confirmations.words_on(found),
        "disputed": confirmations.is_disputed(found),
    }


def history_of(found: Visit) -> list[dict[str, Any]]:
    """The entries of the timeline, the latest first."""
    events = queries.history(db(), found)
    words = shown_words(db(), events)
    return [
        {
            "when": minute(event.at),
            "iso": event.at.isoformat(),
            "what": HISTORY[event.tag][0],
            "tone": HISTORY[event.tag][1],
            "who": event.actor_name,
            "words": words[event.id],
        }
        for event in events
        if event.tag in HISTORY
    ]


def stored(file: StoredFile) -> Response:
    """The bytes of a file that hangs on a visit, kept by this reader's browser only."""
    headers = {"Cache-Control": "private, max-age=86400"}
    return Response(platform().files.read(file.sha256), mimetype=file.media_type, headers=headers)
