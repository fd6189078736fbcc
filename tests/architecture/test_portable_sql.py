"""The models run on DuckDB, Postgres and Spark: what only one of them knows, or reads otherwise, stays out.

Words are looked for in the files as they are written, since dbt's own macros may use them for their engine; types
and orderings in what dbt compiles.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.tokens import Token, TokenType

from pipelines.metrics.tables import QUERY_FILES
from tests.architecture.models import DBT_PROJECT, PROJECT, Models

INSTEAD_OF_WORD = {
    "qualify": "row_number() in a CTE, then where",
    "exclude": "names",
    "interval": "dbt.dateadd and a cast",
    "ilike": "lower() and like",
    "asof": "a join with a range",
    "pivot": "sum of case",
    "unpivot": "union all",
    "current_date": "the run's day",
    "current_timestamp": "the run's day",
    "localtimestamp": "the run's day",
}
INSTEAD_OF_FUNCTION = {
    **dict.fromkeys(("median", "quantile", "quantile_cont", "quantile_disc"), "percentile_cont"),
    **dict.fromkeys(("date_diff", "datediff", "date_sub", "datesub", "age"), "dbt.datediff"),
    **dict.fromkeys(("date_add", "dateadd"), "dbt.dateadd and a cast"),
    **dict.fromkeys(("arg_max", "arg_min", "max_by", "min_by", "first", "last", "any_value"), "row_number()"),
    **dict.fromkeys(("list", "list_value", "struct_pack", "map"), "array_agg"),
    **dict.fromkeys(("now", "today", "get_current_timestamp"), "the run's day"),
    **dict.fromkeys(("random", "uuid", "gen_random_uuid"), "md5 of a key"),
    **dict.fromkeys(("strftime", "strptime"), "typed columns: ingest reads dates"),
    **dict.fromkeys(("ifnull", "nvl"), "coalesce"),
    **dict.fromkeys(("if", "iif"), "case"),
    "hash": "md5",
    "try_cast": "typed columns: ingest reads values",
    "mode": "row_number()",
}
INSTEAD_OF_PHRASE = {
    ("group", "by", "all"): "names",
    ("order", "by", "all"): "names",
    ("distinct", "on"): "row_number()",
}

TEMPORAL = ("DATE", "TIME")


@dataclass(frozen=True)
class SqlFile:
    """One file as it is written, its templates cut out."""

    path: Path

    @cached_property
    def tokens(self) -> list[Token]:
        text = self.path.read_text(encoding="utf-8")
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}", _blank, text, flags=re.DOTALL)
        text = re.sub(r"\{\{.*?\}\}", lambda found: "template" + _blank(found), text, flags=re.DOTALL)
        return DuckDB().tokenize(text)

    def at(self, token: Token) -> str:
        return f"{self.path.relative_to(PROJECT)}:{token.line}"


def _blank(found: re.Match[str]) -> str:
    """As many lines, so that a complaint names the right one."""
    return " " + "\n" * found.group().count("\n")


SQL_FILES = [
    SqlFile(path)
    for folder in ("models", "macros", "tests")
    for path in sorted((DBT_PROJECT / folder).rglob("*.sql"))
] + [SqlFile(file) for file in QUERY_FILES]


def _words(tokens: Sequence[Token]) -> list[str]:
    return [token.text.lower() for token in tokens]


@pytest.mark.parametrize("words", INSTEAD_OF_WORD.items(), ids=lambda words: words[0])
def test_no_word_that_one_engine_alone_knows(words: tuple[str, str]) -> None:
    found = [
        file.at(token)
        for file in SQL_FILES
        for token in file.tokens
        if token.text.lower() == words[0] and token.token_type is not TokenType.STRING
    ]
    assert found == [], f"use {words[1]}"


def test_no_function_that_one_engine_alone_knows() -> None:
    found = [
        f"{file.at(token)} {token.text}: use {INSTEAD_OF_FUNCTION[token.text.lower()]}"
        for file in SQL_FILES
        for token, following in pairwise(file.tokens)
        if token.text.lower() in INSTEAD_OF_FUNCTION and following.token_type is TokenType.L_PAREN
    ]
    assert found == []


def test_no_phrase_that_one_engine_alone_knows() -> None:
    found = [
        f"{file.at(token)} {' '.join(phrase)}: use {instead}"
        for file in SQL_FILES
        for phrase, instead in INSTEAD_OF_PHRASE.items()
        for token in _starts(file.tokens, phrase)
    ]
    assert found == []


def _starts(tokens: Sequence[Token], phrase: tuple[str, ...]) -> Iterator[Token]:
    """Where a phrase begins; the tokenizer takes some pairs of words for one."""
    words = [(word, token) for token in tokens for word in token.text.lower().split()]
    for start, (_, token) in enumerate(words):
        if tuple(word for word, _ in words[start : start + len(phrase)]) == phrase:
            yield token


def test_casts_are_spelled_cast() -> None:
    assert _found(TokenType.DCOLON) == [], "use cast(.. as ..) with dbt.type_string() and its kin"


def test_names_are_not_quoted() -> None:
    assert _found(TokenType.IDENTIFIER) == [], "on Spark a string literal, silently"


def _found(token_type: TokenType) -> list[str]:
    return [
        f"{file.at(token)} {token.text}"
        for file in SQL_FILES
        for token in file.tokens
        if token.token_type is token_type
    ]


def test_every_ordering_puts_nulls_last_in_so_many_words() -> None:
    """In the files, where a template may stand for a whole ordering."""
    bare = [
        f"{file.at(key[0])} {' '.join(_words(key))}"
        for file in SQL_FILES
        for key in _order_keys(file.tokens)
        if _words(key)[-2:] != ["nulls", "last"] and _words(key) != ["template"]
    ]
    assert bare == []


def test_every_compiled_ordering_puts_nulls_last(models: Models) -> None:
    keys = [
        (model.name, " ".join(_words(key)))
        for model in models.queries
        for key in _order_keys(DuckDB().tokenize(model.sql))
    ]
    assert keys, "no ordering was found at all"
    assert [key for key in keys if not key[1].endswith("nulls last")] == []


def _order_keys(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The keys of every `order by`, each as its tokens."""
    ends = {"rows", "range", "groups", "limit", "offset", "window", "union", "fetch"}
    for start, token in enumerate(tokens):
        if token.token_type is not TokenType.ORDER_BY:
            continue
        depth, key = 0, []
        for each in tokens[start + 1 :]:
            depth += (each.token_type is TokenType.L_PAREN) - (each.token_type is TokenType.R_PAREN)
            if depth < 0 or (depth == 0 and each.text.lower() in ends):
                break
            if depth == 0 and each.token_type is TokenType.COMMA:
                yield key
                key = []
            else:
                key.append(each)
        if key:
            yield key


def test_dates_are_not_added_or_subtracted(models: Models) -> None:
    """`d1 - d2` is an integer here and an interval there; `d + 1` is known to some."""
    against = [
        f"{model.name}: {node.sql('duckdb')}"
        for model in models.queries
        for node in model.tree.find_all(exp.Sub, exp.Add)
        # What dbt.dateadd compiles to adds an interval.
        if not node.find(exp.Interval)
        and not _is_in_keyed_recursion(node)
        and any(t.startswith(TEMPORAL) for t in models.types_of(node.this, node.expression))
    ]
    assert against == []


def _is_in_keyed_recursion(node: exp.Expression) -> bool:
    """Whether the place is in a recursion that updates by key: one engine's variant of a macro that has others."""
    within = node.find_ancestor(exp.CTE)
    return within is not None and bool(within.args.get("key_expressions"))


def test_divisions_are_of_doubles(models: Models) -> None:
    """An integer by an integer is 3 or 3.5, a decimal by a decimal a coarse decimal on Spark."""
    against = [
        f"{model.name}: {node.sql('duckdb')}"
        for model in models.queries
        for node in model.tree.find_all(exp.Div, exp.IntDiv)
        if not _is_safe_division(models, node)
    ]
    assert against == []


def _is_safe_division(models: Models, node: exp.Expression) -> bool:
    dividend, _ = models.types_of(node.this, node.expression)
    # Numbering the days of the calendar: an integer by a literal that is no integer and not 0.
    by_literal = isinstance(node.expression, exp.Literal) and "." in node.expression.name
    return dividend == "DOUBLE" or (dividend in {"BIGINT", "INTEGER"} and by_literal)


def test_no_name_is_used_in_the_select_that_makes_it(models: Models) -> None:
    """DuckDB lets a select refer to its own columns; Postgres does not."""
    against = [
        f"{model.name}: {column.name} in {made.sql('duckdb')}"
        for model in models.queries
        for select in model.tree.find_all(exp.Select)
        for made in select.expressions
        for column in made.find_all(exp.Column)
        if column.name in {each.alias for each in select.expressions if isinstance(each, exp.Alias)}
        and not column.table
        and not _is_read(models, column)
    ]
    assert against == []


def _is_read(models: Models, column: exp.Column) -> bool:
    """Whether what the select reads has the column, so that its own of the same name is not meant."""
    try:
        models.types_of(column)
    except duckdb.BinderException:
        return False
    return True
