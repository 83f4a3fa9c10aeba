"""The peer of the site: one plain FastAPI route that renders a page of the same size from a Jinja template."""

from __future__ import annotations

import signal
import socket
import sys
import threading

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment

LONGEST_SECONDS = 600
"""A server that nobody stops leaves by itself."""
PAGE = """<!doctype html>
<html lang="en"><head><title>{{ title }}</title><style>{{ style|safe }}</style></head>
<body><h1>{{ title }}</h1><article>{{ text|safe }}</article>
<ul>{% for link in links %}<li><a href="{{ link.address }}">{{ link.title }}</a></li>{% endfor %}</ul></body></html>
"""


def make_app() -> FastAPI:
    app = FastAPI()
    template = Environment(autoescape=True).from_string(PAGE)
    style, text = "a{color:red}" * 800, "<p>Flour and water, left alone, fill up with wild yeast.</p>" * 60
    links = [{"address": f"/{number}", "title": f"Article <{number}>"} for number in range(2)]

    def page() -> HTMLResponse:
        return HTMLResponse(template.render(title="Bread & salt", style=style, text=text, links=links))

    app.get("/")(page)
    return app


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(make_app(), log_config=None, access_log=False))
        timer = threading.Timer(LONGEST_SECONDS, signal.raise_signal, (signal.SIGTERM,))
        timer.daemon = True
        timer.start()
        sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        server.run([listener])


if __name__ == "__main__":
    main()
