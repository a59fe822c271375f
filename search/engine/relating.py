"""What a commit changes in how articles relate: from the segments before and after it to a file of relations."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, combinations, islice, pairwise, product

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine import bodies, record
from search.engine.chunks import Vocabulary, expand, raw_chunks
from search.engine.days import days_of
from search.engine.edges import Relations, Rows
from search.engine.graph import Graph
from search.engine.members import Members
from search.engine.retelling import Known, retold
from search.engine.segment import Segment
from search.engine.variants import Entry, Spellings
from search.engine.versions import Place, versions
from search.stories.bodies import COMPARED, Bodies, quotations
from search.stories.boilerplate import MAX_HOLDERS
from search.stories.membership import Edge, are_near
from search.stories.pairs import together
from search.stories.respelling import Spelled, respelled
from search.stories.sketching import sketches
from search.stories.spelling import is_respelled, without_vowels
from search.stories.upkeep import Entries, edges, joined, turned
from search.text.stream import FIELD_OF_ZONE, Field, Piece

ENOUGH = 4 * MAX_HOLDERS  # holders of a fingerprint that are looked at before all are
AT_A_TIME = 1 << 18  # fingerprints whose holders are in memory together
PAIRS_AT_A_TIME = 1 << 9  # of texts whose tokens are in memory together
SCAN = 1 << 12  # entries that are read as fast as one article is read again

Ints = NDArray[np.int64]
Prints = NDArray[np.uint32]
Row = tuple[int, int, Entry, Entry]  # two texts, and how either spells a word
Source = tuple[Segment, Ints]  # with its deleted articles
NONE = np.zeros(0, np.int64)
NOBODY = Entries(NONE.astype(np.uint32), NONE, NONE, NONE.astype(np.bool_), NONE)


class _Part:
    """A segment, and which of its articles live."""

    def __init__(self, segment: Segment, dead: Ints) -> None:
        self.segment = segment
        self.sketches = segment.sketches
        self.dead = dead
        self.alive = np.ones(segment.n_docs, np.bool_)
        self.alive[dead] = False

    def column(self, name: str, docs: Ints) -> Ints:
        return self.sketches.column(name, docs)

    def find(self, texts: Ints) -> tuple[Ints, Ints]:
        """Return the living articles of texts: which of the texts each one has, and its number."""
        which, docs = self.sketches.find(texts)
        alive = self.alive[docs]
        return which[alive], docs[alive]


class Archive:
    """The living articles of some segments; implements `stories.Archive`.

    Args:
        sources: The segments.
        vocabulary: Of the index; what it knows need not be analysed again.
        at_hand: Bodies that need not be read.
    """

    def __init__(self, sources: Sequence[Source], vocabulary: Vocabulary, at_hand: bodies.AtHand | None = None) -> None:
        self._at_hand = at_hand
        self._parts = [_Part(segment, dead) for segment, dead in sources if segment.n_docs > len(dead)]
        self._vocabulary = vocabulary

    def entries(self, fingerprints: Prints) -> Entries:
        """Return all entries of fingerprints; of those that are common whatever the rest says, enough."""
        found = [NOBODY]
        for part in self._parts:
            held = part.sketches.holders(fingerprints, ENOUGH)
            some = self._entries(part, fingerprints, *held)
            # Many holders may still be articles of few texts; then all are needed.
            cut = np.flatnonzero(np.bincount(held.which, minlength=len(fingerprints)) == ENOUGH)
            if len(cut):
                pairs = np.unique(np.stack([some.fingerprints, some.texts]), axis=1)
                which, n_texts = np.unique(pairs[0], return_counts=True)
                settled = which[n_texts > MAX_HOLDERS]
                cut = cut[~np.isin(fingerprints[cut], settled)]
                whole = part.sketches.holders(fingerprints[cut])
                found.append(some.where(~np.isin(some.fingerprints, fingerprints[cut])))
                some = self._entries(part, fingerprints[cut], *whole)
            found.append(some)
        return joined(found).by_fingerprint()

    @staticmethod
    def _entries(part: _Part, fingerprints: Prints, which: Ints, docs: Ints, quoted: NDArray[np.bool_]) -> Entries:
        alive = part.alive[docs]
        docs = docs[alive]
        outlets = part.column("outlet", docs)
        outlets[outlets == 0] = -1
        texts, leasts = part.column("text", docs), part.column("least", docs)
        return Entries(fingerprints[which[alive]], texts, outlets, quoted[alive], leasts)

    def sizes(self, texts: Ints) -> Ints:
        """Return how many fingerprints texts have: int64."""
        sizes = np.zeros(len(texts), np.int64)
        for part in self._parts:
            which, docs = part.find(texts)
            sizes[which] = part.column("sketched", docs)
        return sizes

    def days(self, texts: Ints) -> Ints:
        """Return when texts appeared, as of `Days`: int64 (texts, 2)."""
        return days_of(texts, ((part.segment, part.dead) for part in self._parts))

    def articles(self, texts: Ints) -> Ints:
        """Return how many articles texts have: int64."""
        found = np.zeros(len(texts), np.int64)
        for part in self._parts:
            found += np.bincount(part.find(texts)[0], minlength=len(texts))
        return found

    def fingerprints(self, texts: Ints) -> Prints:
        """Return the fingerprints that texts have, ascending, each once."""
        left = np.ones(len(texts), np.bool_)
        found = []
        for part in self._parts:
            which, docs = part.find(texts[left])
            if len(part.sketches) < SCAN * len(docs):
                found.append(part.sketches.prints_of(docs))
                left[np.flatnonzero(left)[which]] = False
        if left.any():
            found.append(sketches(self.bodies(texts[left])).fingerprints)
        return runs.distinct(np.concatenate([np.zeros(0, np.uint32), *found]))

    @property
    def is_empty(self) -> bool:
        """Whether there are none."""
        return not self._parts

    def bodies(self, texts: Ints) -> Bodies:
        """Return the words of texts: int64, each once, in this order."""
        return self._at_hand.bodies(texts, self._read) if self._at_hand else self._read(texts)

    def _read(self, texts: Ints) -> Bodies:
        places: dict[int, tuple[Segment, int]] = {}
        for part in self._parts:
            which, docs = part.find(texts)
            places |= {at: (part.segment, doc) for at, doc in zip(which.tolist(), docs.tolist(), strict=True)}
        return read([places[at][0].record(places[at][1]) for at in range(len(texts))], self._vocabulary)

    def versions(self, texts: Iterable[int]) -> dict[int, list[Place]]:
        """Return where the articles of each text are that say how it is spelled."""
        wanted = np.array(sorted(texts), np.int64)
        found: dict[int, list[list[Place]]] = {text: [] for text in wanted.tolist()}
        for part in self._parts:
            which, docs = part.find(wanted)
            for some in runs.groups(which) if len(which) else ():
                found[int(wanted[which[some[0]]])].append([(part.segment, doc) for doc in docs[some].tolist()])
        return {text: versions(places) for text, places in found.items()}

    def spelled(self, versions: Mapping[int, Iterable[Place]]) -> dict[int, list[Spelled]]:
        """Return articles of each text token by token, those alike once."""
        written = {text: sorted(set(map(_written, places))) for text, places in versions.items()}
        made = iter(_spelled(chain.from_iterable(written.values()), self._vocabulary))
        return {
            text: list({each.forms.tobytes(): each for each in islice(made, len(some))}.values())
            for text, some in written.items()
        }

    def respelled(self, of: Mapping[int, Sequence[Spelled]], pairs: Iterable[tuple[int, int]]) -> list[Row]:
        """Return the words that texts spell in different ways.

        Args:
            of: Articles of each text.
            pairs: Of the texts to compare; of a text with itself its articles are compared.
        """
        suspects = self._respellable([each for some in of.values() for each in some])
        suspected = {text: [(each, each.keys_of(suspects)) for each in some] for text, some in of.items()}
        rows = []
        for a, b in pairs:
            versions = combinations(suspected[a], 2) if a == b else product(suspected[a], suspected[b])
            for (one, of_one), (other, of_other) in versions:
                for form, its in respelled(one, other, of_one, of_other):
                    entry, other_entry = self._vocabulary.entry(form), self._vocabulary.entry(its)
                    if _is_spelling(entry[1], other_entry[1], is_joined=one.is_joined(form)):
                        rows.append((a, b, entry, other_entry))
        return rows

    def _respellable(self, articles: Sequence[Spelled]) -> Ints:
        """Return the forms in some articles that may be other spellings of each other, ascending; few are."""
        forms = np.concatenate([NONE, *(each.forms for each in articles)])
        forms, first = np.unique(forms, return_index=True)
        keys = np.concatenate([np.zeros(0, np.uint64), *(each.keys for each in articles)])[first]
        order = keys.argsort()
        begins = runs.begins(keys[order])
        sizes = runs.sizes(begins, len(keys))
        found: set[int] = set()
        for begin, size in zip(begins[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
            alike = [(form, self._vocabulary.entry(form)[1]) for form in forms[order[begin : begin + size]].tolist()]
            for (one, form), (other, its) in combinations(alike, 2):
                if is_respelled(form, its):
                    found |= {one, other}
        return np.array(sorted(found), np.int64)


def _is_spelling(form: str, other: str, *, is_joined: bool) -> bool:
    """Return whether two forms with one key are spellings of one word; of joined words the consonants are the same."""
    return is_respelled(form, other) and (not is_joined or without_vowels(form) == without_vowels(other))


def _compared(stored: record.Record) -> list[Piece]:
    """Return the pieces of an article's stream that are compared, as `pieces` does."""
    found: list[Piece] = []
    units = record.units(stored.marks)
    fields = [FIELD_OF_ZONE.get(kind) for kind in units.kinds]
    start = 0
    for at, (end, field, zone) in enumerate(zip(units.ends, fields, units.zones, strict=True)):
        goes_on = at + 1 < len(fields) and fields[at + 1] is field
        if goes_on and (field is Field.BODY or units.zones[at + 1] == zone):
            continue
        if field in COMPARED:
            found.append(Piece(field, stored.text[start:end].strip()))  # where quotations end depends on it
        start = end
    return sorted(found, key=lambda piece: piece.field)


def read(records: Sequence[bytes], vocabulary: Vocabulary) -> Bodies:
    """Return the words of articles that are compared, the same as a `Builder` finds."""
    chunks: list[int] = []
    turned: list[list[int]] = []
    piece_ends: list[int] = []
    ends: list[int] = []
    for stored in records:
        for piece in _compared(record.split(stored)):
            numbers = list(map(vocabulary.__getitem__, raw_chunks(piece)))
            spans = quotations(piece.text)
            turned.append(vocabulary.turns(piece, spans, numbers) if spans else [])
            chunks += numbers
            piece_ends.append(len(chunks))
        ends.append(len(piece_ends))
    forms, steps, token_ends = expand(np.array(chunks, np.uint32), np.array(piece_ends, np.int64), vocabulary)
    words_before = np.concatenate([[0], np.cumsum(steps > 0)])
    piece_starts = words_before[np.concatenate([[0], token_ends])]  # and where the last one ends
    keys, hashes = vocabulary.compared(forms, steps)
    turns = [start + turn for start, some in zip(piece_starts.tolist(), turned, strict=False) for turn in some]
    is_quoted = bodies.quoted(np.array(turns, np.int64), len(keys))
    return Bodies(keys, is_quoted, hashes, piece_starts[np.array(ends, np.int64)])


def _written(place: Place) -> tuple[Piece, ...]:
    """Return what of an article is compared."""
    segment, doc = place
    return tuple(_compared(record.split(segment.record(doc))))


def _spelled(written: Iterable[Sequence[Piece]], vocabulary: Vocabulary) -> list[Spelled]:
    """Return the tokens of what is compared of articles."""
    chunks: list[int] = []
    ends: list[int] = []
    for pieces in written:
        for piece in pieces:
            chunks += map(vocabulary.__getitem__, raw_chunks(piece))
        ends.append(len(chunks))
    forms, steps, token_ends = expand(np.array(chunks, np.uint32), np.array(ends, np.int64), vocabulary)
    keys = vocabulary.keys_of(forms)
    return [
        Spelled(forms[begin:end].astype(np.int64), keys[begin:end], steps[begin:end])
        for begin, end in pairwise([0, *token_ends.tolist()])
    ]


def texts_of(sources: Sequence[Source]) -> Ints:
    """Return the texts of the articles that are not deleted, ascending, each once."""
    every = [part.sketches.column("text")[part.alive] for part in (_Part(*source) for source in sources)]
    found = np.unique(np.concatenate([np.zeros(0, np.int64), *every]))
    return found[found > 0]


def changes(
    before: Archive, after: Archive, came: Ints, went: Ints, older: Sequence[Relations], tell: Callable[[str], None]
) -> Rows:
    """Return what a commit adds to the relations there are.

    Args:
        before, after: The articles.
        came, went: Texts of the articles that came and went, ascending, each once.
        older: The relations before, from the oldest.
        tell: Called with what is being done, again and again.
    """
    either = np.union1d(came, went)
    found = [either[(before.days(either) != after.days(either)).any(axis=1)]]  # new ones among them
    if not before.is_empty:
        touched = np.union1d(after.fingerprints(came), before.fingerprints(went))
        for at in range(0, len(touched), AT_A_TIME):
            some = touched[at : at + AT_A_TIME]
            found.append(turned(before.entries(some), after.entries(some)))
    affected = np.unique(np.concatenate(found))
    texts = affected[after.articles(affected) > 0]
    known = Graph(older)
    respelt = _respelt(before, after, runs.without(either, affected))  # related as they were, however they are spelled
    anew = np.union1d(texts, respelt)
    replaced = anew[known.among(anew)]
    repeated = np.union1d(anew, came)
    repeated = repeated[after.articles(repeated) > 1]
    lasting, repeated = runs.without(repeated, anew), repeated[runs.are_among(repeated, anew)]
    marked = [*repeated.tolist(), *(text for text in lasting.tolist() if not known.repeats(text))]
    tell("looking for copies")
    suspects: list[tuple[int, int]] = []
    found_edges = edges(
        after,
        texts,
        lambda done, n: tell(f"looking for copies: {done:,} of {n:,} texts"),
        lambda a, b: suspects.append((a, b)),
    )
    rows = Rows.of(replaced, chain(found_edges, _lasting(known, respelt, texts, after)), np.array(marked, np.int64))
    changed = np.union1d(affected[known.among(affected)], rows.a)
    members = retold(Known(older, before.days), Known([*older, rows], after.days), changed)
    members = members.where(_are_several(members, after) | known.are_told(members.texts))
    spelled = spellings(after, rows, suspects, respelt, repeated, tell)
    return replace(rows, spelled=spelled, members=members)


def _respelt(before: Archive, after: Archive, texts: Ints) -> Ints:
    """Return of which texts articles spell otherwise than those before did.

    Args:
        before, after: The articles.
        texts: That have articles before and after, ascending.
    """
    found: list[int] = []
    for at in range(0, len(texts), PAIRS_AT_A_TIME):
        some = texts[at : at + PAIRS_AT_A_TIME].tolist()
        was, now = before.versions(some), after.versions(some)
        # Nearly all say the same letter by letter, and need not be analysed.
        written = {place: _written(place) for place in {*chain(*was.values(), *now.values())}}
        said, says = ({text: {written[place] for place in each[text]} for text in some} for each in (was, now))
        others = [text for text in some if said[text] != says[text]]
        if others:
            was, now = ({text: each[text] for text in others} for each in (was, now))
            forms, forms_now = (_forms(each) for each in (before.spelled(was), after.spelled(now)))
            found += [text for text in others if forms[text] != forms_now[text]]
    return np.array(found, np.int64)


def _forms(spelled: Mapping[int, Iterable[Spelled]]) -> dict[int, set[bytes]]:
    """Return in which ways each text is spelled."""
    return {text: {each.forms.tobytes() for each in some} for text, some in spelled.items()}


def _lasting(known: Graph, respelt: Ints, others: Ints, archive: Archive) -> Iterator[Edge]:
    """Yield the relations that stay as they are of texts that are spelled otherwise, each once.

    Args:
        known: The relations before.
        respelt: The texts, ascending.
        others: Texts whose relations are found anew, ascending.
        archive: The articles after the change.
    """
    pairs = {(min(text, other), max(text, other)) for text in respelt.tolist() for other in known.around(text)}
    some = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    lasting = (archive.articles(some.ravel()).reshape(some.shape) > 0).all(axis=1) & ~np.isin(some, others).any(axis=1)
    for a, b in some[lasting].tolist():
        yield Edge(a, b, known.around(a)[b])


def spellings(
    archive: Archive,
    rows: Rows,
    suspects: Sequence[tuple[int, int]],
    respelt: Ints,
    repeated: Ints,
    tell: Callable[[str], None],
) -> Spellings:
    """Return the words that texts of one story spell in different ways.

    Args:
        archive: With the texts.
        rows: How texts relate.
        suspects: Those of which an article each does not spell all words that they share alike.
        respelt: Texts to be compared with all that they may be one story with.
        repeated: Texts that several articles have, which may differ in how they spell.
        tell: As of `changes`.
    """
    folding = rows.folding()
    # Of a text of several articles the words of one were compared.
    varied = archive.articles(folding.ravel()).reshape(folding.shape).max(axis=1, initial=0) > 1
    varied |= np.isin(folding, respelt).any(axis=1)
    different = np.unique(np.concatenate([np.array(suspects, np.int64).reshape(-1, 2), folding[varied]]), axis=0)
    different = different[are_near(*(archive.days(texts).T for texts in different.T))]
    pairs = [(a, b) for a, b in together(different).tolist()] + [(text, text) for text in repeated.tolist()]
    found: list[Row] = []
    of: dict[int, list[Spelled]] = {}
    for at in range(0, len(pairs), PAIRS_AT_A_TIME):
        tell(f"comparing spellings: {at:,} of {len(pairs):,} pairs")
        some = pairs[at : at + PAIRS_AT_A_TIME]
        wanted = {text for pair in some for text in pair}
        known = {text: of[text] for text in wanted & of.keys()}
        of = known | archive.spelled(archive.versions(wanted - known.keys()))
        found += archive.respelled(of, some)
    return Spellings.of(found)


def settled(rows: Rows, archive: Archive) -> Rows:
    """Return relations below which there are no others, without those of texts that have no article any more."""
    texts = np.unique(rows.a)
    n = archive.articles(texts)
    rows = rows.without(texts[n == 0])
    alone = (rows.a == rows.b) & (n[np.searchsorted(texts, rows.a)] < 2)
    one, other = rows.spelled.rows[:, 2:].T
    spelled = rows.spelled.kept((one != other) | ~np.isin(one, rows.a[alone]))
    members = rows.members.where(_are_several(rows.members, archive))
    return replace(rows.kept(~alone), replaced=rows.replaced[:0], spelled=spelled, members=members)


def _are_several(members: Members, archive: Archive) -> NDArray[np.bool_]:
    """Return which texts are in a story of several articles; bool (texts,)."""
    found: NDArray[np.bool_] = ~members.are_alone | (archive.articles(members.texts) > 1)
    return found
