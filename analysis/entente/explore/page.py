"""The sliders as a page on this machine alone: bound to the loopback address, and to those who have the token."""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any
from urllib.parse import parse_qs, urlsplit

from entente.explore.live import Live
from entente.plot.styling import COLOURS
from entente.program import ProgramError

_MOST_BYTES = 100_000
#: Nothing from elsewhere; a script only with this answer's nonce.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{}'; connect-src 'self'; base-uri 'none'"


class Server(ThreadingHTTPServer):
    """Serves the page of one `Live`; `url` has the token, without which everything is refused."""

    daemon_threads = True

    def __init__(self, live: Live, port: int = 0, tie: str | None = None) -> None:
        """On this port of 127.0.0.1, by default a free one; raises OSError if it is taken."""
        self.live, self.token, self.tie = live, secrets.token_urlsafe(24), tie
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://127.0.0.1:{self.server_port}/?token={self.token}"

    def page(self, nonce: str) -> str:
        """The page, with what its script needs."""
        live = self.live
        told = {
            "title": live.title, "knobs": [knob._asdict() for knob in live.knobs], "variants": live.variants,
            "ties": live.ties, "tie": live.answer({}, self.tie)["tie"], "n": live.n, "colours": COLOURS,
            "token": self.token,
        }  # fmt: skip
        text = (resources.files("entente") / "assets" / "explore.html").read_text(encoding="utf-8")
        data = json.dumps(told).replace("<", "\\u003c")  # a name may hold the end of a script
        return text.replace("{{nonce}}", nonce).replace("{{data}}", data)


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        """The page."""
        parts = urlsplit(self.path)
        if self._refused(parse_qs(parts.query).get("token", [""])[0]):
            return
        if parts.path != "/":
            self._send(HTTPStatus.NOT_FOUND, "text/plain", "there is only one page, /\n")
            return
        nonce = secrets.token_urlsafe(12)
        self._send(HTTPStatus.OK, "text/html", self.server.page(nonce), _POLICY.format(nonce))

    def do_POST(self) -> None:
        """The answer for positions of the knobs: {"values": {path: number}, "tie": name}."""
        if self._refused(self.headers.get("X-Entente-Token", "")):
            return
        try:
            size = int(self.headers.get("Content-Length", ""))
            asked = json.loads(self.rfile.read(size)) if 0 <= size <= _MOST_BYTES else None
            answer = self.server.live.answer(dict(asked["values"]), asked.get("tie"))
        except ProgramError as error:
            self._send(HTTPStatus.UNPROCESSABLE_ENTITY, "application/json", json.dumps({"error": str(error)}))
        except (ValueError, TypeError, KeyError) as error:
            self._send(HTTPStatus.BAD_REQUEST, "application/json", json.dumps({"error": str(error)}))
        else:
            self._send(HTTPStatus.OK, "application/json", json.dumps(answer))

    def _refused(self, token: str) -> bool:
        """Refuse who has no token, and pages of other sites whose name was made to lead here."""
        here = {f"{name}:{self.server.server_port}" for name in ("127.0.0.1", "localhost")}
        known = secrets.compare_digest(token.encode(), self.server.token.encode())
        if known and self.headers.get("Host") in here:
            return False
        self._send(HTTPStatus.FORBIDDEN, "text/plain", "the address lacks the token that `entente explore` printed\n")
        return True

    def _send(self, status: HTTPStatus, kind: str, text: str, policy: str = "default-src 'none'") -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(body))),
            ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
        ):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the terminal is for errors."""
