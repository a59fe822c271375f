"""Two articles side by side: what only one of them says, what was changed, and what was moved."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from search.engine import record
from search.engine.record import Units
from search.engine.snapshot import Snapshot
from search.model import Aligned, Article, Diff, Passage, Related, Span
from search.present.passages import merged
from search.stories import Relation, passages, read_body
from search.stories.alignment import Pair, align, differences
from search.stories.relation import UNRELATED
from search.stories.spelling import key
from search.text.analysis import Analyzer, Token
from search.text.stream import SHOWN

if TYPE_CHECKING:
    from search.engine.folding import Folding

WORDS = 300  # of a sentence that are compared as one; a longer one, which is a list or a table, is cut


LONGEST = 80  # characters of a hyphenated word on either side
_BEFORE = re.compile(r"(?:\w+[-\u2010\u2011])+\Z")
_BEHIND = re.compile(r"(?:[-\u2010\u2011]\w+)+")


class Sentence(NamedTuple):
    """A sentence of an article: `words` count their offsets in the article's text."""

    start: int
    end: int
    words: list[Token]
    keys: list[int]


def related(snapshot: Snapshot, stories: "Folding | None", analyzer: Analyzer, a: int, b: int) -> Related:
    """Return how two articles of a snapshot relate, as its index knows, and what they share."""
    relation = (stories.around(a)(b) if stories else None) or UNRELATED
    return _related(relation, _article(snapshot, a), _article(snapshot, b), analyzer)


def compare(snapshot: Snapshot, stories: "Folding | None", analyzer: Analyzer, a: int, b: int) -> Diff:
    """Return two articles of a snapshot side by side."""
    relation = (stories.around(a)(b) if stories else None) or UNRELATED
    one, other = _article(snapshot, a), _article(snapshot, b)
    in_a, in_b = (sentences_of(snapshot, doc, analyzer) for doc in (a, b))
    pairs = align([sentence.keys for sentence in in_a], [sentence.keys for sentence in in_b])
    rows = _rows(one, other, in_a, in_b, pairs)
    return Diff(one, other, _related(relation, one, other, analyzer), tuple(rows))


def _article(snapshot: Snapshot, doc: int) -> Article:
    return record.decode(snapshot.record(doc))


def _related(relation: Relation, a: Article, b: Article, analyzer: Analyzer) -> Related:
    bodies = [read_body(article.text, article.zones or (), analyzer) for article in (a, b)]
    proof = tuple((passage(a, *found.a), passage(b, *found.b)) for found in passages(*bodies))
    return Related(relation.kind, relation.shared, relation.shared_a, relation.shared_b, proof)


def passage(article: Article, start: int, end: int, highlights: Sequence[Span] = (), score: float = 0.0) -> Passage:
    """Return a stretch of an article's text."""
    line = article.text.count("\n", 0, start) + 1
    return Passage(article.text[start:end], start, end, line, score, merged(highlights), article.id)


def sentences_of(snapshot: Snapshot, doc: int, analyzer: Analyzer) -> list[Sentence]:
    """Return the sentences of body and deck that have words."""
    stored = record.split(snapshot.record(doc))
    return sentences(stored.text, record.units(stored.marks), analyzer)


def sentences(text: str, units: Units, analyzer: Analyzer) -> list[Sentence]:
    """Return the sentences of body and deck that have words."""
    found = []
    for unit, kind in enumerate(units.kinds):
        if kind not in SHOWN:
            continue
        start = units.start(unit)
        tokens = analyzer.tokens(text[start : units.ends[unit]])
        words = [t._replace(start=start + t.start, end=start + t.end) for t in tokens if t.step]
        for at in range(0, len(words), WORDS):
            some = words[at : at + WORDS]
            begin = start if at == 0 else some[0].start
            end = units.ends[unit] if at + WORDS >= len(words) else words[at + WORDS].start
            stretch = text[begin:end]
            begin += len(stretch) - len(stretch.lstrip())
            found.append(Sentence(begin, begin + len(stretch.strip()), some, [key(token.form) for token in some]))
    return found


def _rows(
    a: Article, b: Article, in_a: Sequence[Sentence], in_b: Sequence[Sentence], pairs: Sequence[Pair]
) -> list[Aligned]:
    """Return all sentences of both articles, those that are versions of each other beside each other."""
    paired = {j for pair in pairs for j in range(pair.b, pair.b_end)}
    rows = []
    i = j = 0

    def only_b(upto: int) -> list[Aligned]:
        free = (in_b[at] for at in range(j, upto) if at not in paired)
        return [Aligned(None, passage(b, sentence.start, sentence.end)) for sentence in free]

    for pair in pairs:
        free = in_a[i : pair.a]
        rows += [Aligned(passage(a, sentence.start, sentence.end), None) for sentence in free]
        i = max(i, pair.a_end)
        if not pair.moved and pair.b >= j:
            rows += only_b(pair.b)
            j = pair.b_end
        rows.append(_aligned(a, b, in_a[pair.a : pair.a_end], in_b[pair.b : pair.b_end], pair))
    rows += [Aligned(passage(a, sentence.start, sentence.end), None) for sentence in in_a[i:]]
    return rows + only_b(len(in_b))


def _aligned(a: Article, b: Article, in_a: Sequence[Sentence], in_b: Sequence[Sentence], pair: Pair) -> Aligned:
    """Return versions of a sentence with the words in which they differ."""
    here, there = ([word for sentence in side for word in sentence.words] for side in (in_a, in_b))
    keys_a, keys_b = ([key for sentence in side for key in sentence.keys] for side in (in_a, in_b))
    changes, same = differences(keys_a, keys_b)
    spans = [(_span(here, i, i_end), _span(there, j, j_end), False) for i, i_end, j, j_end in changes]
    for i, j in same:
        if here[i].form != there[j].form:
            spans.append((_span(here, i, i + 1), _span(there, j, j + 1), True))
    # Of a hyphenated word the whole is shown, once.
    spans = sorted({(_whole(a.text, one), _whole(b.text, other), spelled) for one, other, spelled in spans})
    words = [((a.text[slice(*one)], b.text[slice(*other)]), spelled) for one, other, spelled in spans]
    return Aligned(
        passage(a, in_a[0].start, in_a[-1].end, [one for one, _, _ in spans], pair.likeness),
        passage(b, in_b[0].start, in_b[-1].end, [other for _, other, _ in spans], pair.likeness),
        tuple(both for both, _ in words),
        tuple(both for both, spelled in words if spelled),
        pair.moved,
    )


def _span(words: Sequence[Token], first: int, last: int) -> Span:
    """Return where some words stand; an empty stretch behind the word before where there are none."""
    if first < last:
        return words[first].start, words[last - 1].end
    at = words[first - 1].end if first else words[0].start
    return at, at


def _whole(text: str, span: Span) -> Span:
    """Return a stretch with what hyphens join to it."""
    start, end = span
    if start == end:
        return span
    before = _BEFORE.search(text, max(0, start - LONGEST), start)
    after = _BEHIND.match(text, end, end + LONGEST)
    return before.start() if before else start, after.end() if after else end
