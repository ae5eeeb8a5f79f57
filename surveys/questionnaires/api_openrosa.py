"""The OpenRosa protocol for ODK Collect: list of forms, form, manifest, submission. HTTP Basic with an app password."""

from collections.abc import Callable
from contextlib import closing
from xml.sax.saxutils import escape

from flask import Response, request
from werkzeug.exceptions import HTTPException

from kernel import clock
from kernel.errors import DomainError, NotAllowed, NotSignedIn, TooMany
from kernel.web import Machine, proves_itself
from kernel.web.problems import PLAIN_WORDS, status_of
from kernel.web.rate_limits import limiter
from surveys.questionnaires.openrosa.services import passwords, visits
from surveys.questionnaires.openrosa.services.passwords import Signed

MOST_BYTES = 30 << 20
"""Of one request. Collect is told, and sends what is more in several parts."""

MOST_FILES = 60
WRONG_TRIES = "10 per 10 minutes"
WRONG_NAMES = "100 per 10 minutes"
HEADERS = {"X-OpenRosa-Version": "1.0", "X-OpenRosa-Accept-Content-Length": str(MOST_BYTES)}
LOOPBACK = ("127.0.0.1", "::1")
XML = "text/xml; charset=utf-8"

blp = Machine(
    "openrosa",
    __name__,
    guard=proves_itself("HTTP Basic over TLS: an app password of a worker who assists at doors."),
    url_prefix="/openrosa",
)


def _who_tries() -> str:
    name = request.authorization.username if request.authorization else ""
    return f"openrosa:{request.remote_addr}:{(name or '')[:40].lower()}"


def _was_wrong(response: Response) -> bool:
    # The first request of every app comes without a password, to be asked for one: that is no try.
    return response.status_code == 401 and request.authorization is not None


_by_name = limiter.shared_limit(WRONG_TRIES, scope="openrosa", key_func=_who_tries, deduct_when=_was_wrong)
_by_address = limiter.shared_limit(
    WRONG_NAMES, scope="openrosa-address", key_func=lambda: f"openrosa:{request.remote_addr}", deduct_when=_was_wrong
)


def _limited(view: Callable[..., Response]) -> Callable[..., Response]:
    """Stop guessing, of one name's password or of names: each try costs us a slow hash."""
    limited: Callable[..., Response] = _by_address(_by_name(view))
    return limited


def _signed_in() -> Signed:
    """The worker of this request. Raises NotSignedIn or NotAllowed."""
    own_machine = request.remote_addr in LOOPBACK and request.host.partition(":")[0] in ("localhost", "127.0.0.1")
    if not request.is_secure and not own_machine:
        raise NotAllowed("not-encrypted", "应用密码只能经 https 使用。请把 ODK Collect 里的网址改成 https:// 开头。")
    given = request.authorization
    if given is not None and given.type == "digest":
        raise NotSignedIn(
            "basic-only", "这里只用 https 加用户名和应用密码（Basic）登录。请把 ODK Collect 更新到新版再试。"
        )
    if given is None or given.type != "basic" or not given.username or not given.password:
        raise NotSignedIn("no-app-password", "请在 ODK Collect 的设置里填写用户名和应用密码。")
    return passwords.sign_in(given.username, given.password, now=clock.now())


def _xml(body: str, status: int = 200) -> Response:
    response = Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}', status=status, content_type=XML)
    response.headers.update(HEADERS)
    return response


def _told(text: str, status: int, nature: str) -> Response:
    return _xml(
        f'<OpenRosaResponse xmlns="http://openrosa.org/http/response" items="0">'
        f'<message nature="{nature}">{escape(text)}</message></OpenRosaResponse>',
        status,
    )


@blp.errorhandler(DomainError)
def _refused(error: DomainError) -> Response:
    response = _told(error.detail, status_of(error), "submit_error")
    if isinstance(error, NotSignedIn):
        response.headers["WWW-Authenticate"] = 'Basic realm="gongjian", charset="UTF-8"'
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


@blp.errorhandler(HTTPException)
def _failed(error: HTTPException) -> Response:
    status = error.code or 500
    text = PLAIN_WORDS.get(status, ("", "没有办成，请过一会儿再试。"))[1]
    if status == 413:
        text = f"这一份太大了，一次最多 {MOST_BYTES >> 20} MB。请在 ODK Collect 里把照片设成较小的尺寸。"
    return _told(text, status, "submit_error")


@blp.route("/formList")
@_limited
def form_list() -> Response:
    """The forms of the worker's open campaigns, or the one of them that ``formID`` names. Only today's version of each
    (``listAllVersions``): older ones are taken when they come in, and handed out no more."""
    who, wanted = _signed_in(), request.args.get("formID")
    base = request.host_url.rstrip("/") + "/openrosa"
    forms = "".join(
        f"<xform><formID>{escape(one.campaign)}</formID><name>{escape(one.title)}</name>"
        f"<version>{escape(one.version)}</version><hash>md5:{one.digest}</hash>"
        f"<downloadUrl>{escape(base)}/forms/{one.campaign}.xml</downloadUrl>"
        f"<manifestUrl>{escape(base)}/forms/{one.campaign}/manifest</manifestUrl></xform>"
        for one in visits.form_list(who, now=clock.now())
        if wanted in (None, one.campaign)
    )
    return _xml(f'<xforms xmlns="http://openrosa.org/xforms/xformsList">{forms}</xforms>')


@blp.route("/forms/<campaign>.xml")
@_limited
def form(campaign: str) -> Response:
    """One form."""
    response = Response(visits.form_xml(campaign, _signed_in(), now=clock.now()), content_type=XML)
    response.headers.update(HEADERS)
    return response


_TABLES = {"doors.csv": visits.doors_csv, "visitors.csv": visits.visitors_csv}


@blp.route("/forms/<campaign>/manifest")
@_limited
def manifest(campaign: str) -> Response:
    """What else the form needs: the table of doors, and that of second visitors."""
    who, base = _signed_in(), f"{request.host_url.rstrip('/')}/openrosa/forms/{campaign}"
    files = "".join(
        f"<mediaFile><filename>{name}</filename><hash>md5:{visits.md5(table(campaign, who, now=clock.now()))}</hash>"
        f"<downloadUrl>{escape(base)}/{name}</downloadUrl></mediaFile>"
        for name, table in _TABLES.items()
    )
    return _xml(f'<manifest xmlns="http://openrosa.org/xforms/xformsManifest">{files}</manifest>')


@blp.route("/forms/<campaign>/doors.csv", defaults={"name": "doors.csv"})
@blp.route("/forms/<campaign>/visitors.csv", defaults={"name": "visitors.csv"})
@_limited
def table(campaign: str, name: str) -> Response:
    """The doors of the worker's places, or who may have come along."""
    data = _TABLES[name](campaign, _signed_in(), now=clock.now())
    response = Response(data, content_type="text/csv; charset=utf-8")
    response.headers.update(HEADERS)
    return response


@blp.route("/submission", methods=["HEAD", "POST"])
@_limited
def submission() -> Response:
    """A filled form with its pictures (multipart). HEAD: whether and where it would be taken."""
    who = _signed_in()
    if request.method == "HEAD":
        response = Response(status=204)
        response.headers.update({**HEADERS, "Location": request.url})
        return response
    request.max_content_length = MOST_BYTES
    request.max_form_parts = MOST_FILES + 10
    if request.mimetype != "multipart/form-data" or "xml_submission_file" not in request.files:
        return _told("没有收到表格内容（xml_submission_file）。请用 ODK Collect 发送。", 400, "submit_error")
    pictures: dict[str, bytes] = {}
    for name, file in request.files.items():
        with closing(file):
            pictures[name] = file.read()
            if file.filename:  # Collect names the part as the file; other clients only the file
                pictures.setdefault(file.filename, pictures[name])
    xml = pictures.pop("xml_submission_file")
    more = "*isIncomplete*" in request.form
    receipt = visits.hand_in(xml, pictures, who, more_to_come=more, now=clock.now())
    text = "收到一部分照片，请继续发。" if receipt is None else "已收到这一户的问卷。"
    return _told(text, 201, "submit_success")
