"""The ranking taken apart: what each piece of knowledge adds, measured on the same judged pairs.

Each stage is the full ranking with some parts weighing nothing, from character pairs alone to everything; only
the last may also say that nobody suits, so that the earlier ones show what the order alone is worth.
"""

from collections.abc import Sequence

from app.domain.matching.evaluation import Judgements, Quality, quality
from app.domain.matching.facts import DemandFacts, OfferFacts
from app.domain.matching.ranking import Engine
from app.domain.matching.vocabulary import Vocabulary
from app.domain.matching.weights import Weights

RANKED = 20


def stages(weights: Weights) -> list[tuple[str, bool, Weights]]:
    """(name, whether the vocabulary is used, weights) of each stage, from the least to everything."""
    content = {"subject": 0.0, "doing": 0.0, "discipline": 0.0, "both": 0.0, "focus": 0.0}
    whole, rare = weights, weights.varied(nobody=0.0, doubt=0.0, least=0.001)
    leaning = rare.varied(rare=0.0)
    weights = leaning.varied(leaning=0.0)
    return [
        ("bigrams", False, weights.varied(**content, text=1.0, word=0.0, pair=1.0)),
        ("words", False, weights.varied(**content, text=1.0, pair=0.0)),
        ("words + bigrams", False, weights.varied(**content, text=1.0)),
        ("+ vocabulary: things", True, weights.varied(doing=0.0, discipline=0.0, both=0.0, guess=0.0)),
        ("+ vocabulary: doings", True, weights.varied(discipline=0.0, both=0.0, guess=0.0)),
        ("+ discipline", True, weights.varied(both=0.0, guess=0.0)),
        ("+ both together", True, weights.varied(guess=0.0)),
        ("+ hints of unknown words", True, weights),
        ("+ leanings of characters", True, leaning),
        ("+ rareness of offers", True, rare),
        ("+ nobody where nobody suits", True, whole),
    ]


def measured(
    engine: Engine, demands: Sequence[DemandFacts], offers: Sequence[OfferFacts], judgements: Judgements
) -> Quality:
    """The quality of one engine on judged pairs."""
    collection = engine.collect(offers)
    answers = {demand.id: engine.rank(demand, collection, RANKED) for demand in demands}
    return quality(
        {id_: [found.offer_id for found in answer.proposals] for id_, answer in answers.items()},
        {id_ for id_, answer in answers.items() if answer.nobody_suits},
        list(answers),
        judgements,
    )


def ablation(
    vocabulary: Vocabulary,
    weights: Weights,
    demands: Sequence[DemandFacts],
    offers: Sequence[OfferFacts],
    judgements: Judgements,
) -> list[tuple[str, Quality]]:
    """The quality of every stage."""
    nothing = Vocabulary([])
    return [
        (name, measured(Engine(vocabulary if known else nothing, varied), demands, offers, judgements))
        for name, known, varied in stages(weights)
    ]
