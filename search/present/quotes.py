"""Quotations that a query finds, the same words once, whoever printed them."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from search.claims.quotations import Quotation, may_be_person
from search.claims.sameness import groups
from search.engine import record
from search.engine.speaking import Speakers, Words, fits, spoken
from search.model import Article
from search.present.roles import light
from search.query import clauses
from search.query.clauses import Clause, Leaf
from search.reports import Quote, Quotes, Utterance

if TYPE_CHECKING:
    from search.engine.dating import Dating
    from search.engine.matching import Matcher
    from search.engine.top import Ranked
    from search.text.analysis import Analyzer

MOST_FOUND = 5000  # quotations that are held against each other
MOST = 500  # articles whose quotations are looked at


class _Found(NamedTuple):
    """A quotation, and what of the query is in it."""

    article: Article
    quotation: Quotation
    words: Words
    worth: float


def quotes(
    query: tuple[str, str, Sequence[str]],
    clause: Clause,
    matcher: "Matcher",
    analyzer: "Analyzer",
    ranked: "Ranked",
    dating: "Dating | None",
    limit: int,
) -> Quotes:
    """Return the quotations of some articles that fit a query: with most of it first, then those of most articles.

    Args:
        query: As typed and as read, and notes on it.
        clause: What it means.
        matcher: That evaluated it.
        analyzer: Of the index.
        ranked: The articles.
        dating: What dates can be inferred; None if stated ones alone count.
        limit: Most quotations to return.
    """
    text, reading, notes = query
    speakers = Speakers(analyzer)
    wanted = _Wanted(clause, matcher, speakers)
    found: list[_Found] = []
    for doc, _ in ranked:
        article = record.decode(matcher.snapshot.record(doc))
        article = dating.dated(doc, article) if dating else article
        for quotation in spoken(article):
            words = speakers.words(quotation.words(article.body))
            worth = wanted.worth(quotation, words)
            if worth > 0 and len(found) < MOST_FOUND:
                found.append(_Found(article, quotation, words, worth))
    said = [[token.form for token in each.words.tokens if token.step] for each in found]
    names = [[token.form for token in analyzer.words(each.quotation.name)] for each in found]
    persons = [may_be_person(each.quotation.name) for each in found]
    same = [[found[number] for number in group] for group in groups(said, names, persons)]
    listed = sorted(((max(each.worth for each in group), _quote(group)) for group in same), key=_order)
    return Quotes(text, reading, (*notes, *dict.fromkeys(matcher.notes)), tuple(quote for _, quote in listed[:limit]))


def _order(listed: tuple[float, Quote]) -> tuple[float, int, str, str]:
    worth, quote = listed
    return -worth, -len(quote.utterances), quote.utterances[0].id, quote.text


class _Wanted:
    """Tells what of a query is in a quotation."""

    def __init__(self, clause: Clause, matcher: "Matcher", speakers: Speakers) -> None:
        self._speakers = speakers
        self._leaves = list(dict.fromkeys(clauses.leaves(clause)))
        self._spoken = [leaf for leaf in self._leaves if leaf.voice and not leaf.voice.is_name]
        self._named = [leaf for leaf in self._leaves if leaf.voice and leaf.voice.is_name]
        heavy = [leaf for leaf in self._leaves if leaf not in light(clause)] or self._leaves
        self._weight = {leaf: matcher.weight.get(leaf, 1.0) for leaf in heavy}

    def worth(self, quotation: Quotation, words: Words) -> float:
        """Return the weight of what is in a quotation; 0 if it is not asked for."""
        for leaves in filter(None, (self._spoken, self._named)):
            fitting = [leaf for leaf in leaves if self._fits(leaf, quotation, words)]
            return sum(self._weight.get(leaf, 1.0) for leaf in fitting)
        texts = words, self._speakers.words(quotation.name)
        plain = ((Leaf(leaf.runs), weight) for leaf, weight in self._weight.items())
        return sum(weight for leaf, weight in plain if any(fits(leaf, each) for each in texts))

    def _fits(self, leaf: Leaf, quotation: Quotation, words: Words) -> bool:
        voice = leaf.voice
        if voice is None or not self._speakers.names(quotation, voice.by):
            return False
        return voice.is_name or fits(Leaf(leaf.runs), words)


def _quote(group: Sequence[_Found]) -> Quote:
    """Return what is known of the same quotation in several articles."""
    longest = max(group, key=lambda each: (len(each.words.tokens), each.article.id))
    body = longest.article.body
    names = Counter(each.quotation.name for each in group if each.quotation.name)
    # Of names that are as frequent, the longest says most.
    speaker = max(names, key=lambda name: (names[name], len(name), name), default=None)
    dates = sorted(date for each in group if (date := each.article.iso_date))
    utterances = sorted(
        map(_utterance, group), key=lambda each: (each.date is None, each.date or "", each.id, each.parts)
    )
    return Quote(
        text=" … ".join(" ".join(body[start:end].split()) for start, end in longest.quotation.parts).rstrip(","),
        speaker=speaker,
        first=dates[0] if dates else None,
        last=dates[-1] if dates else None,
        outlets=tuple(sorted({each.article.source for each in group if each.article.source})),
        utterances=tuple(utterances),
    )


def _utterance(found: _Found) -> Utterance:
    article, quotation = found.article, found.quotation
    line = article.body.count("\n", 0, quotation.start) + 1
    name = quotation.name or None
    about = article.id, article.path, article.source, article.iso_date
    return Utterance(*about, name, quotation.parts, line, article.date_source)
