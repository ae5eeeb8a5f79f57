"""A small app that shows every piece of the layout once, without database or sign-in."""

from fractions import Fraction
from pathlib import Path

from flask import Flask, Response, jsonify, render_template, request

import kernel.web
from kernel.web import kept, packing
from kernel.web.assets import install_assets
from kernel.web.cards import Card, Tone
from kernel.web.kept import versioned_bytes
from kernel.web.qr import qr_svg
from kernel.web.svg import Bar, Part, bars, ring, share_bar

CSP = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:"


def gallery_app(var: Path) -> Flask:
    """The gallery at ``/``, the message page at ``/message``, a problem page at ``/problem/<status>``."""
    web = Path(kernel.web.__file__).parent
    app = Flask("gallery", template_folder=str(Path(__file__).parent / "templates"), static_folder=None)
    app.jinja_loader.searchpath.append(str(web / "templates"))  # type: ignore[union-attr]
    install_assets(app, root=web.parent.parent, var=var)
    app.after_request(packing.pack)
    kept.install(app)
    seen: list[str] = []
    app.extensions["seen_keys"] = seen

    @app.get("/")
    def gallery() -> str:
        return render_template(
            "gallery.html",
            cards=[
                Card("小区改造问卷", "未填", "大约 10 分钟，每户填一份。", "/q/1/2", Tone.TODO),
                Card("自管小组选举", "已投", "", "/v/1", Tone.OK),
                Card("诚意金", "还没开始"),
            ],
            bars=bars(
                "本区缴费率", [Bar("工商局宿舍", Fraction(929, 1000), "92.9%"), Bar("桃园北巷", 0.607, "60.7%", True)]
            ),
            share=share_bar("票数", [Part("同意", 62), Part("不同意", 20, "c2"), Part("没投", 18, "c4")]),
            ring=ring("开工率", Fraction(149, 161), "92.5%"),
            qr=qr_svg("https://example.test/h/7KQ2M9X4PT", "打开这一户的页面"),
        )

    @app.get("/message")
    def message() -> str:
        return render_template(
            "message.html", heading="交好了", text="谢谢您。", actions=[("看回执", "/r", "main")], tone="ok"
        )

    @app.get("/problem/<int:status>")
    def problem(status: int) -> str:
        return render_template("problem.html", status=status, title="已经有了", detail="这一户已经填过问卷了。")

    @app.get("/kept")
    def kept_page() -> Response:
        return versioned_bytes("kept:1", lambda: render_template("problem.html", status=404, detail="字" * 600))

    @app.get("/json/<int:count>")
    def some_json(count: int) -> Response:
        return jsonify(text="共建" * count)

    @app.post("/api/echo")
    def echo() -> tuple[Response, int]:
        seen.append(request.headers.get("Idempotency-Key", ""))
        wanted = request.get_json().get("status", 201)
        if wanted == 422:
            return jsonify(code="invalid", detail="请看红字。", fields={"tail": ["要四位数字"]}), 422
        return jsonify(detail="暂时连不上。", code="x"), wanted

    @app.after_request
    def secure(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = CSP
        return answer

    return app
