"""Several worker processes at the service of one transaction.

They are started as programs of their own and fed through pipes, so that a caller's script needs no guard for its main
module, and a worker ends when the process that feeds it does, however it does.
"""

import builtins
import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any, Self, cast

from search import errors
from search.engine.compaction import Part
from search.engine.worker import packed
from search.errors import SearchError
from search.model import Article

BATCH = 1_000_000  # characters given to a process at a time
MAX_BATCH = 512  # articles
MAX_WAITING = 4_000_000  # characters of articles that wait for another with their id

Answer = dict[str, Any]

_PROGRAM = (
    "import json, sys; sys.path[:], task = json.loads(sys.argv[1]); from search.engine.worker import main; main(task)"
)


class Batches:
    """Articles in batches, each with a number to name a segment by; an id comes once until `waiting` is called.

    Args:
        articles: To divide.
        number: Gives a new number.
    """

    def __init__(self, articles: Iterator[Article], number: Callable[[], int]) -> None:
        self._articles = articles
        self._number = number
        self._seen: set[int] = set()  # hashes: if two ids have one, the second waits for no reason
        self._waiting: list[Article] = []
        self.ended = False

    def __iter__(self) -> Iterator[tuple[int, list[Article]]]:
        batch: list[Article] = []
        size = waiting = 0
        for article in self._articles:
            key = hash(article.id)
            if key in self._seen:
                self._waiting.append(article)
                waiting += len(article.body)
                if waiting >= MAX_WAITING:
                    break
                continue
            self._seen.add(key)
            batch.append(article)
            size += len(article.body)
            if size >= BATCH or len(batch) >= MAX_BATCH:
                yield self._number(), batch
                batch, size = [], 0
        else:
            self.ended = True
        if batch:
            yield self._number(), batch

    def waiting(self) -> list[Article]:
        """Return the articles whose id came before, and forget them."""
        waiting, self._waiting = self._waiting, []
        return waiting


class Crew:
    """Worker processes.

    Args:
        jobs: How many.
        task: The arguments of `worker.Worker`.

    Raises:
        SearchError: The system does not start so many.
    """

    def __init__(self, jobs: int, task: dict[str, Any]) -> None:
        self._workers: list[_Process] = []
        self._idle: SimpleQueue[_Process] = SimpleQueue()
        self._pool = ThreadPoolExecutor(jobs)  # a thread waits for each
        try:
            for _ in range(jobs):
                self._workers.append(_Process(task))
                self._idle.put(self._workers[-1])
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise

    def work(self, batches: Iterable[tuple[int, list[Article]]]) -> Iterator[tuple[list[Article], Answer]]:
        """Yield each batch with what a worker answered, as the answers come. Few batches are held at a time."""
        running: set[Future[tuple[list[Article], Answer]]] = set()
        for batch in batches:
            running.add(self._pool.submit(self._hand, *batch))
            if len(running) > len(self._workers):
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)

    def finish(self, numbers: Iterable[int]) -> Iterator[Answer]:
        """Have every worker write down what it holds. Yield what `Worker.finish` of each returns.

        Args:
            numbers: One for each worker, of which it may use the next one, too.
        """
        orders = [
            self._pool.submit(worker.asked, {"number": number})
            for worker, number in zip(self._workers, numbers, strict=True)
        ]
        yield from (order.result() for order in orders)

    def merge(self, parts: Sequence[Part], number: int, *, compact: bool) -> "Future[Answer]":
        """Have a worker merge segments.

        Args:
            parts, compact: As of `compaction.compacted`.
            number: The first of as many numbers as there are parts.

        Returns:
            What `Worker.merge` does.
        """
        order = {"number": number, "parts": [part.packed() for part in parts], "compact": compact}
        return self._pool.submit(self._workers[0].asked, order)

    def _hand(self, number: int, articles: list[Article]) -> tuple[list[Article], Answer]:
        worker = self._idle.get()
        try:
            return articles, worker.asked({"number": number, "articles": [packed(article) for article in articles]})
        finally:
            self._idle.put(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.end(at_once=kind is not None)
        self._pool.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.wait()


class _Process:
    def __init__(self, task: dict[str, Any]) -> None:
        command = [sys.executable, "-c", _PROGRAM, json.dumps([sys.path, task])]
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  # itself
        except OSError as error:
            raise SearchError(f"no process can be started to help: {error.strerror}; use fewer --jobs") from error
        self._to, self._from = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)

    def asked(self, order: dict[str, Any]) -> Answer:
        """Give an order, and return the answer."""
        line = b""
        with contextlib.suppress(BrokenPipeError):
            self._to.write(json.dumps(order).encode() + b"\n")
            self._to.flush()
            line = self._from.readline()
        if not line:
            raise SearchError(
                f"process {self._process.pid}, which was helping, has ended: use fewer --jobs or less --memory"
            )
        answer: Answer = json.loads(line)
        if "error" in answer:
            name = answer["error"]
            raise getattr(errors, name, getattr(builtins, name, RuntimeError))(answer["message"])
        return answer

    def end(self, *, at_once: bool) -> None:
        """Let the process end when it has done what it was told, or at once."""
        if at_once:
            self._process.kill()
        with contextlib.suppress(BrokenPipeError):
            self._to.close()

    def wait(self) -> None:
        """Wait until the process has ended."""
        self._process.wait()
        self._from.close()
