"""A webhook and a mail server on loopback that keep what they are sent, for tests of alerts.

What must stay out: what should arrive.
"""

import base64
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

TOKEN = "T0psecretT0ken"
PASSWORD = "v3ry-s3cret-w0rd"


class Webhook:
    """A webhook whose address holds a token; `status` is what it answers."""

    def __init__(self, port: int) -> None:
        self.address = f"json://127.0.0.1:{port}/services/{TOKEN}/alerts"
        self.status = 200
        self.received: list[dict[str, str]] = []


class MailServer:
    """A mail server that asks for a password; `is_open` is whether it takes mails."""

    def __init__(self, port: int) -> None:
        self.address = f"mailto://treue:{PASSWORD}@127.0.0.1:{port}?smtp=127.0.0.1&from=treue@example.com&to=data@example.com"
        self.is_open = True
        self.logins: list[str] = []
        self.received: list[EmailMessage] = []


@contextmanager
def webhook() -> Iterator[Webhook]:
    """A webhook that is there meanwhile."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == f"/services/{TOKEN}/alerts"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if hook.status == 200:
                hook.received.append(json.loads(body))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook = Webhook(server.server_address[1])
    with _serving(server):
        yield hook


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A mail server that is there meanwhile."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            while line := self.rfile.readline().decode().strip():
                verb = line.split()[0].upper()
                if verb == "EHLO":
                    self._say("250-here\r\n250 AUTH PLAIN")
                elif verb == "AUTH":
                    mail.logins.append(base64.b64decode(line.split()[2]).decode().replace("\0", " ").strip())
                    self._say("235 welcome" if mail.is_open else f"535 {mail.logins[-1]} is not known")
                elif verb == "DATA":
                    self._say("354 go on")
                    lines = iter(self.rfile.readline, b".\r\n")
                    parsed = message_from_bytes(b"".join(lines), policy=policy.default)
                    mail.received.append(cast("EmailMessage", parsed))
                    self._say("250 taken")
                else:
                    self._say("221 bye" if verb == "QUIT" else "250 yes")

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    mail = MailServer(server.server_address[1])
    with _serving(server):
        yield mail


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
