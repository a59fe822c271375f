"""What the benchmarks index and ask: collections, a mixture of any size, and queries by document frequency."""

import bisect
import itertools
import json
import lzma
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

DATA = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
CORPORA = {"reuters": "reuters21578.jsonl.xz", "bbc": "bbc.jsonl.xz", "msdocs": "msdocs.jsonl.xz"}

_SENTENCE = re.compile(r"[^.!?\n][^.!?]*[.!?]+\s*")
_WORD = re.compile(r"[a-z]{3,}")
MOST_SAMPLED = 20_000  # articles from which words and phrases for queries are taken


class Record(NamedTuple):
    """An article."""

    id: str
    title: str
    date: str
    body: str


class Query(NamedTuple):
    """What is asked, in words; how it is written is each engine's matter."""

    kind: str
    words: tuple[str, ...]


def corpus(name: str) -> Iterator[Record]:
    """Yield the articles of a collection."""
    with lzma.open(DATA / "corpora" / CORPORA[name], "rt", encoding="utf-8") as lines:
        for line in lines:
            r = json.loads(line)
            yield Record(r["id"], r["title"], r.get("date", "")[:10], r["body"])


def mixed(n: int, seed: int = 1) -> Iterator[Record]:
    """Yield `n` articles whose titles, lengths and sentences are drawn from Reuters and bbc."""
    chance = random.Random(seed)
    titles, dates, lengths, sentences = [], [], [], []
    for record in itertools.chain(corpus("reuters"), corpus("bbc")):
        own = [sentence.strip() for sentence in _SENTENCE.findall(record.body)]
        titles.append(record.title)
        dates.append(record.date or "1987-03-01")
        lengths.append(max(1, len(own)))
        sentences += own
    for number in range(n):
        body = " ".join(chance.choices(sentences, k=chance.choice(lengths)))
        yield Record(f"m{number}", chance.choice(titles), chance.choice(dates), body)


class Sample:
    """Words of a collection by the share of articles they stand in, and texts to take phrases from."""

    def __init__(self, records: Callable[[], Iterator[Record]], n: int) -> None:
        step = max(1, n // MOST_SAMPLED)
        self.texts = [
            _WORD.findall(f"{record.title} {record.body}".lower()) for record in itertools.islice(records(), 0, n, step)
        ]
        df = Counter(word for words in self.texts for word in set(words))
        total = len(self.texts)
        self.common = sorted(word for word, k in df.items() if k > total * 0.05)
        self.mid = sorted(word for word, k in df.items() if total * 0.005 < k <= total * 0.05)
        self.rare = sorted(word for word, k in df.items() if 5 <= k <= max(10, total * 0.001))

    def queries(self, kinds: list[str], n: int, seed: int) -> Iterator[Query]:
        """Yield n queries of each kind, kinds in turn, none twice."""
        chance = random.Random(seed)
        seen: set[Query] = set()
        for _ in range(n):
            for kind in kinds:
                for _ in range(1000):
                    query = Query(kind, tuple(self._words(kind, chance)))
                    if query not in seen and all(query.words):
                        break
                seen.add(query)
                yield query

    def _words(self, kind: str, chance: random.Random) -> list[str]:
        name, _, which = kind.partition(" ")
        n = int(which) if which.isdigit() else 1
        often = self.mid + self.common
        match name:
            case "term":
                return [chance.choice({"common": self.common, "mid": self.mid, "rare": self.rare}[which])]
            case "prefix":
                return [chance.choice(self.mid)[: chance.choice((4, 5))]]
            case "fuzzy":
                word = chance.choice([word for word in chance.sample(often, 50) if len(word) > 5] or ["ministry"])
                at = chance.randrange(2, len(word))
                return [word[:at] + chance.choice("aeiorst") + word[at + 1 :]]
            case "inter" | "near" | "phrase":
                text = chance.choice(self.texts)
                n = max(n, 2)
                if len(set(text)) < 8:
                    return [""]
                if name == "inter":
                    return chance.sample(sorted(set(text)), n)
                at = chance.randrange(len(text) - 7)
                return text[at : at + n] if name == "phrase" else [text[at], text[at + chance.randrange(2, 6)]]
            case "nested":
                return [*chance.sample(often, 4), chance.choice(self.mid)]
            case "dates":
                return [
                    chance.choice(often),
                    *sorted(chance.sample([f"1987-{m:02}-{d:02}" for m in range(2, 11) for d in (1, 15)], 2)),
                ]
            case _:
                return chance.sample(often, max(n, 2 if name in ("count", "top", "bare") else 1))


def game() -> list[Query]:
    """Return the queries of search-benchmark-game, by what their first tag says they are."""
    found = []
    for line in (DATA / "queries" / "search-benchmark-game.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        tag = entry["tags"][0]
        words = re.findall(r"\w+", entry["query"].lower())
        kind = {"term": "term", "intersection": "inter", "union": "union", "phrase": "phrase"}.get(tag)
        if kind and words:
            found.append(Query(f"game {kind}", tuple(words)))
    return found


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values are."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, bisect.bisect_left(range(len(ordered)), int(len(ordered) * share)))]
