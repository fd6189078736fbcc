"""The drawn orders follow the stated processes."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, polygamma

from pipelines.demo.company import HISTORY_DAYS, LINDE
from pipelines.demo.home import Draw
from pipelines.demo.orders import CANCELLED, FULLY_REFUNDED, GUEST


def bgnbd_log_likelihood(
    log_parameters: NDArray[np.float64],
    x: NDArray[np.int64],
    t_x: NDArray[np.float64],
    age: NDArray[np.float64],
) -> float:
    """Catalogue 3.13, written out once more so that the draw is judged by the formula alone."""
    r, alpha, a, b = np.exp(log_parameters)
    shared = betaln(a, b + x) - betaln(a, b) + gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    alive = -(r + x) * np.log(alpha + age)
    dead = np.where(
        x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x), -np.inf
    )
    return float((shared + np.logaddexp(alive, dead)).sum())


def test_maximum_likelihood_recovers_the_purchase_parameters(large_draw: Draw) -> None:
    orders, customers = large_draw.orders, large_draw.customers
    counts = orders.is_purchase & (orders.customers != GUEST)
    who, days = orders.customers[counts], orders.days[counts]
    first, last = (
        np.full(customers.numbers.size, HISTORY_DAYS),
        np.zeros(customers.numbers.size, dtype=np.int64),
    )
    np.minimum.at(first, who, days)
    np.maximum.at(last, who, days)
    buyers = customers.has_purchased
    x = np.bincount(who, minlength=customers.numbers.size)[buyers] - 1
    t_x, age = (last - first)[buyers] / 7, (HISTORY_DAYS - first)[buyers] / 7
    fit = minimize(
        lambda logs: -bgnbd_log_likelihood(logs, x, t_x, age) / x.size, np.zeros(4), method="L-BFGS-B"
    )
    stated = LINDE.purchasing
    # 87,000 buyers: standard errors are about 1 % of r and alpha, 3 % of a and b; days blur a little.
    assert np.exp(fit.x[:2]) == pytest.approx([stated.r, stated.alpha_weeks], rel=0.05)
    assert np.exp(fit.x[2:]) == pytest.approx([stated.a, stated.b], rel=0.12)


def test_amounts_within_and_between_customers_vary_as_stated(large_draw: Draw) -> None:
    orders, spending = large_draw.orders, LINDE.spending
    counts = orders.is_purchase & (orders.customers != GUEST)
    who, logs = orders.customers[counts], np.log(orders.gross_cents[counts] / 100)
    size = np.bincount(who)
    repeated = size >= 2
    mean = np.bincount(who, weights=logs) / np.maximum(size, 1)
    squares = np.bincount(who, weights=(logs - mean[who]) ** 2)
    within = squares[repeated].sum() / (size[repeated] - 1).sum()
    # The log of a Gamma variable has the trigamma function of its shape as variance.
    assert within == pytest.approx(polygamma(1, spending.p), rel=0.01)
    one_each = logs[np.unique(who, return_index=True)[1]]
    assert one_each.var() == pytest.approx(polygamma(1, spending.p) + polygamma(1, spending.q), rel=0.02)
    # Customers weigh by their purchases, which do not depend on amounts; p gamma / (q - 1) = 45.
    per_customer = np.bincount(who, weights=np.exp(logs))[repeated] / size[repeated]
    assert per_customer.mean() == pytest.approx(45, abs=4 * per_customer.std() / np.sqrt(per_customer.size))


def test_documents_around_the_purchases_come_in_the_stated_shares(large_draw: Draw) -> None:
    orders, documents = large_draw.orders, LINDE.documents
    known = orders.customers != GUEST
    purchases = int((orders.is_purchase & known).sum())
    assert (~known).sum() / purchases == pytest.approx(documents.guest_share, rel=0.03)
    assert (orders.statuses == FULLY_REFUNDED).sum() / purchases == pytest.approx(0.006, rel=0.1)
    assert (orders.statuses == CANCELLED).sum() / purchases == pytest.approx(0.03, rel=0.1)
    assert (orders.refunded_cents <= orders.gross_cents).all()
    assert (orders.gross_cents > 0).all()


def test_orders_are_in_order_of_time_and_never_at_night(large_draw: Draw) -> None:
    orders = large_draw.orders
    assert (np.diff(orders.days * 1440 + orders.minutes) >= 0).all()
    assert orders.minutes.min() >= 6 * 60
    assert orders.minutes.max() < 24 * 60
    assert orders.days.min() >= 0
    assert orders.days.max() == HISTORY_DAYS - 1


def test_nobody_orders_before_registering(large_draw: Draw) -> None:
    orders, customers = large_draw.orders, large_draw.customers
    known = orders.customers != GUEST
    assert (orders.days[known] >= customers.registered_days[orders.customers[known]]).all()
