"""The words of a query, in whatever spelling the index has learned."""

from collections.abc import Sequence
from functools import cached_property

from search.engine.snapshot import Snapshot
from search.engine.variants import Variants
from search.query.analyse import is_function_word
from search.query.clauses import Clause
from search.query.variants import spread
from search.text.analysis import Analyzer

NOTED = 5  # words whose other spellings are noted


class Wording:
    """The words of one query.

    `notes` says which of them are looked for in other spellings, too.

    Args:
        text: The query as typed.
        variants: The spellings that the index has learned.
        snapshot: Of the index; a spelling that stands nowhere is not looked for.
        analyzer: Of the index.
    """

    def __init__(self, text: str, variants: Variants, snapshot: Snapshot, analyzer: Analyzer) -> None:
        self.notes: list[str] = []
        self._text, self._variants, self._snapshot, self._analyzer = text, variants, snapshot, analyzer
        self._others: dict[str, Sequence[str]] = {}

    @cached_property
    def _typed(self) -> dict[str, str]:
        """The words of the query as they were typed, by term; of several with one term the first."""
        tokens = self._analyzer.words(self._text)
        return {token.term: self._text[token.start : token.end] for token in reversed(tokens)}

    def spread(self, clause: Clause) -> Clause:
        """Return a clause with all spellings of its words."""
        return spread(clause, self._known)

    def _known(self, term: str) -> Sequence[str]:
        if term not in self._others:
            self._others[term] = self._found(term)
        return self._others[term]

    def _found(self, term: str) -> Sequence[str]:
        """Return the terms of other spellings of a term that stand in the index, and note them."""
        others = self._variants.others(term)
        if not others:
            return ()
        parts = self._snapshot.parts
        keys = [(other, form, other.encode("utf-8", "surrogatepass")) for other, form in others]
        found = [(other, form) for other, form, key in keys if any(part.segment.find(key) for part in parts)]
        typed = self._typed.get(term)
        if not found or is_function_word(typed or term, self._analyzer.language):
            return ()
        if typed and len(self.notes) < NOTED:
            forms = ", ".join(form for _, form in found)
            self.notes.append(f"{typed} is also looked for as {forms}; ={typed} finds it as it is written.")
        elif typed and len(self.notes) == NOTED:
            self.notes.append("More words are looked for in other spellings; --no-variants finds them as written.")
        return [other for other, _ in found]
