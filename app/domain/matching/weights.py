"""Every figure of the ranking that can be argued about, in one frozen value.

The defaults are a neutral start: chosen on judged pairs by trial (`match-evaluate`) where judged
pairs can tell, and by the policy papers where they speak. The bureau keeps its own as a dated setting.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property

# The parts whose weighted shares make up a score.
CONTENT = ("subject", "doing", "discipline", "both", "text", "leaning", "focus")
SCORED = (*CONTENT, "rare", "distance", "capacity", "experience", "level", "mode", "language")


@dataclass(frozen=True)
class Weights:
    """Shares of the score and the constants inside its parts. All are ratios without a unit."""

    # -- the content parts; together they make up the fit (0 to 1)
    subject: float = 0.122  # same crop, animal, material or product, or its family
    doing: float = 0.069  # same work, trouble or business
    discipline: float = 0.139  # the discipline that deals with it
    both: float = 0.139  # subject and discipline together: what expert readers grade highest
    text: float = 0.117  # words and character pairs in common, for what the vocabulary does not know
    leaning: float = 0.28  # characters that labels of the same disciplines are written with
    focus: float = 0.134  # how much of what the offer is about is asked for: a specialist before a jack of all trades

    # -- added to the fit: nearness says less of an offer from a field that much of what is asked comes near to
    rare: float = 0.243  # how little an offer leans to what people usually ask for

    # -- the practical parts, added to the fit; small, so that nearness never beats knowledge
    distance: float = 0.045  # help crosses counties: nearness is a preference, not a filter
    capacity: float = 0.02  # enough free time this year for what is asked
    experience: float = 0.045  # passed visits of the same kind, confirmed ones count double
    level: float = 0.015  # the level asked for
    mode: float = 0.02  # on-site or on-line as asked for
    language: float = 0.015  # the dialect asked for

    # -- reading texts (an index made with other values is rebuilt)
    title: float = 2.0  # a word in the title counts as two in the body (BM25F)
    word: float = 1.0  # a whole word; 0 only to measure what pairs alone reach
    pair: float = 0.4  # a character pair against a word
    saturation: float = 1.2  # k1 of BM25: how fast repeating a word stops to count
    length: float = 0.4  # b of BM25: how much long texts are held back
    usual_length: float = 24.0  # words of a usual offer; fixed, so that folding an index changes nothing
    other_industry: float = 0.5  # a concept of another industry than the demand names, against one of its own
    common_word: float = 0.5  # the commonest word of everyday life as a label (安全) against a term (球化)
    common_thing: float = 0.7  # the same for things (种子, 食品): every other text may name them
    field: float = 0.25  # the disciplines of the sort of help that was chosen, against one that the title names
    telling: float = 0.5  # power of a word's rarity in what its characters tell of disciplines
    usual: float = 0.2  # share of the usual demands that tells how common an offer is: those it comes nearest to
    guess: float = 0.35  # a concept guessed from a pair of characters of one of its labels

    # -- how much a concept weighs as a subject, by facet
    product: float = 1.0
    process: float = 0.8
    equipment: float = 0.8
    organism: float = 0.6  # a pest or disease: its host and the discipline say more
    business: float = 1.0
    place: float = 0.4
    symptom: float = 0.35  # a symptom speaks through its disciplines

    host: float = 0.25  # the crop or animal implied by its pest or disease, the material by its process
    stray: float = 0.3  # a concept that shares its world with nothing else in the text
    settled: float = 0.65  # support, against that of the best supported concept, from which one counts fully

    # -- disciplines
    subject_discipline: float = 0.4  # a discipline implied by the product against one implied by the problem
    unsupported: float = 0.5  # disciplines of a symptom that nothing beside it supports
    next_discipline: float = 0.5  # each further discipline of a product against the one before it

    # -- comparing
    method: float = 0.7  # a master of a method that serves anything (品牌设计) against one of the very thing
    unnamed: float = 0.45  # subject of an offer that names no thing, against its share of the asked disciplines
    vague: float = 0.5  # power of what a concept says in its weight: 0 counts 蔬菜 like 番茄, 1 by what it says
    broader: float = 0.75  # an offer for the whole family (中药材) against one for the member (浙贝母)
    narrower: float = 0.8  # an offer for one member where the family is wanted
    broader_discipline: float = 0.5  # an agronomist in general for a matter of plant protection
    narrower_discipline: float = 0.7  # a special discipline where the general one is asked for
    cross: float = 0.2  # a thing met by a doing or the reverse (果酒 by 发酵), against one of its own sort
    half_world: float = 1.1  # power by which what says less than a family falls off
    family: float = 0.5  # what a concept must say at least to count as a family and not as half the world
    sibling: float = 0.55  # two of one family (葡萄 and 桃) against the same one
    related: float = 0.6  # related concepts (SKOS related)
    half_words: float = 0.15  # share of the demand's words in common that counts half of all
    focus_things: float = 0.65  # things in the focus, doings are the rest
    faint: float = 0.35  # what an offer mentions but faintly, against what its title says
    prior_offers: float = 200.0  # general rarity of words counts like a collection of so many offers

    # -- how sure it is that an expert reader would call an offer suitable (grade 1.5 and more): a logistic sum,
    #    fitted on seven judged sets; each measured without itself gives nearly the same
    sure_base: float = -7.85
    sure_fit: float = 14.8
    sure_words: float = 2.8  # words in common
    sure_disciplines: float = 1.6  # how much of the disciplines of an offer are asked for
    sure_nameless: float = -1.5  # a demand that names no thing known
    silent: float = 0.4  # what an offer that names no thing, or no discipline, counts as

    # -- what is worth proposing at all
    nobody: float = 0.007  # where no offer is surer than this, what there is would be noise: nothing is listed
    doubt: float = 0.1  # where no offer is surer than this, 暂无合适人选 is said; what touches stands apart
    suits: float = 0.3  # an offer surer than this is 合适, a less sure one 沾边
    beside_best: float = 0.6  # fit against the best one's below which an offer is at most 沾边
    least: float = 0.10  # fit below which an offer is not proposed whatever the others are
    share_of_best: float = 0.20  # share of the best fit below which an offer is noise beside the best

    @cached_property
    def highest(self) -> float:
        """All scored weights together."""
        return sum(getattr(self, name) for name in SCORED) or 1.0

    @cached_property
    def scored(self) -> Mapping[str, float]:
        """What each part is of a whole score, which so lies between 0 and 1."""
        return {name: getattr(self, name) / self.highest for name in SCORED}

    def varied(self, **changes: float) -> "Weights":
        """The same weights with some changed."""
        known = {item.name: getattr(self, item.name) for item in fields(self)}
        return Weights(**{**known, **changes})

    @property
    def reading_fingerprint(self) -> str:
        """A digest of what shapes a reading: an index made with another reading is rebuilt."""
        names = [item.name for item in fields(self) if item.name not in _NOT_READING]
        told = ",".join(f"{name}={getattr(self, name)!r}" for name in names)
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


# What only compares and adds up: changing it leaves an index as it is.
_NOT_READING = frozenset(
    (
        *(*SCORED, "field"),
        *(
            "method",
            "unnamed",
            "broader",
            "narrower",
            "broader_discipline",
            "narrower_discipline",
            "family",
            "sibling",
            "related",
        ),
        *("sure_base", "sure_fit", "sure_words", "sure_disciplines", "sure_nameless"),
        *("prior_offers", "least", "share_of_best", "nobody", "doubt"),
        *("suits", "beside_best", "half_words", "silent", "focus_things"),
    )
)
