"""Every invariant of an index, verified against its articles: what `search check` runs, and every test at its end."""

from collections.abc import Callable

import numpy as np

from search.engine import counts, record
from search.engine.layout import UNDATED
from search.engine.sections import CONTRADICTIONS
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
        broken = _bytes(part)
        try:
            if not broken:
                for problem in _articles(part, analyzer, ids):
                    done += 1
                    if progress:
                        progress(done, snapshot.n_all)
                    if problem:
                        broken.append(problem)
        except CorruptionError as error:
            broken.append(str(error))
        except CONTRADICTIONS as error:
            broken.append(_line(part, repr(error)))
        if len(broken) > MOST:
            broken = [*broken[:MOST], f"{part.segment.file.name}: {len(broken) - MOST} more problems"]
        found += broken
    return found


def _line(part: Part, what: str) -> str:
    return str(CorruptionError.at(part.segment.file.name, what))


def _bytes(part: Part) -> list[str]:
    """Return what is broken in a segment, its articles aside."""
    broken = part.segment.file.verify()
    try:
        return broken or [_line(part, what) for what in _structure(part)]
    except CorruptionError as error:
        return [str(error)]
    except CONTRADICTIONS as error:
        return [_line(part, repr(error))]


def _structure(part: Part) -> list[str]:
    """Return which of a segment's numbers contradict each other."""
    segment = part.segment
    wrong = []

    def expect(condition: object, what: str) -> None:
        if not condition:
            wrong.append(what)

    def rise(name: str, end: int) -> bool:
        """Expect of some ends that they rise to the end of what they end in."""
        ends = segment.file[name].all()
        rising = bool((ends[1:] >= ends[:-1]).all()) and (int(ends[-1]) if len(ends) else 0) == end
        expect(rising, f"{name}: expected rising numbers up to {end}, found others")
        return rising

    sizes = {name: len(segment.file[name]) for name in segment.file.parts}
    n_postings = sizes["counts"]
    ends_in = {"frame_ends": sizes["frames"], "word_ends": sizes["words"], "posting_ends": n_postings}
    ends_in |= {"place_ends": sizes["low8"], "buckets": sizes["slots"], "id_buckets": sizes["id_slots"]}
    ends_in |= {"high_ends": sizes["high"], "shapes_ends": sizes["shapes"]}
    if not min([rise(name, end) for name, end in ends_in.items()]):  # all are looked at
        return wrong
    ends = segment.posting_ends.all().astype(np.int64)
    other_at = segment.file["other_at"].all()
    expect(
        not len(other_at) or int(other_at.max()) < n_postings, "other_at: expected postings, found more than there are"
    )
    if wrong:
        return wrong
    docs, codes, other_at, other = segment.everything()
    expect((np.diff(ends, prepend=0) > 0).all(), "a term has no postings")
    expect(((docs >= 0) & (docs < segment.n_docs)).all(), "a posting names an article that is not there")
    key = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0)) << 32 | docs.astype(np.int64)
    expect((np.diff(key) > 0).all(), "postings are not in order")
    expect(np.array_equal(np.flatnonzero(codes == counts.OTHER), other_at), "frequencies are missing")
    occurrences = counts.OCCURRENCES[codes].astype(np.int64)
    if len(other_at) == np.count_nonzero(codes == counts.OTHER):
        occurrences[other_at.astype(np.int64)] = other.sum(axis=1, dtype=np.int64)
    places = np.cumsum(occurrences)[ends - 1] if len(ends) else ends
    expect(np.array_equal(places, segment.place_ends.all().astype(np.int64)), "places are missing")
    segment.all_places()
    for field in Field:
        extent = segment.extent(field)
        having = int(np.count_nonzero(extent)), int(extent.sum(dtype=np.int64))
        expect(segment.length_of(field) == having, f"the length of all {field.name.lower()} is another one")
    when, _ = segment.when(), segment.zone()
    expect((when[:-1] >= when[1:]).all(), "articles are not in order of date")
    forms = [form for form, _ in segment.forms_from("")]
    expect(
        forms == sorted(forms, key=str.encode) and len(forms) == len(segment.file["lexicon"]), "forms are not in order"
    )
    if part.deleted:
        gone = part.deleted
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
        found.append(problem and str(CorruptionError.at(name, problem)))
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
