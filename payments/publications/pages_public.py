"""A published period as a page and as a plain list anybody can recompute the root from."""

from werkzeug.wrappers import Response

from kernel.database import reading
from kernel.money import yuan_text
from kernel.places.queries import place_named
from kernel.web import Pages, open_to_all, page
from payments.publications import services
from payments.rules import channel
from payments.rules.publication import KIND_WORDS

blp = Pages("publications_pages", __name__, guard=open_to_all, template_folder="../templates")


@blp.route("/books/<estate_id>/<int:number>")
def publication(estate_id: str, number: int) -> Response:
    """One period: opening, in by channel, out, refunds, closing, and every row."""
    session = reading()
    found = services.published(session, place_named(session, estate_id), number)
    channels = [(channel.word(name), fen) for name, fen in sorted(found.in_fen.items())]
    return page("payments/publication.html", found=found, channels=channels, words=KIND_WORDS, yuan=yuan_text)


@blp.route("/books/<estate_id>/<int:number>.txt")
def list_file(estate_id: str, number: int) -> Response:
    """The same as hashes and texts, one a line: hash of a 0 byte and the text, then pairs up to the root."""
    session = reading()
    found = services.published(session, place_named(session, estate_id), number)
    return Response(found.list_text, content_type="text/plain; charset=utf-8")
