"""Who is one person is found out: exactly, where normalisation and links cover it, whatever the order of the files."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import md5
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.ingest.lake import lake_files, lake_hash
from pipelines.transform.build import Knowledge, create_build
from tests.architecture.models import build_models, compiled_manifest
from tests.conftest import SECRET, Home
from tests.proof.populations import (
    HEADINGS,
    OFFICE_SIZE,
    SETTINGS,
    Population,
    covered,
    precision_and_recall,
    with_households,
    with_mistyped_addresses,
)

DAY = date(2025, 12, 31)
WANTED = ("int_orders", "int_survey_responses", "identity_counts")
PERSONS = 400
Files = Mapping[str, str]


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    return compiled_manifest()


@dataclass(frozen=True)
class Found:
    """Customers by the row that an order or response came from, and the published counts by measure and rule."""

    customers: Mapping[str, str | None]
    counts: Mapping[tuple[str, str, str], int]


def files_of(population: Population, chance: random.Random, parts: int) -> dict[str, str]:
    """The rows in so many files a day, shuffled, under names that say nothing."""
    files = {}
    for extract, rows in population.rows.items():
        shuffled = chance.sample(rows, len(rows))
        for part in range(parts):
            name = f"{extract}/{chance.getrandbits(40):x}_2025-06-02.csv"
            files[name] = "\n".join([HEADINGS[extract], *shuffled[part::parts], ""])
    return files


def find(
    root: Path,
    manifest: dict[str, Any],
    files: Files,
    *,
    text: str = SETTINGS,
    as_of: date = DAY,
    knowledge: Knowledge = "now",
) -> Found:
    """Deliver, ingest, and run the models as far as the customers."""
    home = Home(root)
    for name, content in files.items():
        home.land(name, content)
    settings = home.settings(text)
    home.ingest(settings)
    registered = lake_files(home.paths, settings, SECRET)
    create_build(home.paths.build_file, as_of, knowledge, settings, registered, lake_hash(registered))
    with duckdb.connect(str(home.paths.build_file)) as build:
        build_models(build, manifest, WANTED)
        keys = dict(
            build.execute(
                "select order_key, customer_key from intermediate.int_orders union all "
                "select response_key, customer_key from intermediate.int_survey_responses"
            ).fetchall()
        )
        counted = build.execute(
            "select measure, source, rule, row_count from marts.identity_counts"
        ).fetchall()
    rows = [line.split(",")[0].strip('"') for content in files.values() for line in content.splitlines()[1:]]
    customers = {
        row: keys[key]
        for row in rows
        if (key := md5(f"{row.rstrip('0123456789')}|id|{row}".encode()).hexdigest()) in keys
    }
    return Found(customers, {(measure, source, rule): count for measure, source, rule, count in counted})


def judge_covered(folder: Path, manifest: dict[str, Any], persons: int, seed: int) -> None:
    """Precision and recall of everything that is covered, twice: the second time in other files."""
    population = covered(persons, seed)
    chance = random.Random(seed)
    found = find(folder / "one", manifest, files_of(population, chance, 1))
    assert found.customers.keys() == population.owners.keys()
    assert precision_and_recall(population.owners, found.customers) == (1, 1)
    offices = len(range(0, persons - OFFICE_SIZE, OFFICE_SIZE * 5))
    assert found.counts["cut_identifiers", "all", "too_many_links"] == offices + 1
    assert found.counts["cut_identifiers", "all", "too_large_customer"] == 0
    customers = sum(count for (measure, *_), count in found.counts.items() if measure == "customers")
    assert customers == len(set(population.owners.values()))
    assert find(folder / "other", manifest, files_of(population, chance, 7)) == found


def test_whom_normalisation_and_links_cover_is_found_exactly_whatever_the_files(
    tmp_path: Path, manifest: dict[str, Any]
) -> None:
    judge_covered(tmp_path, manifest, PERSONS, seed=1)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(2, 6))
def test_ten_thousands_of_persons_are_found_exactly_whatever_the_files(
    tmp_path: Path, manifest: dict[str, Any], seed: int
) -> None:
    judge_covered(tmp_path, manifest, 30_000, seed)


def test_a_mistyped_address_is_another_person(tmp_path: Path, manifest: dict[str, Any]) -> None:
    population = covered(PERSONS, seed=1)
    mistyped = with_mistyped_addresses(population, 50)
    found = find(tmp_path / "home", manifest, files_of(population, random.Random(1), 2))
    precision, recall = precision_and_recall(population.owners, found.customers)
    assert precision == 1
    assert 0.8 < recall < 1
    apart = {row: row if row in mistyped else owner for row, owner in population.owners.items()}
    assert precision_and_recall(apart, found.customers) == (1, 1)


def test_a_household_that_shares_an_address_is_one_customer(tmp_path: Path, manifest: dict[str, Any]) -> None:
    population = covered(PERSONS, seed=1)
    households = with_households(population, 50)
    found = find(tmp_path / "home", manifest, files_of(population, random.Random(1), 2))
    precision, recall = precision_and_recall(population.owners, found.customers)
    assert recall == 1
    assert 0.5 < precision < 1
    homes = {person: min(household) for household in households for person in household}
    together = {row: homes.get(owner, owner) for row, owner in population.owners.items()}
    assert precision_and_recall(together, found.customers) == (1, 1)


# By hand: what changes in time

MERGED = SETTINGS.replace('    files: "merged/', '    delivery: full\n    files: "merged/')
ORDERS = {
    "shop/a_2025-06-01.csv": f"{HEADINGS['shop']}\nshop0,1,,,2025-05-01,5\nshop1,2,,,2025-05-01,5\n",
    "shop/b_2025-06-03.csv": f"{HEADINGS['shop']}\nshop2,2,a@example.org,,2025-05-01,5\n",
    "shop/c_2025-06-04.csv": f"{HEADINGS['shop']}\nshop3,,A@Example.org,,2025-05-01,5\n",
    "other_shop/a_2025-06-01.csv": f"{HEADINGS['other_shop']}\n",
    "poll/a_2025-06-01.csv": f"{HEADINGS['poll']}\n",
}
LINKED = {"merged/a_2025-06-02.csv": f"{HEADINGS['merged']}\n1,2\n3,4\n"}
WITHDRAWN = {"merged/b_2025-06-05.csv": f"{HEADINGS['merged']}\n3,4\n4,3\n"}


def grouped(found: Found) -> set[frozenset[str]]:
    """Which rows are of one customer."""
    rows: dict[str | None, set[str]] = {}
    for row, customer in found.customers.items():
        rows.setdefault(customer, set()).add(row)
    return {frozenset(each) for each in rows.values()}


def groups(*rows: Iterable[str]) -> set[frozenset[str]]:
    return {frozenset(f"shop{row}" for row in each) for each in rows}


def test_a_link_counts_from_when_it_was_known_and_a_withdrawn_one_no_more(
    tmp_path: Path, manifest: dict[str, Any]
) -> None:
    files = ORDERS | LINKED | WITHDRAWN

    def known(until: date) -> Found:
        # A run with knowledge of then knows what came by the day after its own.
        day = until - timedelta(days=1)
        return find(tmp_path / f"{day}", manifest, files, text=MERGED, as_of=day, knowledge="then")

    before, linked, guest, split = (known(date(2025, 6, day)) for day in (1, 2, 4, 5))
    assert grouped(before) == groups("0", "1")
    assert grouped(linked) == groups("01")
    assert grouped(guest) == groups("0123")
    assert grouped(split) == groups("0", "123")
    # The key is that of the identifier known first: both numbers on one day, the address later.
    numbers = sorted(str(before.customers[row]) for row in ("shop0", "shop1"))
    assert linked.customers["shop0"] == guest.customers["shop3"] == numbers[0]
    assert split.customers["shop3"] == split.customers["shop1"] == split.customers["shop2"]
    assert guest.counts["links", "all", "customer_links"] == 2
    assert split.counts["links", "all", "customer_links"] == 1


def test_the_key_is_stable_while_dumps_come_and_go(tmp_path: Path, manifest: dict[str, Any]) -> None:
    later = {"merged/c_2025-06-09.csv": f"{HEADINGS['merged']}\n2,1\n3,4\n5,6\n"}
    found = find(tmp_path / "one", manifest, ORDERS | LINKED, text=MERGED)
    again = find(tmp_path / "other", manifest, ORDERS | LINKED | later, text=MERGED)
    assert again.customers == found.customers
