"""What `mutations.py` takes out of the package is there to be taken out."""

import pytest
from mutations import MUTATIONS, ROOT, Mutation


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: f"{mutation.module}:{mutation.old.strip()[:40]}")
def test_a_safeguard_stands_where_it_is_looked_for(mutation: Mutation) -> None:
    text = (ROOT / "search" / "engine" / f"{mutation.module}.py").read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1
