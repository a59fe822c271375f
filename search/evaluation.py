"""How good an index answers queries whose answers are known: TREC files and runs in, measures and comparisons out.

    queries    id<TAB>text                  answers    query<TAB>article<TAB>start<TAB>end
    qrels      query 0 article grade        run        query Q0 article rank score tag

Or one small file for all of it, JSON or YAML, which says for each query the articles, or sentences of them, that are
expected:

    {"who warned of the dam?": ["seeds/001.txt", "Engineers had warned of seepage."]}

An article is relevant from grade 1 on. An answer is a stretch of an article's text; a passage answers if it covers half
of one. An article's id may contain blanks, a query's may not.
"""

import json
import random
import re
import reprlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isfinite
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from search.errors import ArticleError, QueryError, ReadError, SearchError
from search.index import Index
from search.model import Span
from search.text.stream import SHOWN

DEPTH = 100  # hits a query is asked for, and judged by
MEASURES = ("nDCG@10", "AP", "RR", f"R@{DEPTH}")  # of articles; the first is the one that settings are compared by
PASSAGES = "P@1 of passages"  # whether the first passage of the first hit answers
COVERED = 0.5  # of an answer, from which a passage that covers it is right
HIGHEST = 1_000_000  # grade; what computes the measures goes wrong from some thousand millions on
MANY = 5  # articles, and a sentence of more is told of, as it may be no answer
LONGEST_PATH = 300  # characters of what is expected, looked for as the path of an article
RESAMPLES = 10_000
SEED = 7

_shown = reprlib.Repr()  # aliases of a YAML file can say in a line what no memory holds
_shown.maxstring = 200
_shown.maxlevel = 2

Values = dict[str, dict[str, float]]  # measure → query → value, in [0, 1]


class Judged(NamedTuple):
    """Queries and what answers them; all maps go from a query's id.

    `texts` are the queries; `grades` go on from an article's id; `answers`, too, to stretches of its text. `notes` say
    what may be meant otherwise, a sentence each.
    """

    texts: dict[str, str]
    grades: dict[str, dict[str, int]]
    answers: dict[str, dict[str, list[Span]]]
    notes: tuple[str, ...] = ()


class Ranked(NamedTuple):
    """An article in a run. `passage` is the first passage shown of it, if there was one and it is known."""

    article: str
    score: float
    title: str = ""
    passage: Span | None = None


Run = dict[str, list[Ranked]]  # query → articles, best first


class Difference(NamedTuple):
    """How much better one run is than another, by one measure, over the same queries.

    `mean` of the differences; `low` and `high` bound its 95 % interval; `p` is two-sided. `better` and `worse` are
    numbers of queries.
    """

    mean: float
    low: float
    high: float
    p: float
    better: int
    worse: int


# Reading and writing


def read_judged(queries: str, qrels: str, answers: str | None = None) -> Judged:
    """Return the queries of a file that are judged in another; those that are not are left out.

    Raises:
        ReadError: A file cannot be read, or there is no such query.
    """
    texts, grades = read_queries(queries), read_qrels(qrels)
    texts = {query: text for query, text in texts.items() if query in grades}
    if not texts:
        raise ReadError(qrels, f"judges none of the queries in {queries}; give the two files that belong together")
    found = read_answers(answers) if answers is not None else {}
    return Judged(
        texts,
        {query: grades[query] for query in texts},
        {query: articles for query, articles in found.items() if query in texts},
    )


def read_queries(path: str) -> dict[str, str]:
    """Return the queries of a file by id, in its order.

    Raises:
        ReadError: It cannot be read; the message names the line.
    """
    found: dict[str, str] = {}
    for place, line in _lines(path):
        query, tab, text = line.partition("\t")
        if not tab or not query.strip() or not text.strip():
            raise ReadError(place, "is no query; write ID, a tab, and the words")
        if query.strip() in found:
            raise ReadError(place, f"is a second query {query.strip()}; give each an id of its own")
        found[query.strip()] = text.strip()
    return found


def read_qrels(path: str) -> dict[str, dict[str, int]]:
    """Return the judgments of a TREC file: query → article → grade.

    Raises:
        ReadError: It cannot be read; the message names the line.
    """
    found: dict[str, dict[str, int]] = {}
    for place, line in _lines(path):
        try:
            query, _, rest = line.split(None, 2)
            article, grade = rest.rsplit(None, 1)
            value = int(grade)
            if abs(value) > HIGHEST:
                raise ValueError(grade)
        except ValueError as error:
            raise ReadError(
                place, f"is no judgment; write QUERY 0 ARTICLE GRADE, the grade a whole number up to {HIGHEST:,}"
            ) from error
        if found.setdefault(query, {}).setdefault(article, value) != value:
            raise ReadError(place, f"judges {article} again and differently; keep one of the two")
    return found


def read_answers(path: str) -> dict[str, dict[str, list[Span]]]:
    """Return the stretches of text that answer queries: query → article → spans in characters.

    Raises:
        ReadError: It cannot be read; the message names the line.
    """
    found: dict[str, dict[str, list[Span]]] = {}
    for place, line in _lines(path):
        try:
            query, article, start, end = line.split("\t")
            span = int(start), int(end)
        except ValueError as error:
            raise ReadError(place, "is no answer; write QUERY, ARTICLE, START and END with tabs between") from error
        if not 0 <= span[0] < span[1]:
            raise ReadError(place, f"goes from {start} to {end}; an answer is at least one character")
        found.setdefault(query.strip(), {}).setdefault(article, []).append(span)
    return found


def read_expected(path: str, index: Index) -> Judged:
    """Return what a JSON or YAML file expects; the queries are called 1, 2 and so on.

    Args:
        path: A file that maps a query to one or more expected articles, each by its id, its path, the end of its path,
            or a sentence that it says.
        index: Where they are.

    Raises:
        ReadError: It cannot be read, asks something twice, or expects what is not in the index.
    """
    judged = Judged({}, {}, {})
    notes = []
    for number, (text, expected) in enumerate(_mapping(path).items(), 1):
        query = str(number)
        judged.texts[query] = text
        judged.grades[query] = {}
        for what in expected:
            said = f"query {_shown.repr(text)}: {_shown.repr(what)}"
            try:
                found, is_shown = _expected(index, what)
            except ArticleError as error:
                raise ReadError(
                    path, f"{said} is no sentence of an article in {index.location}, and {error}"
                ) from error
            if not found:
                raise ReadError(
                    path,
                    f"{said} is neither the id of an article in {index.location} nor a sentence of one; ids are what "
                    "search find --ids prints",
                )
            if not is_shown:
                notes.append(f"{said} is no sentence of a body, so no passage shows it; expect one that is.")
            if len(found) > MANY or (len(what.split()) == 1 and any(found.values())):
                some = ", ".join([*found][:MANY]) + (", …" if len(found) > MANY else "")
                notes.append(f"{said} is said by {len(found)} articles ({some}); expect a sentence of one's own.")
            judged.grades[query].update(dict.fromkeys(found, 1))
            for article, spans in found.items():
                if spans:
                    judged.answers.setdefault(query, {}).setdefault(article, []).extend(spans)
    return judged._replace(notes=tuple(notes))


def _mapping(path: str) -> dict[str, list[str]]:
    """Return what a JSON or YAML file expects of each query."""
    content = "\n".join(line for _, line in _lines(path, blank=True))
    asked: list[object] = []  # the keys of the outermost map, in which a second would replace the first

    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        asked[:] = [key for key, _ in found]  # that of the outermost comes last
        return dict(found)

    try:
        if path.endswith((".yaml", ".yml")):
            try:
                import yaml
            except ImportError as error:
                raise _missing("PyYAML") from error
            try:
                node = yaml.compose(content, yaml.BaseLoader)
                asked += [key.value for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
                read = yaml.load(content, yaml.BaseLoader)  # noqa: S506  # makes texts, lists and maps, nothing else
            except yaml.YAMLError as error:
                raise ValueError(" ".join(str(error).split())) from error
        else:
            read = json.loads(content, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        raise ReadError(path, f"cannot be read: {error}; write query: expected, or give QRELS, too") from error
    counted = Counter(key.strip() for key in asked if isinstance(key, str))
    twice = next((key for key, n in counted.items() if n > 1), None) if isinstance(read, dict) else None
    if twice is not None:
        raise ReadError(path, f"asks {_shown.repr(twice)} twice; write a list of all that is expected of it")
    if not isinstance(read, dict) or not read:
        raise ReadError(path, "has no queries; write query: expected")
    found = {text: what if isinstance(what, list) else [what] for text, what in read.items()}
    for text, expected in found.items():
        if not text.strip() or not expected or not all(isinstance(what, str) and what.strip() for what in expected):
            raise ReadError(
                path,
                f"query {_shown.repr(text)} expects {_shown.repr(read[text])}; give it one or more ids or sentences, "
                "as texts",
            )
    return found


def _expected(index: Index, what: str) -> tuple[dict[str, list[Span]], bool]:
    """Return the articles that an id, a path or a sentence means, with where they say it, and whether that is shown.

    Raises:
        ArticleError: There is none, or several articles have paths that end so.
    """
    if what in index:
        return {what: []}, True
    words = what.split()
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    found, is_shown = {}, False
    # The words in order find the articles; the text decides.
    for hit in index.search('"{}"'.format(" ".join(words).replace('"', " ")), limit=len(index), group=False):
        article = index.get(hit.id)
        spans = [match.span() for match in pattern.finditer(article.text)]
        if spans:
            found[hit.id] = spans
            shown = [(zone.start, zone.end) for zone in article.zones or () if zone.kind in SHOWN]
            is_shown = is_shown or any(covers(zone, spans) for zone in shown)
    if not found and len(what) <= LONGEST_PATH:
        return {index.resolve(what): []}, True
    return found, is_shown


def read_run(path: str) -> Run:
    """Return a TREC run: by score, and by rank where scores are equal.

    Raises:
        ReadError: It cannot be read; the message names the line.
    """
    found: dict[str, dict[str, tuple[float, int]]] = {}
    for place, line in _lines(path):
        try:
            query, _, rest = line.split(None, 2)
            article, rank, score, _ = rest.rsplit(None, 3)
            key = -float(score), int(rank)
            if not isfinite(key[0]):
                raise ValueError(score)
        except ValueError as error:
            raise ReadError(place, "is no line of a run; write QUERY Q0 ARTICLE RANK SCORE TAG") from error
        articles = found.setdefault(query, {})
        if article in articles:
            raise ReadError(place, f"ranks {article} a second time for query {query}; keep one of the two")
        articles[article] = key
    ordered = {query: sorted(articles.items(), key=lambda item: item[1]) for query, articles in found.items()}
    return {query: [Ranked(article, -key[0]) for article, key in items] for query, items in ordered.items()}


def write_run(path: str, run: Run, tag: str = "search") -> None:
    """Write a TREC run.

    Raises:
        SearchError: It cannot be written, or an id cannot stand in such a file.
    """
    lines = []
    for query, ranked in run.items():
        for rank, each in enumerate(ranked, 1):
            if len(query.split()) != 1 or each.article != (" ".join(each.article.split()) or None):
                raise QueryError(f"query {query!r}, article {each.article!r}: a run has lines; use ids without blanks")
            lines.append(f"{query} Q0 {each.article} {rank} {each.score!r} {tag}\n")
    try:
        with Path(path).open("w", encoding="utf-8") as file:
            file.writelines(lines)
    except OSError as error:
        raise SearchError(f"{path}: {error.strerror}; write the run elsewhere") from error


def _lines(path: str, *, blank: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the lines of a text file, each with its place. `blank`: those without anything, too."""
    try:
        with Path(path).open(encoding="utf-8-sig") as file:
            is_empty = True
            for number, line in enumerate(file, 1):
                if blank or not line.isspace():
                    is_empty = False
                    yield f"{path}#{number}", line.rstrip("\n")
    except UnicodeDecodeError as error:
        raise ReadError(path, "is not UTF-8; convert the file") from error
    except OSError as error:
        raise ReadError(path, f"{(error.strerror or str(error)).lower()}; check the path") from error
    if is_empty:
        raise ReadError(path, "is empty; check the file")


# Measuring


def unknown(judged: Judged, index: Index) -> list[str]:
    """Return the relevant articles that are not in an index, in order.

    Raises:
        QueryError: None of them is.
    """
    relevant = dict.fromkeys(a for grades in judged.grades.values() for a, grade in grades.items() if grade > 0)
    found = [article for article in relevant if article not in index]
    if found and len(found) == len(relevant):
        raise QueryError(
            f"{index.location}: has no relevant article, such as {found[0]!r}; judge by the ids of search find --ids"
        )
    return found


def search(index: Index, texts: dict[str, str], progress: Callable[[int, int], None] | None = None) -> Run:
    """Return what an index finds, each article for itself.

    Args:
        index: To ask.
        texts: Queries by id.
        progress: Called with (queries answered, queries).
    """
    found: Run = {}
    for number, (query, text) in enumerate(texts.items(), 1):
        found[query] = []
        for hit in index.search(text, limit=DEPTH, group=False):
            shown = (hit.passages[0].start, hit.passages[0].end) if hit.passages else None
            found[query].append(Ranked(hit.id, hit.score, hit.title or hit.lead, shown))
        if progress:
            progress(number, len(texts))
    return found


def measure(run: Run, judged: Judged) -> Values:
    """Return the values of a run by measure and query, for all judged queries; those it does not answer have 0.

    Passages are judged over the queries that have answers, if the run knows its passages.

    Raises:
        SearchError: The package that computes them is not installed.
    """
    # Ranks stand for scores, as equal scores would be ordered by id.
    scores = {
        query: {each.article: -float(rank) for rank, each in enumerate(run.get(query, ()))} for query in judged.grades
    }
    values = _values(MEASURES, judged.grades, scores)
    if judged.answers and any(each.passage for ranked in run.values() for each in ranked[:1]):
        right = {query: {"": 0} for query in judged.answers}
        first = {}
        for query, answers in judged.answers.items():
            for each in run.get(query, ())[:1]:
                first[query] = {each.article: 1.0}
                if each.passage and covers(each.passage, answers.get(each.article, ())):
                    right[query][each.article] = 1
        values[PASSAGES] = _values(("P@1",), right, first)["P@1"]
    return values


def _values(names: Sequence[str], grades: dict[str, dict[str, int]], scores: dict[str, dict[str, float]]) -> Values:
    try:
        import ir_measures
    except ImportError as error:
        raise _missing("ir_measures") from error
    measures = []
    for name in names:  # what ir_measures reads them with is not in Python 3.14 any more
        kind, _, depth = name.partition("@")
        measure = getattr(ir_measures, kind)
        measures.append(measure @ int(depth) if depth else measure)
    found: Values = {name: {} for name in names}
    for metric in ir_measures.iter_calc(measures, grades, scores):
        found[str(metric.measure)][metric.query_id] = metric.value
    return found


def covers(passage: Span, answers: Iterable[Span]) -> bool:
    """Return whether a passage covers half of one of some stretches of its article."""
    start, end = passage
    return any(min(end, upto) - max(start, begin) >= COVERED * (upto - begin) for begin, upto in answers)


def compare(values: dict[str, float], others: dict[str, float]) -> Difference:
    """Return how much better `values` are than `others`, which are of the same queries.

    Raises:
        ValueError: They are not, or there are none.

    Source: paired bootstrap, Efron & Tibshirani 1993, section 16.4; Sakai, SIGIR 2006.
    """
    if values.keys() != others.keys() or not values:
        raise ValueError("values of different queries cannot be compared")
    differences = [value - others[query] for query, value in values.items()]
    mean = fmean(differences)
    chosen = random.Random(SEED).choices  # noqa: S311  # no secret; the same numbers every time
    n = len(differences)
    means = sorted(sum(chosen(differences, k=n)) / n for _ in range(RESAMPLES))
    # If there were no difference, means would scatter around 0 as they do around the mean.
    n_extreme = sum(abs(each - mean) >= abs(mean) - 1e-12 for each in means)
    tail = RESAMPLES // 40
    return Difference(
        mean,
        means[tail],
        means[-tail - 1],
        n_extreme / RESAMPLES,
        sum(each > 0 for each in differences),
        sum(each < 0 for each in differences),
    )


def _missing(library: str) -> SearchError:
    return SearchError(f"{library} is not installed, which evaluation needs; pip install 'search[eval]'")
