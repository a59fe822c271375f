"""Every invariant of an index, verified against its articles: what `search check` runs, and every test at its end."""

from collections.abc import Callable

import numpy as np

from search.engine import counts, record
from search.engine.layout import UNDATED
from search.engine.segment import Segment
from search.engine.snapshot import Part, Snapshot
from search.engine.writer import df_among
from search.errors import CorruptionError
from search.text.analysis import Analyzer
from search.text.moments import moment
from search.text.stream import Field, Place, stream

MOST = 20  # problems told of each segment


def problems(snapshot: Snapshot, analyzer: Analyzer, progress: Callable[[int, int], None] | None = None) -> list[str]:
    """Return what is broken, a line each; nothing if all is sound.

    Each article is analysed again, and its postings and places compared with what the segment holds.
    """
    found = []
    ids: dict[bytes, str] = {}
    done = 0
    for part in snapshot.parts:
        broken = part.segment.file.verify()
        if not broken:
            try:
                broken = _structure(part)
                if not broken:
                    for problem in _articles(part, analyzer, ids):
                        done += 1
                        if progress:
                            progress(done, snapshot.n_all)
                        if problem:
                            broken.append(problem)
            except (CorruptionError, ValueError, IndexError, KeyError, UnicodeDecodeError) as error:
                broken.append(f"{part.segment.file.name}: {error}; restore the index from a backup or index again")
        if len(broken) > MOST:
            broken = [*broken[:MOST], f"{part.segment.file.name}: {len(broken) - MOST} more problems"]
        found += broken
    return found


def _structure(part: Part) -> list[str]:
    """Return which of a segment's numbers contradict each other."""
    segment = part.segment
    wrong = []

    def expect(condition: object, what: str) -> None:
        if not condition:
            wrong.append(f"{segment.file.name}: {what}; restore the index from a backup or index again")

    ends = segment.posting_ends.all().astype(np.int64)
    docs, codes, other_at, other = segment.everything()
    expect((np.diff(ends, prepend=0) > 0).all(), "a term has no postings")
    expect(not len(ends) or ends[-1] == len(docs) == len(codes), "postings are missing")
    expect(((docs >= 0) & (docs < segment.n_docs)).all(), "a posting names an article that is not there")
    key = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0)) << 32 | docs.astype(np.int64)
    expect((np.diff(key) > 0).all(), "postings are not in order")
    expect(np.array_equal(np.flatnonzero(codes == counts.OTHER), other_at), "frequencies are missing")
    occurrences = int(counts.OCCURRENCES[codes].sum()) + int(other.sum())
    expect(occurrences == len(segment.file["low8"]), "places are missing")
    when = segment.when()
    expect((when[:-1] >= when[1:]).all(), "articles are not in order of date")
    forms = [form for form, _ in segment.forms_from("")]
    expect(
        forms == sorted(forms, key=str.encode) and len(forms) == len(segment.file["lexicon"]), "forms are not in order"
    )
    if part.deleted:
        gone = part.deleted
        expect((np.diff(gone.docs.astype(np.int64)) > 0).all(), "deleted articles are not in order")
        df = df_among(segment, gone.docs.astype(np.int64))
        terms = np.flatnonzero(df)
        expect(
            np.array_equal(terms, gone.terms) and np.array_equal(df[terms], gone.df), "statistics of deleted articles"
        )
    return wrong


def _articles(part: Part, analyzer: Analyzer, ids: dict[bytes, str]) -> "list[str | None]":
    """Return, for each article of a segment, what is wrong with it, or None."""
    segment = part.segment
    held = _held(segment)
    when, extents = segment.when().tolist(), np.stack([segment.extent(field) for field in Field], axis=1)
    found: list[str | None] = []
    last = (-(10**30), b"")
    for doc in range(segment.n_docs):
        data = segment.record(doc)
        article = record.decode(data)
        key = record.split(data).id
        name = f"{segment.file.name}: article {article.id!r}"
        order = (-when[doc], key)
        places = stream(article, article.zones or (), analyzer)
        problem = None
        if doc not in segment.candidates(key):
            problem = "cannot be found by its id"
        elif order <= last:
            problem = "is not in its place"
        elif when[doc] != (moment(article.iso_date)[0] if article.iso_date else UNDATED):
            problem = "has another date than is indexed"
        elif (record.units(record.split(data).marks).ends or [0])[-1] != len(article.body):
            problem = "has zones that do not fit its text"
        elif extents[doc].tolist() != _extents(places):
            problem = "has other fields than are indexed"
        elif held.get(doc, set()) != {(place.term, place.form, place.position) for place in places}:
            problem = "has other words than are indexed"
        elif not (part.deleted and part.deleted.holds(doc)):
            if key in ids:
                problem = f"is also in {ids[key]}"
            ids[key] = segment.file.name
        last = order
        found.append(problem and f"{name} {problem}; restore the index from a backup or index again")
    return found


def _extents(places: list[Place]) -> list[int]:
    found = []
    for field in Field:
        own = [place.position for place in places if place.field is field]
        found.append(own[-1] - own[0] + 1 if own else 0)
    return found


def _held(segment: Segment) -> dict[int, set[tuple[str, str, int]]]:
    """Return (term, form, position) of every place of a segment, by article."""
    found: dict[int, set[tuple[str, str, int]]] = {}
    for number in range(segment.n_terms):
        term = segment.term(number)
        stem = segment.stem(number)
        docs = segment.docs(term).tolist()
        posting, position, shape = segment.everywhere(term)
        for which, at, form in zip(posting.tolist(), position.tolist(), shape.tolist(), strict=True):
            found.setdefault(docs[which], set()).add((stem, term.forms[form], at))
    return found
