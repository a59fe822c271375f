"""The words that tell some articles from others: in how many of these do they stand, and in how many of those.

Words are taken from headlines and first lines of some of the articles, spread over them; how telling each is, is
counted over all.

Source: log-likelihood ratio of two binomials, Dunning, Accurate Methods for the Statistics of Surprise and Coincidence,
Computational Linguistics 1993; of articles, not of occurrences, so that one long article does not decide.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection

import numpy as np

from search import runs
from search.engine import ranking, record
from search.engine.docsets import Docs
from search.engine.keyterms import Said, leaf, said, shown
from search.engine.matching import Matcher
from search.engine.snapshot import Snapshot
from search.engine.top import by_keys
from search.query.clauses import Terms
from search.text.analysis import Analyzer
from search.text.stream import Field

MOST_READ = 32  # articles
LEAD = 600  # characters of each
LOOKED_UP = 48  # words that are counted
_WHEN = frozenset(
    """
    january february march april may june july august september october november december jan feb mar apr jun jul aug
    sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow day days week
    weeks weekend month months year years said say says
    """.split()
)


def telling(
    inside: Docs, outside: Docs, matcher: Matcher, analyzer: Analyzer, known: Collection[str], n: int
) -> tuple[str, ...]:
    """Return the `n` words that most tell some articles from others, the most telling first; fewer if fewer do.

    Of words that tell them as well, the rarer one says more: the ratio is multiplied by how rare a word is. Names of
    days and months are left out, as they only say when; so is what has a digit.

    Args:
        inside: The articles, at least one.
        outside: The others; none of those.
        matcher: Of the index.
        analyzer: Of the index.
        known: Terms that are not to be among them.
        n: > 0.
    """
    written: dict[str, list[str]] = defaultdict(list)
    counted: Counter[str] = Counter()
    for doc in _spread(inside, matcher.snapshot):
        words = _first_words(matcher.snapshot.record(doc), analyzer)
        words = [word for word in words if word.term not in known and _says_what(word.word)]
        counted.update({word.term for word in words})
        for term, word, field in words:
            written[term] += [word] * (1 if field is Field.TITLE else 2)  # a headline may be set in capitals
    n_docs = matcher.snapshot.n_docs
    weight = {term: n * ranking.idf(matcher.df(Terms((term,))), n_docs) for term, n in counted.items()}
    chosen = sorted(weight, key=lambda term: (-weight[term], term))[:LOOKED_UP]
    is_inside, is_outside = (np.zeros(matcher.snapshot.n_all, np.bool_) for _ in range(2))
    is_inside[inside] = True
    is_outside[outside] = True
    found = []
    for term in chosen:
        docs = matcher.postings(leaf(term)).docs
        a, b = int(is_inside[docs].sum()), int(is_outside[docs].sum())
        if a * len(outside) >= b * len(inside) and (a > 1 or len(inside) == 1):
            ratio = likelihood_ratio(a, len(inside), b, len(outside))
            found.append((-ratio * ranking.idf(len(docs), n_docs), -counted[term], term))
    return tuple(shown(written[term]) for _, _, term in sorted(found)[:n])


def _spread(docs: Docs, snapshot: Snapshot) -> list[int]:
    """Return up to `MOST_READ` of some articles, spread over their dates; the same however they lie in segments."""
    step = -(-len(docs) // MOST_READ)
    if step == 1:
        return docs.tolist()  # type: ignore[no-any-return]  # numpy's
    when, texts = snapshot.when[docs], snapshot.texts(docs)
    order = np.lexsort((docs, texts, when))
    docs, when, texts = docs[order], when[order], texts[order]
    found: list[int] = []
    begins = runs.begins(when, texts)
    ends = begins + runs.sizes(begins, len(docs))
    n_taken = (ends - 1) // step - (begins - 1) // step  # of every `step`th, the first one included
    for at in n_taken.nonzero()[0].tolist():
        same = docs[begins[at] : ends[at]]
        found += by_keys(snapshot, same, np.zeros(len(same), np.int64), int(n_taken[at])).tolist()
    return found


def _says_what(word: str) -> bool:
    """Return whether a word may be of a label."""
    return not any(map(str.isdigit, word)) and word.lower() not in _WHEN


def likelihood_ratio(a: int, n_a: int, b: int, n_b: int) -> float:
    """Return how much better two shares explain `a` of `n_a` and `b` of `n_b` than one does, >= 0."""

    def fit(k: int, n: int, p: float) -> float:
        return (k * math.log(p) if k else 0.0) + ((n - k) * math.log(1 - p) if n > k else 0.0)

    if not n_a or not n_b:
        return 0.0
    p = (a + b) / (n_a + n_b)
    return max(0.0, 2 * (fit(a, n_a, a / n_a) + fit(b, n_b, b / n_b) - fit(a, n_a, p) - fit(b, n_b, p)))


def _first_words(data: bytes, analyzer: Analyzer) -> list[Said]:
    """Return the words of an article's title and first lines."""
    stored = record.split(data)
    units = record.units(stored.marks)
    title, _ = record.title_of(stored, units)
    found = said(title, Field.TITLE, analyzer) if title else []
    room = LEAD
    for unit, (end, kind) in enumerate(zip(units.ends, units.kinds, strict=True)):
        if kind in ("deck", "body") and room > 0:
            text = stored.text[units.start(unit) : end][:room]
            found += said(text, Field.BODY, analyzer)
            room -= len(text)
    return found
