"""How good the ranking is beside plain BM25, on judged collections: each setting and feature, losers as well.

    python tests/bench/quality.py > tables.md
    python tests/bench/quality.py RM3 > rows.md        only the rows of the last table with this in their name
    python tests/bench/quality.py plain > rows.md      only the rows of plain BM25
    python tests/bench/quality.py tuned > rows.md      only the table of what the other collections choose

Plain BM25 is title and body in one field, stop words and idf as in Lucene, Porter's stems. The first table has it with
Snowball's English stems, too, and what `search` is to the better of the two; all else is compared with Porter's. Both
rankings are tuned over as many settings, leaving one collection out: what is best on the others, by the mean of
nDCG@10 divided by that of plain BM25 untuned, is measured on the one left out. Every row of the ablation is the default
with one thing changed. Features (`features.py`) are functions put in the place of the product's, and every match is
scored, so that no bound is broken.
"""

import json
import lzma
import math
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple
from unittest.mock import patch

import features
import numpy as np
import Stemmer
from features import Feature
from texts import DATA

import search
from search import evaluation
from search.engine import feedback, nearness, ranking
from search.engine.matching import Matcher
from search.engine.scoring import Scorer
from search.engine.top import Matches, by_score
from search.evaluation import Judged, Ranked, Run
from search.query import Query, parse
from search.query import analyse as analysis
from search.query.analyse import analyse

NAMES = ("time", "cranfield", "cisi", "scifact", "wikiqa")
ANSERINI = 0.6789  # nDCG@10 on scifact, published for a flat index, k1 .9, b .4
BUDGET = 20  # settings that each ranking is tuned over
DEPTH = 10
_STOP = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this "
    "to was will with".split()
)
_WORDS = re.compile(r"\w+(?:'\w+)?").findall
_NAME = re.compile(r"\b[A-Z][\w'\u2019-]*(?: [A-Z][\w'\u2019-]*)+")

read = parse  # in whose place a change may read queries

Setting = dict[str, float]
Values = dict[str, float]  # query → nDCG@10


class Collection(NamedTuple):
    """A judged collection, indexed twice."""

    name: str
    judged: Judged
    searched: search.Index
    plain: "Plain"
    snowball: "Plain"


class Plain:
    """Plain BM25, every match scored."""

    def __init__(self, records: list[dict[str, Any]], stems: str = "porter") -> None:
        self._stemmer = Stemmer.Stemmer(stems)
        self._ids = [record["id"] for record in records]
        postings: dict[str, list[tuple[int, int]]] = {}
        lengths = []
        for number, record in enumerate(records):
            terms = self._terms(f"{record['title'] or ''} {record['body']}")
            lengths.append(len(terms))
            for term, n in Counter(terms).items():
                postings.setdefault(term, []).append((number, n))
        self._postings = {term: np.array(found) for term, found in postings.items()}
        self._lengths = np.array(lengths) / fmean(lengths)

    def _terms(self, text: str) -> list[str]:
        words = [word.removesuffix("'s") for word in _WORDS(text.lower().replace("\u2019", "'"))]
        stems: list[str] = self._stemmer.stemWords([word for word in words if word not in _STOP])
        return stems

    def run(self, texts: dict[str, str], k1: float = 1.2, b: float = 0.75) -> Run:
        """Return the best articles for each query."""
        norm = k1 * (1 - b + b * self._lengths)
        found = {}
        for query, text in texts.items():
            scores = np.zeros(len(self._ids))
            for term in self._terms(text):
                if term in self._postings:
                    docs, n = self._postings[term].T
                    idf = math.log(1 + (len(self._ids) - len(docs) + 0.5) / (len(docs) + 0.5))
                    scores[docs] += idf * n / (n + norm[docs])
            best = np.argsort(-scores, kind="stable")[:DEPTH]
            found[query] = [Ranked(self._ids[doc], float(scores[doc])) for doc in best if scores[doc] > 0]
        return found


def collections(folder: Path, *, indexed: bool = True) -> Iterator[Collection]:
    """Yield the collections, indexed under `folder` unless only plain BM25 is to search them."""
    for name in NAMES:
        home = DATA / "collections" / name
        with lzma.open(home / "docs.jsonl.xz", "rt", encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        index = search.open(folder / name)
        if indexed:
            index.add(search.read([str(home / "docs.jsonl.xz")]))
        judged = evaluation.read_judged(str(home / "queries.tsv"), str(home / "qrels.txt"))
        yield Collection(name, judged, index, Plain(records), Plain(records, "english"))


def ours(collection: Collection, setting: Setting, feature: Feature | None = None) -> Run:
    """Return the best articles for each query under a setting, by both stages.

    Args:
        collection: To search.
        setting: Of the index; and `expand`, whether words of the best articles add to the scores, and `window`, in
            how many positions words are near.
        feature: Returns scores from those of the first stage, (clause, matcher, docs, scores).
    """
    told = {name: value for name, value in setting.items() if name not in ("expand", "window")}
    if "window" in setting:
        with patch.object(nearness, "WINDOW", int(setting["window"])):
            return ours(collection, told, feature)
    index = collection.searched.under(**told) if told else collection.searched
    if "expand" in setting:
        texts = collection.judged.texts
        hits = {query: index.search(text, limit=DEPTH, group=False, expand=True) for query, text in texts.items()}
        return {query: [Ranked(hit.id, hit.score) for hit in results] for query, results in hits.items()}
    _, snapshot = index._view.opened()  # so that every match is scored
    chain = index._view.analyzer()
    found: Run = {}
    for query, text in collection.judged.texts.items():
        clause = analyse(read(text).tree, chain)
        matcher = Matcher(snapshot, chain)
        scorer = Scorer(matcher)
        docs = matcher.docs(clause)
        scores = scorer.scores(clause, docs)
        if feature:
            scores = feature(clause, matcher, docs, scores)
        matches = Matches(docs, scores)
        near = nearness.Nearness(clause, scorer, matcher)
        ranked = near.best(matches, DEPTH) if near else by_score(snapshot, matches, DEPTH)
        found[query] = [Ranked(snapshot.id(doc), score) for doc, score in ranked]
    return found


def values(run: Run, judged: Judged) -> Values:
    """Return nDCG@10 of each query."""
    return evaluation.measure(run, judged)["nDCG@10"]


def with_names(text: str) -> Query:
    """Read a query with its names, words in a row that begin with a capital, as phrases beside their words."""
    names = [] if text.isupper() else _NAME.findall(text)
    return parse(" ".join([text, *(f'"{name}"' for name in names)]))


Change = tuple[str, Setting, list[tuple[Any, str, Any]], Feature | None]
CHANGES: list[Change] = [
    ("**default**", {}, [], None),
    ("− nearness (first stage alone)", {"nearness": 0}, [], None),
    ("− weight of repeated words", {}, [(ranking, "burst", lambda occurrences, df: 1.0)], None),
    ("− both", {"nearness": 0}, [(ranking, "burst", lambda occurrences, df: 1.0)], None),
    ("− list of function words", {}, [(analysis, "is_function_word", lambda text, language: False)], None),
    ("function words weigh nothing", {}, [(analysis, "FUNCTION_WORD", 0.0), (nearness, "FUNCTION_WORD", 0.0)], None),
    ("nearness of the first 10", {}, [(nearness, "FIRST", 10)], None),
    ("nearness of the first 50", {}, [(nearness, "FIRST", 50)], None),
    ("nearness of the first 200", {}, [(nearness, "FIRST", 200)], None),
    ("windows of 7", {}, [(nearness, "WINDOW", 7)], None),
    ("windows of 20", {}, [(nearness, "WINDOW", 20)], None),
    ("windows of 40", {}, [(nearness, "WINDOW", 40)], None),
    ("nearness .15", {"nearness": 0.15}, [], None),
    ("nearness .6", {"nearness": 0.6}, [], None),
    ("k1 .9", {"k1": 0.9}, [], None),
    ("k1 1.5", {"k1": 1.5}, [], None),
    ("b of the body .5", {"b_body": 0.5}, [], None),
    ("b of the body .9", {"b_body": 0.9}, [], None),
    ("b of the title 0", {"b_title": 0}, [], None),
    ("weight of the title 1", {"weight_title": 1}, [], None),
    ("weight of the title 5", {"weight_title": 5}, [], None),
    ("words of the title again, .2", {}, [], features.early(0.2)),
    ("BM25+, δ .25", {}, [(ranking, "bm25f", features.plus(0.25))], None),
    ("BM25+, δ 1", {}, [(ranking, "bm25f", features.plus(1.0))], None),
    ("BM25L, δ .5", {}, [(ranking, "bm25f", features.bm25l)], None),
    ("logarithm for saturation", {}, [(ranking, "bm25f", features.logarithm)], None),
    ("coordination, power .25", {}, [], features.coordination(0.25)),
    ("coordination, power 1", {}, [], features.coordination(1.0)),
    ("+ names as phrases", {}, [(sys.modules[__name__], "read", with_names)], None),
    ("words in the first 30 again, .05", {}, [], features.top(30, 0.05)),
    ("words in the first 30 again, .2", {}, [], features.top(30, 0.2)),
    ("words in the first 80 again, .05", {}, [], features.top(80, 0.05)),
    ("words in the first 80 again, .2", {}, [], features.top(80, 0.2)),
    ("place of a word's first, .05", {}, [], features.first_place(0.05)),
    ("place of a word's first, .2", {}, [], features.first_place(0.2)),
    ("DPH for BM25F", {}, [], features.modelled(features.dph)),
    ("PL2 for BM25F, c 1", {}, [], features.modelled(features.pl2(1))),
    ("PL2 for BM25F, c 5", {}, [], features.modelled(features.pl2(5))),
    ("LGD for BM25F, c 1", {}, [], features.modelled(features.lgd(1))),
    ("LGD for BM25F, c 5", {}, [], features.modelled(features.lgd(5))),
    ("Dirichlet for BM25F, μ 1000", {}, [], features.modelled(features.dirichlet(1000), absent=True)),
    ("Dirichlet for BM25F, μ 2000", {}, [], features.modelled(features.dirichlet(2000), absent=True)),
    ("DFI for BM25F, standardized", {}, [], features.modelled(features.dfi_standardized)),
    ("DFI for BM25F, χ²", {}, [], features.modelled(features.dfi_chi_squared)),
    ("− nearness, + bigrams, .05", {"nearness": 0}, [], features.pairs(0.05, 0)),
    ("− nearness, + bigrams, .2", {"nearness": 0}, [], features.pairs(0.2, 0)),
    ("− nearness, + unordered windows, .05", {"nearness": 0}, [], features.pairs(0, 0.05)),
    ("− nearness, + unordered windows, .2", {"nearness": 0}, [], features.pairs(0, 0.2)),
    ("− nearness, + bigrams, .1, + unordered windows, .05", {"nearness": 0}, [], features.pairs(0.1, 0.05)),
    ("− nearness, + bigrams, .2, + unordered windows, .1", {"nearness": 0}, [], features.pairs(0.2, 0.1)),
    ("− nearness, + BM25TP", {"nearness": 0}, [], features.bm25tp(1)),
    ("− nearness, + BM25TP, 3 times", {"nearness": 0}, [], features.bm25tp(3)),
    ("− nearness, + the best sentence, .15", {"nearness": 0}, [], features.sentences(1, 0.15)),
    ("− nearness, + the best sentence, .3", {"nearness": 0}, [], features.sentences(1, 0.3)),
    ("− nearness, + the best two sentences, .15", {"nearness": 0}, [], features.sentences(2, 0.15)),
    ("− nearness, + the best two sentences, .3", {"nearness": 0}, [], features.sentences(2, 0.3)),
    (
        "place of a word's first, .2, + words in the first 30 again, .05",
        {},
        [],
        features.total(features.first_place(0.2), features.top(30, 0.05)),
    ),
    ("+ bigrams, .1, + unordered windows, .05, beside nearness", {}, [], features.pairs(0.1, 0.05)),
    ("idf without 1 added", {}, [(ranking, "idf", features.idf_of_robertson)], None),
    ("idf to the power of 1.5", {}, [(ranking, "idf", features.steeper(1.5))], None),
    ("+ RM3 (`--expand`), .8 for the query", {"expand": 1}, [], None),
    ("+ RM3, .5 for the query", {"expand": 1}, [(feedback, "ORIGINAL", 0.5)], None),
    ("+ RM3, − nearness", {"expand": 1, "nearness": 0}, [], None),
]
PLAIN_GRID = [{"k1": k1, "b": b} for k1, b in product((0.6, 0.9, 1.2, 1.6, 2.0), (0.4, 0.6, 0.75, 0.9))]
# Over k1, b of the body and nearness, with windows of 20, every four collections chose k1 1.2 and b .75, the defaults.
OUR_GRID = [
    {"nearness": near, "window": positions} for near, positions in product((0.15, 0.3, 0.45, 0.6), (7, 10, 14, 20, 28))
]


def changed(collection: Collection, change: Change) -> Values:
    """Return what a change makes of a collection."""
    _, setting, patches, feature = change
    with ExitStack() as stack:
        for module, name, value in patches:
            stack.enter_context(patch.object(module, name, value))
        return values(ours(collection, setting, feature), collection.judged)


def row(*cells: object) -> None:
    """Print a row of a table."""
    print("|", " | ".join(f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in cells), "|", flush=True)


def ablation(
    found: list[Collection], changes: list[Change], default: dict[str, Values], means: dict[str, float]
) -> None:
    """Print the table of what each change makes of the collections."""
    print("\n## One thing changed\n")
    row("", *NAMES, "mean ratio", "lowest", "p against the default")
    row(*["---"] * (len(NAMES) + 4))
    for change in changes:
        each = default if change is CHANGES[0] else {c.name: changed(c, change) for c in found}
        mean = {name: fmean(v.values()) for name, v in each.items()}
        ratios = [mean[name] / means[name] for name in NAMES]
        p = " ".join(f"{evaluation.compare(each[name], default[name]).p:.3f}" for name in NAMES)
        row(change[0], *mean.values(), fmean(ratios), min(ratios), "" if each is default else p)


def floors(found: Iterable[Collection]) -> tuple[dict[str, Values], dict[str, float]]:
    """Print the rows of plain BM25; return its values with Porter's stems, and the means with the better ones."""
    porter, snowball = {}, {}
    for c in found:
        porter[c.name] = values(c.plain.run(c.judged.texts), c.judged)
        snowball[c.name] = fmean(values(c.snowball.run(c.judged.texts), c.judged).values())
    means = {name: fmean(each.values()) for name, each in porter.items()}
    ratios = [snowball[name] / mean for name, mean in means.items()]
    row("plain BM25", *means.values(), "1", "1")
    row("plain BM25, Snowball", *snowball.values(), fmean(ratios), min(ratios))
    return porter, {name: max(mean, snowball[name]) for name, mean in means.items()}


def tuned(found: list[Collection], means: dict[str, float]) -> None:
    """Print the table of what is chosen for each collection by the others; `means` are those of plain BM25."""
    print("\n## Tuned, one collection left out\n")
    row("", *NAMES, "mean ratio")
    row(*["---"] * (len(NAMES) + 2))
    for name, grid, run in (
        ("plain BM25", PLAIN_GRID, lambda c, setting: c.plain.run(c.judged.texts, **setting)),
        ("search", OUR_GRID, ours),
    ):
        tried = {c.name: [fmean(values(run(c, setting), c.judged).values()) for setting in grid] for c in found}
        kept, chosen = {}, []
        for left_out in NAMES:
            others = [each for each in NAMES if each != left_out]
            best = max(range(len(grid)), key=lambda at: fmean(tried[o][at] / means[o] for o in others))
            kept[left_out] = tried[left_out][best]
            chosen.append(" ".join(f"{key} {value:g}" for key, value in grid[best].items()))
        row(name, *kept.values(), fmean(kept[name] / means[name] for name in NAMES))
        row("chosen by the others", *chosen, "")


def main() -> None:
    """Print the tables."""
    if sys.argv[1:] == ["plain"]:
        with tempfile.TemporaryDirectory() as folder:
            floors(collections(Path(folder), indexed=False))
        return
    some = [change for change in CHANGES[1:] if any(name in change[0] for name in sys.argv[1:])]
    assert len(PLAIN_GRID) == len(OUR_GRID) == BUDGET
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = list(collections(Path(folder)))
        if sys.argv[1:] == ["tuned"]:
            tuned(found, {c.name: fmean(values(c.plain.run(c.judged.texts), c.judged).values()) for c in found})
            return
        if some:
            means = {c.name: fmean(values(c.plain.run(c.judged.texts), c.judged).values()) for c in found}
            default = {c.name: changed(c, CHANGES[0]) for c in found}
            ablation(found, [CHANGES[0], *some], default, means)
            return

        print("## Default settings\n")
        row("", *NAMES, "mean ratio", "lowest")
        row(*["---"] * (len(NAMES) + 3))
        base, better = floors(found)
        means = {name: fmean(each.values()) for name, each in base.items()}

        def shares(each: dict[str, float]) -> list[float]:
            return [each[name] / means[name] for name in each]

        default = {c.name: changed(c, CHANGES[0]) for c in found}
        ndcg = {name: fmean(each.values()) for name, each in default.items()}
        row("**search**", *ndcg.values(), fmean(shares(ndcg)), min(shares(ndcg)))
        ratios = [ndcg[name] / better[name] for name in NAMES]
        row("search ÷ the better plain BM25", *ratios, fmean(ratios), min(ratios))
        compared = [evaluation.compare(default[name], base[name]) for name in NAMES]
        row("difference", *(f"{each.mean:+.4f} (p {each.p:.4f})" for each in compared), "", "")
        row("better, worse", *(f"{each.better}, {each.worse}" for each in compared), "", "")
        [scifact] = [c for c in found if c.name == "scifact"]
        own = fmean(values(scifact.plain.run(scifact.judged.texts, 0.9, 0.4), scifact.judged).values())
        print(f"\nPlain BM25 with k1 .9, b .4 on scifact: {own:.4f}; Anserini publishes {ANSERINI}.")

        tuned(found, means)
        ablation(found, CHANGES, default, means)
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
