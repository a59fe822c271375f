"""One of several processes that tokenize articles and write segments for a transaction; `crew` starts it.

It speaks JSON, a line a message, over its standard input and output. It gets batches of articles, and answers each with
what was done with them; or segments, which it merges; without either, it writes down what it holds. It ends when its
input does, so that it never outlives the process that started it.
"""

import gc
import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np

from search.engine import bodies, merge
from search.engine import commit as commits
from search.engine.builder import Builder
from search.engine.commit import Commit
from search.engine.compaction import Part, compacted
from search.engine.incoming import batches, path_of, prepared
from search.engine.sections import CONTRADICTIONS
from search.engine.segment import Segment
from search.engine.snapshot import load
from search.engine.storage import Folder
from search.errors import SearchError
from search.model import Article, Zone
from search.text.analysis import analyzer

_FIELDS = ("id", "body", "title", "source", "author", "path", "url", "date_source", "encoding")


def packed(article: Article) -> dict[str, Any]:
    """Return an article as JSON can hold it."""
    found: dict[str, Any] = {name: value for name in _FIELDS if (value := getattr(article, name))}
    if date := article.iso_date:
        found["date"] = date
    if article.meta:
        found["meta"] = dict(article.meta)
    if article.zones is not None:
        found["zones"] = article.zones
    return found


def unpacked(found: dict[str, Any]) -> Article:
    """Return the article that `packed` packed."""
    if "zones" in found:
        found["zones"] = tuple(Zone(*zone) for zone in found["zones"])
    return Article(**{"body": ""} | found)


class Worker:
    """Builds segments from batches of articles, against the newest commit, and merges segments.

    Args:
        folder: Of the index.
        language: Of the index.
        memory: Bytes that tokenizing and merging may take, about.
        is_careful: Whether an article stays that has the id of one from another path.
    """

    def __init__(self, folder: str, language: str, memory: int, *, is_careful: bool) -> None:
        self._folder = Folder(folder)
        self._snapshot = load(self._folder, commits.read(self._folder) or Commit())
        self._builder = Builder(analyzer(language), memory)
        self._is_careful = is_careful
        self._memory = memory
        self._runs: list[tuple[str, int, int]] = []  # name, bytes, articles
        self._bodies: list[tuple[str, int]] = []  # name, bytes

    def take(self, articles: list[Article], number: int) -> dict[str, Any]:
        """Take articles in, none of which has the id of another.

        Args:
            articles: Of this batch.
            number: For the name of a segment, if one is written.

        Returns:
            `outcomes`: of each article `Incoming.differs`, of one that is refused the path of the other one.
            `replaced`: numbers, in the snapshot of the commit, of the articles that were replaced.
        """
        outcomes = []
        replaced = []
        for new in (new for some in batches(articles) for new in prepared(some)):
            place = self._snapshot.find(new.article.id)
            old = None if place is None else self._snapshot.record(place)
            outcome = new.differs(old, is_careful=self._is_careful)
            outcomes.append((outcome, path_of(old) if old and outcome == "refused" else ""))
            if outcome in ("added", "updated"):
                self._builder.add(*new)
                if place is not None:
                    replaced.append(place)
        if self._builder.is_full:
            self._write(number)
        return {"outcomes": outcomes, "replaced": replaced}

    def finish(self, number: int) -> dict[str, Any]:
        """Write down what it holds.

        Returns:
            `runs`: names, sizes in bytes and numbers of articles of all segments since last.
            `bodies`: names and sizes of the files of `bodies.write`.
        """
        if len(self._builder):
            self._write(number)
        runs, self._runs, bodies_, self._bodies = self._runs, [], self._bodies, []
        return {"runs": self._merged(runs, number), "bodies": bodies_}

    def merge(self, parts: Sequence[Sequence[Any]], number: int, *, compact: bool) -> dict[str, Any]:
        """Merge segments.

        Args:
            parts: `Part.packed` of each.
            number: The first of as many numbers.
            compact: As of `compaction.compacted`.

        Returns:
            `parts`: name, size in bytes and number of articles of each segment that there is then.
        """
        numbers = count(number)
        opened = [Part.opened(self._folder, *part) for part in parts]
        told = (self._folder, opened, self._memory, lambda: self._name(next(numbers), "segment"), lambda _: None)
        return {"parts": [part.packed()[:3] for part in compacted(*told, compact=compact, beside=True)]}

    def _merged(self, runs: list[tuple[str, int, int]], number: int) -> list[tuple[str, int, int]]:
        """Return segments, merged into one if there is room."""
        segments = [Segment(self._folder, name, size) for name, size, _ in runs]
        if len(runs) > 1 and merge.cost(segments) <= self._memory:
            name = self._name(number + 1, "segment")
            size = merge.merge(self._folder, name, [(segment, np.zeros(0, np.int64)) for segment in segments])
            for old, _, _ in runs:
                self._folder.remove(old)
            return [(name, size, sum(n for _, _, n in runs))]
        return runs

    def _name(self, number: int, kind: str) -> str:
        # With the process in it: should this one outlive its transaction for a moment, it is in nobody's way.
        return f"{number}w{os.getpid()}.{kind}"

    def _write(self, number: int) -> None:
        name, n = self._name(number, "segment"), len(self._builder)
        size, read = self._builder.write(self._folder, name)
        self._runs.append((name, size, n))
        name = self._name(number, "bodies")
        self._bodies.append((name, bodies.write(self._folder, name, read)))


def main(task: dict[str, Any]) -> None:
    """Work until standard input ends.

    Args:
        task: The arguments of `Worker`.
    """
    gc.disable()  # as the command line does
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started it says when to stop
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # whatever else is printed
    worker = Worker(**task)
    for line in sys.stdin.buffer:
        order = json.loads(line)
        answer: dict[str, Any]
        try:
            if "articles" in order:
                answer = worker.take([unpacked(article) for article in order["articles"]], order["number"])
            elif "parts" in order:
                answer = worker.merge(order["parts"], order["number"], compact=order["compact"])
            else:
                answer = worker.finish(order["number"])
        except SearchError as error:
            answer = {"error": type(error).__name__, "message": str(error)}
        except CONTRADICTIONS as error:  # damage, perhaps: who gave the order finds out
            answer = {"error": type(error).__name__, "message": traceback.format_exc()}
        except Exception:  # noqa: BLE001  # it is raised again where it can be seen
            answer = {"error": "", "message": traceback.format_exc()}
        try:
            answers.write(f"{json.dumps(answer)}\n")
            answers.flush()
        except BrokenPipeError:
            os._exit(1)
