"""Where WeChat Pay tells us: the raw bytes first, nothing parsed before the signature holds, 204 after the commit.

No session and no cross-site check stands before it; the signature is the proof. A notice that cannot be believed gets
4xx, WeChat's deliberately wrong probes (``WECHATPAY/SIGNTEST/``) among them; what could not be stored gets 5xx, and
WeChat comes again (WECHAT §3.5, §6 no. 2, 7, 8).
"""

import logging

from flask import Response, request

from kernel import clock
from kernel.web import Machine, proves_itself
from payments.gateways import registry
from payments.gateways.port import Answer, Refused
from payments.services import crediting

log = logging.getLogger(__name__)

BODY_BYTES = 64 << 10
CHANNEL = "wechat"

blp = Machine(
    "payment_notices",
    __name__,
    guard=proves_itself("WeChat Pay's RSA signature over the raw body, within 300 s, sealed with the APIv3 key."),
)


@blp.post(registry.NOTICE_PATH)
def take() -> Response:
    """Take a notice: 204 when it is stored (also when it was before), 4xx when it is not believed."""
    request.max_content_length = BODY_BYTES
    raw = request.get_data(cache=False)
    now = clock.now()
    headers = dict(request.headers.items())
    for gateway in registry.of_channel(CHANNEL):
        try:
            notice = gateway.read(headers, raw, now=now)
        except Refused:
            continue
        crediting.take_notice(gateway.channel, notice, now=now)
        return _shaped(gateway.answer(True))
    log.warning("payment notice refused")
    return _shaped(Answer(400, b'{"code":"FAIL","message":"refused"}', "application/json"))


def _shaped(answer: Answer) -> Response:
    return Response(answer.body, answer.status, content_type=answer.content_type)
