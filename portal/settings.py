"""The settings, handed down: every part is told what it needs of the configuration, and no part reads it itself."""

from flask import Flask

from config import Config
from kernel import audit, database, encryption, outbound, storage
from payments.gateways import setup as payment_gateways
from portal.auth import loader
from portal.notices import sms
from portal.wechat import port as wechat
from portal.wechat.official import Settings, WechatpyAccount
from surveys.questionnaires import settings as survey_settings


def hand_down(app: Flask, config: Config) -> None:
    """Tell every part its settings. Tests do it again for each fresh database: routes are dear, settings are not."""
    app.extensions["gongjian.config"] = config
    _kernel(app, config)
    loader.install(app)
    wechat.configure(_official_account(config))
    sms.configure(config.sms_base, config.sms_key)
    survey_settings.configure(
        survey_settings.Settings(
            objection_days=config.survey_objection_days,
            second_visitor_days=config.survey_second_visitor_days,
            most_reminders=config.survey_most_reminders,
            named_days=config.survey_named_days,
            public_address=config.public_base_url,
        )
    )
    _payments(config)


def _official_account(config: Config) -> WechatpyAccount | None:
    """WeChat's official account, or None where none is set up yet (signing in then says so)."""
    if not config.wechat_app_id or not config.wechat_app_secret:
        return None
    return WechatpyAccount(
        Settings(config.wechat_app_id, config.wechat_app_secret, config.wechat_api_base, config.wechat_open_base)
    )


def _kernel(app: Flask, config: Config) -> None:
    """Hand the settings down to the kernel."""
    encryption.configure(config.vault_key, config.index_key)
    audit.configure(app, encryption.keys_from_text(config.audit_signing_key)[0])
    storage.configure(storage.LocalFolder(config.var_dir / "files"))
    outbound.configure(
        {
            "wechat": [config.wechat_api_base, config.wechat_open_base],
            "pay": [config.pay_base],
            "sms": [config.sms_base] if config.sms_base else [],
        },
        threads=config.threads,
    )
    database.point_at(
        app,
        config.database_url,
        cities=config.cities,
        threads=config.threads,
        migration_url=config.migration_database_url,
        addresses=config.city_addresses,
    )


def _payments(config: Config) -> None:
    """Hand the merchants' keys down. Without them paying says that it has not been opened yet."""
    payment_gateways.configure(
        payment_gateways.MerchantSettings(
            merchant_id=config.pay_mchid,
            app_id=config.wechat_app_id,
            merchant_key_file=config.pay_merchant_key_file,
            merchant_serial=config.pay_merchant_serial,
            apiv3_key=config.pay_apiv3_key,
            public_key_file=config.pay_public_key_file,
            public_key_id=config.pay_public_key_id,
            fetch_certificates=config.pay_fetch_certificates,
        ),
        merchants_file=config.pay_merchants_file,
        certificates_folder=config.var_dir / "wechatpay",
        base_url=config.pay_base,
        public_base_url=config.public_base_url,
        cities=config.cities,
    )
