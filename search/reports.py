"""What else is told of articles: timelines, how two compare, spellings, quotations and numbers. Frozen values.

Offsets are as in `model`.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from search.model import LEAD, Article, Passage, Span, dated


class Bucket(NamedTuple):
    """A day, week, month or year of a timeline: its first day, month or year in ISO 8601, and what was published then.

    `stories` is the number of those to which its articles belong; a story may be in several buckets. `words` tell a
    peak from the rest, the most telling first; of other buckets there are none.
    """

    start: str
    articles: int
    stories: int
    words: tuple[str, ...]


class Timeline(NamedTuple):
    """When the articles that match a query were published, by the clock of their outlets.

    `unit` is `day`, `week` (from Monday on), `month` or `year`. Buckets are in order, those without articles between
    two with some included. `unknown` articles match, but their unit is not known. `reading` and `notes` are as of
    `Results`.
    """

    query: str
    reading: str
    notes: tuple[str, ...]
    unit: str
    buckets: tuple[Bucket, ...]
    unknown: int


EvidenceKind = Literal["name", "number", "word", "day"]


class Evidence(NamedTuple):
    """What two articles have in common and few others of the index: as each writes it first, and how many have it.

    Of a `day` on which both say that it happened, ISO 8601, nobody has counted them.
    """

    kind: EvidenceKind
    a: str
    b: str
    articles: int | None


class Related(NamedTuple):
    """How two articles relate, and what proves it.

    `relation` is `copy`, `partial`, `quote`, `same event` or `none`; `shared` a fraction of the shorter body,
    `shared_a` and `shared_b` of either. `passages` are the words in runs of five or more that both have, in the order
    of the first: the same words in either article, though perhaps spelled or set otherwise. `evidence` is there where
    independent texts, or some that share a quotation, tell of the same event: what that is inferred from, names first.
    """

    relation: str
    shared: float
    shared_a: float
    shared_b: float
    passages: tuple[tuple[Passage, Passage], ...]
    evidence: tuple[Evidence, ...] = ()


class Account(NamedTuple):
    """An article of another story that tells of the same event; `related` says how it relates to the one asked of."""

    id: str
    path: str | None
    title: str | None
    date: str | None
    source: str | None
    related: Related
    date_source: str | None = None


class Aligned(NamedTuple):
    """A sentence of one article beside the one of another that is a version of it; either is None if there is none.

    `words` are what must be replaced to make one of the other, as written; one is empty where words were added or left
    out. Those that are only spelled otherwise are in `spelling` as well. Highlights are the same words at their places.
    `moved`: what stands around them does not stand around them in the other article.
    """

    a: Passage | None
    b: Passage | None
    words: tuple[tuple[str, str], ...] = ()
    spelling: tuple[tuple[str, str], ...] = ()
    moved: bool = False


def _beginning(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LEAD else f"{text[:LEAD].rpartition(' ')[0]} …"


class Diff(NamedTuple):
    """What two articles say and how they differ: `rows` has every sentence of both, beside each other.

    They stand in the order of `a`, and what only `b` says where it stands there.
    """

    a: Article
    b: Article
    related: Related
    rows: tuple[Aligned, ...]

    @property
    def names(self) -> tuple[str, str]:
        """What to call the two: by title, else the beginning of the text, else the id."""
        a = next((row.a.text for row in self.rows if row.a), "")
        _, b = min(((row.b.start, row.b.text) for row in self.rows if row.b), default=(0, ""))
        return self.a.title or _beginning(a) or self.a.id, self.b.title or _beginning(b) or self.b.id

    @property
    def abouts(self) -> tuple[str, str]:
        """When the two are of, of which source, and their ids."""
        a, b = (
            " · ".join(filter(None, [dated(of.iso_date, of.date_source), of.source, of.id])) for of in (self.a, self.b)
        )
        return a, b

    @property
    def only_a(self) -> list[Passage]:
        """Sentences that only the first has."""
        return [row.a for row in self.rows if row.a and not row.b]

    @property
    def only_b(self) -> list[Passage]:
        """Sentences that only the second has."""
        return [row.b for row in self.rows if row.b and not row.a]

    @property
    def changed(self) -> list[Aligned]:
        """Versions of a sentence that differ in some words."""
        return [row for row in self.rows if row.words]

    @property
    def moved(self) -> list[tuple[Passage, Passage]]:
        """Sentences that stand somewhere else in the second, changed or not."""
        return [(row.a, row.b) for row in self.rows if row.a and row.b and row.moved]


@dataclass(frozen=True, slots=True)
class Variant:
    """Spellings of one word, as printed, in alphabetical order.

    `count` says how many pairs of texts spell it differently at a place that they share; `evidence` has some of them, a
    sentence of either with the word highlighted, and every spelling.
    """

    forms: tuple[str, ...]
    count: int
    evidence: tuple[tuple[Passage, Passage], ...]


class Utterance(NamedTuple):
    """A quotation as one article has it: `parts` are what stands between its marks, several where `she said` stands.

    Offsets are of the article's text; `line` is that of the first part, from 1. `speaker` is None if it is not known.
    `date` may be inferred, as of `Hit`; then `date_source` says so.
    """

    id: str
    path: str | None
    source: str | None
    date: str | None
    speaker: str | None
    parts: tuple[Span, ...]
    line: int
    date_source: str | None = None


class Quote(NamedTuple):
    """The same words of one speaker in all articles that quote them, be it shortened or in another spelling.

    `text` is the longest version, white space as one blank, ` … ` between its parts. `first` and `last` are the dates
    of the oldest and the newest article, None if none is dated; `outlets` are the sources known, in order; `utterances`
    the articles, the oldest first, undated ones last.
    """

    text: str
    speaker: str | None
    first: str | None
    last: str | None
    outlets: tuple[str, ...]
    utterances: tuple[Utterance, ...]


class Quotes(NamedTuple):
    """The quotations that a query finds, best first; `reading` and `notes` as of `Results`."""

    query: str
    reading: str
    notes: tuple[str, ...]
    quotes: tuple[Quote, ...]


class Figure(NamedTuple):
    """A number as one article has it: `text[start:end]` is `text`, `sentence` where it stands; `line` counts from 1.

    A sentence of more than 400 characters is cut around the number, as one in a passage is.
    """

    id: str
    path: str | None
    source: str | None
    date: str | None
    text: str
    start: int
    end: int
    line: int
    date_source: str | None = None
    sentence: str = ""


class Value(NamedTuple):
    """A number that articles give for the same count: `least` and `most` are the same if it is exact.

    `least` is 0 and `most` None where there is no such bound. `stories` counts articles that tell the same text once;
    `outlets` are the sources known, in order; `figures` the articles, the oldest first, undated ones last.
    """

    least: float
    most: float | None
    stories: int
    outlets: tuple[str, ...]
    figures: tuple[Figure, ...]


class Tally(NamedTuple):
    """What articles say of one count in one matter: `what` is counted, `said` of it, `which` times and places.

    `unit` is `%`, a currency, or empty. `disagree`: they give numbers that cannot all be right.
    """

    what: str
    said: str
    which: tuple[str, ...]
    unit: str
    disagree: bool
    values: tuple[Value, ...]


class Numbers(NamedTuple):
    """The counts that a query finds, those first on which articles disagree; `reading` and `notes` as of `Results`."""

    query: str
    reading: str
    notes: tuple[str, ...]
    tallies: tuple[Tally, ...]
