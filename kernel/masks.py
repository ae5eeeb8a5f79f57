"""What of a person may be shown: 张*, 欧阳*, 138****1234 (DOMAIN §5.2)."""

# Compound surnames in use today; with one of them, two characters are the surname.
_COMPOUND = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台
皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘
子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐
段干 百里 呼延 东郭 南门 羊舌 微生 公户 公玉 公仪 梁丘 公仲 公上 公门 公山 公坚
左丘 公伯 西门 公祖 第五 公乘 贯丘 公皙 南荣 东里 东宫 仲长 子书 子桑 即墨 达奚
褚师 纳兰 归海 东门 相里 胡母 司城 张廖 雍门 毋丘 贺兰 綦毋 屋庐 独吉 歐陽 司馬
東方 諸葛 尉遲 赫連 澹臺 鍾離 長孫
"""
COMPOUND_SURNAMES = frozenset(_COMPOUND.split())


def mask_name(name: str) -> str:
    """The surname and one star: ``陈秀英 -> 陈*``, ``欧阳锋 -> 欧阳*``.

    One star however long the rest is; a lone character is hidden.
    """
    name = "".join(name.split())
    if len(name) > 2 and name[:2] in COMPOUND_SURNAMES:
        return name[:2] + "*"
    return name[:1] + "*" if len(name) > 1 else "*"


def mask_phone(phone: str) -> str:
    """``13812341234 -> 138****1234``; another kind of number keeps its last four digits, a very short one nothing."""
    digits = "".join(char for char in phone if char.isdigit())
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return "*" * (len(digits) - 4) + digits[-4:] if len(digits) >= 7 else "*" * len(digits)


def mask_id_number(number: str) -> str:
    """An identity number as staff see it: ``440203195208012012 -> 4******2012``."""
    number = number.strip()
    return f"{number[0]}******{number[-4:]}" if len(number) >= 15 else "*" * len(number)


def tail(text: str, n: int) -> str:
    """The last ``n`` characters of an account, receipt or voucher number; stars when that would be the whole of it."""
    if n < 1:
        raise ValueError("a tail has at least one character")
    return text[-n:] if len(text) > n else "*" * len(text)
