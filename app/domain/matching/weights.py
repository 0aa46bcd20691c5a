"""Every figure of the ranking that can be argued about, in one frozen value.

The defaults are a neutral start: chosen on judged pairs by cross-validation (`match-evaluate`) where judged
pairs can tell, and by the policy papers where they speak. The bureau keeps its own as a dated setting.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Weights:
    """Shares of the score and the constants inside its parts. All are ratios without a unit unless one is
    named.
    """

    # -- the content parts; together with `both` they make up the fit (0 to 1)
    subject: float = 0.34  # same crop, animal, material or product, or its family
    discipline: float = 0.18  # the discipline that deals with the problem
    both: float = 0.28  # subject and discipline together: what an expert reader grades highest
    text: float = 0.20  # words and character pairs in common, for all that the vocabulary does not know

    # -- the practical parts, added to the fit; small, so that nearness never beats knowledge
    distance: float = 0.06  # help crosses counties: nearness is a preference, not a filter
    capacity: float = 0.03  # enough free time this year for what is asked
    experience: float = 0.06  # passed visits of the same kind, confirmed ones count double
    level: float = 0.02  # the level asked for
    mode: float = 0.03  # on-site or on-line as asked for
    language: float = 0.02  # the dialect asked for

    # -- reading texts
    title: float = 2.0  # a word in the title counts as two in the body (BM25F)
    pair: float = 0.4  # a character pair against a word
    saturation: float = 1.2  # k1 of BM25: how fast repeating a word stops to count
    length: float = 0.4  # b of BM25: how much long texts are held back
    usual_length: float = (
        24.0  # weighted words of a usual offer; fixed, so that folding an index changes nothing
    )
    prior_offers: float = 200.0  # general rarity counts like a collection of so many offers

    # -- kinship between concepts
    sibling: float = 0.55  # two of one family (葡萄 and 桃) against the same one
    related: float = 0.6  # related concepts (SKOS related)
    subject_discipline: float = 0.5  # a discipline implied by the product against one implied by the problem

    # -- what is worth proposing at all
    enough: float = 0.16  # fit below which an offer is not proposed
    share_of_best: float = 0.30  # ... and the share of the best fit below which it is noise beside the best

    def varied(self, **changes: float) -> "Weights":
        """The same weights with some changed."""
        known = {item.name: getattr(self, item.name) for item in fields(self)}
        return Weights(**{**known, **changes})
