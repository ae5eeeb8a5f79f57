"""Public pages of an estate and of a place: what most want, what became of it. No sign-in, no names; they print."""

from flask import render_template

from kernel.clock import china_text
from kernel.ratio import percent_text, quotient_text
from kernel.web import Pages, open_to_all
from kernel.web.kept import kept_a_second
from surveys.questionnaires.needs import menus

blp = Pages("survey_needs_public_pages", __name__, guard=open_to_all, url_prefix="/q", template_folder="../templates")


@blp.route("/e/<estate>")
@kept_a_second()
def estate(estate: str) -> str:
    """The surveys of an estate: any number of readers cost one."""
    return render_template(
        "questionnaires/estate.html",
        found=menus.public_estate(estate[:64]),
        percent_text=percent_text,
        quotient_text=quotient_text,
        china_text=china_text,
    )


@blp.route("/p/<place>")
@kept_a_second()
def place(place: str) -> str:
    """What all estates under a place (a street, a district, the city) want."""
    return render_template("questionnaires/place.html", found=menus.public_place(place[:64]), percent_text=percent_text)
