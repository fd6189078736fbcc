"""Messages arrive by webhook and by e-mail, and no address ever shows."""

import logging
import socket

import pytest

from pipelines.alerts.messages import Message
from pipelines.alerts.sending import hidden, send
from tests.receivers import PASSWORD, TOKEN, MailServer, Webhook

MESSAGE = Message(
    "Treue, Blumenhaus Linde: the release is late", "A release was expected.\n\nHome: /srv/treue"
)


def nobody() -> str:
    """An address at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"json://127.0.0.1:{taken.getsockname()[1]}/services/{TOKEN}/alerts"


def test_a_message_arrives_by_webhook_and_by_mail(hook: Webhook, mail: MailServer) -> None:
    assert send([hook.address, mail.address], MESSAGE) == []
    [told] = hook.received
    assert (told["title"], told["message"]) == (MESSAGE.title, MESSAGE.body)
    [letter] = mail.received
    assert mail.logins == [f"treue {PASSWORD}"]
    assert (letter["Subject"], letter["To"]) == (MESSAGE.title, "data@example.com")
    body = letter.get_body(("plain",))
    assert body
    assert body.get_content().replace("\r\n", "\n").strip() == MESSAGE.body


def test_an_address_that_fails_does_not_keep_the_others_from_being_told(hook: Webhook) -> None:
    [problem] = send([nobody(), hook.address], MESSAGE)
    assert problem.startswith("address 1 of TREUE_ALERT_URLS (json) was not reached: A Connection error")
    assert len(hook.received) == 1


def test_the_answer_of_a_webhook_that_refuses_is_told(hook: Webhook) -> None:
    hook.status = 401
    [problem] = send([hook.address], MESSAGE)
    assert problem.startswith("address 1 of TREUE_ALERT_URLS (json) was not reached: ")
    assert "error=401" in problem


@pytest.mark.parametrize(
    ("address", "named"),
    [(f"https://hooks.example.com/{TOKEN}", " (https)"), (TOKEN, ""), (f"{TOKEN}://x", "")],
)
def test_an_address_that_is_none_is_named_by_its_number(address: str, named: str) -> None:
    [problem] = send([address], MESSAGE)
    assert problem == (
        f"address 1 of TREUE_ALERT_URLS{named} is none that apprise knows (such as jsons:// or mailtos://)"
    )


def test_no_log_error_or_problem_shows_a_token_or_password(
    hook: Webhook, mail: MailServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    hook.status = 500
    mail.is_open = False
    for name in ("apprise", "urllib3", "requests"):
        caplog.set_level(logging.DEBUG, name)
    caplog.set_level(logging.DEBUG)
    addresses = [hook.address, mail.address, nobody(), f"nonsense://{TOKEN}", f"mailto://{PASSWORD}"]
    problems = send(addresses, MESSAGE)
    assert len(problems) == len(addresses)
    captured = capfd.readouterr()
    said = "\n".join([*problems, caplog.text, captured.out, captured.err])
    assert [secret for secret in (TOKEN, PASSWORD, "127.0.0.1") if secret in said] == []
    assert all(logging.getLogger(name).propagate for name in ("apprise", "urllib3", "requests"))


def test_a_part_of_an_address_is_hidden_as_written_and_as_meant() -> None:
    addresses = ["mailtos://me:p%40ss%20word@host.example?to=you@example.com"]
    assert hidden("login of me with p@ss word or p%40ss%20word at host.example failed", addresses) == (
        "login of me with *** or *** at *** failed"
    )
