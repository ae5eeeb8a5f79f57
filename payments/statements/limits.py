"""How large a statement's file may be, as it comes and once it is laid out: a few bytes can ask for gigabytes."""

from kernel.errors import Invalid

MOST_BYTES = 10_000_000
MOST_ROWS = 50_000
MOST_COLUMNS = 100
TOO_LARGE = Invalid("file-too-large", "文件超过 10 MB，请按月分开导出。")
TOO_LONG = Invalid("file-too-large", "文件超过 5 万行，请按月分开导出。")
