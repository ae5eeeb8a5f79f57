"""Names for the demo city: the report's districts, streets and estates; everything else is invented."""

from collections.abc import Iterator
from dataclasses import dataclass

CITY_CODE, CITY_NAME = "440200", "韶关市"


@dataclass(frozen=True)
class District:
    """A county-level unit: GB/T 2260 code, name, its streets, how many estates it has in the plans.

    ``planned``, ``not_started`` and ``central`` are of 2023; ``before`` counts 2018-2022. ``pace`` weighs spending.
    """

    code: str
    name: str
    streets: tuple[str, ...]
    roads: tuple[str, ...]
    planned: int
    not_started: int
    central: int
    before: int
    pace: int


DISTRICTS = (
    District(
        "440204",
        "浈江区",
        ("东河街道", "风采街道", "车站街道"),
        ("启明路", "风采路", "东堤路", "解放路"),
        24,
        2,
        13,
        74,
        118,
    ),
    District(
        "440203", "武江区", ("惠民街道", "新华街道"), ("惠民路", "新华路", "工业路", "沿江路"), 20, 1, 11, 66, 126
    ),
    District("440205", "曲江区", ("松山街道", "马坝镇"), ("马坝大道", "城南路", "建设路", "府前路"), 14, 1, 8, 46, 138),
    District("440281", "乐昌市", ("乐城街道",), ("人民路", "大新街", "昌山路", "河南路"), 18, 1, 9, 42, 92),
    District("440282", "南雄市", ("雄州街道",), ("雄州大道", "青云路", "八一街", "新城路"), 16, 1, 8, 44, 104),
    District("440222", "始兴县", ("太平镇",), ("兴平路", "迎宾路", "红旗路", "永安路"), 36, 2, 15, 40, 70),
    District("440224", "仁化县", ("丹霞街道",), ("新城路", "建设路", "沿江路", "丹霞大道"), 11, 1, 6, 32, 88),
    District("440229", "翁源县", ("龙仙镇",), ("建国路", "教育路", "龙英路", "朝阳路"), 9, 1, 4, 30, 64),
    District("440233", "新丰县", ("丰城街道",), ("丰城大道", "新园路", "和平路", "府前路"), 7, 1, 3, 24, 82),
    District("440232", "乳源瑶族自治县", ("乳城镇",), ("鹰峰路", "环城路", "民族路", "解放路"), 6, 1, 3, 22, 96),
)

COMMUNITIES = {
    "东河街道": ("启明社区", "东堤社区"),
    "风采街道": ("风采社区",),
    "车站街道": ("站南社区",),
    "惠民街道": ("惠民社区",),
    "新华街道": ("新华社区",),
    "松山街道": ("松山社区",),
    "马坝镇": ("府前社区",),
    "乐城街道": ("城东社区",),
    "雄州街道": ("永康社区",),
    "太平镇": ("兴平社区",),
    "丹霞街道": ("城南社区",),
    "龙仙镇": ("朝阳社区",),
    "丰城街道": ("城中社区",),
    "乳城镇": ("鹰峰社区",),
}


@dataclass(frozen=True)
class NamedEstate:
    """An estate the report names, with where we put it. ``households`` fixes its size, else the seed decides."""

    code: str
    name: str
    district: str
    street: str
    community: str
    built_year: int
    plan_year: int
    households: int | None = None
    renovated: bool = False


NAMED = (
    NamedEstate("taoyuan-beixiang", "桃园北巷", "440204", "东河街道", "启明社区", 1988, 2023),
    NamedEstate("gongshangju", "工商局宿舍", "440205", "松山街道", "松山社区", 1992, 2022, 30, renovated=True),
    NamedEstate("zhibuchang-xiqu", "织布厂西区宿舍", "440203", "惠民街道", "惠民社区", 1985, 2023),
    NamedEstate("hechenganchang", "合成氨厂宿舍", "440205", "马坝镇", "府前社区", 1983, 2023),
    NamedEstate("taoyuan-youju", "桃园西邮局宿舍", "440204", "东河街道", "启明社区", 1990, 2023),
)

_UNITS = (
    "粮食局 邮电局 供销社 物资局 二轻局 农机厂 化肥厂 水泥厂 林业局 轴承厂 纺织厂 印刷厂 食品厂 建筑公司 汽运公司 "
    "税务局 教育局 人民医院 一中 二中 文化局 水电局 交通局 法院 检察院 公路局 烟草公司 药材公司 百货公司 五金公司 "
    "外贸公司 农行 工行 建行 电影公司 新华书店"
)


def estate_names(district: District) -> Iterator[tuple[str, bool]]:
    """Names nobody else in the district bears, each with whether it was a unit's dormitory."""
    for number, unit in enumerate(_UNITS.split()):
        yield f"{unit}宿舍", True
        road = district.roads[number % len(district.roads)]
        yield f"{road}{7 + 3 * number}号小区", False
    for number in range(200):
        yield f"{district.roads[number % len(district.roads)]}{120 + 2 * number}号院", False


SURNAMES = "陈李黄张梁何林刘谢罗邓钟曾朱赖叶温丘侯欧"
GIVEN = (
    "秀英 建国 桂芳 志强 丽华 国平 美玲 伟明 春梅 永康 小兰 德胜 惠珍 志明 玉莲 文斌 彩霞 建军 淑芬 家豪 "
    "雪梅 锦荣 婉君 海涛 玉兰 少芬 志勇 月娥 卫东 翠萍"
)
GIVEN_NAMES = GIVEN.split()
