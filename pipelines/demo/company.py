"""The parameters of the demo company: every number that its extracts are drawn from.

Add here whatever a draw depends on. Nothing is drawn, computed from data, or written here, and no wording of
the questionnaire stands here.
"""

from dataclasses import dataclass
from datetime import date

HISTORY_START = date(2023, 1, 1)
AS_OF = date(2025, 12, 31)
# As in treue.yml: the extracts end with this day, and the last delivery is dated the day after.

HISTORY_DAYS = (AS_OF - HISTORY_START).days + 1


@dataclass(frozen=True)
class Purchasing:
    """BG/NBD of the repeat purchases (catalogue 3.13), time in weeks since the first purchase."""

    r: float = 0.6
    alpha_weeks: float = 9.0
    a: float = 0.9
    b: float = 3.0


@dataclass(frozen=True)
class Spending:
    """Gamma-Gamma of the gross amount of a purchase in euros; independent of how often a customer buys."""

    p: float = 6.0
    q: float = 3.5
    gamma: float = 18.75
    # p gamma / (q - 1) = 45 euros on average; q > 2, so that the variance exists.


@dataclass(frozen=True)
class Acquisition:
    """When customers register and first buy; independent of how they buy afterwards."""

    growth: float = 0.5
    # The daily number of registrations grows by half over the three years.
    season: float = 0.35
    season_peak_day: int = 120
    # Gardens are planted at the end of April.
    never_buys_share: float = 0.12
    same_day_share: float = 0.8
    longest_delay_days: int = 45
    # Who does not buy on the day of the registration buys on one of the next 45 days, each as likely.


@dataclass(frozen=True)
class Documents:
    """Orders besides and changes to the drawn purchases; none of them touches the purchase process."""

    cancelled_share: float = 0.03
    # Per purchase: an order placed earlier on the same day, cancelled, then placed again.
    fully_refunded_share: float = 0.006
    # Per purchase: another order of the same day, whose whole amount is paid back.
    partly_refunded_share: float = 0.04
    lowest_refund: float = 0.1
    highest_refund: float = 0.6
    guest_share: float = 0.06
    # Guest orders per purchase of a customer.
    cancelled_without_purchase_share: float = 0.06
    # Of those who never buy: one cancelled order on the day of registration.


@dataclass(frozen=True)
class Loyalty:
    """The latent loyalty z ~ N(0, 1) of a customer, the tie between what is said and what is bought.

    z = rate_weight * Q(purchase rate) - dropout_weight * Q(dropout probability) + rest, with Q the normal
    score of a customer's place in its distribution. Rate and dropout stay independent, so the purchases stay
    BG/NBD exactly.
    """

    rate_weight: float = 0.5
    dropout_weight: float = 0.4
    response_intercept: float = -0.75
    response_slope: float = 0.25
    # P(an invited customer responds) = Phi(-0.75 + 0.25 z): about 23 %, the loyal rather than the others.


@dataclass(frozen=True)
class Wave:
    """One round of the survey: everyone is invited who first bought at least `tenure_days` before."""

    name: str
    invited_on: date
    delivered_on: date
    loyalty_shift: float
    # Added to z in every answer of the wave: the change between waves is real.
    tenure_days: int = 30


@dataclass(frozen=True)
class Responding:
    """How invited customers respond, the same in every wave."""

    longest_delay_days: int = 20
    daily_share: float = 0.2
    # A geometric delay, cut after 20 days.
    twice_share: float = 0.03
    # Responds again 1 to 3 days later, with fresh answers from the same loyalty.
    anonymous_share: float = 0.04
    # Responses without a customer number.


@dataclass(frozen=True)
class OrdinalItem:
    """slope * (z + shift) + sqrt(1 - slope^2) * noise, cut at the quantiles of `base_shares`."""

    name: str
    lowest: int
    slope: float
    base_shares: tuple[float, ...]
    missing_share: float


@dataclass(frozen=True)
class DriverItem:
    """Satisfaction with one attribute, 1 to 5, independent of loyalty and of the other attributes.

    `low_effect` (scores 1 and 2) and `high_effect` (4 and 5), against score 3, add to overall satisfaction,
    in points of its scale from 1 to 5.
    """

    name: str
    factor: str
    shares: tuple[float, float, float, float, float]
    low_effect: float
    high_effect: float
    missing_share: float


@dataclass(frozen=True)
class Satisfaction:
    """Overall satisfaction = 1 + Binomial(4, (mean - 1) / 4), so that its mean is exactly additive.

    mean = base + loyalty_gain * (2 Phi(z + shift) - 1) + the effects of the drivers; it stays within 1 to 5.
    """

    base: float = 3.64
    loyalty_gain: float = 0.4
    missing_share: float = 0.02


@dataclass(frozen=True)
class Inviting:
    """What becomes of the invitations to a wave; whoever is too new for it is chosen and kept back."""

    bounced_share: float = 0.04
    # Of the invited who do not respond: their address did not take the mail.


@dataclass(frozen=True)
class SwissShop:
    """A second shop, with customers of its own who buy, spend and drop out like those of the first one.

    Its prices follow the exchange rate, so that purchases are worth as much in euros as the first shop's.
    """

    customers_share: float = 0.05
    # Customers drawn for it per customer of the first shop; only those who order become known.
    further_items: int = 3
    further_item_share: float = 0.3
    # An order has 1 + Binomial(3, 0.3) items.
    refund_days: tuple[int, int] = (2, 20)
    # From the order to the money paid back.
    refunded_twice_share: float = 0.3
    # Of the partial refunds: paid back in two parts.
    refunds_without_order: int = 4
    # Paid back in the first days of the history, for orders before it.


@dataclass(frozen=True)
class ExchangeRates:
    """Francs for one euro, quoted with four decimals on working days: a random walk of its logarithm."""

    first_day: date = date(2022, 12, 30)
    # The history begins on a holiday: the rate before it is needed.
    first_quote: float = 0.985
    daily_deviation: float = 0.003
    gap: tuple[date, date] = (date(2025, 7, 28), date(2025, 8, 15))
    # First and last day without a delivery of rates.
    max_age_days: int = 7
    # fx_max_age_days in treue.yml.


@dataclass(frozen=True)
class Subscribing:
    """The flower subscription: months that begin on the first of the month after it was ordered."""

    share: float = 0.1
    # Of the first shop's customers with a purchase, independent of all else.
    longest_wait_days: int = 240
    # From the first purchase to the order of the subscription, each day as likely.
    withdrawn_share: float = 0.04
    # Withdrawn on the day of its order, before it began.
    monthly_end_share: float = 0.06
    # Of the running ones end with each month.
    plan_shares: tuple[float, float, float] = (0.5, 0.35, 0.15)


@dataclass(frozen=True)
class Company:
    """Blumenhaus Linde."""

    purchasing: Purchasing
    spending: Spending
    acquisition: Acquisition
    documents: Documents
    loyalty: Loyalty
    responding: Responding
    satisfaction: Satisfaction
    inviting: Inviting
    swiss_shop: SwissShop
    exchange_rates: ExchangeRates
    subscribing: Subscribing
    waves: tuple[Wave, ...]
    ordinal_items: tuple[OrdinalItem, ...]
    drivers: tuple[DriverItem, ...]
    reason_shares: dict[str, tuple[float, float, float]]
    # P(chosen) by detractors, passives, promoters.
    later_purchase_days: int = 180
    # Ends before as-of for every response of the last wave.


LINDE = Company(
    purchasing=Purchasing(),
    spending=Spending(),
    acquisition=Acquisition(),
    documents=Documents(),
    loyalty=Loyalty(),
    responding=Responding(),
    satisfaction=Satisfaction(),
    inviting=Inviting(),
    swiss_shop=SwissShop(),
    exchange_rates=ExchangeRates(),
    subscribing=Subscribing(),
    waves=(
        Wave("2024", date(2024, 6, 3), date(2024, 7, 5), loyalty_shift=0.0),
        Wave("2025", date(2025, 6, 2), date(2025, 7, 5), loyalty_shift=0.2),
    ),
    ordinal_items=(
        OrdinalItem(
            "recommend", 0, 0.8, (0.02, 0.01, 0.02, 0.02, 0.03, 0.07, 0.06, 0.12, 0.21, 0.19, 0.25), 0.02
        ),
        OrdinalItem("repurchase", 1, 0.75, (0.05, 0.09, 0.20, 0.34, 0.32), 0.03),
        OrdinalItem("willingness_to_recommend", 1, 0.8, (0.06, 0.09, 0.19, 0.33, 0.33), 0.03),
        OrdinalItem("effort", 1, 0.45, (0.03, 0.05, 0.08, 0.14, 0.25, 0.27, 0.18), 0.05),
    ),
    drivers=(
        DriverItem("delivery", "basic", (0.07, 0.13, 0.24, 0.32, 0.24), -0.72, 0.0, 0.02),
        DriverItem("price", "performance", (0.08, 0.16, 0.30, 0.30, 0.16), -0.36, 0.36, 0.02),
        DriverItem("service", "inert", (0.06, 0.12, 0.28, 0.32, 0.22), 0.0, 0.0, 0.10),
        DriverItem("shop", "excitement", (0.06, 0.14, 0.32, 0.30, 0.18), 0.0, 0.56, 0.02),
    ),
    reason_shares={
        "freshness": (0.30, 0.42, 0.58),
        "selection": (0.22, 0.30, 0.41),
        "price": (0.45, 0.28, 0.15),
        "delivery_time": (0.40, 0.24, 0.18),
        "advice": (0.10, 0.15, 0.28),
        "packaging": (0.25, 0.18, 0.14),
    },
)
