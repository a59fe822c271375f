"""An index as it is at one commit: what searching, showing and writing begin with."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from search.engine import commit as commits
from search.engine import record
from search.engine.commit import Commit
from search.engine.ranking import Ranking
from search.engine.sections import CONTRADICTIONS
from search.engine.snapshot import Snapshot, load
from search.engine.storage import Folder
from search.errors import ArticleError, CorruptionError, IndexMissingError, QueryError, SearchError
from search.model import Article
from search.text.analysis import USUAL, Analyzer, analyzer

if TYPE_CHECKING:
    from search.engine.dating import Dating
    from search.engine.folding import Folding
    from search.engine.values import Values


class View:
    """An index at one commit. It never changes, so that several threads may look, and one may move to another commit.

    Args:
        folder: Of the index.
        commit, snapshot: What it shows; None where there is no index.
        verify: Whether blocks of files are held to their checksums when they are first touched.
        trial: Settings of ranking in place of the index's own.
        is_closed: Whether it was closed, and shows nothing.
    """

    def __init__(
        self,
        folder: Folder,
        commit: Commit | None = None,
        snapshot: Snapshot | None = None,
        *,
        verify: bool = True,
        trial: Mapping[str, float] | None = None,
        is_closed: bool = False,
    ) -> None:
        self.folder = folder
        self.location = str(folder.path)
        self.commit = commit
        self.snapshot = snapshot
        self.verify = verify
        self.trial = trial or {}
        self.is_closed = is_closed

    def refreshed(self) -> "View":
        """Return the index at its newest commit, of whatever process; itself if there is no newer one.

        Raises:
            CorruptionError: The commit file is damaged.
        """
        while True:
            found = commits.read(self.folder)
            commit = found and found._replace(settings={**found.settings, **self.trial})
            if commit == self.commit and not self.is_closed:
                return self
            try:
                snapshot = load(self.folder, commit, verify=self.verify) if commit else None
            except FileNotFoundError as error:
                if commits.read(self.folder) == found:
                    raise CorruptionError.at(error.filename, "expected a file of the index, found none") from error
                continue  # a writer was faster; its commit names the files that are there now
            return View(self.folder, commit, snapshot, verify=self.verify, trial=self.trial)

    def closed(self) -> "View":
        """Return what is left when it is closed; `refreshed` opens it again.

        The files are unmapped when no result has a part in them any more.
        """
        return View(self.folder, verify=self.verify, trial=self.trial, is_closed=True)

    def opened(self) -> tuple[Commit, Snapshot]:
        """Return the commit and what it holds.

        Raises:
            IndexMissingError: There is none.
            SearchError: The index was closed.
        """
        snapshot = self._shown()
        if self.commit is None or snapshot is None or not self.commit.generation:
            raise IndexMissingError(f"{self.location}: no index here; make one with: search index PATH")
        return self.commit, snapshot

    def _shown(self) -> Snapshot | None:
        """Return what it holds, None where there is no index; raise `SearchError` if it was closed."""
        if self.is_closed:
            raise SearchError(f"{self.location}: the index was closed; open it again")
        return self.snapshot

    def analyzer(self, language: str | None = None) -> Analyzer:
        """Return the analyzer of the index; of a new one, in the language asked for."""
        return chain_of(self.location, self.commit.analysis if self.commit else None, language)

    @property
    def n_docs(self) -> int:
        """How many articles there are."""
        snapshot = self._shown()
        return snapshot.n_docs if snapshot else 0

    def settings(self, *, unusual: bool = False) -> dict[str, float | str]:
        """Return language and settings of ranking; `unusual`: only those that a new index would not have."""
        self._shown()
        commit = self.commit or Commit()
        found = {"language": self.analyzer().language, **Ranking(**commit.settings)._asdict()}
        usual = {"language": USUAL, **Ranking()._asdict()} if unusual else {}
        return {name: value for name, value in found.items() if value != usual.get(name)}

    @cached_property
    def stories(self) -> "Folding | None":
        """The stories of the index; None if every article is a story of its own."""
        _, snapshot = self.opened()
        if not snapshot.relations:
            return None
        from search.engine.folding import Folding  # an index without copies needs none of it

        return Folding(snapshot)

    @cached_property
    def values(self) -> "Values":
        """What stands in the records of the articles; what was read is kept."""
        from search.engine.values import Values  # a search by relevance needs none of it

        return Values(self.opened()[1])

    @cached_property
    def dating(self) -> "Dating | None":
        """What dates can be inferred; None if every article is a story of its own."""
        stories = self.stories
        if stories is None:
            return None
        from search.engine.dating import Dating  # an index without copies needs none of it

        return Dating(stories)

    def find(self, id: str) -> int | None:
        """Return the number of an article; None if there is none."""
        snapshot = self._shown()
        return snapshot.find(id) if snapshot else None

    def number(self, id: str) -> int:
        """Return the number of an article.

        Raises:
            ArticleError: There is none with this id.
        """
        snapshot = self.opened()[1]
        doc = snapshot.find(id) if isinstance(id, str) else None
        if doc is None:
            raise ArticleError(f"no article has the id {id!r}; find it with: search find WORDS --ids")
        return doc

    def named(self, name: str) -> int:
        """Return the number of an article by its id, its path, the end of that, or the beginning of its file's name.

        A part must fit one article alone; a beginning counts if nothing ends so.

        Raises:
            ArticleError: There is none, or there are several.
        """
        _, snapshot = self.opened()
        if not isinstance(name, str):
            raise ArticleError(f"no article has the id or path {name!r}: give text")
        doc = snapshot.find(name)
        if doc is None and name:
            from search.reading.walking import name_of  # what is an id needs none of it

            with contextlib.suppress(ValueError):  # no path has what no file system can write
                doc = snapshot.find(name_of(name))
        if doc is not None:
            return doc
        ending, beginning = {}, {}
        for doc in snapshot if name else ():
            stored = record.head(snapshot.record(doc))
            if stored.path == name:
                return doc
            if stored.path.endswith(name):
                ending[doc] = stored.id
            elif stored.path.rpartition("/")[2].startswith(name):
                beginning[doc] = stored.id
        found = ending or beginning
        if len(found) == 1:
            return next(iter(found))
        if found:
            some = ", ".join(sorted(found.values())[:3])
            how = f"a path that ends in {name!r}" if ending else f"a file whose name begins with {name!r}"
            raise ArticleError(f"{len(found)} articles have {how}; name one, such as {some}")
        raise ArticleError(f"no article has the id or path {name!r}; find it with: search find WORDS --ids")

    def article(self, id: str) -> Article:
        """Return an article; raise as `number` does."""
        doc = self.number(id)
        return record.decode(self.opened()[1].record(doc))

    def articles(self) -> Iterator[Article]:
        """Yield all articles."""
        snapshot = self._shown()
        if snapshot is None:
            return
        for doc in snapshot:
            with self.doubting():
                article = record.decode(snapshot.record(doc))
            yield article

    def problems(self, progress: Callable[[int, int], None] | None = None) -> list[str]:
        """Verify every byte and every invariant; return what is broken, a line each."""
        _, snapshot = self.opened()
        from search.engine.check import problems, relations  # a search needs none of it

        return problems(snapshot, self.analyzer(), progress) or relations(snapshot, self.analyzer())

    @contextlib.contextmanager
    def doubting(self) -> Iterator[None]:
        """Raise an error that comes of damage to the index as such, whatever it was."""
        try:
            yield
        except CONTRADICTIONS as error:
            self.doubt(error)
            raise

    def doubt(self, error: Exception) -> None:
        """Raise an error as one of damage to the index, if that is damaged.

        Checksums tell accidents. What matches them and still was never written shows only when it is used.
        """
        for problem in self.problems() if self.snapshot else ():
            raise CorruptionError(problem) from error


def chain_of(location: str, used: str | None, language: str | None) -> Analyzer:
    """Return the analyzer of an index.

    Args:
        location: Of the index.
        used: The id of the analyzer that it was made with; None of a new index.
        language: That was asked for.

    Raises:
        QueryError: It is another one, or there is none for the language.
    """
    known = used.rpartition("/")[2] if used else None
    if known and language and language != known:
        raise QueryError(f"{location}: the index is {known}; index again into another folder for {language}")
    try:
        chain = analyzer(language or known or USUAL)
    except ValueError as error:
        raise QueryError(str(error)) from error
    if used and used != chain.id:
        raise QueryError(f"{location}: made with {used}, this version has {chain.id}; index again")
    return chain
