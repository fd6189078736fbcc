"""A company's treue.yml, validated: what may be chosen, with its default and its bounds.

Every threshold and every disputed definition of a metric stands in `Definitions`, and nowhere else. The contract
of one extract is in `ingest/contracts.py`. What must stay out: reading extracts, and anything that acts.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from pipelines.ingest.contract_rules import contract_faults, reference_faults
from pipelines.ingest.contracts import Extract
from pipelines.ingest.identity_rules import identity_faults
from pipelines.paths import HomePaths
from pipelines.settings_file import SettingsFault, faults_of, read_yaml

DEMO_HOME = Path(__file__).resolve().parent.parent / ".treue" / "demo"
DEMO_SETTINGS_FILE = Path(__file__).resolve().parent / "demo" / "treue.yml"
EXTRACT_NAME = r"^[a-z][a-z0-9_]{0,62}$"
# A name of an extract or segment becomes a folder, a survey's name and a cell of the published tables.


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("not a time zone of the IANA list, such as Europe/Berlin")
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


Alert = Literal["gate_closed", "run_failed", "late_release"]
CsatScale = Literal["0-1", "1-3", "1-4", "1-5", "1-6", "1-7", "1-10", "0-10"]
CSAT_BOXES: dict[CsatScale, int] = {
    "0-1": 1, "1-3": 1, "1-4": 2, "1-5": 2, "1-6": 2, "1-7": 2, "1-10": 2, "0-10": 2
}  # fmt: skip
# Catalogue 3.3: yes/no and three points take the best one, 4 to 7 points the best two, ten and eleven 9 and 10.


def _with_default_boxes(stated: object) -> object:
    return {**CSAT_BOXES, **stated} if isinstance(stated, dict) else stated


def _boxes_apart(boxes: dict[CsatScale, int]) -> dict[CsatScale, int]:
    for scale, box_count in boxes.items():
        low, high = map(int, scale.split("-"))
        if not 1 <= box_count <= (high - low + 1) // 2:
            raise ValueError(
                f"{scale} has {high - low + 1} answers: 1 to {(high - low + 1) // 2} of them may be top boxes, so that "
                f"as many bottom boxes are others; found {box_count}"
            )
    return boxes


CsatBoxes = Annotated[
    dict[CsatScale, int], BeforeValidator(_with_default_boxes), AfterValidator(_boxes_apart)
]


class Strict(BaseModel):
    """Unknown keys are errors, and nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class Definitions(Strict):
    """The disputed definitions and thresholds (metric catalogue, section 2), each with its default."""

    min_publishable_n: int = Field(default=100, ge=1)
    # n = 100 still means about 16 points either way on an NPS; below it a figure is shown as not publishable.
    min_disclosed_n: int = Field(default=10, ge=1)
    # Below it a figure could tell about single customers: the value is withheld.
    ci_level: float = Field(default=0.95, ge=0.90, lt=1)
    # An interval of less than 90 % confidence invites over-reading.
    multiple_responses_policy: Literal["latest_in_period", "first_in_period", "mean_of_codes", "all"] = (
        "latest_in_period"
    )
    # One answer per customer, unless their mean or every answer shall count, as of surveys after each contact.
    weight_cap: float = Field(default=5, gt=1, le=100)
    # Times the median weight: one respondent in place of many would decide the figure alone. 5 is common practice.
    sci_box: Literal["top", "top2"] = "top"
    csat_box_by_scale: CsatBoxes = CSAT_BOXES
    # How many of the best answers count as satisfied; a scale that is not stated keeps its default.
    active_window_days: int = Field(default=365, ge=1, le=3650)
    # A customer without a contract is active if the last purchase lies within this window.
    active_definition: Literal["purchase_window", "contract"] = "purchase_window"
    # Who has a contract is a customer until it ends; without contracts a purchase within the window has to do.
    repeat_within_days: int = Field(default=180, ge=1, le=3650)
    # Half a year lets one season pass; a shop of weekly needs wants less.
    holdout_days: int = Field(default=180, ge=7, le=3650)
    # Purchase models are judged on so many last days: long enough for a second purchase, short beside the record.
    discount_rate: float = Field(default=0.10, ge=0, le=1)
    # Per year: what money that comes a year later is worth less today; the catalogue's own example.
    purchase_collapse: Literal["day", "order"] = "day"
    # Purchases of one day are one purchase occasion, unless each order shall count.
    refund_attribution: Literal["order_date"] = "order_date"
    # A refund takes its order's money back on the order's day; figures of past periods are restated.
    fx_max_age_days: int = Field(default=7, ge=0, le=366)
    # A week bridges weekends and holidays, on which no bank publishes a rate; an older one is not made to do.
    revenue_basis: Literal["paid", "without_tax", "without_tax_and_shipping"] = "paid"
    # What customers paid, unless tax, or tax and shipping, shall not count as revenue.
    zero_value_orders: Literal["purchase", "no_purchase"] = "purchase"
    # Who orders a sample or pays by gift card has come back, unless only money shall count.
    max_links_per_identifier: int = Field(default=20, ge=1, le=1000)
    # Nobody has so many addresses; a till's number for guests or a company's address is met with more.
    max_identifiers_per_customer: int = Field(default=50, ge=2, le=1000)
    # What is joined beyond it is a chain of shared addresses rather than one person.


class Retention(Strict):
    """For how many days what is kept of persons, by what it is; what is not stated is kept."""

    raw_days: int | None = Field(default=None, ge=1)
    rejects_days: int | None = Field(default=None, ge=1)
    comments_days: int | None = Field(default=None, ge=1)


class Postgres(Strict):
    """The PostgreSQL database that carries the release too; its address stands in the environment alone."""

    reader_role: str | None = Field(default="loyalty_reader", pattern=r"^[a-z_][a-z0-9_]{0,62}$")
    # May read the published schema and nothing else; analysts' users are made members of it.


class Alerts(Strict):
    """What is told, and from when a release is late; whom it is told stands in the environment alone."""

    tell: tuple[Alert, ...] = ("gate_closed", "run_failed", "late_release")
    late_after: str = Field(default="08:00", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    # Local time by which readers expect the release of the day that `as_of` means; before most offices open.


class Segment(Strict):
    """A split of the figures by an attribute of the customer, valued at the event or as of the run."""

    name: str = Field(pattern=EXTRACT_NAME)
    source: str = Field(alias="from", pattern=r"^customers\.[a-z][a-z0-9_]*$")
    at: Literal["event", "run"] = "event"

    @property
    def attribute(self) -> str:
        return self.source.removeprefix("customers.")


class Settings(Strict):
    """The whole of treue.yml."""

    company: str = Field(min_length=1, max_length=200)
    time_zone: TimeZone
    currency: Currency
    as_of: Literal["yesterday", "last_event"] | date = "yesterday"
    history_start: date
    definitions: Definitions = Field(default=Definitions(), alias="settings")
    segments: tuple[Segment, ...] = ()
    relationship_survey: str | None = Field(default=None, pattern=EXTRACT_NAME)
    retention: Retention = Retention()
    publish: tuple[Literal["duckdb", "postgres"], ...] = Field(default=("duckdb",), min_length=1)
    postgres: Postgres = Postgres()
    keep_releases: int = Field(default=7, ge=1, le=1000)
    # A week of nights to go back to; manifests and history are kept for good.
    alerts: Alerts | None = None
    extracts: dict[Annotated[str, Field(pattern=EXTRACT_NAME)], Extract] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _empty_blocks_are_defaults(cls, data: Any) -> Any:
        """`settings:` with nothing below it is the same as leaving it out."""
        if not isinstance(data, dict):
            raise ValueError("the file must hold keys and values, such as company: Blumenhaus Linde")
        return {key: value for key, value in data.items() if value is not None}

    def fingerprint(self) -> str:
        """A short hash of everything that was set; runs with the same one agree on all settings."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()[:16]

    def extracts_of(self, kind: str) -> dict[str, Extract]:
        """The extracts of one kind, by name."""
        return {name: extract for name, extract in self.extracts.items() if extract.kind == kind}

    def _basis_faults(self) -> Iterator[SettingsFault]:
        """Money without tax takes columns that say how much tax there was."""
        parts = {"paid": (), "without_tax": ("tax_amount",)}
        needed = parts.get(self.definitions.revenue_basis, ("tax_amount", "shipping_amount"))
        for name, extract in self.extracts.items():
            if extract.kind in ("orders", "order_lines"):
                for column in needed:
                    if column not in extract.columns:
                        message = (
                            f"revenue_basis {self.definitions.revenue_basis} needs {column!r}, which is not mapped; "
                            '{value: "0"} says that there is none'
                        )
                        yield SettingsFault(("extracts", name, "columns"), message)

    def _contract_faults(self) -> Iterator[SettingsFault]:
        """Without subscriptions nobody has a contract."""
        if self.definitions.active_definition == "contract" and not self.extracts_of("subscriptions"):
            message = (
                "contract needs an extract of kind subscriptions, and none is declared; or purchase_window"
            )
            yield SettingsFault(("settings", "active_definition"), message)

    def _comment_faults(self) -> Iterator[SettingsFault]:
        """Whoever keeps what people wrote has to say for how long."""
        for name, extract in self.extracts.items():
            for index, question in enumerate(extract.questions):
                if question.is_comment and self.retention.comments_days is None:
                    message = (
                        "comments are kept only for a time: state retention: {comments_days: ...}, such as 90"
                    )
                    yield SettingsFault(("extracts", name, "questions", index, "construct"), message)

    def faults(self) -> list[SettingsFault]:
        """What can only be judged with several keys at hand."""
        found = [fault for name, extract in self.extracts.items() for fault in contract_faults(name, extract)]
        found += [
            *reference_faults(self.extracts),
            *identity_faults(self.extracts),
            *self._basis_faults(),
            *self._contract_faults(),
            *self._comment_faults(),
        ]
        if "duckdb" not in self.publish:
            message = "duckdb is always among them: its file is what is kept of each release"
            found.append(SettingsFault(("publish",), message))
        surveys = self.extracts_of("survey_responses")
        if self.relationship_survey is not None and self.relationship_survey not in surveys:
            allowed = ", ".join(sorted(surveys)) or "none, since no extract is of kind survey_responses"
            found.append(
                SettingsFault(
                    ("relationship_survey",),
                    f"{self.relationship_survey!r} is not a survey of this file; allowed: {allowed}",
                )
            )
        attributes = {
            name for extract in self.extracts_of("customers").values() for name in extract.attributes
        }
        names: set[str] = set()
        for index, segment in enumerate(self.segments):
            if segment.attribute not in attributes:
                known = ", ".join(f"customers.{name}" for name in sorted(attributes)) or "none is declared"
                message = f"no extract of kind customers declares this attribute; declared: {known}"
                found.append(SettingsFault(("segments", index, "from"), message))
            if segment.name in names or segment.name == "all":
                found.append(
                    SettingsFault(
                        ("segments", index, "name"), "each segment needs a name of its own, not 'all'"
                    )
                )
            names.add(segment.name)
        if isinstance(self.as_of, date) and self.as_of < self.history_start:
            found.append(SettingsFault(("as_of",), "lies before history_start"))
        return found


def read_settings(path: Path) -> Settings:
    """Read and validate one settings file; a `SettingsError` lists every fault with its line."""
    source = read_yaml(path)
    try:
        settings = Settings.model_validate(source.data)
    except ValidationError as error:
        source.refuse(faults_of(error, Settings))
        raise
    source.refuse(settings.faults())
    return settings


def load_settings(home: Path) -> Settings:
    """The settings of a home."""
    return read_settings(HomePaths(home).settings_file)


def home_of_environment() -> tuple[Path, bool]:
    """The home that `TREUE_HOME` names and whether it is the demo's, which is the one without the variable."""
    named = os.environ.get("TREUE_HOME", "").strip()
    return (Path(named).resolve(), False) if named else (DEMO_HOME, True)


def settings_of_environment() -> Settings:
    """What the code location reads when it loads: the home's settings, without a home those of the demo."""
    home, is_demo = home_of_environment()
    if is_demo and not HomePaths(home).settings_file.exists():
        return read_settings(DEMO_SETTINGS_FILE)
    return load_settings(home)
