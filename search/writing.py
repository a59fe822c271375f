"""One transaction on an index: what it changes becomes visible as a whole, or not at all."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from search.engine.commit import Commit
from search.engine.ranking import Ranking
from search.engine.storage import Lock
from search.engine.writer import MEMORY, Refuse, Transaction
from search.errors import ArticleError, QueryError
from search.model import Article
from search.view import View


class Added(NamedTuple):
    """What `Index.add` did: numbers of articles."""

    added: int
    updated: int
    unchanged: int
    refused: int
    removed: int


class Writer:
    """One transaction. Nothing is visible before it is left; then all of it is, at once and durably.

    Outside its `with` block it changes nothing: ValueError.

    Args:
        view: Of the index, at any commit.
        refresh: Moves the index to its newest commit, and returns that.
        language: Of a new index.
        memory: Bytes that indexing may take, about.
    """

    def __init__(
        self, view: View, refresh: Callable[[], View], language: str | None = None, memory: int | None = None
    ) -> None:
        self._view = view
        self._refresh = refresh
        self._language = language
        self._memory = memory
        self._lock: Lock | None = None
        self._begun: Transaction | None = None
        self.compact = False
        self.tell: Callable[[str], None] | None = None

    def __enter__(self) -> Self:
        view = self._view
        if view.trial:
            raise QueryError(f"{view.location}: opened to try settings; open it again to change it")
        view.folder.make()
        self._lock = view.folder.lock()
        try:
            if self._lock.left_by:
                import logging  # nothing else needs it

                logging.getLogger("search").warning(
                    "%s: process %d died while it wrote; what it had committed is there, the rest is removed",
                    *(view.location, self._lock.left_by),
                )
            self._view = view = self._refresh()
            base = view.commit or Commit()
            self.settings = dict(base.settings)
            self._begun = Transaction(
                *(view.folder, base, view.analyzer(self._language), self._memory or MEMORY), doubting=view.doubting
            )
        except BaseException:
            self._lock.release()
            raise
        return self

    @property
    def _transaction(self) -> Transaction:
        if self._begun is None:
            raise ValueError("a writer changes an index inside its `with` block: begin another one")
        return self._begun

    def put_all(
        self, articles: Iterable[Article], refuse: Refuse | None = None, jobs: int = 1
    ) -> Iterator[tuple[Article, str]]:
        """Put articles as `Transaction.put_all` does."""
        return self._transaction.put_all(articles, refuse, jobs)

    def add(self, article: Article) -> None:
        """Add an article, in the place of the one with its id if there is one.

        Raises:
            ArticleError: It cannot be stored: no id, or a date that is none.
        """
        self._transaction.put(article)

    def update(self, article: Article) -> None:
        """Replace the article with the same id.

        Raises:
            ArticleError: There is none, or it cannot be stored.
        """
        if self._transaction.record(article.id) is None:
            raise ArticleError(f"no article has the id {article.id!r}; add it instead")
        self._transaction.put(article)

    def delete(self, id: str) -> None:
        """Delete an article.

        Raises:
            ArticleError: There is none with this id.
        """
        with self._view.doubting():
            self._transaction.remove(id)

    def prune(self, paths: Sequence[str], seen: set[str], came: set[str]) -> int:
        """Remove the articles from under `paths` that were not seen now; return their number.

        Args:
            paths: Normalised files and folders.
            seen: Ids that came now.
            came: Paths they came from. What came from a file that is there but gave nothing now is left alone.
        """
        under = tuple(f"{path.rstrip('/')}/" for path in paths if path != ".")
        gone = []
        for article in self._view.articles():
            path = article.path
            if path is None or article.id in seen:
                continue
            inside = "." in paths or path in paths or path.startswith(under)
            if inside and (path in came or not os.path.lexists(path)):
                gone.append(article.id)
        for article_id in gone:
            self._transaction.remove(article_id)
        return len(gone)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                with self._view.doubting():
                    self._transaction.commit(self.settings, compact=self.compact, progress=self.tell)
        finally:
            try:
                self._transaction.close()
            finally:
                self._begun = None
                if self._lock:
                    self._lock.release()
        if kind is None:
            self._refresh()


def checked(settings: Mapping[str, float]) -> dict[str, float]:
    """Return settings of ranking; raise `QueryError` if they are impossible."""
    for name, value in settings.items():
        if name not in Ranking._fields:
            raise QueryError(f"no setting is called {name!r}: use one of {', '.join(Ranking._fields)}")
        if not isinstance(value, int | float):
            raise QueryError(f"{name} cannot be {value!r}: give a number")
        if not 0 <= value <= (1 if name.startswith("b_") else 1000) or (name == "k1" and value == 0):
            raise QueryError(f"{name} cannot be {value}: b_… is from 0 to 1, k1 and weights are above 0")
    return {name: float(value) for name, value in settings.items()}
