"""Spellings that copies have taught, with sentences that show them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice, product
from operator import itemgetter

from search.engine.folding import Folding
from search.engine.variants import Entry, Texts
from search.model import Passage
from search.present.comparing import Opened, opened, passage
from search.reports import Variant
from search.stories.alignment import likeness
from search.text.analysis import Analyzer

SHOWN = 3  # sentences of a spelling, and their counterparts
TRIED = 4  # articles of a text with a word whose sentences are compared

_POSSESSIVE = re.compile("['\u2019][sS]\\Z")

Pairs = dict[tuple[Entry, Entry], set[Texts]]


def learned(stories: Folding, analyzer: Analyzer, word: str | None, limit: int | None) -> list[Variant]:
    """Return spellings, those with the most evidence first; the arguments are those of `Index.variants`."""
    if stories.variants is None:
        return []
    wanted = None if word is None else {token.term for token in analyzer.words(word)}
    found: list[Variant] = []
    for pairs in sorted(_words(stories.variants.all()), key=lambda pairs: (-_count(pairs), min(pairs))):
        if limit is not None and len(found) >= limit:
            break
        if wanted is None or any(term in wanted for both in pairs for term, _ in both):
            variant = _variant(stories, analyzer, pairs)
            found += [variant] if variant else []
    return found


def _count(pairs: Pairs) -> int:
    return len({frozenset(texts) for every in pairs.values() for texts in every})


def _words(pairs: Pairs) -> Iterator[Pairs]:
    """Yield the pairs of spellings that belong to one word."""
    beside: dict[str, set[str]] = defaultdict(set)
    for (_, one), (_, other) in pairs:
        beside[one].add(other)
        beside[other].add(one)
    seen: set[str] = set()
    for form in beside:
        if form in seen:
            continue
        word, left = {form}, [form]
        while left:
            more = beside[left.pop()] - word
            word |= more
            left += more
        seen |= word
        yield {both: texts for both, texts in pairs.items() if both[0][1] in word}


def _variant(stories: Folding, analyzer: Analyzer, pairs: Pairs) -> Variant | None:
    """Return the spellings of a word; None if no article has them any more."""
    printed: dict[str, str] = {}
    evidence: list[tuple[Passage, Passage]] = []
    for ((_, one), (_, other)), texts in sorted(pairs.items()):
        found = filter(None, map(partial(_evidence, stories, analyzer, one, other), sorted(texts)))
        first = next(found, None)
        if first is None:
            continue
        for form, side in zip((one, other), first, strict=True):
            start, end = side.highlights[0]
            printed.setdefault(form, _POSSESSIVE.sub("", side.text[start - side.start : end - side.start]))
        shown = [first, *islice(found, max(0, SHOWN - len(evidence) - 1))]
        evidence += shown if one <= other else [(there, here) for here, there in shown]  # as the forms are listed
    forms = tuple(shown for _, shown in sorted(printed.items()))
    return Variant(forms, _count(pairs), tuple(evidence)) if forms else None


def _evidence(
    stories: Folding, analyzer: Analyzer, one: str, other: str, texts: Texts
) -> tuple[Passage, Passage] | None:
    """Return the two most similar sentences of two texts of which each has one of two forms; None if there are none."""
    here, there = (
        list(chain.from_iterable(islice(_spelling(stories, analyzer, form, text), TRIED)))
        for form, text in zip((one, other), texts, strict=True)
    )
    every = ((likeness(keys_a, keys_b), a, b) for (keys_a, a), (keys_b, b) in product(here, there))
    best = max(every, key=itemgetter(0), default=None)
    return best and best[1:]


def _spelling(stories: Folding, analyzer: Analyzer, form: str, text: int) -> Iterator[list[tuple[list[int], Passage]]]:
    """Yield what `_having` does of each article of a text that has a form."""
    for doc in stories.versions(text):
        if found := list(_having(form, opened(doc, stories.snapshot.record(doc), analyzer), analyzer)):
            yield found


def _having(form: str, of: Opened, analyzer: Analyzer) -> Iterator[tuple[list[int], Passage]]:
    """Yield the sentences of an article that have a form, with their keys."""
    for sentence in of.sentences:
        tokens = analyzer.tokens(of.article.text[sentence.start : sentence.end])
        spans = [(sentence.start + token.start, sentence.start + token.end) for token in tokens if token.form == form]
        if spans:
            yield sentence.keys, passage(of, sentence.start, sentence.end, spans)
