"""What alerts need of treue.yml, which is read even where the rest of the file is at fault: that is worth an alert.

What must stay out: whom it is told, which stands in the environment alone.
"""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from pipelines.settings import Alerts, TimeZone
from pipelines.settings_file import SettingsError, read_yaml


class AlertChoice(BaseModel):
    """The keys of treue.yml that alerts look at; whatever else stands there is not theirs to judge."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    company: str
    time_zone: TimeZone
    as_of: Literal["yesterday", "last_event"] | date = "yesterday"
    alerts: Alerts | None = None


def read_choice(settings_file: Path) -> AlertChoice | None:
    """What the company chose; None where that cannot be read, so that nobody can be told either."""
    try:
        return AlertChoice.model_validate(read_yaml(settings_file).data)
    except (SettingsError, ValidationError, OSError):
        return None
