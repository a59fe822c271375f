"""Every invariant of an index, verified against its articles: what `search check` runs, and every test at its end."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine import record
from search.engine.bodies import sketched
from search.engine.chunks import Vocabulary
from search.engine.edges import KINDS, Rows, merged
from search.engine.ends import Ends
from search.engine.layout import AT_ONCE, NEVER
from search.engine.relating import Archive, read, settled, spellings, texts_of
from search.engine.retelling import Known
from search.engine.sections import CONTRADICTIONS, Column
from search.engine.segment import Segment
from search.engine.sketches import QUOTED, holders_of, prints_of
from search.engine.snapshot import Part, Snapshot
from search.engine.variants import Spellings
from search.engine.writer import df_among
from search.errors import CorruptionError
from search.stories.spelling import is_respelled, key
from search.stories.upkeep import edges
from search.text.analysis import Analyzer
from search.text.moments import moment
from search.text.stream import Field, Place, stream

MOST = 20  # problems told of each segment
ARTICLES_AT_ONCE = 4096  # read again for their sketches
MOST_KNOWN = 500_000  # words remembered

Sums = NDArray[np.uint64]


def problems(snapshot: Snapshot, analyzer: Analyzer, progress: Callable[[int, int], None] | None = None) -> list[str]:
    """Return what is broken, a line each; nothing if all is sound.

    Each article is analysed again, and its postings and places compared with what the segment holds.
    """
    found = []
    ids: dict[str, str] = {}
    done = 0
    for part in snapshot.parts:
        broken = _bytes(part)
        try:
            if not broken:
                for problem in _articles(part, analyzer, ids):
                    done += 1
                    if progress:
                        progress(done, snapshot.n_all)
                    if problem:
                        broken.append(problem)
                broken += [] if broken else _sketches(part, analyzer)
        except CorruptionError as error:
            broken.append(str(error))
        except CONTRADICTIONS as error:
            broken.append(_contradiction(part, error))
        if len(broken) > MOST:
            broken = [*broken[:MOST], f"{part.segment.file.name}: {len(broken) - MOST} more problems"]
        found += broken
    return found


def relations(snapshot: Snapshot, analyzer: Analyzer) -> list[str]:
    """Return what is wrong in how articles are said to relate, a line each: all of it is found anew, and compared.

    REQUIRES: the segments are sound.
    """
    broken = [problem for each in snapshot.relations for problem in each.file.verify()]
    if broken:
        return broken
    archive = Archive(snapshot.sources, Vocabulary(analyzer))
    texts = texts_of(snapshot.sources)
    many = texts[archive.articles(texts) > 1]
    suspects: list[tuple[int, int]] = []
    found_edges = edges(archive, texts, respelled=lambda a, b: suspects.append((a, b)))
    expected = Rows.of(many[:0], found_edges, many)
    expected = replace(expected, spelled=spellings(archive, expected, suspects, many[:0], many, lambda _: None))
    try:
        for each in snapshot.relations:
            rows = each.all()
            rising = (np.diff(rows.a) > 0) | (np.diff(rows.a) == 0) & (np.diff(rows.b) > 0)
            ascending = (np.diff(texts) > 0 for texts in (rows.replaced, rows.members.texts))
            if not (rising.all() and all(map(np.all, ascending))):
                return [str(CorruptionError.at(each.file.name, "expected texts in order, found others"))]
            if (rows.kind >= len(KINDS)).any():
                return [str(CorruptionError.at(each.file.name, f"kind: expected {len(KINDS)} kinds, found more"))]
            if not _is_sound(rows.spelled, analyzer):
                return [str(CorruptionError.at(each.file.name, "word: expected spellings in order, found others"))]
        found = settled(merged(each.all() for each in snapshot.relations), archive)
    except CONTRADICTIONS as error:
        return [str(CorruptionError.at("relations", repr(error)))]
    if found.told() != expected.told():
        what = f"expected {len(expected.a)} relations of these articles, found {len(found.a)} or others"
        return [str(CorruptionError.at("relations", what))]
    members = Known([expected], archive.days).stories(runs.distinct(expected.a))
    expected = settled(replace(expected, members=members), archive)
    if not all(map(np.array_equal, found.members, expected.members)):
        return [str(CorruptionError.at("relations", "expected stories that follow from them, found others"))]
    is_alike = np.array_equal(found.spelled.rows, expected.spelled.rows)
    if found.spelled.entries != expected.spelled.entries or not is_alike:
        return [str(CorruptionError.at("relations", "expected the spellings of these articles, found others"))]
    return []


def _is_sound(spelled: Spellings, analyzer: Analyzer) -> bool:
    """Return whether spellings are in order, and each two may be ones of a word."""
    entries = [entry.decode("utf-8", "surrogatepass").split(" ") for entry in spelled.entries]
    rows = spelled.rows.tolist()
    if not all(
        len(entry) == 2 and (not analyzer.form_decides or analyzer.term(entry[1], "") == entry[0]) for entry in entries
    ):
        return False
    if not all(one < other for one, other in [*pairwise(spelled.entries), *pairwise(rows)]):
        return False
    pairs = {(one, other) for one, other, _, _ in rows}
    return rows == sorted([other, one, b, a] for one, other, a, b in rows) and all(
        key(entries[one][1]) == key(entries[other][1]) and is_respelled(entries[one][1], entries[other][1])
        for one, other in pairs
    )


def _line(part: Part, what: str) -> str:
    return str(CorruptionError.at(part.segment.file.name, what))


def _contradiction(part: Part, error: Exception) -> str:
    if isinstance(error, MemoryError):  # of a forged number, or of an article that is too much for this machine
        return f"{part.segment.file.name}: memory does not suffice to check it; close other programs and check again"
    return _line(part, repr(error))


def _bytes(part: Part) -> list[str]:
    """Return what is broken in a segment, its articles aside."""
    broken = part.segment.file.verify()
    try:
        return broken or [_line(part, what) for what in _structure(part)]
    except CorruptionError as error:
        return [str(error)]
    except CONTRADICTIONS as error:
        return [_contradiction(part, error)]


def _structure(part: Part) -> list[str]:
    """Return which of a segment's numbers contradict each other."""
    segment = part.segment
    wrong = []

    def expect(condition: object, what: str) -> None:
        if not condition:
            wrong.append(what)

    def rise(name: str, ends: NDArray[Any], end: int) -> bool:
        """Expect of some ends that they rise to the end of what they end in."""
        rising = bool((ends[1:] >= ends[:-1]).all()) and (int(ends[-1]) if len(ends) else 0) == end
        expect(rising, f"{name}: expected rising numbers up to {end}, found others")
        return rising

    sizes = {name: len(segment.file[name]) for name in segment.file.parts}
    n_postings = sizes["counts"]
    file = segment.file
    ends: list[tuple[str, Ends | Column, int]] = [
        ("frame_ends", segment.frame_ends, sizes["frames"]),
        ("word_ends", segment.lexicon.ends, sizes["words"]),
        ("posting_ends", segment.posting_ends, n_postings),
        ("place_ends", segment.place_ends, sizes["low8"]),
        *((name, file[name], sizes[of]) for name, of in (("buckets", "slots"), ("id_buckets", "id_slots"))),
        *((f"{name}_ends", file[f"{name}_ends"], sizes[name]) for name in ("high", "shapes", "other", "holders")),
    ]
    if not min([rise(name, each.all(), end) for name, each, end in ends]):  # all are looked at
        return wrong
    other_at = segment.file["other_at"].all()
    expect(
        not len(other_at) or int(other_at.max()) < n_postings, "other_at: expected postings, found more than there are"
    )
    if wrong:
        return wrong
    df, places = segment.df(), segment.place_ends.all()
    expect((df > 0).all(), "a term has no postings")
    expect((np.diff(places, prepend=0) > 0).all(), "a term has no places")
    if wrong:
        return wrong
    n_odd = 0
    for first, last in runs.portions(df, AT_ONCE):
        some = segment.postings(np.arange(first, last))
        expect(((some.docs >= 0) & (some.docs < segment.n_docs)).all(), "a posting names an article that is not there")
        key = np.repeat(np.arange(last - first), some.sizes) << 32 | some.docs.astype(np.int64)
        expect((np.diff(key) > 0).all(), "postings are not in order")
        walked = np.cumsum(some.occurrences())[np.cumsum(some.sizes) - 1] + (places[first - 1] if first else 0)
        expect(np.array_equal(walked, places[first:last]), "places are missing")
        n_odd += len(some.odd)
    expect(n_odd == len(other_at), "frequencies are missing")
    for field in Field:
        extent = segment.extent(field)
        having = int(np.count_nonzero(extent)), int(extent.sum(dtype=np.int64))
        expect(segment.length_of(field) == having, f"the length of all {field.name.lower()} is another one")
    when = segment.when()
    expect((when[:-1] >= when[1:]).all(), "articles are not in order of date")
    forms = [form for form, _ in segment.lexicon.beginning("")]
    expect(forms == sorted(forms, key=str.encode) and len(forms) == len(segment.lexicon), "forms are not in order")
    if part.deleted:
        gone = part.deleted
        df = df_among(segment, gone.docs.astype(np.int64))
        terms = np.flatnonzero(df)
        expect(
            np.array_equal(terms, gone.terms) and np.array_equal(df[terms], gone.df), "statistics of deleted articles"
        )
    return wrong


def _articles(part: Part, analyzer: Analyzer, ids: dict[str, str]) -> "list[str | None]":
    """Return, for each article of a segment, what is wrong with it, or None."""
    segment = part.segment
    words = _Words(segment)
    held = words.held().tolist()
    when, zone, precision = segment.when().tolist(), segment.zone().tolist(), segment.precision().tolist()
    extents = np.stack([segment.extent(field) for field in Field], axis=1)
    found: list[str | None] = []
    last = (-(10**30), "")
    for doc in range(segment.n_docs):
        data = segment.record(doc)
        article = record.decode(data)
        key = article.id
        name = f"{segment.file.name}: article {article.id!r}"
        order = (-when[doc], key)
        marks = record.units(record.split(data).marks)
        places = stream(article, article.zones or (), analyzer, record.stops(marks, article.body))
        problem = None
        if doc not in segment.candidates(key):
            problem = "cannot be found by its id"
        elif order <= last:
            problem = "is not in its place"
        elif (when[doc], zone[doc], precision[doc]) != (moment(article.iso_date) if article.iso_date else NEVER):
            problem = "has another date than is indexed"
        elif (marks.ends or [0])[-1] != len(article.body):
            problem = "has zones that do not fit its text"
        elif extents[doc].tolist() != _extents(places):
            problem = "has other fields than are indexed"
        elif words.of(places) != held[doc]:
            problem = "has other words than are indexed"
        elif not (part.deleted and part.deleted.holds(doc)):
            if key in ids:
                problem = f"is also in {ids[key]}"
            ids[key] = segment.file.name
        last = order
        found.append(problem and str(CorruptionError.at(name, problem)))
    return found


def _sketches(part: Part, analyzer: Analyzer) -> list[str]:
    """Return the articles of a segment whose sketches are not theirs, or what in sketches contradicts."""
    segment = part.segment
    columns, entries = segment.sketches.columns(), segment.sketches.entries()
    by_text = segment.sketches.column("by_text")
    if not np.array_equal(np.sort(by_text), np.arange(segment.n_docs)) or (np.diff(columns[0][by_text]) < 0).any():
        return [_line(part, "by_text: expected articles in the order of their texts, found others")]
    if (entries[1:] <= entries[:-1]).any():
        return [_line(part, "prints: expected rising numbers, found others")]
    holders = holders_of(entries)
    if (holders >> 1 >= segment.n_docs).any():
        return [_line(part, "holders: expected articles, found more than there are")]
    sums = np.zeros(segment.n_docs, np.uint64)
    np.add.at(sums, holders >> 1, _mixed(prints_of(entries), holders & QUOTED, holders >> 1))
    vocabulary = Vocabulary(analyzer)
    found = []
    for first in range(0, segment.n_docs, ARTICLES_AT_ONCE):
        docs = range(first, min(first + ARTICLES_AT_ONCE, segment.n_docs))
        records = [segment.record(doc) for doc in docs]
        sources = [record.split(each).source for each in records]
        made = sketched(read(records, vocabulary), sources)
        own = np.zeros(len(docs), np.uint64)
        for some in made.portions:
            holders = holders_of(some)
            np.add.at(own, holders >> 1, _mixed(prints_of(some), holders & QUOTED, (holders >> 1) + first))
        wrong = sums[docs.start : docs.stop] != own
        for column, theirs in zip(columns, made[:4], strict=True):
            wrong |= column[docs.start : docs.stop] != theirs
        names = (record.id_of(records[at]) for at in np.flatnonzero(wrong).tolist())
        found += [_line(part, f"article {name!r}: has another sketch than is indexed") for name in names]
    return found


def _extents(places: list[Place]) -> list[int]:
    found = []
    for field in Field:
        own = [place.position for place in places if place.field is field]
        found.append(own[-1] - own[0] + 1 if own else 0)
    return found


class _Words:
    """What words an article of a segment has at which places, as one number: the sum of a number for each place.

    Source of the mixing: Steele, Lea & Flood 2014, Fast Splittable Pseudorandom Number Generators, SplitMix64.
    """

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._known: dict[tuple[str, str], tuple[int, int]] = {}

    def held(self) -> Sums:
        """Return that number for each article, by the postings. uint64 (articles,)."""
        segment = self._segment
        found = np.zeros(segment.n_docs, np.uint64)
        n_places = np.diff(segment.place_ends.all(), prepend=0)
        for first, last in runs.portions(n_places, AT_ONCE):
            terms = np.arange(first, last)
            some = segment.postings(terms)
            n = some.occurrences()
            term = np.repeat(np.repeat(terms, some.sizes), n)
            position, shape = segment.places_of(terms)
            np.add.at(found, np.repeat(some.docs, n), _mixed(term, shape, position))
        return found

    def of(self, places: Sequence[Place]) -> int | None:
        """Return that number for an article's places; None if one of its words is not in the segment."""
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        numbers = []
        for place in places:
            key = place.term, place.form
            known = self._known.get(key)
            if known is None:
                term = self._segment.find(place.term.encode("utf-8", "surrogatepass"))
                if term is None or place.form not in term.forms:
                    return None
                known = self._known[key] = term.number, term.forms.index(place.form)
            numbers.append((*known, place.position))
        columns = np.array(numbers, np.int64).reshape(-1, 3).T
        return int(_mixed(*columns).sum(dtype=np.uint64))


def _mixed(term: NDArray[Any], shape: NDArray[Any], position: NDArray[Any]) -> Sums:
    x = (position.astype(np.int64) | shape.astype(np.int64) << 32).astype(np.uint64) + term.astype(
        np.uint64
    ) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    found: Sums = x ^ x >> np.uint64(31)
    return found
