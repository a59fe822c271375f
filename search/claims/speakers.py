"""Who says it: the words that tell of speech, and whom they name.

    said Tamar Aslan, who ...            behind the verb
    Pentagon spokesman John Kirby said   before it: of a name its own words, without titles
    its chief engineer, Yusuf Karimov, told reporters
                                         in apposition
    a spokeswoman for the mayor said     of those without a name all that is said of them

What is in quotation marks has been masked: an attribution is found in what stands around it.
"""

import re
from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from search.claims.quoted import quoted
from search.claims.words import (
    BETWEEN,
    BODIES,
    BREAKS,
    DAYS,
    DENIALS,
    DETERMINERS,
    GOING_ON,
    INVERTED,
    LINKS,
    PARTICLES,
    PAST,
    PEOPLE,
    PLACES,
    PRONOUNS,
    SPEECH,
    TELLING,
    TITLES,
)
from search.model import Span

_TOKEN = re.compile(r"\w+(?:[.'\u2019-]\w+)*|[,:;()\u2014\u2013]|(?<=\s)-+(?=\s)")
_NOT_NAMES = DETERMINERS | PRONOUNS | PEOPLE | BREAKS | PLACES | DAYS
LONGEST = 60  # tokens between a verb and what it tells of
MAX_COMMAS = 6  # of a sentence, from its end, behind which an attribution may begin
NEAR = 2000  # characters around a sentence in which a name may stand as a plain word
MIN_NAME = 4  # letters of one that begins a sentence and stands nowhere else
_LONG_NOUN = 9  # words that say who speaks


class Token(NamedTuple):
    """A word or a mark outside quotation marks."""

    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        """The word in small letters."""
        return self.text.lower()

    @property
    def is_name(self) -> bool:
        """Whether the word is written as a name."""
        return self.text[0].isupper()

    @property
    def is_verb(self) -> bool:
        """Whether the word is written as a verb: in small letters, or in capitals throughout."""
        return self.text.islower() or self.text.isupper()

    @property
    def is_word(self) -> bool:
        """Whether it is a word, and no mark."""
        return self.text[0].isalnum()


class Who(NamedTuple):
    """Who speaks: where it is said, and whether it is a name, a pronoun or other words. `verb` says how."""

    start: int
    end: int
    kind: str
    verb: Span


def tokens(text: str, start: int, end: int) -> list[Token]:
    """Return words and marks of a stretch of a text, without what stands in parentheses."""
    found: list[Token] = []
    depth = 0
    for match in _TOKEN.finditer(text, start, end):
        if match.group() in "()":
            depth = max(depth + (1 if match.group() == "(" else -1), 0)
        elif not depth:
            found.append(Token(match.group(), *match.span()))
    return found


def behind(text: str, start: int, end: int) -> Who | None:
    """Return who is named by an attribution that begins at `start`, right behind a quotation; None if none does."""
    words = tokens(text, start, end)
    while words and not words[0].is_word:
        words = words[1:]
    if not words:
        return None
    if words[0].low == "according" and len(words) > 2 and words[1].low == "to":
        return _following(words, 2, (words[0].start, words[1].end))
    if words[0].low in SPEECH and words[0].is_verb:
        return _following(words, 1, (words[0].start, words[0].end))
    for at, word in enumerate(words[:LONGEST]):
        if at and word.low in SPEECH and word.is_verb:
            if at + 1 < len(words) and words[at - 1].low in ("be", "been", "being", "was", "were", "is", "are", "to"):
                return None
            return _preceding(words[:at], (word.start, word.end), strict=True)
    return None


def before(text: str, start: int, end: int) -> Who | None:
    """Return who is named by the last attribution of a stretch of a sentence that a quotation ends; None if none is."""
    words = tokens(text, start, end)
    if not words:
        return None
    last = len(words) - 1
    direct = words[last].text in (":", ",")
    is_inverted = direct and words[0].low in INVERTED and not any(word.low in SPEECH for word in words[1:])
    if is_inverted and (who := _following(words, 1, (words[0].start, words[0].end))):
        return who
    for at in range(last, max(last - LONGEST, -1), -1):
        word = words[at]
        low = word.low
        if low == "to" and at and words[at - 1].low == "according":
            return _following(words, at + 1, (words[at - 1].start, word.end))
        if low in GOING_ON:
            continue
        if not word.is_verb:
            continue
        if low in SPEECH or (low in TELLING and not (low == "spoke" and words[min(at + 1, last)].low != "of")):
            if at and words[at - 1].low in ("be", "been", "being", "was", "were", "is", "are", "to", "not", "by"):
                continue
            if _is_unsaid(words, at):
                return None
            if who := _preceding(words[:at], (word.start, word.end), strict=False):
                return who
    if words[last].text == ":" and (who := _labelled(words[:last], direct=direct)):
        return who
    return None


def _is_unsaid(words: Sequence[Token], at: int) -> bool:
    """Return whether a verb of speech stands in a condition, or tells of words that somebody denies."""
    following = words[at + 1].low if at + 1 < len(words) else ""
    if words[at].low in DENIALS and following in ("saying", "having", "ever"):
        return True
    clause = [word.low for word in _segments(words[:at])[-1]]
    return clause[:1] == ["had"] or not {"if", "unless", *DENIALS}.isdisjoint(clause)


def attributed(text: str) -> list[Who]:
    """Return all who speak in a sentence, be it in quotation marks or not, as far as verbs of speech tell."""
    blank = list(text)
    for each in quoted(text, [(0, len(text))]):
        blank[each.opened : each.closed] = " " * (each.closed - each.opened)
    words = tokens("".join(blank), 0, len(text))
    found = []
    for at, word in enumerate(words):
        if word.is_verb and (word.low in SPEECH or word.low in TELLING):
            verb = word.start, word.end
            who = (_preceding(words[:at], verb, strict=False) if at else None) or _following(words, at + 1, verb)
            found += [who] if who else []
    return found


def trailing(text: str, start: int, end: int) -> Who | None:
    """Return who is named by an attribution that ends a sentence, `..., Karimov said on Monday`; None if none does."""
    words = tokens(text, start, end)
    commas = [at for at, word in enumerate(words) if word.text == ","]
    for at in commas[:-MAX_COMMAS:-1]:
        rest = words[at + 1 :]
        if len(rest) > 2 and rest[0].low == "according" and rest[1].low == "to":
            return _following(rest, 2, (rest[0].start, rest[1].end))
        verb = next((i for i, word in enumerate(rest) if word.low in SPEECH and word.is_verb), 0)
        if verb and (who := _preceding(rest[:verb], (rest[verb].start, rest[verb].end), strict=True)):
            return who
    return None


def protagonist(text: str, start: int, end: int, known: Container[str] = (), *, alone: bool = False) -> Who | None:
    """Return the one person whom a sentence is about; None if it is about none or may be about several.

    Args:
        text: Without what is quoted.
        start, end: Of the sentence.
        known: Last names of persons; a single word that begins a sentence may be any noun.
        alone: Whether any other name, such as `Amsel` in `Brandt met Amsel`, may be that of a second person.
    """
    words = tokens(text, start, end)
    runs = [
        run
        for run in _people(words)
        if run != (0, 1) or _may_be_name(text[max(start - NEAR, 0) : end + NEAR], words, known)
    ]
    names = [run for run in runs if not _is_place(words, run)]
    long = [run for run in names if run[1] - run[0] > 1]
    head = next((run for run in names if _is_subject(words, run)), None)
    if head is None:
        return None
    said = {words[at].text for at in range(*head)}
    if any(run != head and not {words[at].text for at in range(*run)} <= said for run in long):
        return None
    if any(run != head and words[run[1] - 1].text not in said for run in names if alone or _is_subject(words, run)):
        return None
    first, last = head
    return Who(words[first].start, words[last - 1].end, "name", (words[first].start, words[first].start))


def _may_be_name(text: str, words: Sequence[Token], known: Container[str]) -> bool:
    """Return whether the first word of a sentence, in capitals as any is, may be a name."""
    word = words[0]
    if word.text in known:
        return True
    if len(word.text) < MIN_NAME or word.low.endswith(("ed", "ing", "ly", "'s", "\u2019s")):
        return False
    if len(words) < 2 or not words[1].is_word:
        return False
    is_one = words[1].low in ("was", "has", "is")
    return (is_one or word.low[-1] != "s") and re.search(rf"\b{re.escape(word.low)}\b", text) is None


def is_person(name: str) -> bool:
    """Return whether a name may be that of a person."""
    words = name.split()
    return not any(word.lower().strip(".") in BODIES for word in words)


def _is_subject(words: Sequence[Token], run: tuple[int, int]) -> bool:
    """Return whether a name begins a sentence or clause, a role before it not counted, and something is said of it."""
    first, last = run
    while first and words[first - 1].is_word and (words[first - 1].low in TITLES or words[first - 1].is_name):
        first -= 1
    while first and words[first - 1].low in TITLES | {"the", "a", "former", "union", "energy"}:
        first -= 1
    begins = first == 0 or words[first - 1].text in (",", ";", "\u2014", "\u2013", "-", ":")
    follows = words[last] if last < len(words) else None
    if follows is None or not begins:
        return False
    if follows.text == ",":
        return first == 0
    verbs = PAST | SPEECH | TELLING | BETWEEN
    return follows.low in verbs or follows.low in ("is", "was", "who") or follows.low.endswith("ed")


def _people(words: Sequence[Token]) -> Iterable[tuple[int, int]]:
    """Yield the stretches of words that may be names of persons, titles left out."""
    at = 0
    while at < len(words):
        if not words[at].is_name or words[at].low in _NOT_NAMES:
            at += 1
            continue
        end = at + 1
        while end < len(words) and (
            (words[end].is_name and words[end].low not in DAYS)
            or (words[end].low in PARTICLES and end + 1 < len(words) and words[end + 1].is_name)
        ):
            if words[end - 1].text.endswith(("'s", "\u2019s")):
                break
            end += 1
        first = _untitled(words, at, end)
        if first < end and is_person(" ".join(word.text for word in words[first:end])):
            yield first, end
        at = end


def _is_place(words: Sequence[Token], run: tuple[int, int]) -> bool:
    """Return whether a name stands where places and offices stand."""
    before = words[run[0] - 1].low if run[0] else ""
    return before in PLACES or words[run[1] - 1].text.endswith(("'s", "\u2019s"))


def _untitled(words: Sequence[Token], first: int, end: int) -> int:
    """Return where a name begins behind the titles before it."""
    begin = first
    for at in range(first, end - 1):
        if words[at].low in TITLES or words[at].text.endswith(("'s", "\u2019s")):
            begin = at + 1
    return begin


def _labelled(words: Sequence[Token], *, direct: bool) -> Who | None:
    """Return whom a colon names that stands behind a name, `Amsel: "..."`, or `Amsel, in Lund on Friday: "..."`."""
    if not direct or not words:
        return None
    head = _segments(words)[0]
    if not head or len(head) > _LONG_NOUN or not head[0].is_name:
        return None
    who = _noun(head, (words[-1].end, words[-1].end))
    return who if who and who.kind != "pronoun" and all(word.is_name or word.low in LINKS for word in head) else None


def _segments(words: Sequence[Token]) -> list[Sequence[Token]]:
    """Return words as commas and dashes divide them."""
    found: list[list[Token]] = [[]]
    for word in words:
        if word.is_word:
            found[-1].append(word)
        else:
            found.append([])
    return list(found)


def _preceding(words: Sequence[Token], verb: Span, *, strict: bool) -> Who | None:
    """Return the subject of a verb: the last noun before it, or what it is said of between commas.

    Args:
        words: Before the verb, from the beginning of the sentence or the end of a quotation.
        verb: Where it stands.
        strict: Whether the words begin with the subject.
    """
    while words and (words[-1].low in BETWEEN or (words[-1].low.endswith("ly") and not words[-1].is_name)):
        words = words[:-1]
    if not words:
        return None
    if words[-1].low in ("that", "which"):
        return None
    if words[-1].low == "who":
        begin = next((at for at in range(len(words) - 2, -1, -1) if words[at].low in DETERMINERS), -1)
        return _noun(words[begin:-1], verb) if begin >= 0 else None
    segments = _segments(words)
    if segments[-1]:
        if strict and len(segments) > 1:
            return None
        return _noun(_clause(segments[-1], strict=strict), verb)
    # A comma right before the verb: the subject stands before what is said of it, unless that is the name.
    rest = [segment for segment in segments[:-1] if segment]
    if not rest:
        return None
    for number, segment in enumerate(rest):
        who = _noun(_clause(segment, strict=strict), verb)
        if who is None:
            if strict:
                return None
            continue
        if who.kind == "noun" and number + 1 < len(rest):
            other = _noun(rest[number + 1], verb)
            if other and other.kind == "name" and _is_all_names(rest[number + 1]):
                return other
        return who
    return None


def _is_all_names(words: Sequence[Token]) -> bool:
    return all(word.is_name or word.low in PARTICLES or word.low in TITLES for word in words)


def _clause(words: Sequence[Token], *, strict: bool) -> Sequence[Token]:
    """Return the words behind the last one that begins a clause."""
    if strict:
        return words
    for at in range(len(words) - 1, -1, -1):
        low = words[at].low
        if (
            low in BREAKS
            or (low in SPEECH and words[at].is_verb)
            or low in TELLING
            or low in GOING_ON
            or low == "quoting"
        ):
            return words[at + 1 :]
    return words


def _following(words: Sequence[Token], at: int, verb: Span) -> Who | None:
    """Return whom a verb names that stands before the noun, `said Tamar Aslan, who ...`."""
    segments = _segments(words[at:])
    head = list(segments[0])
    if not head:
        return None
    for number, word in enumerate(head):
        low = word.low
        if number and low in (
            "who",
            "in",
            "on",
            "at",
            "when",
            "as",
            "after",
            "while",
            "during",
            "before",
            "late",
            "by",
        ):
            head = head[:number]
            break
        if number and low in DAYS | {"and", "but", "told"}:
            head = head[:number]
            break
    if head[0].low in PRONOUNS - {"he", "she", "they", "it"}:
        return None
    who = _noun(head, verb)
    if who and who.kind == "noun" and len(segments) > 1 and len(segments[1]) > 1 and _is_all_names(segments[1]):
        other = _noun(segments[1], verb)
        return other if other and other.kind == "name" else who
    return who


def _noun(words: Sequence[Token], verb: Span) -> Who | None:
    """Return who is meant by some words: a pronoun, a name without what stands before it, or all of them."""
    if not words:
        return None
    if len(words) == 1 and words[0].low in PRONOUNS:
        kind = "pronoun" if words[0].low in ("he", "she", "they", "it", "i", "we") else ""
        return Who(words[0].start, words[0].end, kind, verb) if kind else None
    if words[-1].low in PRONOUNS:
        return None
    if any(word.low == "and" for word in words) and not (words[0].low in DETERMINERS and not words[-1].is_name):
        return None
    end = len(words)
    first = end
    while first and words[first - 1].is_name and words[first - 1].low not in DETERMINERS | DAYS | {"according"}:
        if first < end and words[first - 1].text.endswith(("'s", "\u2019s")):
            break
        first -= 1
        if first > 1 and words[first - 1].low in PARTICLES and words[first - 2].is_name:
            first -= 1
    if first < end:
        begin = _untitled(words, first, end)
        text = [word.low for word in words[begin:end]]
        before = words[first - 1].low if first else ""
        is_plain = first == 0 or (before not in PLACES | {"or"} and not any(w.low in PLACES for w in words[:first]))
        is_role = len(text) == 1 and text[0] in TITLES | PEOPLE | BODIES
        if is_plain and not is_role and first <= _LONG_NOUN and not (before in DETERMINERS and before != "the"):
            if before == "the" or (text[-1] in BODIES and first and before in DETERMINERS):
                return Who(words[first - 1].start, words[-1].end, "noun", verb)
            if first and not _is_role(words[:first]):
                return None
            return Who(words[begin].start, words[-1].end, "name", verb)
    head = words[0]
    is_people = any(word.low in PEOPLE for word in words[:2]) or (head.low in DETERMINERS and len(words) > 1)
    is_called = len(words) == 1 or words[-1].low in TITLES or "'" in head.text or "\u2019" in head.text
    is_noun = is_people or (head.is_name and is_called and not head.low.endswith("ing"))
    return Who(head.start, words[-1].end, "noun", verb) if is_noun and len(words) <= _LONG_NOUN else None


def _is_role(words: Sequence[Token]) -> bool:
    """Return whether words before a name say what the person is."""
    last = words[-1]
    return last.low in TITLES or last.low in PEOPLE or last.text.endswith(("'s", "\u2019s")) or len(words) == 1
