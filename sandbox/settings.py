"""What the sandbox is told from outside, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

APP_ID = "wxsandbox000000001"
APP_SECRET = "sandbox0app0secret0for0loopback0"  # noqa: S105  (a development value, worthless elsewhere)
MCHID = "1999000001"
SMS_KEY = "sandbox-sms-key"
PORT = 8001


@dataclass(frozen=True)
class Settings:
    """One sandbox: who the merchant is, where the keys lie, which hosts it may send people and callbacks to.

    ``hosts`` are allowed besides loopback, for phones in the same network; the control API stays on loopback.
    ``patience_s`` is how long a callback waits for its answer; five seconds in life.
    """

    keys_dir: Path = Path("var/sandbox/keys")
    personas_file: Path | None = None
    app_id: str = APP_ID
    app_secret: str = APP_SECRET
    mchid: str = MCHID
    merchant_name: str = "沙箱商户"
    sms_key: str = SMS_KEY
    fee_per_10000: int = 0
    host: str = "127.0.0.1"
    port: int = PORT
    patience_s: float = 5.0
    hosts: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings; raises ValueError with one sentence when a number is none."""
        env = os.environ if env is None else env
        port_text = env.get("PORT", str(PORT))
        if not port_text.isdigit() or not 0 <= int(port_text) <= 65535:
            raise ValueError(f"PORT must be a number from 0 to 65535, not {port_text!r}")
        rate = env.get("SANDBOX_FEE_PER_10000", "0")
        if not rate.isdigit() or int(rate) > 10_000:
            raise ValueError(f"SANDBOX_FEE_PER_10000 must be a number from 0 to 10000 (60: 0.60 %), not {rate!r}")
        personas = env.get("SANDBOX_PERSONAS")
        return cls(
            keys_dir=Path(env.get("SANDBOX_KEYS_DIR", "var/sandbox/keys")),
            personas_file=Path(personas) if personas else None,
            app_id=env.get("SANDBOX_APP_ID", APP_ID),
            app_secret=env.get("SANDBOX_APP_SECRET", APP_SECRET),
            mchid=env.get("SANDBOX_MCHID", MCHID),
            merchant_name=env.get("SANDBOX_MERCHANT_NAME", cls.merchant_name),
            sms_key=env.get("SANDBOX_SMS_KEY", SMS_KEY),
            fee_per_10000=int(rate),
            host=env.get("HOST", "127.0.0.1"),
            port=int(port_text),
            hosts=frozenset(part.strip().lower() for part in env.get("SANDBOX_HOSTS", "").split(",") if part.strip()),
        )
