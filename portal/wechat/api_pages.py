"""The JS-SDK's signature for our own pages."""

from typing import Any
from urllib.parse import urldefrag, urlsplit

from flask import request

from kernel import clock
from kernel.errors import NotAllowed
from kernel.web.blueprints import Api
from kernel.web.guards import require_resident
from kernel.web.rate_limits import limiter
from portal.wechat.port import PageSignature, official_account
from portal.wechat.schemas import PageToSign, SignedPage

blp = Api("wechat", __name__, guard=require_resident, url_prefix="/api/v1/wechat", description="WeChat's JS-SDK")


@blp.route("/jssdk", methods=["GET"])
@limiter.limit("60 per minute")
@blp.arguments(PageToSign, location="query")
@blp.response(200, SignedPage)
def sign_page(query: dict[str, Any]) -> PageSignature:
    """Sign the address of one of our own pages for ``wx.config``; any other host is refused."""
    url = urldefrag(query["url"]).url
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != request.host.lower() or "\\" in url:
        raise NotAllowed("not-our-page", "只能给本系统的页面签名。")
    return official_account().sign_page(url, now=clock.now())
