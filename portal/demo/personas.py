"""The personas of the story: who may be played in the sandbox, where each lives, what each may do."""

from dataclasses import dataclass

from kernel.grants import Role
from kernel.people.models import Relation

TAOYUAN = "taoyuan-beixiang"


@dataclass(frozen=True)
class Persona:
    """``owns`` and ``tied_to`` are dwellings of 桃园北巷 by label; ``grant`` is a role and a place code.

    ``title`` and ``opens``: what the card prints, and the address it gives.
    """

    openid: str
    title: str
    name: str
    says: str
    phone: str
    opens: str = ""
    owns: str = ""
    tied_to: str = ""
    level: int = 2
    relation: str = Relation.SELF
    grant: tuple[str, str] | None = None


PERSONAS = (
    Persona(
        "demo-resident",
        "居民",
        "陈秀英",
        "桃园北巷3栋2单元501的业主，已经认领房屋",
        "13900000001",
        opens="/h/{door}",
        owns="3栋2单元501",
        tied_to="3栋2单元501",
    ),
    Persona(
        "demo-neighbour",
        "邻居",
        "李国平",
        "3栋2单元502的业主，只核对过姓名和手机尾号",
        "13900000002",
        owns="3栋2单元502",
        tied_to="3栋2单元502",
        level=1,
    ),
    Persona(
        "demo-child",
        "子女",
        "黄家豪",
        "住在外地，替母亲办理（3栋1单元101）",
        "13900000003",
        tied_to="3栋1单元101",
        relation=Relation.FAMILY,
    ),
    Persona(
        "demo-newcomer",
        "新用户",
        "张志强",
        "3栋2单元601的业主，还没有认领房屋，手机尾号 0004",
        "13900000004",
        owns="3栋2单元601",
    ),
    Persona(
        "demo-worker",
        "社区工作者",
        "刘彩霞",
        "启明社区的工作人员，上门帮忙",
        "13900000005",
        opens="/work",
        grant=(Role.COMMUNITY_WORKER, "440204001001"),
    ),
    Persona(
        "demo-building-leader",
        "楼栋长",
        "王玉兰",
        "桃园北巷3栋的楼栋长",
        "13900000006",
        opens=f"/board/{TAOYUAN}",
        owns="3栋1单元301",
        tied_to="3栋1单元301",
        grant=(Role.BUILDING_LEADER, f"{TAOYUAN}-3"),
    ),
    Persona(
        "demo-leader",
        "自管小组组长",
        "何建国",
        "桃园北巷自管小组的组长",
        "13900000007",
        opens=f"/board/{TAOYUAN}",
        owns="2栋1单元201",
        tied_to="2栋1单元201",
        grant=(Role.GROUP_LEADER, TAOYUAN),
    ),
    Persona(
        "demo-street",
        "街道",
        "邓文斌",
        "东河街道办事处",
        "13900000008",
        opens="/board",
        grant=(Role.STREET_OFFICER, "440204001"),
    ),
    Persona(
        "demo-accountant",
        "街道会计",
        "谭丽君",
        "东河街道办事处财政所，复核收款和退款",
        "13900000012",
        opens="/work/cash-desk",
        grant=(Role.STREET_OFFICER, "440204001"),
    ),
    Persona(
        "demo-cashier",
        "出纳",
        "罗文辉",
        "东河街道办事处，上门收现金、刷卡，送存银行",
        "13900000013",
        opens="/work/cash",
        grant=(Role.CASHIER, "440204001"),
    ),
    Persona(
        "demo-settler",
        "对账员",
        "冯雪梅",
        "演示里各街道合用一个商户号，各街道都请她处理差异、日结签字",
        "13900000014",
        opens="/work/reconciliation",
        grant=(Role.STREET_OFFICER, "440204001"),
    ),
    Persona(
        "demo-settler-two",
        "对账复核",
        "石志刚",
        "和对账员一起管合用的商户号，复核差异、日结签字",
        "13900000015",
        opens="/work/reconciliation",
        grant=(Role.STREET_OFFICER, "440204001"),
    ),
    Persona(
        "demo-district",
        "区住建局",
        "钟海涛",
        "浈江区住房和城乡建设局",
        "13900000009",
        opens="/city/districts/440204",
        grant=(Role.DISTRICT_OFFICER, "440204"),
    ),
    Persona(
        "demo-city",
        "市住建局",
        "曾永康",
        "市住房和城乡建设局",
        "13900000010",
        opens="/city",
        grant=(Role.CITY_OFFICER, "440200"),
    ),
    Persona(
        "demo-auditor",
        "审计",
        "赖惠珍",
        "审计人员，只看不改",
        "13900000011",
        opens="/city",
        grant=(Role.AUDITOR, "440200"),
    ),
)

ELDER = ("3栋1单元101", "林玉莲")
"""The mother of demo-child: on the roster without a phone."""
