"""Text in, numbers of surface forms out: each distinct chunk between blanks is analysed once.

Dividing a text is `bytes.translate`, `split` and one dictionary look-up a chunk (measured: 57-150 MB/s, where a regular
expression that only finds the words does 45).
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.model import Span
from search.stories.bodies import Hashes, Keys, in_quotations
from search.stories.spelling import form_hash
from search.stories.spelling import key as key_of
from search.text.analysis import MAX_FORM, Analyzer
from search.text.stream import (
    BOUNDARY,
    PARAGRAPH,
    SENTENCE,
    Field,
    Piece,
    Stops,
    date_term,
    piece_tokens,
    stops_in,
)

Uint32 = NDArray[np.uint32]

_SPECIAL = 1 << 31  # ids from here on stand for a chunk that is not exactly one token
_KEPT = b"'-.,&+#_"
# What can stand in a chunk stays; everything else, as far as ASCII goes, becomes a blank.
_AT_ENDS = b"'-.,&"  # of which only one inside a chunk counts
_NUMBER = re.compile(rb"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+")
_COUNTRY = frozenset({b"US"})
_TABLE = bytes(i if i >= 128 or chr(i).isalnum() or i in _KEPT else 32 for i in range(256))

_QUOTATION_MARKS = [mark.encode() for mark in "\u201c\u201d\u201e\u00ab\u00bb"]  # blanks, too: they stand in no word
_CUT = b"\xfd"  # stands in no text, and for itself among chunks
_EDGE = b" \xfd "

# What a raw chunk may be marked with; none of the three bytes can stand in one.
_NAMED, _VERBATIM, _CAPITALS = b"\x01", b"\x02", b"\x03"
_STOPS = {SENTENCE: b" \xfe ", PARAGRAPH: b" \xff "}  # chunks that no text has, as they are not UTF-8


class Vocabulary(dict[bytes, int]):
    """Raw chunk → number of a surface form; what is slow (decoding, folding, stemming) runs once per distinct chunk.

    Form f belongs to term `terms[f]` and is that term's `shapes[f]`-th. What the chunk with number `_SPECIAL + i` is
    ends at `special_ends[i]` in `special_forms`, the numbers of its forms, and `special_steps`, their steps.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        # Strings, as the collector of cyclic garbage walks through lists and tuples again and again.
        self._forms: dict[str, int] = {}
        self._terms: dict[str, int] = {}
        self._n_forms = array("I")
        self.terms = array("I")
        self.shapes = array("H")
        self._keys = array("Q")  # per form: what it is compared by, see `stories`,
        self._hashes = array("H")  # and how it is spelled; 0 of a stop
        self.words: list[str] = []  # per term: its entry in `layout.Inverted`
        self.special_forms, self.special_steps, self.special_ends = array("I"), array("B"), array("I")
        self.more: list[int] = []  # per special chunk: how many words it has, less one
        for form, raw in _STOPS.items():
            self[raw.strip()] = self._special([self._number(BOUNDARY, form)], [0])

    def _special(self, forms: Sequence[int], steps: Sequence[int]) -> int:
        """Return the number of a new chunk that is not exactly one token."""
        self.special_forms.extend(forms)
        self.special_steps.extend(steps)
        self.special_ends.append(len(self.special_forms))
        self.more.append(sum(step > 0 for step in steps) - 1)
        return _SPECIAL + len(self.more) - 1

    def _number(self, term: str, form: str) -> int:
        short = f"~{form[len(term) :]}" if form.startswith(term) else form
        key = f"{term} {short} "
        number = self._forms.get(key)
        if number is None:
            number = self._forms[key] = len(self.terms)
            owner = self._terms.get(term)
            if owner is None:
                owner = self._terms[term] = len(self.words)
                self.words.append(key)
                self._n_forms.append(0)
            else:
                self.words[owner] += f"{short} "
            self.terms.append(owner)
            self.shapes.append(min(self._n_forms[owner], 0xFFFF))
            self._keys.append(key_of(form))
            self._hashes.append(form_hash(form) if term != BOUNDARY else 0)
            self._n_forms[owner] += 1
        return number

    def entry(self, number: int) -> tuple[str, str]:
        """Return the term and the form with a number."""
        term, *forms = self.words[self.terms[number]].split(" ")
        form = forms[self.shapes[number]]
        return term, term + form[1:] if form[:1] == "~" else form

    def keys_of(self, forms: Uint32) -> Keys:
        """Return what forms, given by their numbers, are compared by."""
        return np.frombuffer(self._keys, np.uint64)[forms]

    def compared(self, forms: Uint32, steps: NDArray[np.uint8]) -> tuple[Keys, Hashes]:
        """Return the words of tokens as `stories.Bodies` has them: what they are compared by, and how they are spelled.

        Args:
            forms: The numbers of their forms.
            steps: As of `expand`; a stop's is 0.
        """
        is_word = steps > 0
        every = np.frombuffer(self._hashes, np.uint16)[forms]
        hashes = every[is_word]
        joined = (every.astype(np.bool_) & ~is_word).nonzero()[0]
        np.add.at(hashes, np.cumsum(is_word)[joined] - 1, every[joined])
        return self.keys_of(forms[is_word]), hashes

    def turns(self, piece: Piece, spans: Sequence[Span], numbers: Sequence[int]) -> list[int]:
        """Return before which words of a piece of a body quotations begin and end, in turn.

        Args:
            piece: To look at.
            spans: Its quotations, at least one.
            numbers: What its chunks stand for.
        """
        numbers = [number for number in numbers if not _SPECIAL <= number < _SPECIAL + len(_STOPS)]
        edges = [0, *(edge for span in spans for edge in span), len(piece.text)]
        parts = [piece.text[start:end].encode("utf-8", "surrogatepass") for start, end in pairwise(edges)]
        cut = _divided(_EDGE.join(parts))
        found = []
        at = -1
        for n in range(len(edges) - 2):
            at = cut.index(_CUT, at + 1)
            found.append(at - n)
        if len(cut) - len(found) != len(numbers):  # what may be an apostrophe does not divide chunks
            starts = [token.start for token in piece_tokens(piece, self._analyzer) if token.step]
            inside = np.array([False, *in_quotations(starts, spans), False])
            changes: list[int] = np.flatnonzero(inside[1:] != inside[:-1]).tolist()
            return changes
        if max(numbers, default=0) >= _SPECIAL:
            special = [at for at, number in enumerate(numbers) if number >= _SPECIAL]
            more = [0, *accumulate(self.more[numbers[at] - _SPECIAL] for at in special)]
            found = [at + more[bisect_left(special, at)] for at in found]
        return found

    def __missing__(self, raw: bytes) -> int:
        core = raw.strip(_AT_ENDS)
        if core[-2:] == b"'s":
            core = core[:-2]
        is_number = core[:1].isdigit() and _NUMBER.fullmatch(core) is not None
        if (is_number or core.isalnum()) and core not in _COUNTRY:
            # One word or number in ASCII: what stands around it does not belong to it.
            if core != raw:
                number = self[raw] = self[core]
                return number
            text = core.decode()[:MAX_FORM]
            form = text.replace(",", "") if is_number else text.lower()
            number = self[raw] = self._number(self._analyzer.term(form, form if is_number else text), form)
            return number
        mark, text, prefix = raw[:1], raw.decode("utf-8", "surrogatepass"), ""
        if mark == _VERBATIM:
            number = self[raw] = self._number(date_term(text[1:], self._analyzer), text[1:])
            return number
        if mark == _NAMED:
            _, prefix, text = text.split("\x01", 2)
        tokens = self._analyzer.words(text, capitals=mark == _CAPITALS)
        numbers = [self._number(prefix + token.term, prefix + token.form) for token in tokens]
        steps = [token.step for token in tokens]
        number = self[raw] = numbers[0] if len(numbers) == 1 else self._special(numbers, steps)
        return number


def raw_chunks(piece: Piece, stops: Stops | None = None) -> list[bytes]:
    """Return the chunks of a piece, marked, and the stops among them, as keys of a `Vocabulary`.

    Args:
        piece: Of an article.
        stops: Of its text.
    """
    data = _with_stops(piece, stops) if stops else piece.text.encode("utf-8", "surrogatepass")
    if piece.field is Field.DATE:
        return [_VERBATIM + word for word in data.split()]
    if piece.prefix:
        mark = _NAMED + piece.prefix.encode("utf-8", "surrogatepass") + _NAMED
        return [mark + chunk for chunk in _divided(data)]
    if b"US" not in data:
        return _divided(data)
    found = []
    for line in data.split(b"\n"):
        chunks = _divided(line)
        if b"US" in line and line.translate(None, b"\xfe\xff").decode("utf-8", "surrogatepass").isupper():
            chunks = [_CAPITALS + chunk if b"US" in chunk else chunk for chunk in chunks]
        found += chunks
    return found


def _divided(data: bytes) -> list[bytes]:
    """Return the chunks of a text, not marked."""
    if not data.isascii():
        for mark in _QUOTATION_MARKS:
            data = data.replace(mark, b" ")
    return data.translate(_TABLE).split()


def _with_stops(piece: Piece, stops: Stops) -> bytes:
    """Return the text of a piece in UTF-8, with stops."""
    text = piece.text
    own = stops_in(piece, stops)
    if len(own) < 2:
        data = text.encode("utf-8", "surrogatepass")
        return data + _STOPS[PARAGRAPH] if own else data
    at = 0
    parts: list[bytes] = []
    if text.isascii():
        data = text.encode()
        for offset, form in own:
            parts += data[at:offset], _STOPS[form]
            at = offset
    else:
        for offset, form in own:
            parts += text[at:offset].encode("utf-8", "surrogatepass"), _STOPS[form]
            at = offset
    return b"".join(parts)


def expand(
    ids: Uint32, ends: NDArray[np.int64], vocabulary: Vocabulary
) -> tuple[Uint32, NDArray[np.uint8], NDArray[np.int64]]:
    """Replace each chunk that is not exactly one token by its tokens. Return forms, steps, and `ends` moved along."""
    at = np.flatnonzero(ids >= _SPECIAL)
    if not len(at):
        return ids, np.ones(len(ids), np.uint8), ends
    upto = np.frombuffer(vocabulary.special_ends, np.uint32).astype(np.int64)
    sizes = np.diff(upto, prepend=0)
    which = (ids[at] - np.uint32(_SPECIAL)).astype(np.int64)
    size = sizes[which]
    times = np.ones(len(ids), np.int64)
    times[at] = size
    terms = np.repeat(ids, times)
    steps = np.ones(len(terms), np.uint8)
    new_ends = np.concatenate([[0], np.cumsum(times)])
    target, source = runs.numbers(new_ends[at], size), runs.numbers(upto[which] - size, size)
    terms[target] = np.frombuffer(vocabulary.special_forms, np.uint32)[source]
    steps[target] = np.frombuffer(vocabulary.special_steps, np.uint8)[source]
    return terms, steps, new_ends[ends]
