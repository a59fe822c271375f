"""Which terms of a segment fill a slot of a query, and in which of their surface forms."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from search.engine.lexicon import Form
from search.engine.segment import Term
from search.engine.snapshot import Part, Snapshot
from search.query.clauses import Forms, Similar, Slot, Terms, bare

MAX_FORMS = 1024  # surface forms that a pattern may stand for
MAX_ALL_FORMS = 2048  # that all patterns of a query may stand for
MAX_COMPARED = 1 << 17  # forms compared with the patterns of a query, or twice all that there are
EDITS = 8  # times as long as comparing with a pattern takes counting the edits from a form to another

Fitting = dict[str, tuple[int, ...]]  # forms, and the terms they are of
Filling = list[tuple[Term, frozenset[int] | None]]  # terms, and which of their forms; None is all


class Vocabulary:
    """The words of a snapshot that one query asks for.

    Args:
        snapshot: Of the index.
        notes: Gets a sentence for what was left out.
    """

    def __init__(self, snapshot: Snapshot, notes: list[str]) -> None:
        self._snapshot = snapshot
        self._notes = notes
        self._forms: dict[Forms | Similar, list[Fitting]] = {}
        self._known: dict[tuple[int, str], Term | None] = {}
        self.n_forms = self._n_compared = 0

    def term(self, part: Part, stem: str) -> Term | None:
        """Return a term of a part, or None."""
        key = part.base, stem
        try:
            return self._known[key]
        except KeyError:
            found = self._known[key] = part.segment.find(stem.encode("utf-8", "surrogatepass"))
            return found

    def filling(self, part: Part, slot: Slot) -> Filling:
        """Return the terms of a part that can fill a slot, and which of their forms do; None is all."""
        segment = part.segment
        slot = bare(slot)
        if isinstance(slot, Terms):
            found = [self.term(part, stem) for stem in slot.terms]
            return [(term, None) for term in found if term]
        numbers: dict[int, set[str]] = {}
        for form, own in self._fitting(slot)[self._snapshot.parts.index(part)].items():
            for number in own:
                numbers.setdefault(number, set()).add(form)
        terms = []
        for number in sorted(numbers):
            term = segment.term(number)
            shapes = frozenset(shape for shape, form in enumerate(term.forms) if form in numbers[number])
            terms.append((term, None if len(shapes) == len(term.forms) else shapes))
        return terms

    def forms(self, parts: Sequence[Part], slot: Slot) -> set[str]:
        """Return the surface forms in some parts that can fill a slot."""
        slot = bare(slot)
        if not isinstance(slot, Terms):
            return {form for part in parts for form in self._fitting(slot)[self._snapshot.parts.index(part)]}
        found: set[str] = set()
        for part in parts:
            for stem in slot.terms:
                if term := self.term(part, stem):
                    found.update(term.forms)
        return found

    def _fitting(self, slot: Forms | Similar) -> list[Fitting]:
        """Return, per part, the forms that fill a slot with their terms: the first `MAX_FORMS` of the whole index.

        A query with many patterns gets no more forms when it has had its share.
        """
        known = self._forms.get(slot)
        if known is not None:
            return known
        found: list[Fitting] = []
        most = min(MAX_FORMS, MAX_ALL_FORMS - self.n_forms)
        n_all = sum(len(part.segment.lexicon) for part in self._snapshot.parts)
        if most <= 0 or self._n_compared > max(MAX_COMPARED, 2 * n_all):
            self._notes.append("The query has too many patterns: some were not looked for.")
            self._forms[slot] = found = [{} for _ in self._snapshot.parts]
            return found
        for part in self._snapshot.parts:
            lexicon = part.segment.lexicon
            beside = ":" not in slot.prefix  # the words of the path and of further fields are named by their field only
            if isinstance(slot, Similar):
                forms = lexicon.near(slot.form, slot.distance)
            elif slot.prefix:
                forms = lexicon.beginning(slot.prefix)
                if slot.is_exact:
                    forms = takewhile(lambda form: form[0] == slot.prefix, forms)
            else:
                forms = lexicon.having(slot.letters)
            fitting = ((form, n) for form, n in self._counted(forms, slot) if not (beside and ":" in form))
            in_order = isinstance(slot, Forms) and slot.prefix
            own: Fitting = {}
            for form, number in fitting:
                own[form] = (*own.get(form, ()), number)
                if in_order and len(own) > most:
                    break
            found.append(own)
        chosen = set(sorted(set().union(*found))[:most])
        self.n_forms += len(chosen)
        if any(len(own) > len(chosen & own.keys()) for own in found):
            self._notes.append(f"Only the first {most} forms of {_shown(slot)} were looked for.")
            found = [{form: numbers for form, numbers in own.items() if form in chosen} for own in found]
        self._forms[slot] = found
        return found

    def _counted(self, forms: Iterable[Form], slot: Forms | Similar) -> Iterator[Form]:
        """Yield the forms that fit, and count those that were compared."""
        cost = EDITS if isinstance(slot, Similar) else 1
        for form in forms:
            self._n_compared += cost
            if slot.fits(form[0]):
                yield form


def further_fields(snapshot: Snapshot, names: Iterable[str]) -> frozenset[str]:
    """Return those of some names by which living articles of a snapshot have fields beside the usual ones."""
    return frozenset(name for name in names if any(_has(part, f"{name}:") for part in snapshot.parts))


def _has(part: Part, prefix: str) -> bool:
    """Return whether a living article of a part has a form that begins with a prefix."""
    segment = part.segment
    return any(not part.deleted or part.df(segment.term(number)) for _, number in segment.lexicon.beginning(prefix))


def _shown(slot: Forms | Similar) -> str:
    return f"{slot.prefix}…" if isinstance(slot, Forms) else f"{slot.form}~"
