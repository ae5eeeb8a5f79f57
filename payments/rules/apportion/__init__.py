"""Who bears how much of a cost: always ``cost × w ÷ Σw`` in fen, so that the parts add up to the cost to the fen.

Agreement first, otherwise by 专有部分 area (民法典 §283); scope matters: a lift is shared by its unit (DOMAIN §3.3).
Coefficients alone collect a cost only by luck (90 % in a 7-storey house); divided by their own sum they always do. Odd
fen go to the largest remainders, among equals to the door that comes first, whatever order the doors are given in.
An exemption is a line of its own, below zero, and what it takes off is borne by whoever the plan names, in the open.
"""

from payments.rules.apportion.methods import (
    GUANGZHOU_FLOORS,
    METHODS,
    ByArea,
    ByFloor,
    ByHousehold,
    ByItem,
    ByList,
    Home,
    Method,
    MethodName,
    Mixed,
    method_from,
)
from payments.rules.apportion.sharing import (
    Apportionment,
    Cost,
    Exemption,
    ExemptionBearer,
    Line,
    apportion,
    difference,
)

__all__ = [
    "GUANGZHOU_FLOORS",
    "METHODS",
    "Apportionment",
    "ByArea",
    "ByFloor",
    "ByHousehold",
    "ByItem",
    "ByList",
    "Cost",
    "Exemption",
    "ExemptionBearer",
    "Home",
    "Line",
    "Method",
    "MethodName",
    "Mixed",
    "apportion",
    "difference",
    "method_from",
]
