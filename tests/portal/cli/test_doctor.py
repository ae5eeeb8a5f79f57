"""The doctor looks at everything and says what to do."""

import json


def test_a_machine_without_wechat_is_said_to_be_so_and_the_rest_is_fine(app):
    result = app.test_cli_runner().invoke(args=["doctor", "--json"])
    checks = {check["name"]: check for check in json.loads(result.output)}
    assert result.exit_code == 1
    assert not checks["微信支付"]["ok"]
    assert all(checks[name]["ok"] for name in ("数据库 shaoguan", "迁移 shaoguan", "审计链 shaoguan", "密钥"))
