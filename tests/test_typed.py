"""Names, signs, numbers and addresses as people type them: what they find in small articles, and what is marked."""

import pytest

import search

BODIES = {
    "handle": "Write to @flood_watch today.",
    "handle apart": "A flood, and a watch.",
    "choice": "It brings rain and/or snow.",
    "and": "There and then, or never.",
    "hours": "It is open 24/7 all year.",
    "hours hyphen": "There is 24-7 care.",
    "hours apart": "Of 24 pumps 7 failed.",
    "test": "The A/B test ran.",
    "test apart": "A plan, then plan B.",
    "isbn": "The guide (ISBN 978-3-16-148410-0) is out.",
    "isbn bare": "The guide, number 9783161484100, is out.",
    "isbn ten": "The old guide is 3-16-148410-X.",
    "isbn digits": "The atlas is 0-306-40615-2.",
    "mail": "Ask desk@valley.example now.",
    "mail apart": "The desk is in the valley, for example.",
    "dollars": "It cost $5m to mend.",
    "euros": "It cost €5m, they said.",
    "five": "It cost 5 men their posts.",
    "c": "He wrote it in C++ code.",
    "vitamin": "He lacks vitamin C.",
    "research": "The R&D unit grew.",
    "research apart": "Plan R, then plan D.",
    "phone": "Shares of AT&T rose.",
    "phone apart": "He was at home.",
    "attack": "It fell on 9/11.",
    "attack apart": "Of 9 men 11 fell.",
    "tag": "They sent #drought by the hour.",
    "tag bare": "The drought lasted.",
    "name": "It was Mr O'Neill.",
    "name curly": "It was O’Neill’s car.",
    "name apart": "Neill came.",
    "let": "Let's go, they said.",
    "let bare": "Let it go.",
    "address": "See http://valley.example/dam for more.",
}
FOUND = {
    "@flood_watch": {"handle": ["flood_watch"]},
    "and/or": {"choice": ["and/or"]},
    "24/7": {"hours": ["24/7"], "hours hyphen": ["24-7"]},
    "24-7": {"hours": ["24/7"], "hours hyphen": ["24-7"]},
    "A/B": {"test": ["A/B"]},
    "978-3-16-148410-0": {"isbn": ["978-3-16-148410-0"], "isbn bare": ["9783161484100"]},
    "9783161484100": {"isbn": ["978-3-16-148410-0"], "isbn bare": ["9783161484100"]},
    "978-3161484100": {"isbn": ["978-3-16-148410-0"], "isbn bare": ["9783161484100"]},
    "=9783161484100": {"isbn bare": ["9783161484100"]},
    "9783161484101": {},
    "9773161484101": {},
    "316148410X": {"isbn ten": ["3-16-148410-X"]},
    "3-16-148410-X": {"isbn ten": ["3-16-148410-X"]},
    "0306406152": {"isbn digits": ["0-306-40615-2"]},
    "0306406153": {},
    "desk@valley.example": {"mail": ["desk@valley.example"]},
    "$5m": {"dollars": ["5m"], "euros": ["5m"]},
    "€5m": {"dollars": ["5m"], "euros": ["5m"]},
    "C++": {"c": ["C++"]},
    "R&D": {"research": ["R&D"]},
    "AT&T": {"phone": ["AT&T"]},
    "at&t": {"phone": ["AT&T"]},
    "9/11": {"attack": ["9/11"]},
    "#drought": {"tag": ["drought"], "tag bare": ["drought"]},
    "O'Neill": {"name": ["O'Neill"], "name curly": ["O’Neill’s"]},
    "O’Neill": {"name": ["O'Neill"], "name curly": ["O’Neill’s"]},
    "Let's": {"let": ["Let's"], "let bare": ["Let"]},
    "http://valley.example/dam": {"address": ["http://valley.example/dam"]},
    "valley.example": {"mail": ["valley.example"], "address": ["valley.example"]},
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> search.Index:
    index = search.open(tmp_path_factory.mktemp("index"))
    index.add([search.Article(id=name, body=body) for name, body in BODIES.items()])
    return index


@pytest.mark.parametrize("query", FOUND)
def test_what_is_found_and_marked(index: search.Index, query: str) -> None:
    found = {}
    for hit in index.search(query, limit=len(BODIES), group=False):
        text = index.get(hit.id).text
        found[hit.id] = [text[start:end] for passage in hit.passages for start, end in passage.highlights]
    assert found == FOUND[query]
