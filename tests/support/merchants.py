"""An application as a merchant of the sandbox."""

from pathlib import Path
from typing import Any

from sandbox.testing import Running


def merchant_of(sandbox: Running, base: str = "") -> dict[str, Any]:
    """The settings (for ``make_app``) of the sandbox's merchant; ``base``: another place to call than the sandbox."""
    given = sandbox.environment
    return {
        "pay_base": base or sandbox.url,
        "pay_mchid": given["WECHATPAY_MCHID"],
        "pay_merchant_key_file": Path(given["WECHATPAY_MERCHANT_KEY_FILE"]),
        "pay_merchant_serial": given["WECHATPAY_MERCHANT_SERIAL"],
        "pay_apiv3_key": given["WECHATPAY_APIV3_KEY"],
        "pay_public_key_file": Path(given["WECHATPAY_PUBLIC_KEY_FILE"]),
        "pay_public_key_id": given["WECHATPAY_PUBLIC_KEY_ID"],
        "wechat_app_id": given["WECHAT_APP_ID"],
    }
