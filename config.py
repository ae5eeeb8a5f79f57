"""All settings, read once from the environment by ``wsgi`` and handed down. Nothing else reads the environment.

Outside production ``var/dev.env`` (made by ``sh dev``) fills in what the environment leaves out. In production a
missing secret stops the start, by name, and so do plain http to WeChat and the sandbox's well-known identifiers.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env

ROOT = Path(__file__).resolve().parent


class BadConfig(SystemExit):
    """A setting is missing or wrong; the program stops with one sentence that names it."""


@dataclass(frozen=True)
class Config:
    """The settings of one process. Secrets are not shown by ``repr``."""

    environment: str
    var_dir: Path
    database_url: str
    migration_database_url: str | None
    city_addresses: dict[str, str]
    cities: dict[str, tuple[str, ...]]
    public_base_url: str
    host_in_words: str
    threads: int
    secret_key: str = field(repr=False)
    vault_key: str = field(repr=False)
    index_key: str = field(repr=False)
    audit_signing_key: str = field(repr=False)
    wechat_app_id: str
    wechat_app_secret: str = field(repr=False)
    wechat_api_base: str
    wechat_open_base: str
    pay_base: str
    pay_mchid: str
    pay_merchant_key_file: Path | None
    pay_merchant_serial: str
    pay_apiv3_key: str = field(repr=False)
    pay_public_key_file: Path | None
    pay_public_key_id: str
    pay_fetch_certificates: bool
    pay_merchants_file: Path | None
    sms_base: str
    sms_key: str = field(repr=False)
    sandbox_url: str | None
    rate_limit_url: str | None
    proxies: int
    """how many reverse proxies stand before us, each of which adds the address it saw to X-Forwarded-For"""
    most_deposit_fen: int
    survey_objection_days: int = 3
    survey_most_reminders: int = 2
    survey_named_days: int = 730
    survey_second_visitor_days: int = 3
    commit: str = "unknown"

    @property
    def production(self) -> bool:
        """Whether real people's data are at stake: everything is refused that is only good for trying out."""
        return self.environment == "production"

    @property
    def https(self) -> bool:
        """Whether browsers reach us by https (cookies are then ``__Host-`` and Secure)."""
        return self.public_base_url.startswith("https://")

    @classmethod
    def from_env(cls) -> "Config":
        """Read the settings. Raises BadConfig."""
        env = Env()
        environment = env.str("ENVIRONMENT", "development")
        if environment not in ("development", "test", "production"):
            raise BadConfig("ENVIRONMENT must be development, test or production")
        var_dir = Path(env.str("VAR_DIR", str(ROOT / "var"))).resolve()
        if environment != "production":
            _fill_in(var_dir / "dev.env")
        port, sandbox_port = env.int("PORT", 8000), env.int("SANDBOX_PORT", 8001)
        sandbox = None if environment == "production" else env.str("SANDBOX_URL", f"http://127.0.0.1:{sandbox_port}")
        base = env.str("PUBLIC_BASE_URL", f"http://127.0.0.1:{port}").rstrip("/")
        config = cls(
            environment=environment,
            var_dir=var_dir,
            database_url=env.str("DATABASE_URL", f"sqlite:///{var_dir}/{{city}}.db"),
            migration_database_url=env.str("MIGRATION_DATABASE_URL", None),
            city_addresses=dict(env.json("CITY_ADDRESSES", {})),
            cities=_cities(env.str("CITIES", "shaoguan")),
            public_base_url=base,
            host_in_words=env.str("HOST_IN_WORDS", urlsplit(base).netloc),
            threads=env.int("THREADS", 4),
            secret_key=_secret("SECRET_KEY"),
            vault_key=_secret("VAULT_KEY"),
            index_key=_secret("INDEX_KEY"),
            audit_signing_key=_secret("AUDIT_SIGNING_KEY"),
            wechat_app_id=env.str("WECHAT_APP_ID", ""),
            wechat_app_secret=_secret("WECHAT_APP_SECRET", needed=False),
            wechat_api_base=_base("WECHAT_API_BASE", sandbox, "https://api.weixin.qq.com"),
            wechat_open_base=_base("WECHAT_OPEN_BASE", sandbox, "https://open.weixin.qq.com"),
            pay_base=_base("WECHATPAY_BASE", sandbox, "https://api.mch.weixin.qq.com"),
            pay_mchid=env.str("WECHATPAY_MCHID", ""),
            pay_merchant_key_file=_file("WECHATPAY_MERCHANT_KEY_FILE"),
            pay_merchant_serial=env.str("WECHATPAY_MERCHANT_SERIAL", ""),
            pay_apiv3_key=_secret("WECHATPAY_APIV3_KEY", needed=False),
            pay_public_key_file=_file("WECHATPAY_PUBLIC_KEY_FILE"),
            pay_public_key_id=env.str("WECHATPAY_PUBLIC_KEY_ID", ""),
            pay_fetch_certificates=env.bool("WECHATPAY_FETCH_CERTIFICATES", False),
            pay_merchants_file=_file("WECHATPAY_MERCHANTS_FILE"),
            sms_base=_base("SMS_BASE", sandbox, ""),
            sms_key=_secret("SMS_KEY", needed=False),
            sandbox_url=sandbox,
            rate_limit_url=env.str("RATE_LIMIT_URL", None),
            proxies=env.int("PROXIES", 0),
            most_deposit_fen=env.int("MOST_DEPOSIT_FEN", 5_000_000),
            survey_objection_days=env.int("SURVEY_OBJECTION_DAYS", 3),
            survey_most_reminders=env.int("SURVEY_MOST_REMINDERS", 2),
            survey_named_days=env.int("SURVEY_NAMED_DAYS", 730),
            survey_second_visitor_days=env.int("SURVEY_SECOND_VISITOR_DAYS", 3),
            commit=env.str("COMMIT", "unknown"),
        )
        if config.production:
            _check_production(config)
        return config


def _fill_in(path: Path) -> None:
    """KEY=VALUE lines of a file into the environment, where it has no such name yet."""
    if path.is_file():
        for line in path.read_text().splitlines():
            name, separator, value = line.strip().partition("=")
            if separator and not name.startswith("#"):
                os.environ.setdefault(name, value)


def _secret(name: str, *, needed: bool = True) -> str:
    """A secret from NAME, or from the file that NAME_FILE names."""
    from_file = os.environ.get(f"{name}_FILE")
    value = Path(from_file).read_text().strip() if from_file else os.environ.get(name, "")
    if needed and len(value) < 32:
        raise BadConfig(f"{name} is missing or shorter than 32 characters. In development run: sh dev run")
    return value


def _base(name: str, sandbox: str | None, real: str) -> str:
    return (os.environ.get(name) or sandbox or real).rstrip("/")


def _file(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None


def _cities(text: str) -> dict[str, tuple[str, ...]]:
    """``shaoguan=sg.example.cn,www.sg.example.cn;qujiang=qj.example.cn``; a name alone answers under every host."""
    found: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        name, _, hosts = part.strip().partition("=")
        if name:
            found[name] = tuple(host.strip() for host in hosts.split(",") if host.strip())
    if not found or (len(found) > 1 and not all(found.values())):
        raise BadConfig("CITIES: name one city, or several with their host names: a=a.example.cn;b=b.example.cn")
    return found


def _check_production(config: Config) -> None:
    keys = {config.secret_key, config.vault_key, config.index_key, config.audit_signing_key}
    if len(keys) < 4:
        raise BadConfig("SECRET_KEY, VAULT_KEY, INDEX_KEY and AUDIT_SIGNING_KEY must differ from each other")
    if not config.https:
        raise BadConfig("PUBLIC_BASE_URL must be https in production")
    for name in ("wechat_api_base", "wechat_open_base", "pay_base"):
        if not getattr(config, name).startswith("https://"):
            raise BadConfig(f"{name.upper()} must be https in production")
    for name in ("wechat_app_id", "wechat_app_secret"):
        value = getattr(config, name)
        if not value or "sandbox" in value:
            raise BadConfig(f"{name.upper()} is missing or the sandbox's own")
    if config.pay_mchid and "sandbox" in config.pay_public_key_id.lower():
        raise BadConfig("WECHATPAY_PUBLIC_KEY_ID is the sandbox's own")
