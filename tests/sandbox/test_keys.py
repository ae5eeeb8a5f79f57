"""Keys are made once, and the settings printed for a merchant's program fit them."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from sandbox import keys
from sandbox.settings import Settings

NAMES = [
    "apiv3_key.txt",
    "merchant_key.pem",
    "merchant_serial.txt",
    "platform_key.pem",
    "platform_public.pem",
    "public_key_id.txt",
]


def test_a_folder_gets_all_six_files_and_keeps_them_the_second_time(tmp_path: Path) -> None:
    keys.make(tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    keys.make(tmp_path)
    assert sorted(first) == NAMES
    assert first == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_private_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    keys.make(tmp_path)
    for name in ("merchant_key.pem", "platform_key.pem", "apiv3_key.txt"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_the_public_file_is_the_public_half_of_the_platforms_key(tmp_path: Path) -> None:
    loaded = keys.load(tmp_path)
    published = serialization.load_pem_public_key((tmp_path / "platform_public.pem").read_bytes())
    assert published.public_numbers() == loaded.platform_private.public_key().public_numbers()


def test_several_who_make_the_same_folder_at_once_end_with_one_set_of_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(keys.load, [tmp_path] * 4))
    assert len({one.public_key_id for one in loaded}) == 1
    assert len({one.platform_private.private_numbers().p for one in loaded}) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == NAMES


def test_the_key_id_says_sandbox_so_that_a_live_configuration_can_refuse_it(tmp_path: Path) -> None:
    assert keys.load(tmp_path).public_key_id.startswith("PUB_KEY_ID_SANDBOX")


def test_a_folder_with_a_wrong_apiv3_key_is_refused_by_name(tmp_path: Path) -> None:
    keys.make(tmp_path)
    (tmp_path / "apiv3_key.txt").write_text("short")
    with pytest.raises(ValueError, match=r"apiv3_key\.txt must hold 32 characters"):
        keys.load(tmp_path)


def test_the_command_prints_what_a_merchants_program_has_to_be_told(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "sandbox.keys", "--env", str(tmp_path / "keys")],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"SANDBOX_MCHID": "1999000002"},
    ).stdout
    given = dict(line.split("=", 1) for line in told.splitlines())
    assert given == keys.environment(tmp_path / "keys", Settings(mchid="1999000002"))
    assert Path(given["WECHATPAY_MERCHANT_KEY_FILE"]).is_absolute()
    assert len(given["WECHATPAY_APIV3_KEY"]) == 32
    assert len(given["WECHATPAY_MERCHANT_SERIAL"]) == 40
