"""Keys of both sides, made once: ``python -m sandbox.keys DIR`` writes them, ``--env DIR`` prints the settings.

In life the merchant makes ``merchant_key.pem`` and never shows it; WeChat Pay holds ``platform_key.pem`` and gives out
``platform_public.pem``. Here one folder holds all of it, because it is a rehearsal.
"""

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key

from sandbox.settings import Settings

_ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class KeyFiles:
    """Where each key lies in a folder."""

    folder: Path

    @property
    def merchant_key(self) -> Path:
        """The merchant's RSA private key, PKCS #8 PEM."""
        return self.folder / "merchant_key.pem"

    @property
    def merchant_serial(self) -> Path:
        """Serial number of the merchant's certificate, 40 hex digits."""
        return self.folder / "merchant_serial.txt"

    @property
    def platform_key(self) -> Path:
        """WeChat Pay's RSA private key, PKCS #8 PEM."""
        return self.folder / "platform_key.pem"

    @property
    def platform_public(self) -> Path:
        """WeChat Pay's public key as merchants download it, PEM."""
        return self.folder / "platform_public.pem"

    @property
    def public_key_id(self) -> Path:
        """Its name, ``PUB_KEY_ID_…``; says SANDBOX so that a live configuration can refuse it."""
        return self.folder / "public_key_id.txt"

    @property
    def apiv3_key(self) -> Path:
        """The APIv3 key: 32 ASCII characters."""
        return self.folder / "apiv3_key.txt"


@dataclass(frozen=True)
class Keys:
    """The keys of one folder, loaded."""

    merchant_public: RSAPublicKey
    merchant_serial: str
    platform_private: RSAPrivateKey
    public_key_id: str
    apiv3_key: bytes


def new_private_key() -> RSAPrivateKey:
    """A fresh RSA-2048 key, the size WeChat Pay prescribes."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key: RSAPrivateKey) -> bytes:
    """PKCS #8 PEM of a private key, unencrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_pem(key: RSAPublicKey) -> bytes:
    """SubjectPublicKeyInfo PEM of a public key."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def make(folder: Path) -> KeyFiles:
    """Write what is missing in ``folder`` and leave what is there; safe when several processes do it at once."""
    files = KeyFiles(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if not files.merchant_key.exists():
        _write_once(files.merchant_key, private_pem(new_private_key()))
    if not files.platform_key.exists():
        _write_once(files.platform_key, private_pem(new_private_key()))
    if not files.platform_public.exists():
        _write_once(files.platform_public, public_pem(_private(files.platform_key).public_key()))
    if not files.merchant_serial.exists():
        _write_once(files.merchant_serial, secrets.token_hex(20).upper().encode())
    if not files.public_key_id.exists():
        _write_once(files.public_key_id, f"PUB_KEY_ID_SANDBOX{_digits(27)}".encode())
    if not files.apiv3_key.exists():
        _write_once(files.apiv3_key, "".join(secrets.choice(_ALPHANUMERIC) for _ in range(32)).encode())
    return files


def load(folder: Path) -> Keys:
    """Load the keys of ``folder``, making what is missing; raises ValueError when a file is not what it should be."""
    files = make(folder)
    apiv3_key = files.apiv3_key.read_text("ascii").strip().encode()
    if len(apiv3_key) != 32:
        raise ValueError(f"{files.apiv3_key} must hold 32 characters")
    return Keys(
        merchant_public=_private(files.merchant_key).public_key(),
        merchant_serial=files.merchant_serial.read_text("ascii").strip(),
        platform_private=_private(files.platform_key),
        public_key_id=files.public_key_id.read_text("ascii").strip(),
        apiv3_key=apiv3_key,
    )


def environment(folder: Path, settings: Settings) -> dict[str, str]:
    """What a merchant's program has to be told to work against this sandbox, as environment variables."""
    files = make(folder)
    return {
        "WECHAT_APP_ID": settings.app_id,
        "WECHAT_APP_SECRET": settings.app_secret,
        "WECHATPAY_MCHID": settings.mchid,
        "WECHATPAY_MERCHANT_KEY_FILE": str(files.merchant_key.resolve()),
        "WECHATPAY_MERCHANT_SERIAL": files.merchant_serial.read_text("ascii").strip(),
        "WECHATPAY_APIV3_KEY": files.apiv3_key.read_text("ascii").strip(),
        "WECHATPAY_PUBLIC_KEY_FILE": str(files.platform_public.resolve()),
        "WECHATPAY_PUBLIC_KEY_ID": files.public_key_id.read_text("ascii").strip(),
        "SMS_KEY": settings.sms_key,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: write the keys, or with ``--env`` also print KEY=VALUE lines."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.keys", description="Make the sandbox's keys once.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the keys lie; made when missing")
    parser.add_argument("--env", action="store_true", help="print what the merchant's program has to be told")
    given = parser.parse_args(arguments)
    make(given.folder)
    if given.env:
        for name, value in environment(given.folder, Settings.from_env()).items():
            sys.stdout.write(f"{name}={value}\n")
    return 0


def _private(path: Path) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError(f"{path} must hold an RSA key")
    return key


def _digits(count: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(count))


def _write_once(path: Path, data: bytes) -> None:
    """Put the file there whole; whoever comes second keeps what the first one wrote."""
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)


if __name__ == "__main__":
    raise SystemExit(main())
