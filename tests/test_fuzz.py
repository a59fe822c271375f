"""Query strings and files from chance: no exception, and what is promised holds. `fuzz.py` makes them."""

from pathlib import Path

import fuzz
import pytest
from work import TORTURE, seed_of_run

import search

# Each once; add what fails from now on.
FAILED = (
    *("\ud800#fe?r*", "\udfff*", "=\ud800", "\ud800~2", "*\ud800*"),
    *(
        "date:'last don't",
        "Xdate:'a b' c:d'",
        "x OR date:>_^2 REQUIRE y",
        "wor?^1 x",
        "date:\u2018AND",
        "since:'NOT x",
        "since:atleast3( '\u00bfx",
        "x \u0130date:'last don't y",
        "a w/2 since:'2021-08-10",
    ),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> search.Index:
    return fuzz.asked(tmp_path_factory.mktemp("fuzz"))


def ask(index: search.Index, n: int, seed: int) -> None:
    for each in range(seed, seed + n):
        try:
            fuzz.hold(index, fuzz.query(each))
        except Exception as error:
            error.add_note(f"fuzz.query({each}): {fuzz.query(each)!r}")
            raise


def read(folder: Path, n: int, seed: int) -> int:
    """Read files, index what they hold now and then, and return how many articles they held."""
    total = 0
    articles: dict[str, search.Article] = {}
    for each in range(seed, seed + n):
        try:
            found = fuzz.read(folder, each)
        except Exception as error:
            error.add_note(f"fuzz.file({each})")
            raise
        total += len(found)
        articles |= {article.id: article for article in found}
        if len(articles) >= 500 or each == seed + n - 1:
            index = search.open(folder / f"index{each}")
            index.add(articles.values())
            assert index.check() == []
            assert {article.id: article.text for article in index} == {
                key: article.text for key, article in articles.items()
            }
            articles.clear()
    return total


@pytest.mark.parametrize("text", FAILED)
def test_queries_that_once_failed(index: search.Index, text: str) -> None:
    fuzz.hold(index, text)


def test_odd_queries_are_answered(index: search.Index) -> None:
    ask(index, 600, seed_of_run())


def test_odd_files_are_articles_or_errors(tmp_path: Path) -> None:
    assert read(tmp_path, 100, seed_of_run()) > 50


@pytest.mark.slow
def test_twenty_thousand_queries_are_answered(index: search.Index) -> None:
    ask(index, int(20_000 * TORTURE), seed_of_run())


@pytest.mark.slow
def test_two_thousand_files_are_articles_or_errors(tmp_path: Path) -> None:
    assert read(tmp_path, int(2_000 * TORTURE), seed_of_run()) > 1_000
