"""The slow truth: what an index must answer, by dictionaries and loops over every token of every article.

It evaluates the query tree as it was read, before any rewriting, and shares no code with the engine; what a token is,
and where it stands, it takes from `search.text`.
"""

import datetime
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product

from search.claims.quotations import quotations
from search.model import Article, Zone
from search.query import tree
from search.query.analyse import FUNCTION_WORD, analyse, is_function_word
from search.query.variants import AS_TYPED
from search.text.analysis import COUNTRY, EITHER, PRONOUN, Token, analyzer, fold
from search.text.moments import moment
from search.text.stream import SHOWN, Field, Place, as_written, stream

Fits = Callable[[Place], bool]
Way = tuple[int, ...]  # ordinals of the tokens that fill a run, one for each of its words
Span = tuple[int, int]

FIELD = {
    "title": Field.TITLE,
    "deck": Field.DECK,
    "body": Field.BODY,
    "source": Field.SOURCE,
    "author": Field.AUTHOR,
    "date": Field.DATE,
    "low": Field.LOW,
}
FIRST = 20  # articles ranked by nearness, too
WINDOW = 10  # positions
LEAVES = (tree.Word, tree.Phrase, tree.Prefix, tree.Wildcard, tree.Fuzzy)


class Oracle:
    """Answers queries over some articles.

    Args:
        articles: With their zones, no id twice.
        settings: Of ranking, all of them.
        language: A Snowball name.
        spellings: Further terms that a term stands for.
    """

    def __init__(
        self,
        articles: Sequence[tuple[Article, tuple[Zone, ...]]],
        settings: dict[str, float],
        language: str = "english",
        spellings: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.spellings = spellings or {}
        self.language = analyzer(language)
        self.zones = {article.id: zones for article, zones in articles}
        self.articles = {article.id: article for article, _ in articles}
        self.places = {article.id: stream(article, zones, self.language) for article, zones in articles}
        self.settings = settings
        self.n = len(self.articles)
        self.cells = {article_id: cells(places) for article_id, places in self.places.items()}
        self.written = {
            id(place): as_written(article, self.zones[i])(place)
            for i, article in self.articles.items()
            for place in self.places[i]
        }
        self.cases: tuple[str, ...] = ()  # in which words must be written, of the part looked at
        self.by: tuple[tree.Node, ...] = ()  # what must stand in the name of who says what is quoted
        self.are_alike = False  # all spellings of a word
        self.is_spelt = False  # a word looked at last has other spellings
        self.known: dict[tuple[object, ...], dict[str, float]] = {}
        self.said = {
            i: quotations(article.body, [(z.start, z.end) for z in self.zones[i] if z.kind in SHOWN])
            for i, article in self.articles.items()
        }
        self.lengths = {(f, i): self.length(f, i) for f in Field for i in self.articles}

    # Which articles, and how good

    def scores(self, node: tree.Node) -> dict[str, float]:
        """Return the score of each article that fits."""
        key = node, self.cases, self.by, self.are_alike
        if key not in self.known:
            self.known[key] = self.evaluated(node)
        return self.known[key]

    @contextmanager
    def alike(self) -> Iterator[None]:
        """Let no spelling score more than the others."""
        before, self.are_alike = self.are_alike, True
        yield
        self.are_alike = before

    @contextmanager
    def under(self, case: str) -> Iterator[None]:
        """Look at words in some case alone."""
        before, self.cases = self.cases, (*self.cases, case)
        yield
        self.cases = before

    @contextmanager
    def spoken_by(self, *nodes: tree.Node) -> Iterator[None]:
        """Look at what is said by those whom `by:` names alone."""
        before, self.by = self.by, (*nodes, *self.by)
        yield
        self.by = before

    def evaluated(self, node: tree.Node) -> dict[str, float]:
        match node:
            case tree.And(parts):
                with self.spoken_by(*filter(tree.names_speaker, parts)):
                    each = [self.scores(part) for part in parts]
                filters = [isinstance(part, tree.Not) for part in parts]
                fitting = [i for i in self.articles if all(i in found for found in each)]
                return {i: sum((f[i] for f, skip in zip(each, filters, strict=True) if not skip), 0.0) for i in fitting}
            case tree.Or(parts):
                with self.spoken_by(*([node] if not self.by and tree.names_speaker(node) else [])):
                    each = [self.scores(part) for part in parts]
                fitting = [i for i in self.articles if any(i in found for found in each)]
                return {i: sum((found[i] for found in each if i in found), 0.0) for i in fitting}
            case tree.Not(part):
                found = self.scores(part)
                return {i: 0.0 for i in self.articles if i not in found}
            case tree.AndMaybe(must, may):
                first, second = self.scores(must), self.scores(may)
                return {i: score + second.get(i, 0.0) for i, score in first.items()}
            case tree.Boost(part, factor):
                return {i: score * factor for i, score in self.scores(part).items()}
            case tree.Near(left, right, apart=apart):
                with self.alike():
                    a, b = self.scores(left), self.scores(right)
                if apart:
                    return {i: score for i, score in a.items() if self.near(node, i)}
                return {i: 0.0 + a[i] + b[i] for i in a if i in b and self.near(node, i)}
            case tree.AtLeast(part, n):
                with self.alike():
                    found = self.scores(part)
                return {i: score for i, score in found.items() if self.places_of(part, i) >= n}
            case tree.Cased(part, case):
                with self.under(case):
                    return self.scores(part)
            case tree.Length(least, most):
                words = {
                    i: sum(self.lengths[f, i] for f in (Field.TITLE, Field.DECK, Field.BODY)) for i in self.articles
                }
                return {i: 0.0 for i, n in words.items() if n >= (least or 0) and (most is None or n <= most)}
            case tree.DateRange() | tree.Undated():
                return {i: 0.0 for i in self.articles if self.dated(node, i)}
            case tree.Every():
                return dict.fromkeys(self.articles, 0.0)
            case tree.Nothing():
                return {}
            case _:
                return self.leaf_scores(node)

    def ranked(self, node: tree.Node) -> list[tuple[str, float]]:
        """Return the articles that fit, best first, the first of them by how near the words stand as well."""
        found = self.in_order(self.scores(node))
        worth = self.worth_near(node)
        if len(worth) < 2:
            return found
        first = {i: score + self.settings["nearness"] * self.nearness(worth, i) for i, score in found[:FIRST]}
        return self.in_order(first) + found[FIRST:]

    def nearness(self, worth: dict[tree.Node, float], article_id: str) -> float:
        """Return the largest worth of leaves that begin within a window of positions."""
        places = [
            (position, leaf)
            for leaf in worth
            for runs, _, slop in [self.runs(leaf)]
            for position, field in self.begins(article_id, runs, slop)
            if self.is_within(leaf, article_id, position, field)
        ]
        windows = [{leaf for at, leaf in places if start <= at < start + WINDOW} for start, _ in places]
        return max((sum(worth[leaf] for leaf in window) for window in windows), default=0.0)

    def worth_near(self, node: tree.Node) -> dict[tree.Node, float]:
        """Return what the words and phrases that count are worth in a window, weights rounded to 2 ** -40."""
        found: dict[tree.Node, float] = {}
        known: dict[object, tree.Node] = {}
        for leaf, factor in self.counting(node, 1.0, sure=True):
            # Words that mean the same are one.
            leaf = known.setdefault(str(analyse(leaf, self.language)), leaf)
            found[leaf] = found.get(leaf, 0.0) + factor
        return {leaf: round(self.weight_of(leaf) * factor * 2**40) / 2**40 for leaf, factor in found.items()}

    def counting(self, node: tree.Node, factor: float, *, sure: bool) -> list[tuple[tree.Node, float]]:
        """Return the leaves whose nearness counts. `sure`: whether all articles found fit `node`."""
        match node:
            case tree.Word(text, _, exact) | tree.Phrase(text, _, _, exact):
                is_function = isinstance(node, tree.Word) and is_function_word(text, self.language.language)
                tokens = self.language.words(text)
                is_of_forms = exact and any(not is_country(token, text) for token in tokens if token.step)
                return [(node, factor)] if factor and tokens and not is_of_forms and (exact or not is_function) else []
            case tree.Fuzzy(text, _, _, field):
                tokens = [token for token in self.language.words(text) if token.step]
                is_word = len(tokens) != 1 or tokens[0].term in (COUNTRY, PRONOUN)
                return self.counting(tree.Word(text, field), factor, sure=sure) if is_word else []
            case tree.Boost(part, own):
                return self.counting(part, factor * own, sure=sure)
            case tree.Or(parts):
                return [leaf for part in parts for leaf in self.counting(part, factor, sure=False)]
            case tree.And(parts) if sure:
                return [leaf for part in parts for leaf in self.counting(part, factor, sure=True)]
            case tree.AtLeast(part, _) | tree.Near(part, apart=True) if sure:
                return self.counting(part, factor, sure=True)
            case tree.Near(left, right) if sure:
                return self.counting(left, factor, sure=True) + self.counting(right, factor, sure=True)
            case tree.AndMaybe(must, may) if sure:
                return self.counting(must, factor, sure=True) + self.counting(may, factor, sure=False)
        return []

    def in_order(self, scores: dict[str, float]) -> list[tuple[str, float]]:
        """Return articles best first; equal ones newest first, undated last, then by id."""

        def key(item: tuple[str, float]) -> tuple[float, bool, int, bytes]:
            date = self.articles[item[0]].iso_date
            return -item[1], not date, -moment(date)[0] if date else 0, item[0].encode("utf-8", "surrogatepass")

        return sorted(scores.items(), key=key)

    def dated(self, node: tree.DateRange | tree.Undated, article_id: str) -> bool:
        """Return whether an article's date fits."""
        date = self.articles[article_id].iso_date
        if isinstance(node, tree.Undated):
            return date is None
        if date is None:
            return False
        local = first(date)
        epoch = datetime.datetime(1970, 1, 1)
        start = (node.start - epoch).total_seconds() if node.start else None
        end = (node.end - epoch).total_seconds() if node.end else None
        return (start is None or local >= start) and (end is None or last(date) < end)

    def leaf_scores(self, leaf: tree.Node) -> dict[str, float]:
        """Return the scores of a leaf; where it stands as it was typed, more."""
        self.is_spelt = False
        found = self.bm25f(leaf)
        is_light = isinstance(leaf, tree.Word) and is_function_word(leaf.text, self.language.language)
        if self.is_spelt and not self.are_alike and not is_light:
            spellings, self.spellings = self.spellings, {}
            typed = self.bm25f(leaf)
            self.spellings = spellings
            return {i: score + AS_TYPED * typed.get(i, 0.0) for i, score in found.items()}
        return found

    def bm25f(self, leaf: tree.Node) -> dict[str, float]:
        """Return BM25F of a leaf, fields summed before saturation."""
        runs, _, slop = self.runs(leaf)
        idf = self.weight_of(leaf)
        anywhere = {i: self.begins(i, runs, slop) for i in self.articles}
        found = {}
        for article_id, begins in anywhere.items():
            chosen = [field for at, field in begins if self.is_within(leaf, article_id, at, field)]
            if chosen:
                total = 0.0
                for field in sorted(set(chosen)):
                    total += self.weight(field) * chosen.count(field) / self.norm(field, article_id)
                found[article_id] = idf * (total / (self.settings["k1"] + total))
        if isinstance(leaf, tree.Word) and not leaf.exact and is_function_word(leaf.text, self.language.language):
            return {i: score * FUNCTION_WORD for i, score in found.items()}
        return found

    def weight_of(self, leaf: tree.Node) -> float:
        """Return how much a leaf says: how rare it is, and how often it comes where it comes."""
        runs, _, slop = self.runs(leaf)
        anywhere = {i: self.begins(i, runs, slop) for i in self.articles}
        if len(runs) == 1 and len(runs[0]) > 1:
            idf = sum(
                (self.idf(sum(1 for i in self.articles if any(map(fits, self.places[i])))) for fits in runs[0]), 0.0
            )
        else:
            idf = self.idf(sum(1 for begins in anywhere.values() if begins))
        df = sum(1 for begins in anywhere.values() if begins)
        if df:
            written = (Field.TITLE, Field.DECK, Field.BODY)
            occurrences = sum(1 for begins in anywhere.values() for _, field in begins if field in written)
            idf *= 1 + math.log(max(1.0, (occurrences + 0.5) / df))
        return idf

    def idf(self, df: int) -> float:
        return math.log(1 + (self.n - df + 0.5) / (df + 0.5))

    def weight(self, field: Field) -> float:
        named = {Field.DATE: "date", Field.TITLE: "title", Field.DECK: "deck", Field.BODY: "body", Field.NAMED: ""}
        return self.settings[f"weight_{named.get(field, 'low')}"] if field is not Field.NAMED else 1.0

    def length(self, field: Field, article_id: str) -> int:
        positions = [place.position for place in self.places[article_id] if place.field is field]
        return max(positions) - min(positions) + 1 if positions else 0

    def norm(self, field: Field, article_id: str) -> float:
        b = self.settings.get(f"b_{field.name.lower()}", 0.0)
        lengths = [n for i in self.articles if (n := self.lengths[field, i])]
        average = sum(lengths) / len(lengths) if lengths else 1.0
        return (1 - b) + b * (self.lengths[field, article_id] / average)

    # Where in an article

    def begins(self, article_id: str, runs: list[list[Fits]], slop: int) -> list[tuple[int, Field]]:
        """Return the position and field of each place where one of the runs begins; of one word, of each token.

        Of a word in some case each place counts once.
        """
        places = self.places[article_id]
        ways = [way for run in runs for way in self.ways(article_id, run, slop)]
        begins = [(places[way[0]].position, places[way[0]].field) for way in ways]
        return begins if [len(run) for run in runs] == [1] and not self.cases else sorted(set(begins))

    def ways(self, article_id: str, run: list[Fits], slop: int) -> list[Way]:
        """Return every way in which tokens fill a run."""
        places = self.places[article_id]
        filling = [[o for o, place in enumerate(places) if fits(place)] for fits in run]
        found: list[Way] = [(o,) for o in filling[0]]
        for ordinals in filling[1:]:
            found = [
                (*way, o)
                for way in found
                for o in ordinals
                if 1 <= places[o].position - places[way[-1]].position <= slop
                and zone_of(places[o]) == zone_of(places[way[-1]])
            ]
        return found

    def is_within(self, leaf: tree.Node, article_id: str, position: int, field: Field) -> bool:
        """Return whether a place is in the field that a leaf names."""
        name = getattr(leaf, "field", None)
        if name == "hlead":
            body = [p for p in self.places[article_id] if p.field is Field.BODY]
            return field in (Field.TITLE, Field.DECK) or (
                field is Field.BODY
                and not any(p.form == ":p" and p.term == ":" and p.position < position for p in body)
            )
        if name and name.startswith("first"):
            if field not in (Field.TITLE, Field.DECK, Field.BODY):
                return False
            fields = (Field.TITLE, Field.DECK, Field.BODY)
            before = {p.position for p in self.places[article_id] if p.field in fields and p.position < position}
            return len(before) < int(name.removeprefix("first"))
        if name in ("quote", "by"):
            return field in (Field.DECK, Field.BODY) and self.is_said(leaf, article_id, position)
        fields_of = self.fields(name)
        return fields_of is None or field in fields_of

    def is_said(self, leaf: tree.Node, article_id: str, position: int) -> bool:
        """Return whether a place is in a quotation, or of an article that quotes somebody of a name."""
        is_name = getattr(leaf, "field", None) == "by"
        by = self.by or ((leaf,) if is_name else ())
        own = [said for said in self.said[article_id] if all(self.is_named_so(node, said.name) for node in by)]
        if is_name:
            return bool(own)
        runs, _, slop = self.runs(leaf)
        last = position + (min(map(len, runs)) - 1 if slop == 1 else 0)
        ends = [next((p for p in self.places[article_id] if p.position == at), None) for at in (position, last)]
        first, end = ends
        if first is None or end is None or not first.in_text:
            return False
        return any(a <= first.start and end.end <= b for said in own for a, b in said.parts)

    def is_named_so(self, node: tree.Node, name: str) -> bool:
        """Return whether words of a name fit a node."""
        match node:
            case tree.And(parts):
                return all(self.is_named_so(part, name) for part in parts)
            case tree.Or(parts):
                return any(self.is_named_so(part, name) for part in parts)
            case tree.Boost(part, _):
                return self.is_named_so(part, name)
        other = Oracle([(Article(id="x", body=name), (Zone("body", 0, len(name)),))], self.settings) if name else None
        assert isinstance(node, LEAVES)
        return other is not None and bool(other.scores(node._replace(field=None)))

    def places_of(self, node: tree.Node, article_id: str) -> int:
        """Return at how many places a part of a query stands."""
        places = self.places[article_id]
        return len({places[way[0]].position for way, _ in self.spans(node, article_id)})

    def spans(self, node: tree.Node, article_id: str) -> list[tuple[Way, int]]:
        """Return every way in which a part of a proximity stands, and its slop; none if the article does not fit it."""
        if article_id not in self.scores(node):
            return []
        match node:
            case tree.And(parts) | tree.Or(parts):
                return [span for part in parts for span in self.spans(part, article_id)]
            case tree.AndMaybe(must, may):
                return self.spans(must, article_id) + self.spans(may, article_id)
            case tree.Boost(part, _) | tree.AtLeast(part, _):
                return self.spans(part, article_id)
            case tree.Cased(part, case):
                with self.under(case):
                    return self.spans(part, article_id)
            case tree.Near():
                return self.near(node, article_id)
            case _ if isinstance(node, LEAVES):
                runs, _, slop = self.runs(node)
                places = self.places[article_id]
                ways = dict.fromkeys(way for run in runs for way in self.ways(article_id, run, slop))
                return [
                    (way, slop)
                    for way in ways
                    if self.is_within(node, article_id, places[way[0]].position, places[way[0]].field)
                ]
        return []

    def near(self, node: tree.Near, article_id: str) -> list[tuple[Way, int]]:
        """Return the ways of both sides that have one of the other side near; of the left side, those that have not."""
        found: dict[tuple[Way, int], None] = {}
        near = set()
        left, right = self.spans(node.left, article_id), self.spans(node.right, article_id)
        for a, b in product(left, right):
            for first, second in ((a, b),) if node.ordered else ((a, b), (b, a)):
                if self.are_near(first[0], second[0], node.distance, article_id):
                    found[a] = found[b] = None
                    near.add(a)
        return [way for way in left if way not in near] if node.apart else list(found)

    def are_near(self, first: Way, second: Way, distance: int | tree.Unit, article_id: str) -> bool:
        """Return whether a way begins behind the end of another, in the same zone and near."""
        end, start = self.places[article_id][first[-1]], self.places[article_id][second[0]]
        if start.position <= end.position or zone_of(start) != zone_of(end):
            return False
        if isinstance(distance, int):
            return start.position - end.position <= distance
        return len({self.cells[article_id][distance][o] for o in (*first, *second)}) == 1

    def highlights(self, node: tree.Node, article_id: str) -> tuple[list[Span], list[Span]]:
        """Return what to highlight in the text and in the title, overlapping stretches as one."""
        text, title = [], []
        places = self.places[article_id]
        article = self.articles[article_id]
        titles = [(z.start, z.end) for z in self.zones[article_id] if z.kind == "title"]
        begin = next((start for start, end in titles if article.body[start:end] == article.title), 0)
        for way, slop in self.taking_part(node, article_id):
            if slop == 1 and len({places[o].piece for o in way}) == 1:
                stretches = [(places[way[0]], places[way[0]].start, max(places[o].end for o in way))]
            else:
                stretches = [(places[o], places[o].start, places[o].end) for o in way]
            for place, start, end in stretches:
                if place.in_text:
                    text.append((start, end))
                if place.field is Field.TITLE and article.title is not None:
                    at = begin if place.in_text else 0
                    title.append((start - at, end - at))
        return _merged(text), _merged(title)

    def below_headings(self, node: tree.Node, article_id: str) -> set[int]:
        """Return where the sentences begin that stand first below a heading in which something takes part."""
        in_text, _ = self.highlights(node, article_id)
        zones = self.zones[article_id]
        found = set()
        for at, (kind, start, end) in enumerate(zones):
            if kind == "subheading" and any(start < stop and begin < end for begin, stop in in_text):
                found.update([zone.start for zone in zones[at:] if zone.kind in SHOWN][:1])
        return found

    def taking_part(self, node: tree.Node, article_id: str) -> list[tuple[Way, int]]:
        """Return the ways in which an article fits a tree; none of parts that it does not fit."""
        if article_id not in self.scores(node):
            return []
        match node:
            case tree.And(parts) | tree.Or(parts):
                return [way for part in parts for way in self.taking_part(part, article_id)]
            case tree.Boost(part, _):
                return self.taking_part(part, article_id)
            case tree.Cased(part, case):
                with self.under(case):
                    return self.taking_part(part, article_id)
            case tree.AtLeast(part, _):
                return self.spans(part, article_id)
            case tree.AndMaybe(must, may):
                return self.taking_part(must, article_id) + self.taking_part(may, article_id)
            case tree.Near() | tree.Word() | tree.Phrase() | tree.Prefix() | tree.Wildcard() | tree.Fuzzy():
                return self.spans(node, article_id)
        return []

    # What a leaf means

    def runs(self, leaf: tree.Node) -> tuple[list[list[Fits]], set[Field] | None, int]:
        """Return the runs of a leaf, its fields, its slop."""
        match leaf:
            case tree.Word(text, field, exact):
                tokens = self.language.words(text)
                runs = [
                    [
                        self.token_fits(t.form, t.term, text[t.start : t.end], field, exact=exact)
                        for t in tokens
                        if t.step
                    ]
                ]
                if len(tokens) == len(runs[0]) + 1:
                    joined = tokens[1]
                    runs.append([self.token_fits(joined.form, joined.term, "", field, exact=exact)])
                return [run for run in runs if run], self.fields(field), 1
            case tree.Phrase(text, field, slop, exact):
                tokens = [token for token in self.language.words(text) if token.step]
                run = [self.token_fits(t.form, t.term, text[t.start : t.end], field, exact=exact) for t in tokens]
                return [run] if run else [], self.fields(field), slop
            case tree.Prefix(text, field):
                tokens = [token for token in self.language.words(text) if token.step]
                if not tokens:
                    return [], None, 1
                run = [self.token_fits(t.form, t.term, text[t.start : t.end], field, exact=False) for t in tokens[:-1]]
                last = fold(text[tokens[-1].start :])
                return [[*run, self.form_fits(lambda form: form.startswith(last), field)]], self.fields(field), 1
            case tree.Wildcard(pattern, field):
                parts = re.split(r"([*?])", pattern)
                expression = "".join({"*": ".*", "?": "."}.get(p) or re.escape(fold(p)) for p in parts)
                compiled = re.compile(expression, re.DOTALL)
                return [[self.form_fits(lambda form: bool(compiled.fullmatch(form)), field)]], self.fields(field), 1
            case tree.Fuzzy(text, distance, prefix_length, field):
                tokens = [token for token in self.language.words(text) if token.step]
                if len(tokens) != 1 or tokens[0].term in (COUNTRY, PRONOUN):
                    return self.runs(tree.Word(text, field))
                form = tokens[0].form
                return (
                    [
                        [
                            self.form_fits(
                                lambda f: f.startswith(form[:prefix_length]) and _distance(form, f) <= distance, field
                            )
                        ]
                    ],
                    self.fields(field),
                    1,
                )
        raise AssertionError(leaf)

    def fields(self, field: str | None) -> set[Field] | None:
        """Return where the words of a named field stand."""
        return {FIELD[field]} if field in FIELD else None

    def token_fits(self, form: str, term: str, written: str, field: str | None, *, exact: bool) -> Fits:
        prefix = f"{field}:" if self.is_named(field) else ""
        if term == COUNTRY:
            terms = {COUNTRY, EITHER}
        elif term == PRONOUN and written.lower() == "us":
            terms = {PRONOUN, COUNTRY, EITHER}
        elif exact:
            return self.in_case(lambda place: place.form == prefix + form)
        else:
            others = self.spellings.get(term, ()) if not prefix else ()
            terms = {term, *others}
            self.is_spelt |= bool(others)
        return self.in_case(lambda place: place.term in {prefix + each for each in terms})

    def form_fits(self, fits: Callable[[str], bool], field: str | None) -> Fits:
        if not self.is_named(field):
            return self.in_case(lambda place: place.field is not Field.NAMED and place.term != ":" and fits(place.form))
        start = f"{field}:"
        return self.in_case(lambda place: place.form.startswith(start) and fits(place.form[len(start) :]))

    def is_named(self, field: str | None) -> bool:
        """Return whether the words of a field are terms of their own."""
        places = ("hlead", "quote", "by")
        return field is not None and field not in FIELD and field not in places and not field.startswith("first")

    def in_case(self, fits: Fits) -> Fits:
        """Return what tells the same of words in the case that is asked for."""
        cases = self.cases

        return lambda place: fits(place) and all(has_case(self.written[id(place)], case) for case in cases)


def first(date: str) -> int:
    """Return when a date begins, in seconds by the clock of the outlet."""
    seconds, quarters, _ = moment(date)
    return seconds + quarters * 900


def last(date: str) -> int:
    """Return the last second of a date of which only the month or the year is known, the first of any other."""
    if len(date) > len("2021-08"):
        return first(date)
    year, month = int(date[:4]), int(date[5:] or 12)
    return first(f"{year + month // 12:04}-{month % 12 + 1:02}") - 1


def cells(places: Sequence[Place]) -> dict[tree.Unit, list[int]]:
    """Return the number of the sentence and of the paragraph in which each place stands."""
    found: dict[tree.Unit, list[int]] = {"s": [], "p": []}
    for unit, numbers in found.items():
        number = 0
        for place in places:
            numbers.append(number)
            number += place.term == ":" and (unit == "s" or place.form == ":p")
    return found


def zone_of(place: Place) -> tuple[Field, int]:
    """Return what a phrase or nearness must stay in: the field, each caption and cross-reference by itself."""
    return place.field, place.piece if place.field is Field.LOW else 0


def has_case(word: str, case: str) -> bool:
    """Return whether a word is written with some capital, in capitals throughout, or without any."""
    word = re.sub(r"['\u2019][sS]\Z", "", word)
    capitals, small = sum(map(str.isupper, word)), sum(map(str.islower, word))
    return {"caps": capitals > 0, "nocaps": capitals == 0, "allcaps": capitals > 0 and small == 0}[case]


def is_country(token: Token, text: str) -> bool:
    """Return whether a word is `US` or `us`, of which forms decide nothing."""
    return token.term == COUNTRY or (token.term == PRONOUN and text[token.start : token.end].lower() == "us")


def _merged(spans: list[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _distance(a: str, b: str) -> int:
    """Return the number of edits between two words, a swap of neighbours being one."""
    table = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            same = a[i - 1] == b[j - 1]
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (not same))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(a), len(b)]
