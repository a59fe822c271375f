"""From the tree as read to clauses: its words analysed as the articles were.

A word of several tokens (`9/11`) is the phrase of its parts; a hyphenated one (`air-strikes`) that phrase or the joined
form (`airstrikes`). `us` is the pronoun and the country, `US` and `U.S.` are the country; so are those of a line
set in capitals.
"""

import datetime
import re

from search.errors import QueryError
from search.query import tree
from search.query.clauses import (
    LEAD,
    All,
    Any,
    Clause,
    Close,
    Everything,
    Forms,
    Leaf,
    Long,
    Often,
    Preferred,
    Run,
    Similar,
    Slot,
    Terms,
    Times,
    Voice,
    Weighted,
    Without,
    cased,
)
from search.query.dates import date_bounds
from search.query.isbn import printed
from search.text.analysis import COUNTRY, EITHER, PRONOUN, Analyzer, Token, fold
from search.text.stream import WRITTEN, Field

FUNCTION_WORD = 0.1  # what a word that only holds others together weighs beside a word with a meaning
# Words of English that any article has, whatever it is about.
_FUNCTION_WORDS = frozenset(
    """
    a about after all also an and any are as at be because been before being but by can could did do
    does for from had has have he her him his how i if in into is it its just may me might more most
    must my no nor not of on or our out over shall she should so some such than that the their them then
    there these they this those to too under until up upon was we were what when where which while who
    whom why will with would you your
    """.split()
)
FIELDS: dict[str, frozenset[Field]] = {
    "title": frozenset({Field.TITLE}),
    "deck": frozenset({Field.DECK}),
    "body": frozenset({Field.BODY}),
    "source": frozenset({Field.SOURCE}),
    "author": frozenset({Field.AUTHOR}),
    "date": frozenset({Field.DATE}),
    "low": frozenset({Field.LOW}),
    "hlead": WRITTEN,
}
QUOTED = frozenset({Field.DECK, Field.BODY})  # where quotations are looked for
_FIRST = re.compile(r"first([0-9]+)")
_ZONE = re.compile(r"(?<=\d\d:\d\d)(?:Z|[+-]\d\d:?\d\d)\Z")  # of a time, as an index prints it
_EPOCH = datetime.datetime(1970, 1, 1)  # noqa: DTZ001  # the outlets' clocks, whatever they are


def analyse(node: tree.Node, analyzer: Analyzer, by: Clause | None = None) -> Clause:
    """Return what a tree means.

    Args:
        node: As read.
        analyzer: The chain of the index.
        by: What must stand in the name of those who say what is quoted.
    """
    match node:
        case tree.Word(field="quote" | "by") | tree.Phrase(field="quote" | "by") | tree.Prefix(field="quote" | "by"):
            return _spoken(node, analyzer, by)
        case tree.Wildcard(field="quote" | "by") | tree.Fuzzy(field="quote" | "by"):
            return _spoken(node, analyzer, by)
        case tree.Word(text, field, exact):
            return _word(text, field, analyzer, exact=exact)
        case tree.Phrase(text, field, slop, exact):
            return _phrase(text, field, slop, analyzer, exact=exact)
        case tree.Prefix(text, field):
            return _forms(text, field, analyzer)
        case tree.Wildcard(pattern, field):
            return _wildcard(pattern, field)
        case tree.Fuzzy(text, distance, prefix_length, field):
            return _fuzzy(text, distance, prefix_length, field, analyzer)
        case tree.DateRange(start, end):
            return Times(_seconds(start), _seconds(end))
        case tree.Undated():
            return Times(None, None, dated=False)
        case tree.Length(least, most):
            return Long(least, most)
        case tree.And(parts):
            named = [analyse(_anywhere(part), analyzer) for part in parts if tree.names_speaker(part)]
            if named:  # one and the same speaker
                by = All((*named, by)) if by else All(tuple(named)) if len(named) > 1 else named[0]
            return All(tuple(analyse(part, analyzer, by) for part in parts))
        case tree.Or(parts):
            if by is None and tree.names_speaker(node):
                by = analyse(_anywhere(node), analyzer)
            return Any(tuple(analyse(part, analyzer, by) for part in parts))
        case tree.Not(part):
            return Without(analyse(part, analyzer, by))
        case tree.AndMaybe(must, may):
            return Preferred(analyse(must, analyzer, by), analyse(may, analyzer, by))
        case tree.Boost(part, factor):
            return Weighted(analyse(part, analyzer, by), factor)
        case tree.Near(left, right, distance, ordered, apart):
            return Close(analyse(left, analyzer, by), analyse(right, analyzer, by), distance, ordered, apart)
        case tree.AtLeast(part, n):
            return Often(analyse(part, analyzer, by), n)
        case tree.Cased(part, case):
            return cased(analyse(part, analyzer, by), case)
        case tree.Every():
            return Everything()
        case tree.Nothing():
            return Everything(none=True)
    raise AssertionError(node)


def _anywhere(node: tree.Node) -> tree.Node:
    """Return a node that names a speaker as one of plain words: those of a name."""
    match node:
        case tree.And(parts) | tree.Or(parts):
            return type(node)(tuple(map(_anywhere, parts)))
        case tree.Boost(part, _):
            return _anywhere(part)
        case tree.Word() | tree.Phrase() | tree.Prefix() | tree.Wildcard() | tree.Fuzzy():
            return node._replace(field=None)
    raise AssertionError(node)


def _spoken(
    node: tree.Word | tree.Phrase | tree.Prefix | tree.Wildcard | tree.Fuzzy, analyzer: Analyzer, by: Clause | None
) -> Clause:
    """Return the clause of what is quoted, or of who speaks."""
    plain = node._replace(field=None)
    is_name = node.field == "by"
    voice = Voice(analyse(plain, analyzer) if is_name and by is None else by, is_name)
    return _in_voice(analyse(plain, analyzer), voice)


def _in_voice(clause: Clause, voice: Voice) -> Clause:
    match clause:
        case Leaf(runs):
            return Leaf(runs, QUOTED, None, voice)
        case Weighted(part, factor):
            return Weighted(_in_voice(part, voice), factor)
        case _:
            return clause


def times(since: str | datetime.date | None, until: str | datetime.date | None, now: datetime.datetime) -> Times:
    """Return the period of two options, both ends included whole.

    Raises:
        QueryError: One is no date.
    """
    bounds: list[tuple[datetime.datetime, datetime.datetime] | None] = []
    for name, value in (("since", since), ("until", until)):
        if isinstance(value, str) and (zoned := _ZONE.search(value)):
            value = value[: zoned.start()]
        if isinstance(value, datetime.datetime):  # articles have no fractions of a second, and each its outlet's clock
            value = value.replace(microsecond=0, tzinfo=None)
        text = value.isoformat() if isinstance(value, datetime.date) else value
        period = date_bounds(text, now) if isinstance(text, str) else None
        if text is not None and period is None:
            raise QueryError(f"{name} {text!r} is no date; write it as 2021-08-10, 2021-08, yesterday or 3 days ago")
        bounds.append(period)
    first, last = bounds
    return Times(_seconds(first[0]) if first else None, _seconds(last[1]) if last else None)


def _seconds(time: datetime.datetime | None) -> int | None:
    return None if time is None else int((time - _EPOCH).total_seconds())


def _within(runs: tuple[Run, ...], field: str | None) -> Leaf:
    """Return the leaf of runs in a field."""
    if field is None:
        return Leaf(runs)
    if first := _FIRST.fullmatch(field):
        return Leaf(runs, WRITTEN, int(first[1]))
    return Leaf(runs, FIELDS.get(field), LEAD if field == "hlead" else None)


def has_own_terms(field: str | None) -> bool:
    """Return whether the words of a field are none of the text, such as those of a path or of a further field."""
    return field is not None and field not in FIELDS and not _FIRST.fullmatch(field)


def _prefix(field: str | None) -> str:
    """Return what stands before the terms of a field that has its own."""
    return f"{field}:" if has_own_terms(field) else ""


def _word(text: str, field: str | None, analyzer: Analyzer, *, exact: bool) -> Clause:
    """Return a word's clause; words that only hold others together weigh less."""
    leaf = _leaf(text, field, 1, analyzer, exact=exact, joined=True)
    if isinstance(leaf, Leaf) and not exact and is_function_word(text, analyzer.language):
        return Weighted(leaf, FUNCTION_WORD)
    return leaf


def is_function_word(text: str, language: str) -> bool:
    """Return whether a word only holds others together. Known for English alone."""
    return language == "english" and fold(text) in _FUNCTION_WORDS


def _phrase(text: str, field: str | None, slop: int, analyzer: Analyzer, *, exact: bool) -> Clause:
    return _leaf(text, field, slop, analyzer, exact=exact, joined=False)


def _leaf(text: str, field: str | None, slop: int, analyzer: Analyzer, *, exact: bool, joined: bool) -> Clause:
    """Return the leaf of a word or phrase. `joined`: the joined form of a hyphenated word alone will do, too.

    So will, unless it is `exact`, any other way to print an ISBN.
    """
    tokens = analyzer.words(text)
    parts = [token for token in tokens if token.step]
    if not parts:
        return Everything(none=True)
    prefix = _prefix(field)
    runs = [Run(tuple(_slot(token, text, prefix, exact=exact) for token in parts), slop)]
    if joined and len(tokens) == len(parts) + 1 and tokens[1].step == 0:
        runs.append(Run((_slot(tokens[1], text, prefix, exact=exact),)))
    if joined and not exact and (ways := printed(text)):
        runs[-1] = Run((Terms(tuple(prefix + way for way in ways)),))
    return _within(tuple(runs), field)


def _slot(token: Token, text: str, prefix: str, *, exact: bool) -> Slot:
    forms: tuple[str, ...]
    if token.term == COUNTRY:
        forms = (COUNTRY, EITHER)
    elif token.term == PRONOUN and text[token.start : token.end].lower() == "us":
        forms = (PRONOUN, COUNTRY, EITHER)
    elif exact:
        return Forms(re.escape(prefix + token.form), prefix + token.form)
    else:
        return Terms((prefix + token.term,))
    return Terms(tuple(prefix + form for form in forms))


def _forms(text: str, field: str | None, analyzer: Analyzer) -> Clause:
    """Return the clause of a prefix. Of several words all but the last are whole."""
    tokens = [token for token in analyzer.words(text) if token.step]
    if not tokens:
        return Everything(none=True)
    prefix = _prefix(field)
    last = prefix + fold(text[tokens[-1].start :])
    slots = [_slot(token, text, prefix, exact=False) for token in tokens[:-1]]
    return _within((Run((*slots, Forms(re.escape(last) + ".*", last))),), field)


def _wildcard(pattern: str, field: str | None) -> Clause:
    folded = _prefix(field) + "".join(fold(part) if part not in "*?" else part for part in re.split(r"([*?])", pattern))
    first, *others = (re.escape(part).replace(r"\?", ".") for part in re.sub(r"\*+", "*", folded).split("*"))
    # What stands between two stars is looked for once, where it comes first: no backtracking, however many stars.
    between = "".join(f"(?>.*?{part})" for part in others[:-1])
    expression = f"{first}{between}{f'.*{others[-1]}' if others else ''}"
    return _within((Run((Forms(expression, re.split(r"[*?]", folded, maxsplit=1)[0]),)),), field)


def _fuzzy(text: str, distance: int, prefix_length: int, field: str | None, analyzer: Analyzer) -> Clause:
    tokens = [token for token in analyzer.words(text) if token.step]
    if len(tokens) != 1 or tokens[0].term in (COUNTRY, PRONOUN):
        return _word(text, field, analyzer, exact=False)
    prefix, form = _prefix(field), tokens[0].form
    slot = Similar(prefix + form, distance, prefix + form[:prefix_length])
    return _within((Run((slot,)),), field)
