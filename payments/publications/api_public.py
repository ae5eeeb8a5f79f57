"""What anyone may read: a published period with the hashes its root is over."""

from kernel.database import reading
from kernel.places.queries import place_by_public_id
from kernel.web import Api, open_to_all
from payments.publications import services
from payments.publications.schemas import PublicationOut

blp = Api(
    "publications_public",
    __name__,
    guard=open_to_all,
    url_prefix="/api/v1",
    description="The public books as they were published (公示).",
)


@blp.route("/estates/<string:estate>/publications/<int:number>", methods=["GET"])
@blp.response(200, PublicationOut)
def publication(estate: str, number: int) -> services.Published:
    """A published period of an estate's books, to be recomputed by anybody."""
    session = reading()
    return services.published(session, place_by_public_id(session, estate), number)
