"""From text to tokens: one chain, the same for articles and queries, whose id is kept in the index.

A *chunk* is a run of word characters in which single glue characters (apostrophe, hyphen, full stop, comma, ampersand)
stand between two of them. Everything else separates. What a chunk means depends on the chunk alone, so a caller may
analyse each distinct chunk once and remember it:

    military's          military                        the possessive goes
    air-strikes         air, strikes; airstrikes        parts, and the joined form at the first part's position
    2021-08-10          2021, 08, 10; 2021-08-10        joined digits keep their hyphens
    1,200  3.5m         1200  3.5m                      a number is one token
    U.N.  U.S.          un  the country                 initials are joined
    AT&T  C++  end.Next at&t  c++  end, next

Folding is Unicode NFKC, case folding and the removal of accents; the term is the Snowball stem of the folded form.
The one exception to "the chunk alone" is the word US: in a line without a small letter it may be the pronoun.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import Stemmer

# The country, the pronoun, and the word in capitals that may be either. Each occurrence is one of the three.
COUNTRY, PRONOUN, EITHER = "u.s", "us", "us|u.s"

USUAL = "english"  # language of an index that nobody has told another

MAX_FORM = 80  # characters of a token that count; longer runs are encodings of something, not words
MAX_FOLDED = 400  # characters, accents apart; normalising a run of them takes the square of its length
MAX_KNOWN = 50_000  # chunks remembered
MAX_PARTS = 8  # hyphenated parts that are still joined

_APOSTROPHES = "'\u2018\u2019\u02bc\u201b\uff07"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_GLUE = dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_DASHES, "-") | {".": ".", ",": ",", "&": "&"}
_IGNORABLE = frozenset("\u00ad\u200c\u200d\u200e\u200f\u2060\ufeff")  # inside a word, without a meaning of their own
# Letters of scripts that put no blanks between words, from one to another.
_ALONE = (
    ("\u3040", "\u30ff"),
    ("\u3400", "\u4dbf"),
    ("\u4e00", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003134f"),
)
# Letters of their own, not letters with marks, that few who look for a name have keys for.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
)
# Marks that a reader may leave out: accents, and the vowel points of Hebrew and Arabic.
_MARKS = re.compile("[\u0300-\u036f\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u0591-\u05c7\u064b-\u065f\u0670]+")


class _Kinds(dict[int, str]):
    """Code point → kind: `w` word, `c` a word by itself, a blank for a separator, glue and `+` `#` for themselves."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _GLUE:
            kind = _GLUE[char]
        elif char in "+#":
            kind = char
        elif any(first <= char <= last for first, last in _ALONE):
            kind = "c"
        elif char.isalnum() or char == "_" or char in _IGNORABLE or unicodedata.category(char)[0] == "M":
            kind = "w"
        else:
            kind = " "
        self[code] = kind
        return kind


_kinds = _Kinds()
_CHUNK = re.compile(r"c|w(?:\+\+|#)(?!w)|w+(?:['\-.,&]w+){0,999}")  # so many, that any text is cut somewhere
_NUMBER = re.compile(r"\d+(?:\.\d+)*\w*\Z|\d{1,3}(?:,\d{3})+(?:\.\d+)?\w*\Z")
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])+\Z")


class Token(NamedTuple):
    """One word of a text.

    `start` and `end` are offsets in the analysed text. `step` is how far its position is from that of the token before:
    1, or 0 for the joined form of a hyphenated word.
    """

    term: str
    form: str
    start: int
    end: int
    step: int


def fold(text: str) -> str:
    """Return `text` in NFKC, without case, accents and ignorable characters; dashes, apostrophes and letters plain.

    Of a text beyond ASCII the first `MAX_FOLDED` characters count.
    """
    if text.isascii():
        return text.lower()
    text = text[:MAX_FOLDED]
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    text = unicodedata.normalize("NFC", _MARKS.sub("", text)).translate(_LETTERS)
    return "".join(_GLUE.get(c, c) for c in text if c not in _IGNORABLE and not c.isspace())


def kinds(text: str) -> str:
    """Return the kind of each character of `text`, one letter each; see `_Kinds`."""
    return text.translate(_kinds)


def chunks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the offsets of each chunk of `text`."""
    return (match.span() for match in _CHUNK.finditer(kinds(text)))


class Analyzer:
    """The chain of one language.

    Args:
        language: A Snowball algorithm, such as `english`.

    Raises:
        ValueError: Snowball knows no such language; the message lists those it knows.
    """

    def __init__(self, language: str = USUAL) -> None:
        if language not in Stemmer.algorithms():
            raise ValueError(f"no stemmer for {language!r}: use one of {', '.join(sorted(Stemmer.algorithms()))}")
        self.language = language
        self.id = f"news-4/{language}"
        stem: Callable[[str], str] = Stemmer.Stemmer(language, 0).stemWord
        self._stem = stem
        self._known: dict[str, tuple[Token, ...]] = {}

    @property
    def form_decides(self) -> bool:
        """Whether words of one folded form have one term, whatever their accents. So it is in English."""
        return self.language == "english"

    def term(self, form: str, raw: str) -> str:
        """Return the term of a folded form; `raw` is the word as written, whose accents other languages' rules need."""
        if self.form_decides:
            return self._stem(form)
        return fold(self._stem(unicodedata.normalize("NFKC", raw).casefold())) or form

    def tokens(self, text: str) -> list[Token]:
        """Return the tokens of a text, in order; a joined form follows its first part.

        In a line without any small letter bare `US` counts as country and pronoun.
        """
        if "US" not in text:
            return self.words(text)
        found = []
        start = 0
        for line in text.split("\n"):
            for token in self.words(line, capitals=line.isupper()):
                found.append(token._replace(start=start + token.start, end=start + token.end))
            start += len(line) + 1
        return found

    def words(self, text: str, *, capitals: bool = False) -> list[Token]:
        """Return the tokens of a text, or part of one, that is set in capitals throughout or not."""
        found = []
        for start, end in chunks(text) if not text.isalnum() or not text.isascii() else ((0, len(text)),):
            for token in self.chunk_at(text, start, end):
                term, form = token.term, token.form
                if capitals and term == COUNTRY and "." not in text[start:end]:
                    term = form = EITHER
                found.append(Token(term, form, start + token.start, start + token.end, token.step))
        return found

    def chunk_at(self, text: str, start: int, end: int) -> tuple[Token, ...]:
        """Return the tokens of one chunk of a text, offsets counted from its beginning."""
        found = self._known.get(text[start:end]) or self.chunk(text[start:end])
        if text[end : end + 1] == "." and found:
            last = found[-1]
            if start + last.end == end and _INITIALS.search(text, start + last.start, end):
                return *found[:-1], last._replace(end=last.end + 1)  # the last stop of U.S. stands outside the chunk
        return found

    def chunk(self, chunk: str) -> tuple[Token, ...]:
        """Return the tokens of one chunk, offsets counted from its beginning. Those met lately are remembered."""
        known = self._known.get(chunk)
        if known is None:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            known = self._known[chunk] = self._tokens_of(chunk)
        return known

    def _tokens_of(self, chunk: str) -> tuple[Token, ...]:
        parts = []
        start = 0
        for part in chunk.translate(_DASH_TO_HYPHEN).split("-") if not chunk.isalnum() else (chunk,):
            parts.append(list(self._part(chunk, start, start + len(part))))
            start += len(part) + 1
        flat = [token for part in parts for token in part]
        if len(parts) > 1 and len(parts) <= MAX_PARTS and all(len(part) == 1 for part in parts):
            forms = [token.form.replace(".", "") if token.term == COUNTRY else token.form for token in flat]
            form = ("-" if all(form.isdigit() for form in forms) else "").join(forms)[:MAX_FORM]
            flat.insert(1, Token(self.term(form, form), form, 0, len(chunk), 0))
        return tuple(flat)

    def _part(self, chunk: str, start: int, end: int) -> Iterator[Token]:
        """Yield the tokens of a stretch of a chunk without hyphens."""
        raw = chunk[start:end]
        if raw.isalnum():
            yield from self._word(raw, start, end)
            return
        plain = fold(raw)
        plain = plain.removesuffix("'s")
        if _INITIALS.match(plain):
            form = plain.replace(".", "")
            if form == PRONOUN:
                yield Token(COUNTRY, COUNTRY, start, end, 1)
            else:
                yield from self._token(form, form, start, end)
        elif len(plain) <= MAX_FORM and _NUMBER.match(plain):
            form = plain.replace(",", "")
            yield from self._token(form, form, start, end)
        else:
            for match in _WORDS.finditer(raw.translate(_TYPOGRAPHIC)):
                yield from self._word(match.group(), start + match.start(), start + match.end())

    def _word(self, raw: str, start: int, end: int) -> Iterator[Token]:
        if raw == "US" or raw == "US's":
            yield Token(COUNTRY, COUNTRY, start, end, 1)
            return
        form = fold(raw)
        if form.endswith("'s"):
            form, raw = form[:-2], raw[:-2]
        yield from self._token(form, raw, start, end)

    def _token(self, form: str, raw: str, start: int, end: int) -> Iterator[Token]:
        form = form[:MAX_FORM]
        if form:
            yield Token(self.term(form, raw[:MAX_FORM]), form, start, end, 1)


_DASH_TO_HYPHEN = {ord(dash): "-" for dash in _DASHES}
_TYPOGRAPHIC = {ord(mark): "'" for mark in _APOSTROPHES}
# Within a part: words with apostrophes inside; an ampersand joins where one side is short (AT&T, R&D), else separates.
_WORDS = re.compile(r"[^.,&]{1,2}&[^.,&]+|[^.,&]+&[^.,&]{1,2}(?![^.,&])|[^.,&]+")


@lru_cache(maxsize=8)
def analyzer(language: str) -> Analyzer:
    """Return the chain of a language, made once."""
    return Analyzer(language)
