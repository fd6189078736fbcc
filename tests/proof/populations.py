"""Populations whose truth is known: who placed which order, under which of their identifiers, however spelled.

Every person has all identifiers linked by some row, so whoever reads them right finds exactly the persons. What lies
beyond that (mistyped addresses, households) is added by name. What must stay out: what comes out of it.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

SETTINGS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2024-01-01
settings: {max_links_per_identifier: 20, max_identifiers_per_customer: 50}
extracts:
  shop:
    kind: orders
    files: "shop/*_{delivered:%Y-%m-%d}.csv"
    key: [order_id]
    columns:
      order_id: id
      customer_id: {from: number, id_space: shop, normalise: [strip_apostrophe, strip_decimal, strip_zeros]}
      email: email
      phone: phone
      ordered_at: at
      gross_amount: amount
  other_shop:
    kind: orders
    files: "other_shop/*_{delivered:%Y-%m-%d}.csv"
    key: [order_id]
    columns:
      order_id: id
      customer_id: {from: number, id_space: other_shop}
      email: email
      ordered_at: at
      gross_amount: amount
  merged:
    kind: customer_links
    files: "merged/*_{delivered:%Y-%m-%d}.csv"
    key: [customer_id, linked_id]
    columns:
      customer_id: {from: kept, id_space: shop, normalise: strip_zeros}
      linked_id: {from: given_up, id_space: shop, normalise: strip_zeros}
  poll:
    kind: survey_responses
    files: "poll/*_{delivered:%Y-%m-%d}.csv"
    key: [response_id]
    columns:
      response_id: id
      customer_id: {from: number, id_space: shop, normalise: strip_zeros}
      email: email
      phone: phone
      responded_at: at
    questions: [{id: recommend, column: score, construct: recommend, scale: [0, 10]}]
"""
HEADINGS = {
    "shop": "id,number,email,phone,at,amount",
    "other_shop": "id,number,email,at,amount",
    "merged": "kept,given_up",
    "poll": "id,number,email,phone,at,score",
}
TILL = "99999"
# The number that the till gives every guest, who are told by their addresses.
OFFICE_SIZE = 30
# More than may share an address.


@dataclass(frozen=True)
class Person:
    """One person's identifiers in the one form that stands for each."""

    numbers: Sequence[str]
    other_number: str | None
    emails: Sequence[str]
    phone: str | None


@dataclass
class Population:
    """The rows by extract, and whose each order and response is: the truth that nobody tells the pipeline."""

    chance: random.Random
    rows: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in HEADINGS})
    owners: dict[str, str] = field(default_factory=dict)

    def add(self, extract: str, owner: str, **cells: str | None) -> None:
        """One row of somebody; empty where nothing is said."""
        identity = f"{extract}{len(self.rows[extract])}"
        said: Mapping[str, str | None] = {
            "id": identity, "at": "2025-06-01 12:00", "amount": "10", "score": "9", **cells,
        }  # fmt: skip
        names = HEADINGS[extract].split(",")
        self.rows[extract].append(",".join(f'"{said.get(name) or ""}"' for name in names))
        if extract != "merged":
            self.owners[identity] = owner

    def spelled(self, number: str) -> str:
        """A number of the shop as a cash desk, a database or a spreadsheet writes it."""
        return self.chance.choice([number, number.zfill(8), f"{number}.0", f"'{number}", f" {number} "])

    def addressed(self, email: str) -> str:
        """An address as people type it."""
        return self.chance.choice([email, email.upper(), email.title(), f"  {email}", f"{email}\u00a0"])

    def dialled(self, phone: str) -> str:
        """A phone number as people write it."""
        digits = phone.removeprefix("+49")
        return self.chance.choice(
            [phone, f"0049{digits}", f"+49 (0) {digits[:3]} / {digits[3:]}", f"+49-{digits}"]
        )


def covered(count: int, seed: int) -> Population:
    """Persons whose identifiers are all linked, and addresses and numbers that many share."""
    population = Population(random.Random(seed))
    persons = list(_persons(population.chance, count))
    for index, person in enumerate(persons):
        _rows_of(population, f"person {index}", person)
    for start in range(0, count - OFFICE_SIZE, OFFICE_SIZE * 5):
        for index in range(start, start + OFFICE_SIZE):
            # Colleagues order with their own numbers and the address of the office.
            number = persons[index].numbers[0]
            population.add("shop", f"person {index}", number=number, email=f"office{start}@example.org")
    for index in range(count // 10):
        # At the till everybody has the same number; the address tells who it was.
        person = persons[index * 7 % count]
        owner = f"person {index * 7 % count}" if person.emails else f"guest {index}"
        address = person.emails[0] if person.emails else f"guest{index}@example.org"
        population.add("shop", owner, number=TILL, email=population.addressed(address))
    return population


def _persons(chance: random.Random, count: int) -> Iterator[Person]:
    for index in range(count):
        yield Person(
            numbers=[str(100_000 + index * 4 + place) for place in range(chance.choice([1, 1, 1, 2, 3]))],
            # The other shop's numbers are those of the first one for other people.
            other_number=str(100_000 + (count - index) * 4) if chance.random() < 0.3 else None,
            emails=[f"ann{index}.{place}@example.org" for place in range(chance.choice([0, 1, 1, 2]))],
            phone=f"+4930{1_000_000 + index}" if chance.random() < 0.5 else None,
        )


def _rows_of(population: Population, owner: str, person: Person) -> None:
    """Rows that link all that a person has, then some under single identifiers, as guests and in the survey."""
    first = person.numbers[0]
    for number in person.numbers[1:]:
        population.add("merged", owner, kept=first, given_up=number.zfill(8))
        population.add("shop", owner, number=population.spelled(number))
    population.add(
        "shop", owner,
        number=population.spelled(first),
        phone=population.dialled(person.phone) if person.phone else None,
    )  # fmt: skip
    for email in person.emails:
        population.add("shop", owner, number=population.spelled(first), email=population.addressed(email))
        population.add("shop", owner, email=population.addressed(email))
        population.add("poll", owner, email=population.addressed(email))
    if person.phone:
        population.add("poll", owner, phone=population.dialled(person.phone))
    if person.other_number and person.emails:
        population.add(
            "other_shop", owner, number=person.other_number, email=population.addressed(person.emails[-1])
        )
        population.add("other_shop", owner, number=person.other_number)
    population.add("poll", owner, number=first)


def with_mistyped_addresses(population: Population, count: int) -> set[str]:
    """Guests' orders under addresses with a letter too much, of persons who are known otherwise; gives their rows."""
    before = set(population.owners)
    for index in range(count):
        population.add("shop", f"person {index}", email=f"annn{index}@example.org")
    return set(population.owners) - before


def with_households(population: Population, count: int) -> set[frozenset[str]]:
    """Pairs of neighbours who order under one address each; gives who lives together."""
    pairs = set()
    for index in range(count):
        pair = [f"person {index * 2}", f"person {index * 2 + 1}"]
        for owner, number in zip(pair, (100_000 + index * 8, 100_000 + index * 8 + 4), strict=True):
            population.add("shop", owner, number=str(number), email=f"home{index}@example.org")
        pairs.add(frozenset(pair))
    return pairs


def precision_and_recall(truth: Mapping[str, str], found: Mapping[str, str | None]) -> tuple[float, float]:
    """Of pairs of rows: how many that were joined are one person's, and how many of one person were joined."""
    joined = Counter((truth[row], found[row]) for row in truth)
    together = _pairs(joined.values())
    return (
        together / _pairs(Counter(found[row] for row in truth).values()),
        together / _pairs(Counter(truth.values()).values()),
    )


def _pairs(counts: Iterable[int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts)
