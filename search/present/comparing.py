"""Two articles side by side: what only one of them says, what was changed, and what was moved."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from search.engine import record
from search.engine.chunks import Vocabulary
from search.engine.record import Units
from search.engine.relating import Archive
from search.engine.snapshot import Snapshot
from search.model import Article, Passage, Span
from search.present.events import Accounts
from search.present.passages import merged
from search.reports import Account, Aligned, Diff, Evidence, Related
from search.stories import upkeep
from search.stories.alignment import Pair, align, differences
from search.stories.bodies import read_body
from search.stories.comparison import passages
from search.stories.event import Told
from search.stories.relation import UNRELATED, Relation
from search.stories.spelling import is_same_word, key
from search.text.analysis import Analyzer, Token
from search.text.stream import SHOWN

if TYPE_CHECKING:
    from search.engine.dating import Dating
    from search.engine.folding import Folding

INDEPENDENT = ("quote", "none")  # relations of articles of which neither is made of the other
WORDS = 300  # of a sentence that are compared as one; a longer one, which is a list or a table, is cut


LONGEST = 80  # characters of a hyphenated word on either side
_LINE_END = re.compile("\n")
_BEFORE = re.compile(r"(?:\w+[-\u2010\u2011])+\Z")
_BEHIND = re.compile(r"(?:[-\u2010\u2011]\w+)+")


class Sentence(NamedTuple):
    """A sentence of an article: `words` count their offsets in the article's text."""

    start: int
    end: int
    words: list[Token]
    keys: list[int]


class Opened(NamedTuple):
    """An article with its sentences, and where the lines of its text end; see `opened`."""

    doc: int
    article: Article
    sentences: list[Sentence]
    line_ends: list[int]


class Comparer:
    """Compares articles of a snapshot.

    Args:
        snapshot: Of the index.
        stories: Of the snapshot; None if every article is a story of its own.
        dating: Of the snapshot; None if no date is inferred.
        analyzer: Of the index.
    """

    def __init__(
        self, snapshot: Snapshot, stories: "Folding | None", dating: "Dating | None", analyzer: Analyzer
    ) -> None:
        self._snapshot = snapshot
        self._stories = stories
        self._dating = dating
        self._analyzer = analyzer
        self._accounts = Accounts(snapshot, analyzer)

    def related(self, a: int, b: int) -> Related:
        """Return how two articles relate, as the index knows, what they share, and whether they tell of one event."""
        return self._related(self._opened(a), self._opened(b))

    def accounts(self, a: int, others: Iterable[int]) -> Iterator[Account]:
        """Yield those of other articles that tell of the same event as one."""
        one = self._opened(a)
        told = self._told(one)
        for b in others:
            relation = self._relation(a, b)
            if relation.kind in INDEPENDENT:
                other = self._opened(b)
                if evidence := self._evidence(relation, told, self._told(other)):
                    its, related = other.article, self._proved(one, other, relation, evidence)
                    yield Account(its.id, its.path, its.title, its.iso_date, its.source, related, its.date_source)

    def diff(self, a: int, b: int) -> Diff:
        """Return two articles side by side."""
        one, other = self._opened(a), self._opened(b)
        return Diff(one.article, other.article, self._related(one, other), tuple(rows(one, other)))

    def _opened(self, doc: int) -> Opened:
        """Return an article, with the date that is inferred for it if it states none."""
        found = opened(doc, self._snapshot.record(doc), self._analyzer)
        return found._replace(article=self._dating.dated(doc, found.article)) if self._dating else found

    def _told(self, of: Opened) -> Told:
        return self._accounts.told(of.article, [sentence.words for sentence in of.sentences])

    def _relation(self, a: int, b: int) -> Relation:
        return self._stories.around(a).get(self._snapshot.text(b), UNRELATED) if self._stories else UNRELATED

    def _evidence(self, relation: Relation, a: Told, b: Told) -> tuple[Evidence, ...]:
        return self._accounts.evidence(a, b, is_quoted=relation.kind == "quote")

    def _related(self, a: Opened, b: Opened) -> Related:
        relation = self._relation(a.doc, b.doc)
        texts = self._snapshot.text(a.doc), self._snapshot.text(b.doc)
        if relation is UNRELATED and all(texts):  # or not looked for, if one came long after the other
            relation = upkeep.relation(Archive(self._snapshot.sources, Vocabulary(self._analyzer)), *texts)
        evidence: tuple[Evidence, ...] = ()
        if relation.kind in INDEPENDENT:
            evidence = self._evidence(relation, self._told(a), self._told(b))
        return self._proved(a, b, relation, evidence)

    def _proved(self, a: Opened, b: Opened, relation: Relation, evidence: tuple[Evidence, ...]) -> Related:
        """Return how two articles relate, with the words that they share."""
        kind = "same event" if evidence and relation.kind == "none" else relation.kind
        bodies = [read_body(of.article.text, of.article.zones or (), self._analyzer) for of in (a, b)]
        proof = [(passage(a, *found.a), passage(b, *found.b)) for found in passages(*bodies)]
        return Related(kind, relation.shared, relation.shared_a, relation.shared_b, tuple(proof), evidence)


def passage(of: Opened, start: int, end: int, highlights: Sequence[Span] = (), score: float = 0.0) -> Passage:
    """Return a stretch of an article's text."""
    line = bisect_left(of.line_ends, start) + 1
    return Passage(of.article.text[start:end], start, end, line, score, merged(highlights), of.article.id)


def opened(doc: int, data: bytes, analyzer: Analyzer) -> Opened:
    """Return an article with its sentences; `data` is its record."""
    stored = record.split(data)
    units = record.units(stored.marks)
    line_ends = [found.start() for found in _LINE_END.finditer(stored.text)]
    return Opened(doc, record.article(stored, units), sentences(stored.text, units, analyzer), line_ends)


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


def rows(one: Opened, other: Opened) -> list[Aligned]:
    """Return all sentences of both articles, those that are versions of each other beside each other."""
    in_a, in_b = one.sentences, other.sentences
    pairs = align([sentence.keys for sentence in in_a], [sentence.keys for sentence in in_b])
    paired = {j for pair in pairs for j in range(pair.b, pair.b_end)}
    found = []
    i = j = 0

    def only_b(upto: int) -> list[Aligned]:
        free = (in_b[at] for at in range(j, upto) if at not in paired)
        return [Aligned(None, passage(other, sentence.start, sentence.end)) for sentence in free]

    for pair in pairs:
        free = in_a[i : pair.a]
        found += [Aligned(passage(one, sentence.start, sentence.end), None) for sentence in free]
        i = max(i, pair.a_end)
        if not pair.moved and pair.b >= j:
            found += only_b(pair.b)
            j = pair.b_end
        found.append(_aligned(one, other, in_a[pair.a : pair.a_end], in_b[pair.b : pair.b_end], pair))
    found += [Aligned(passage(one, sentence.start, sentence.end), None) for sentence in in_a[i:]]
    return found + only_b(len(in_b))


def _aligned(a: Opened, b: Opened, in_a: Sequence[Sentence], in_b: Sequence[Sentence], pair: Pair) -> Aligned:
    """Return versions of a sentence with the words in which they differ."""
    here, there = ([word for sentence in side for word in sentence.words] for side in (in_a, in_b))
    keys_a, keys_b = ([key for sentence in side for key in sentence.keys] for side in (in_a, in_b))
    changes, same = differences(keys_a, keys_b)
    spans = [(_span(here, i, i_end), _span(there, j, j_end), False) for i, i_end, j, j_end in changes]
    for i, j in same:
        one, other = here[i].form, there[j].form
        if one != other:
            spans.append((_span(here, i, i + 1), _span(there, j, j + 1), is_same_word(one, other)))
    # Of a hyphenated word the whole is shown, once.
    spans = sorted(
        {(_whole(a.article.text, one), _whole(b.article.text, other), spelled) for one, other, spelled in spans}
    )
    words = [((a.article.text[slice(*one)], b.article.text[slice(*other)]), spelled) for one, other, spelled in spans]
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
