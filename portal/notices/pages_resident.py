"""One's own messages: everything that was told, newest first. Opening the page reads them."""

from werkzeug.wrappers import Response

from kernel.clock import china_text
from kernel.web import Pages, identity, page, require_resident
from portal.notices import services

blp = Pages("notice_pages", __name__, guard=require_resident, url_prefix="/me/notices", template_folder="templates")


@blp.route("")
def mine() -> Response:
    """The account's last fifty."""
    found = services.my_notices(identity())
    return page("notices/mine.html", found=found, china_text=china_text)
