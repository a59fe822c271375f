"""The fields of an index as Whoosh's schema, and our chain from text to tokens as Whoosh's analyzer.

    id                                      the article's id, as it is
    date                                    when it was published, by the clock of its outlet
    title deck body low source author       the parts that `title:` and the like search
    text                                    all of them, with the words of the date: what a bare word searches
    path, and every field that articles name themselves (`meta`)

The terms of a text field are stems. Its surface forms, which `=word`, `word*` and `word~` search, are the terms of a
field of their own, by the name `exact_` and the field's: Whoosh takes suggestions for spelling from there.
"""

from collections.abc import Callable, Iterator
from typing import Any

from whoosh import analysis, columns, fields

from search.engine.fieldwise import encoded
from search.text.analysis import Analyzer, Token, fold
from search.text.stream import Field

EXACT = "exact_"
NO_DATE = (1 << 63) - 1  # above all times

RANGES: dict[str, Field | None] = {
    "text": None,
    "title": Field.TITLE,
    "deck": Field.DECK,
    "body": Field.BODY,
    "low": Field.LOW,
    "source": Field.SOURCE,
    "author": Field.AUTHOR,
}
NAMES = {field: name for name, field in RANGES.items() if field is not None}


class Chain(analysis.Analyzer):
    """Our chain. In a text, the joined form of a hyphenated word stands at its first part; in a query, it does not.

    A pattern (`tokenize` is False) is folded as it is.

    Args:
        analyzer: Of the index.
        exact: Whether tokens are surface forms; else they are stems.
    """

    def __init__(self, analyzer: Analyzer, *, exact: bool) -> None:
        self.analyzer = analyzer
        self.exact = exact

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chain) and (self.analyzer.id, self.exact) == (other.analyzer.id, other.exact)

    __hash__ = None  # type: ignore[assignment]  # as every analyzer of Whoosh

    def __call__(  # noqa: D102  # Whoosh's contract
        self,
        value: str,
        *,
        positions: bool = False,
        chars: bool = False,
        removestops: bool = True,
        start_pos: int = 0,
        start_char: int = 0,
        mode: str = "",
        tokenize: bool = True,
        no_morph: bool = False,
        **others: Any,
    ) -> Iterator[Any]:
        token = analysis.Token(positions, chars, removestops=removestops, mode=mode, **others)
        position = start_pos - 1
        tokens = self.analyzer.tokens(value) if tokenize else [Token(fold(value), fold(value), 0, len(value), 1)]
        for term, form, start, end, step in tokens:
            if mode == "query" and not step:
                continue
            position += step
            token.text = token.original = form if self.exact or no_morph else term
            token.boost = 1.0
            token.stopped = False
            if positions:
                token.pos = position
            if chars:
                token.startchar, token.endchar = start_char + start, start_char + end
            yield token

    def has_morph(self) -> bool:
        """Return whether tokens are other than the words as written."""
        return not self.exact


class Text(fields.TEXT):
    """A field of words.

    Args:
        analyzer: Of the index.
        exact: Whether its terms are surface forms.
        sortable: Whether articles can be sorted by what stands in it.
    """

    def __init__(self, analyzer: Analyzer, *, exact: bool = False, sortable: bool = False) -> None:
        super().__init__(
            Chain(analyzer, exact=exact),
            phrase=True,
            stored=not exact,
            spelling=not exact,
            spelling_prefix=EXACT,
            sortable=sortable,
            vector=True,
            multitoken_query="phrase",
        )

    def to_bytes(self, value: Any) -> bytes:
        """Return a term as bytes."""
        value = value[0] if isinstance(value, list | tuple) else value
        return value if isinstance(value, bytes) else encoded(value)

    def from_bytes(self, bs: bytes) -> str:
        """Return the term that some bytes are."""
        return bs.decode("utf-8", "surrogatepass")

    def subfields(self) -> Iterator[tuple[str, Any]]:
        """Yield the field, and that of its surface forms, with what stands before its name."""
        yield "", self
        if not self.analyzer.exact:
            yield EXACT, Text(self.analyzer.analyzer, exact=True)


class Moment(fields.DATETIME):
    """When an article was published. The undated have no term, and come last in every order."""

    def __init__(self) -> None:
        super().__init__(stored=True, sortable=columns.NumericColumn("q", default=NO_DATE))

    def from_column_value(self, x: int) -> Any:
        """Return the time that a number in the column is; None of the undated."""
        return None if x in (NO_DATE, -NO_DATE) else super().from_column_value(abs(x))


class Schema(fields.Schema):
    """The fields of one index.

    Args:
        analyzer: Of the index.
        has: Whether some article has a field that it named itself.
    """

    def __init__(self, analyzer: Analyzer, has: Callable[[str], bool]) -> None:
        super().__init__()
        self._has = has
        self.add("id", fields.ID(stored=True, unique=True, sortable=True))
        self.add("date", Moment())
        for name in RANGES:
            self.add(name, Text(analyzer, sortable=name in ("title", "source", "author")))
        self._named = {False: Text(analyzer, sortable=True), True: Text(analyzer, exact=True)}

    def __getitem__(self, name: str) -> Any:
        if name in self._fields:
            return self._fields[name]
        if self._has(name):
            return self._named[False]
        if name.startswith(EXACT) and self._has(name.removeprefix(EXACT)):
            return self._named[True]
        raise KeyError(f"No field named {name!r}")
