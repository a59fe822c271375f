"""The nouns everyone speaks: articles in, results out. Plain frozen values; no behaviour beyond showing themselves.

All offsets are in characters (code points) of `Article.text`, half open: `text[start:end]`.
"""

import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, overload

from search.errors import QueryError

ZoneKind = Literal[
    "title",  # the headline, where it stands in the text
    "deck",  # the summary under it
    "date",  # a publication date written before the text
    "dateline",  # the place (and agency) before the first sentence
    "body",
    "subheading",
    "caption",  # of a picture, or its repetition
    "reference",  # READ MORE: and its relatives, pointing to another article
    "source",  # the line that names the source
    "author",  # byline, author trailer, biography
]
PublicationDate = datetime.date | datetime.datetime | str
Span = tuple[int, int]

LEAD = 90  # characters of the beginning of a text that stand for its title


def is_inferred(date_source: str | None) -> bool:
    """Return whether a date of this source is stated by another article alone."""
    return (date_source or "").startswith("inferred")


def dated(date: str | None, date_source: str | None) -> str:
    """Return a publication date as people read it: whether it is inferred, and `undated` if there is none."""
    return f"{date or 'undated'}{' (inferred)' if is_inferred(date_source) else ''}"


class Zone(NamedTuple):
    """A part of an article's text and what it is; `text[start:end]` has no white space at its ends."""

    kind: ZoneKind
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article, as read or as given to `Index.add`.

    Args:
        id: Permanent and unique in an index; of a file its normalised path.
        body: The text that passages are cut from: the decoded file, newlines as they are, or a record's body.
        title: Headline, or None.
        date: Publication date as a `date`, a `datetime` (with or without zone), or ISO 8601 text of known precision
            (`2021`, `2021-08`, `2021-08-10`, `2021-08-10T14:00:00+02:00`).
        source: Outlet or agency.
        author: Of the article.
        path: File it came from.
        url: Where it was published.
        meta: Further fields, whose words a query finds (`section:sport`), and which facets count whole.
        zones: Parts of the text in order, none overlapping; all that is in no zone is white space. None if nobody has
            looked yet; the index then looks.
        date_source: Where the date was found: `stated: prefix`, `stated: field` or `stated: metadata`; None without a
            date.
        encoding: Of the file it was decoded from, or None.
    """

    id: str
    body: str
    title: str | None = None
    date: PublicationDate | None = None
    source: str | None = None
    author: str | None = None
    path: str | None = None
    url: str | None = None
    meta: Mapping[str, str] = field(default_factory=dict)
    zones: tuple[Zone, ...] | None = None
    date_source: str | None = None
    encoding: str | None = None

    @property
    def text(self) -> str:
        """The text that all offsets refer to."""
        return self.body

    @property
    def iso_date(self) -> str | None:
        """The publication date as ISO 8601 text of the precision known."""
        return self.date.isoformat() if isinstance(self.date, datetime.date) else self.date


class Passage(NamedTuple):
    """One to three whole sentences of an article's body or deck.

    `text == article.text[start:end]`; `highlights` are offsets in the article's text as well, in order, not
    overlapping. `line` counts from 1. `score` is comparable between articles of one result list.
    """

    text: str
    start: int
    end: int
    line: int
    score: float
    highlights: tuple[Span, ...]
    id: str

    def html(self) -> str:
        """The passage as escaped HTML with each highlight in `<mark>`."""
        from html import escape  # with all entities of HTML; a search on the command line needs none

        parts = []
        at = self.start
        for start, end in self.highlights:
            parts.append(escape(self.text[at - self.start : start - self.start]))
            parts.append(f"<mark>{escape(self.text[start - self.start : end - self.start])}</mark>")
            at = end
        parts.append(escape(self.text[at - self.start :]))
        return "".join(parts)


class Member(NamedTuple):
    """Another article of a hit's story.

    `relation` is `copy`, `partial` or `quote`, and `shared` a fraction of the shorter body; `indirect` and 0 if the two
    are held together by others of the story.
    """

    id: str
    path: str | None
    source: str | None
    relation: str
    shared: float


class Story:
    """The articles that tell the same text: `size` counts the hit itself, `members` are the others.

    Args:
        find: Returns the members; called once, when they or their number are first asked for.
    """

    def __init__(self, find: Callable[[], tuple[Member, ...]] = tuple) -> None:
        self._find = find

    @classmethod
    def of(cls, members: tuple[Member, ...]) -> "Story":
        """Return the story of an article with others."""
        return cls(lambda: members)

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The other articles, those that share most first; looked up when first asked for."""
        return self._find()

    @property
    def size(self) -> int:
        """How many articles there are."""
        return 1 + len(self.members)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Story) and self.members == other.members

    def __hash__(self) -> int:
        return hash(self.members)

    def __repr__(self) -> str:
        return f"Story(size={self.size}, members={self.members!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Story.of, (self.members,)


ALONE = Story()


class StoryListing(NamedTuple):
    """A story by itself, under the article that was published first.

    `first` and `last` are the dates of the oldest and the newest article, ISO 8601 with the precision known; `days` how
    many lie between them. All three are None if no date is known. `outlets` are the sources known, in order.
    `size` counts all articles, `members` are the others.
    """

    id: str
    path: str | None
    title: str | None
    source: str | None
    size: int
    first: str | None
    last: str | None
    days: int | None
    outlets: tuple[str, ...]
    members: tuple[Member, ...]


class Explanation(NamedTuple):
    """What something adds to a score: the sum of its parts, if it has any; `detail` has the numbers of a formula."""

    label: str
    value: float
    parts: "tuple[Explanation, ...]" = ()
    detail: Mapping[str, float | str] = MappingProxyType({})


class Miss(NamedTuple):
    """A clause that an article does not fit: as it is written, why, and, if there is one, what came nearest."""

    clause: str
    reason: str
    nearest: str = ""


class Spelt(NamedTuple):
    """A word as folded (small letters, no accents), and the number of articles in which it stands in this form."""

    word: str
    articles: int


class Suggestion(NamedTuple):
    """A query that finds more: the text of another with words replaced, how many articles it finds, and the words.

    `changes` are pairs of a word as it was typed and what stands in its place.
    """

    query: str
    articles: int
    changes: tuple[tuple[str, str], ...]


class ClauseCount(NamedTuple):
    """A clause of a query, as it is written, and the number of articles that fit it alone.

    `others`: of those that fit all other clauses; None where one clause is enough. `near`: words of the index that are
    spelt much like a word that stands nowhere, the likeliest first.
    """

    clause: str
    articles: int
    others: int | None
    near: "tuple[Spelt, ...]" = ()


class Help(NamedTuple):
    """What is said of a query that finds little.

    That is how else it may be put, which of its clauses leaves nothing, and which of its words stand in no article.
    """

    suggestions: tuple[Suggestion, ...] = ()
    clauses: tuple[ClauseCount, ...] = ()
    unknown: tuple[str, ...] = ()


class Standing(NamedTuple):
    """Where an article stands among those that a query finds, by relevance; ranks count from 1.

    `tenth` is the score of the tenth, None if there are fewer. `under` is the article that is shown for its story, None
    if it is this one.
    """

    rank: int
    total: int
    score: float
    tenth: float | None
    under: str | None


class Hit(NamedTuple):
    """One article of a result list, with its best passages.

    `title` is None where the article has none; `lead` is then what to show in its place (its first sentence), and else
    empty. `title_highlights` are offsets in `title`. `date` is ISO 8601 with the precision known, or None;
    `date_source` says where it is stated, or from which article it is inferred. `elsewhere` are the kinds of zones
    (`ZoneKind`) never shown in which something matched, if nothing is highlighted in title and passages.
    """

    id: str
    path: str | None
    title: str | None
    title_highlights: tuple[Span, ...]
    lead: str
    date: str | None
    date_source: str | None
    source: str | None
    score: float
    passages: tuple[Passage, ...]
    story: Story
    author: str | None = None
    further: str = ""  # JSON of what few need
    elsewhere: tuple[str, ...] = ()
    explainer: Callable[[str], Explanation] | None = None

    @property
    def url(self) -> str | None:
        """Where the article was published."""
        return self._further().get("url")

    @property
    def meta(self) -> dict[str, str]:
        """The further fields of the article."""
        meta: dict[str, str] = self._further().get("meta", {})
        return meta

    def _further(self) -> dict[str, Any]:
        return dict(json.loads(self.further)) if self.further else {}

    def explain(self) -> Explanation:
        """Return why the article has its score, computed now; the value is the score.

        Raises:
            QueryError: The hit has been away from its index.
        """
        if self.explainer is None:
            raise QueryError(f"{self.id}: only a hit as the search returned it can be explained; search again")
        return self.explainer(self.id)


class Results(Sequence[Hit]):
    """The hits of one search in order, and what can be said of all matching articles.

    Args:
        query: As typed.
        reading: How it was understood, in the same query language.
        notes: What was ignored, cut or replaced while reading it; one sentence each.
        hits: In order of rank.
        count, count_stories: Count all matching articles and their stories; called once, when first asked for.
        took_ms: From text in to hits out, in milliseconds.
        facet: Counts all matching articles by the value of a field.
        cursor: Returns the cursor behind the last hit, or None; called once, when first asked for.
        help: Computes what helps if little was found; called once, when first asked for.
    """

    def __init__(
        self,
        query: str,
        reading: str,
        notes: tuple[str, ...],
        hits: tuple[Hit, ...],
        count: Callable[[], int],
        count_stories: Callable[[], int],
        took_ms: float,
        *,
        facet: Callable[[str], dict[str, int]],
        cursor: Callable[[], str | None],
        help: Callable[[], Help] = Help,
    ) -> None:
        self.query = query
        self.reading = reading
        self.notes = notes
        self.hits = hits
        self.took_ms = took_ms
        self._count, self._count_stories = count, count_stories
        self._facet, self._cursor = facet, cursor
        self._helping = help

    def __repr__(self) -> str:
        return f"Results(query={self.query!r}, hits={len(self.hits)})"

    @cached_property
    def total(self) -> int:
        """Number of matching articles, exact; computed when first asked for."""
        return self._count()

    @cached_property
    def total_stories(self) -> int:
        """Number of stories the matching articles belong to, exact; computed when first asked for."""
        return self._count_stories()

    @cached_property
    def cursor(self) -> str | None:
        """What `after=` begins the next page with: behind the last hit, whatever is added meanwhile.

        None if there are no hits, or fewer than asked for: then there are no more. Computed when first asked for.
        """
        return self._cursor()

    def facets(self, *fields: str) -> dict[str, dict[str, int]]:
        """Return for each field its values with the number of matching articles, the most first, then by name.

        All matching articles are counted, hits or not, each by itself and not by story; those without a value are in no
        number. An article of which only the month is known is on no day and in no week.

        Args:
            fields: `source`, `author`, `year`, `month`, `week` (its Monday) or `day` of publication by the clock of the
                outlet, or the name of a further field (`Article.meta`).
        """
        return {field: self._facet(field) for field in fields}

    @cached_property
    def _help(self) -> Help:
        return self._helping()

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """The query with words replaced, the likeliest first, if it finds little; computed when first asked for."""
        return self._help.suggestions

    @property
    def clauses(self) -> tuple[ClauseCount, ...]:
        """The clauses of the query with the articles of each, if it finds nothing; computed when first asked for."""
        return self._help.clauses

    @property
    def unknown(self) -> tuple[str, ...]:
        """The words of the query, as typed, that stand in no article; computed when first asked for.

        Of many words the first are looked at; those that only hold others together are not.
        """
        return self._help.unknown

    @property
    def passages(self) -> list[Passage]:
        """All passages of the hits in one list, best first; of equal ones that of the better hit first."""
        return sorted((p for hit in self.hits for p in hit.passages), key=lambda passage: -passage.score)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    @overload
    def __getitem__(self, rank: int) -> Hit: ...
    @overload
    def __getitem__(self, rank: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, rank: int | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[rank]
