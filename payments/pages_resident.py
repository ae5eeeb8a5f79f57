"""The payer's pages: paying, and the receipt."""

from flask import current_app, redirect
from werkzeug.wrappers import Response

from kernel.database import reading
from kernel.errors import NotFound
from kernel.money import yuan_text
from kernel.people.queries import tie_of
from kernel.places.models import Dwelling
from kernel.places.queries import dwelling_by_id, dwelling_by_public_id, place_by_id
from kernel.web import Pages, files, identity, names_its_site, page, require_resident
from kernel.web.qr import qr_svg
from payments import queries, terms
from payments.contributions import queries as contributions
from payments.models import CollectionMode
from payments.publications import services as publications
from payments.receipt_pdf import TITLES, lines, proof, receipt_pdf
from payments.rules.deposit import RECEIVED, DepositState, Purpose
from payments.rules.reference import grouped
from payments.services import receipts
from payments.services.collections import must_be_open
from payments.statements.services.effects import reference_of

blp = Pages("payments", __name__, guard=require_resident, template_folder="templates")


def _sandbox_url() -> str:
    """Where the sandbox's pay sheet is, outside production; else "" and WeChat shows its own."""
    return current_app.extensions["gongjian.config"].sandbox_url or ""


@blp.route("/pay/<dwelling_id>")
def pay(dwelling_id: str) -> Response:
    """Pledge and pay for a dwelling; once it is paid, its receipt."""
    session, who = reading(), identity()
    dwelling = dwelling_by_public_id(session, dwelling_id)
    tie = tie_of(session, who.account_id, dwelling.id)
    if tie is None:
        raise NotFound("no-such-dwelling", "没有找到这一户。请重新扫门口的二维码。")
    if tie.level < 2:
        return confirm_first(dwelling)
    found = queries.collection_of(session, dwelling.estate_id)
    own = None
    if found is not None:
        own = queries.own_deposit(session, collection_id=found.id, dwelling_id=dwelling.id, account_id=who.account_id)
    if own is not None and DepositState(own.state) in RECEIVED:
        return redirect(f"/receipt/{own.public_id}")
    collection = must_be_open(session, dwelling.estate_id)
    if collection.mode == CollectionMode.ONE_SHOT or contributions.current_budget(session, collection.id) is not None:
        return redirect(f"/contribution/{dwelling.public_id}")
    waiting = queries.open_attempt(session, own.id) if own else None
    shown = page(
        "payments/pay.html",
        dwelling=dwelling,
        estate=place_by_id(session, dwelling.estate_id),
        collection=collection,
        terms=terms.read(collection.terms_version),
        own=own,
        waiting=waiting,
        others=queries.received_of_dwelling(session, dwelling.id),
        reference=grouped(reference_of(dwelling)),
        sandbox_url=_sandbox_url(),
        yuan=yuan_text,
    )
    return names_its_site(shown)  # WeChat's page for other browsers asks to be led to from the merchant's (WECHAT §3.4)


def confirm_first(dwelling: Dwelling) -> Response:
    """What an account of level 1 is shown where money is: first prove to be of the household."""
    return page(
        "message.html",
        heading="先核实您是这一户的人",
        text="缴款和看金额前要核实身份：用登记的手机收一次验证码，或请社区工作人员确认。",
        tone="wait",
        actions=[
            ("去核实", f"/d/{dwelling.public_id}/verify", "main"),
            ("返回", f"/d/{dwelling.public_id}", ""),
        ],
    )


def _still_speaks(account_id: int, dwelling_id: int) -> bool:
    """His own money a payer may always see; the roster's name only while his tie holds."""
    return tie_of(reading(), account_id, dwelling_id, level=2) is not None


@blp.route("/receipt/<deposit_id>")
def receipt(deposit_id: str) -> Response:
    """The payer's receipt, to look at and to print."""
    session, who = reading(), identity()
    deposit = queries.deposit_of_payer(session, deposit_id, who.account_id)
    dwelling = dwelling_by_id(session, deposit.dwelling_id)
    if DepositState(deposit.state) not in RECEIVED:
        return redirect(f"/pay/{dwelling.public_id}")
    view = receipts.view(session, deposit, named=_still_speaks(who.account_id, dwelling.id))
    return page(
        "payments/receipt.html",
        deposit=deposit,
        dwelling=dwelling,
        estate=place_by_id(session, dwelling.estate_id),
        view=view,
        lines=lines(view) if view else [],
        proof=proof(view) if view else [],
        title=TITLES[Purpose(deposit.purpose)],
        address=receipts.address(view.code) if view else "",
        qr_svg=qr_svg,
        published=publications.inclusions(session, deposit.id) if view else [],
        yuan=yuan_text,
    )


@blp.route("/receipt/<deposit_id>.pdf")
def receipt_file(deposit_id: str) -> Response:
    """The same as a PDF."""
    session, who = reading(), identity()
    deposit = queries.deposit_of_payer(session, deposit_id, who.account_id)
    view = receipts.view(session, deposit, named=_still_speaks(who.account_id, deposit.dwelling_id))
    if view is None:
        raise NotFound("no-receipt-yet", "收据还没有开出来。付款确认后几秒钟就有，请稍后再打开。")
    return files.shown(receipt_pdf(view, receipts.address(view.code)), files.PDF, f"receipt-{view.number}.pdf")
