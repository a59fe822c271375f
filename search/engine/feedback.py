"""More words for a query, from the articles that fit it best: pseudo-relevance feedback.

The words only add to scores: no article is found that the query does not find.
"""

from collections.abc import Iterable, Mapping, Sequence

from search.engine import record
from search.engine.matching import Matcher
from search.engine.nearness import counted
from search.engine.top import Ranked
from search.query import tree
from search.query.analyse import analyse, is_function_word
from search.query.clauses import Clause, Leaf, Terms
from search.text.analysis import Analyzer
from search.text.stream import SHOWN

FEEDBACK = 10  # articles that are read
WORDS = 10  # that are added
ORIGINAL = 0.8  # of the weights, all together, for the words of the query; .5 hurts, tests/bench/quality.md
LONGEST = 20_000  # characters of an article that are read
COMMON = 0.1  # of all articles; a word that stands in more says little
SHORT = 3  # letters; a shorter word is not added
_LOOKED_AT = 5 * WORDS


def relevance_model(articles: Iterable[tuple[Mapping[str, int], float]]) -> dict[str, float]:
    """Return how likely each word is in what a query is about, all together 1.

    Args:
        articles: How often each word stands in one that fits the query well, and its score, > 0.

    Source: relevance model 1, Lavrenko & Croft, SIGIR 2001, the score in place of the query's likelihood; mixed with
    the query it is RM3, Abdul-Jaleel et al., TREC 2004. The numbers of articles and words, and leaving out words of a
    tenth of the articles, are Anserini's.
    """
    known = list(articles)
    total = sum(score for _, score in known)
    found: dict[str, float] = {}
    for counts, score in known:
        length = sum(counts.values())
        for word, n in counts.items():
            found[word] = found.get(word, 0.0) + n / length * score / total
    return found


def more_words(clause: Clause, matcher: Matcher, analyzer: Analyzer, ranked: Ranked) -> list[tuple[str, float]]:
    """Return words to add to a query, each with its factor, the weightiest first.

    Args:
        clause: The query.
        matcher: That evaluated it.
        analyzer: Of the index.
        ranked: The best articles.
    """
    shown: dict[str, dict[str, int]] = {}  # stem → surface forms and how often they stand
    articles = []
    for doc, score in ranked[:FEEDBACK]:
        counts: dict[str, int] = {}
        for form, term in _written(matcher.snapshot.record(doc), analyzer):
            counts[term] = counts.get(term, 0) + 1
            forms = shown.setdefault(term, {})
            forms[form] = forms.get(form, 0) + 1
        if counts and score > 0:
            articles.append((counts, score))
    model = relevance_model(articles)
    weight = sum(counted(clause).values()) or 1.0  # function words say nothing
    chosen: dict[str, float] = {}
    for term in sorted(model, key=lambda term: (-model[term], term))[:_LOOKED_AT]:
        form = min(shown[term], key=lambda form: (-shown[term][form], form))
        leaf = analyse(tree.Word(form), analyzer)
        if not isinstance(leaf, Leaf) or len(leaf.runs) > 1 or not _is_word(leaf):
            continue
        if len(matcher.postings(leaf)) <= max(COMMON * matcher.snapshot.n_docs, FEEDBACK):
            chosen[form] = model[term]
        if len(chosen) == WORDS:
            break
    whole = sum(chosen.values())
    factor = (1 - ORIGINAL) / ORIGINAL * weight
    return [(form, round(factor * share / whole, 4)) for form, share in chosen.items()]


def expanded(query: tree.Node, words: Sequence[tuple[str, float]]) -> tree.Node:
    """Return a query with words that add to its scores."""
    more = [tree.Boost(tree.Word(form), factor) for form, factor in words if factor > 0]
    return tree.AndMaybe(query, tree.either(more)) if more else query


def _is_word(leaf: Leaf) -> bool:
    """Return whether a leaf is one stem."""
    slot = leaf.runs[0].slots[0]
    return len(leaf.runs[0].slots) == 1 and isinstance(slot, Terms) and len(slot.terms) == 1


def _written(stored: bytes, analyzer: Analyzer) -> Iterable[tuple[str, str]]:
    """Yield the words of an article's deck and body that may be added: form and stem."""
    article = record.split(stored)
    units = record.units(article.marks)
    for at, kind in enumerate(units.kinds):
        start = units.start(at)
        if kind not in SHOWN or start > LONGEST:
            continue
        for token in analyzer.words(article.text[start : units.ends[at]]):
            form = token.form
            if token.step and len(form) >= SHORT and form.isalpha() and not is_function_word(form, analyzer.language):
                yield form, token.term
