"""Telling the company's people, if they chose to be told: the one way from a fact to a sent message.

Nothing raised here ever gets out: an alert never fails a run that was well, and never hides why another failed.
What must stay out: the orchestrator, the clock and the environment.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.alerts.choice import AlertChoice, read_choice
from pipelines.alerts.messages import Message, Place, Seen, readers_sentence
from pipelines.paths import HomePaths
from pipelines.settings import Alert

TOLD_BY = "treue/told_by"
# The tag of a run whose command tells of it itself; the sensor leaves it alone.


@dataclass(frozen=True)
class Teller:
    """Who is told of what happens in a home."""

    paths: HomePaths
    addresses: Sequence[str]
    ui_url: str

    @property
    def choice(self) -> AlertChoice | None:
        """What the company chose, as treue.yml says now."""
        return read_choice(self.paths.settings_file)

    def tells(self, alert: Alert) -> bool:
        """Whether anybody is told of such a thing."""
        choice = self.choice
        return bool(choice and choice.alerts and alert in choice.alerts.tell and self.addresses)

    def tell(self, alert: Alert, compose: Callable[[Place], Message]) -> list[str]:
        """Tell of it, if it is to be told; what went wrong meanwhile, a sentence each."""
        if not self.tells(alert):
            return []
        return self.send(compose)

    def send(self, compose: Callable[[Place], Message]) -> list[str]:
        """Send a message to all addresses, whatever it is of; what went wrong, a sentence each."""
        from pipelines.alerts.sending import send

        try:
            return send(self.addresses, compose(self._place()))
        except Exception as error:  # noqa: BLE001 - an alert never decides how a run ends
            return [f"the alert was not sent ({type(error).__name__})"]

    def _place(self) -> Place:
        choice = self.choice
        company = choice.company if choice else self.paths.root.name
        return Place(company, str(self.paths.root), self.ui_url, _readers(self.paths.releases))


def seen_by_readers(releases_folder: Path) -> Seen | None:
    """The release that readers see, from the manifests."""
    from pipelines.publish.releases import current_release, read_releases

    release = current_release(read_releases(releases_folder))
    return Seen(release.release_id, release.as_of_date, release.published_at) if release else None


def _readers(releases_folder: Path) -> str:
    try:
        return readers_sentence(seen_by_readers(releases_folder))
    except (OSError, ValueError) as error:
        # A manifest that cannot be read is told in its own place; here it must not silence the rest.
        return f"Which release readers see is unknown: a manifest cannot be read ({type(error).__name__})."
