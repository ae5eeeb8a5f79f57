"""The Flask application: all the doors of WeChat that a merchant's program knocks on, in one server."""

import time
from typing import Any

from flask import Flask, Response, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from sandbox import control, oauth, official, pay, payer, sms
from sandbox.clock import china_text
from sandbox.journal import Line, masked
from sandbox.settings import Settings
from sandbox.world import World

_QUIET = ("/static/", "/_sandbox/", "/favicon.ico")


def create_app(settings: Settings, world: World | None = None) -> Flask:
    """The sandbox for these settings; its state is ``app.extensions["sandbox"]``."""
    app = Flask(__name__)
    world = world or World(settings)
    app.extensions["sandbox"] = world
    app.jinja_env.filters["yuan"] = lambda fen: f"{fen // 100}.{fen % 100:02d}"
    app.jinja_env.filters["clock"] = lambda text: text[5:19].replace("T", " ")
    app.jinja_env.globals["merchant_name"] = settings.merchant_name
    app.config["MAX_CONTENT_LENGTH"] = 1 << 20
    doors = [part.blueprint(world) for part in (oauth, official, pay, payer, sms)]
    for door in doors + control.blueprints(world):
        app.register_blueprint(door)

    @app.get("/")
    def index() -> Any:
        with world.lock:
            return render_template(
                "index.html",
                settings=world.settings,
                public_key_id=world.keys.public_key_id,
                now=china_text(world.clock.now()),
                ahead_s=round(world.clock.ahead_s),
                people=world.personas.all(),
                trouble=world.personas.trouble,
                remembered=request.cookies.get(oauth.COOKIE, ""),
                orders=list(reversed(world.ledger.orders.values()))[:20],
                notices=[n.as_json() for n in list(world.callbacks.notices)[-20:][::-1]],
                lines=world.journal.as_json()[:40],
            )

    @app.get("/health")
    def health() -> Any:
        return jsonify(ok=True)

    @app.before_request
    def start_watch() -> None:
        g.started = time.monotonic()

    @app.after_request
    def note(response: Response) -> Response:
        response.headers.setdefault("Cache-Control", "no-store")
        if response.mimetype == "text/html":
            response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'"
        if not request.path.startswith(_QUIET) and request.path not in ("/", "/health"):
            took = round((time.monotonic() - g.get("started", time.monotonic())) * 1000)
            with world.lock:
                world.journal.add(
                    Line(
                        at=china_text(world.clock.now()),
                        call=g.get("call", ""),
                        method=request.method,
                        target=masked(request.path, request.query_string),
                        status=response.status_code,
                        took_ms=took,
                        fault=g.get("fault", ""),
                        note=g.get("note", ""),
                    )
                )
        return response

    @app.errorhandler(HTTPException)
    def unknown(error: HTTPException) -> Any:
        code = error.code or 500
        if request.path.startswith("/v3/"):
            answer = jsonify(code="NOT_FOUND" if code == 404 else "PARAM_ERROR", message=str(error.description))
        elif request.path.startswith(("/cgi-bin/", "/sns/")):
            # As in life: what is wrong stands in the answer, never in its status; clients read it there.
            return jsonify(errcode=40066, errmsg=f"invalid url: not played by the sandbox ({request.path})")
        elif request.path.startswith("/_sandbox/"):
            answer = jsonify(error=f"{error.name}: {error.description}")
        else:
            return render_template("trouble.html", title="没有这个页面", text=f"沙箱里没有 {request.path}"), code
        answer.status_code = code
        return answer

    return app
