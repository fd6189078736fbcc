"""Both variants of the macro that finds connected components, against components found by walking."""

from collections.abc import Iterable
from itertools import pairwise

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from tests.conftest import PROJECT

MACRO = (PROJECT / "dbt_project" / "macros" / "component_labels.sql").read_text(encoding="utf-8")
Links = set[tuple[int, int]]
LINKS = st.sets(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=1, max_size=60)


def labels(variant: str, links: Links, longest: int) -> dict[int, int]:
    """The smallest number that each identifier is joined with, as the macro for one engine finds it."""
    macro = getattr(Environment().from_string(MACRO).module, f"{variant}__component_labels")
    both = [*links, *((other, one) for one, other in links)]
    with duckdb.connect() as connection:
        connection.execute("create table partners (identifier_number bigint, partner_number bigint)")
        connection.executemany("insert into partners values (?, ?)", both)
        connection.execute(f"create table settings as select {longest} as max_identifiers_per_customer")
        return dict(connection.execute(str(macro("partners", "settings"))).fetchall())


def walked(links: Links) -> dict[int, int]:
    """The same by joining sets."""
    components: dict[int, set[int]] = {each: {each} for link in links for each in link}
    for one, other in links:
        joined = components[one] | components[other]
        for each in joined:
            components[each] = joined
    return {each: min(component) for each, component in components.items()}


@pytest.mark.parametrize("variant", ["duckdb", "default"])
@given(LINKS)
@settings(max_examples=40, deadline=None)
def test_every_identifier_gets_the_smallest_number_of_its_component(variant: str, links: Links) -> None:
    assert labels(variant, links, longest=50) == walked(links)


def chain(numbers: Iterable[int]) -> Links:
    return set(pairwise(numbers))


def test_a_path_is_followed_no_further_than_the_largest_customer() -> None:
    found = labels("duckdb", chain(range(1, 1001)), longest=5)
    assert [number for number, label in found.items() if label == 1] == [1, 2, 3, 4, 5, 6]
    assert all(label == number - 5 for number, label in found.items() if number > 6)
