"""Public pages of an estate and of a place: what most want, what became of it. No sign-in, no names; they print."""

from flask import render_template
from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.database import current_city
from kernel.ratio import percent_text, quotient_text
from kernel.web import Pages, open_to_all
from kernel.web.assets import versioned_bytes
from surveys.questionnaires.needs import menus

blp = Pages("survey_needs_public_pages", __name__, guard=open_to_all, url_prefix="/q", template_folder="../templates")


@blp.route("/e/<estate>")
def estate(estate: str) -> Response:
    """Kept a second per process, so that any number of readers cost one."""
    second = int(clock.now().timestamp())
    return versioned_bytes(f"estate-surveys:{current_city()}:{estate[:64]}:{second}", lambda: _page(estate[:64]))


def _page(code: str) -> str:
    found = menus.public_estate(code)
    return render_template(
        "questionnaires/estate.html",
        found=found,
        percent_text=percent_text,
        quotient_text=quotient_text,
        china_text=china_text,
    )


@blp.route("/p/<place>")
def place(place: str) -> Response:
    """What all estates under a place (a street, a district, the city) want; kept a second per process."""
    second = int(clock.now().timestamp())
    return versioned_bytes(f"place-wants:{current_city()}:{place[:64]}:{second}", lambda: _place(place[:64]))


def _place(code: str) -> str:
    return render_template("questionnaires/place.html", found=menus.public_place(code), percent_text=percent_text)
