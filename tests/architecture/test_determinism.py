"""The same rows give the same figures to the last bit: exact sums, and no order that is left to the engine.

Sums of doubles differ from run to run under several threads, and so does whichever of two equal rows comes first.
"""

from collections.abc import Iterator

from sqlglot import exp

from tests.architecture.models import Model, Models

EXACT_SUMS = (exp.Sum, exp.Avg)
# Exact over integers and decimals, and only there.
EXACT = (exp.Count, exp.Min, exp.Max, exp.LogicalOr, exp.LogicalAnd, exp.PercentileCont)
ORDERED = (
    exp.ArrayAgg,
    exp.GroupConcat,
    exp.RowNumber,
    exp.Lag,
    exp.Lead,
    exp.FirstValue,
    exp.LastValue,
    exp.NthValue,
    exp.Ntile,
)
# What they give depends on which row comes first. Ranks do not: rows that are equal share one.
RANKS = (exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist)
# Everything else that aggregates computes in doubles (stddev, corr, regr_*) or takes any row (first, arg_max).

INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}

TIE_BREAKS = {
    # Keys of rows.
    "order_key",
    "response_key",
    "customer_key",
    "identifier_key",
    "invitation_key",
    "identifier_number",
    # Within one response.
    "question",
    "value_number",
    "item_rank",
    # Within one file; a file is one of an extract.
    "line",
    "file_id",
    # Within one customer: days with a purchase, first days of spells and subscriptions (of one day the longest
    # counts), days on which an attribute changed.
    "purchased_date",
    "first_purchased_date",
    "began_date",
    "started_date",
    "held_from_date",
    # Within one customer: month's ends with a change.
    "moment_number",
    # Within one customer and day.
    "segment_name",
    # Within one grain.
    "period_start_date",
}
# Columns that may end an ordering. That they are unique where they do is proved on rows, below.


def _calls(model: Model) -> Iterator[exp.Expression]:
    """Aggregates and window functions."""
    seen: set[int] = set()
    for node in model.tree.find_all(exp.AggFunc, exp.Window):
        call = node.this if isinstance(node, exp.Window) else node
        while isinstance(call, exp.Filter | exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls):
            call = call.this
        # A named window stands in the tree by its name.
        if not isinstance(call, exp.Identifier) and id(call) not in seen:
            seen.add(id(call))
            yield call


def test_only_what_is_known_to_be_exact_aggregates(models: Models) -> None:
    against = [
        f"{model.name}: {call.sql('duckdb')}"
        for model in models.queries
        for call in _calls(model)
        if not isinstance(call, (*EXACT_SUMS, *EXACT, *ORDERED, *RANKS))
    ]
    assert against == []


def test_functions_that_the_parser_does_not_know_do_not_hide_an_aggregate(models: Models) -> None:
    unknown = {
        f"{model.name}: {call.sql('duckdb')}"
        for model in models.queries
        for call in model.tree.find_all(exp.Anonymous, exp.AnonymousAggFunc)
    }
    assert unknown == set()


def test_sums_are_of_integers_and_decimals(models: Models) -> None:
    summed = [
        (model.name, call.sql("duckdb"), kind)
        for model in models.queries
        for call in _calls(model)
        if isinstance(call, EXACT_SUMS)
        for kind in models.types_of(*_summed(call))
    ]
    assert summed, "no sum was found at all"
    assert [each for each in summed if each[2] not in INTEGERS and not each[2].startswith("DECIMAL")] == []


def _summed(call: exp.Expression) -> list[exp.Expression]:
    return call.this.expressions if isinstance(call.this, exp.Distinct) else [call.this]


def test_every_ordering_that_picks_a_row_ends_in_a_tie_break(models: Models) -> None:
    orderings = [
        (model.name, call, _ordering(call)) for model in models.queries for call in _ordered_calls(model)
    ]
    assert orderings, "no ordering was found at all"
    loose = [
        f"{name}: {call.sql('duckdb')} over {ordering.sql('duckdb') if ordering else 'any order'}"
        for name, call, ordering in orderings
        if ordering is None or _column(ordering.expressions[-1].this) not in TIE_BREAKS
    ]
    assert loose == []


def test_orderings_that_pick_a_row_are_unique_on_rows(models: Models) -> None:
    """Partition and ordering together, over the draw: no two rows share them."""
    keys = {
        f"{model.name}: {call.sql('duckdb')} by {', '.join(each.sql('duckdb') for each in key)}": key
        for model in models.queries
        for call in _ordered_calls(model)
        if (key := _key(call))
    }
    frequencies = {place: models.repeated(*key) for place, key in keys.items()}
    assert {place: rows for place, rows in frequencies.items() if rows > 1} == {}
    # The draw has no order lines and no repeated keys; the rest of the orderings must have met rows.
    assert sum(rows == 1 for rows in frequencies.values()) > len(frequencies) / 2


def test_limits_take_rows_in_a_unique_order(models: Models) -> None:
    limited = [
        model.name for model in models.queries if model.tree.find(exp.Limit, exp.Offset, exp.TableSample)
    ]
    assert limited == []


def _ordered_calls(model: Model) -> Iterator[exp.Expression]:
    """Calls whose result depends on the order of rows, a sum over a counted frame among them."""
    for call in _calls(model):
        window = _window(call)
        frame = window.args.get("spec") if window else None
        counts_rows = frame is not None and frame.args.get("kind") == "ROWS"
        if isinstance(call, ORDERED) or (counts_rows and not isinstance(call, exp.Count)):
            yield call


def _window(call: exp.Expression) -> exp.Window | None:
    """The window that a call is over, with a named one looked up."""
    outside = call.parent
    while isinstance(outside, exp.Filter | exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls):
        outside = outside.parent
    if not isinstance(outside, exp.Window):
        return None
    if outside.args.get("alias"):
        select = outside.find_ancestor(exp.Select)
        named = select.args.get("windows") or [] if select else []
        return next(each for each in named if each.name == outside.alias)
    return outside


def _ordering(call: exp.Expression) -> exp.Order | None:
    window = _window(call)
    if window is not None:
        return window.args.get("order")
    return call.find(exp.Order)


def _key(call: exp.Expression) -> list[exp.Expression]:
    """What must be unique for the call to have one answer: partition, or group, and order."""
    window, ordering = _window(call), _ordering(call)
    within = window.args.get("partition_by") or [] if window else _group(call)
    return [*within, *(each.this for each in ordering.expressions)] if ordering else []


def _group(call: exp.Expression) -> list[exp.Expression]:
    """By what the select groups that an aggregate stands in."""
    select = call.find_ancestor(exp.Select)
    group = select.args.get("group") if select else None
    return group.expressions if group else []


def _column(expression: exp.Expression) -> str:
    return expression.name if isinstance(expression, exp.Column) else expression.sql("duckdb")
