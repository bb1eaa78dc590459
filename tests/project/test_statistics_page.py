"""docs/statistics.md: the answer that it shows is one, and the table is the command's of it."""

import re
from datetime import datetime
from pathlib import Path

import orjson

from api.statistics import GetStatisticsRequest, StatisticsAnswer
from domain.histogram import LARGEST_ERROR, LONGEST, SHORTEST
from domain.period import MOST_POINTS
from domain.statistics import Keeping
from service.commands.statistics import as_text

PAGE = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text()
BLOCKS = dict(re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


def test_the_answer_is_as_the_verb_answers() -> None:
    shown = orjson.loads(BLOCKS["json"])
    told = StatisticsAnswer.model_validate(shown).model_dump(mode="json", by_alias=True)
    assert told.keys() == shown.keys()
    assert told["data"].keys() == shown["data"].keys()
    assert told["data"]["totals"] == shown["data"]["totals"]


def test_the_table_is_the_commands() -> None:
    data = orjson.loads(BLOCKS["json"])["data"]
    for end in ("from", "to"):
        data[end] = datetime.fromisoformat(data[end])
    _, _, shown = BLOCKS["console"].partition("--verb exec_dml\n")  # the last such block
    assert shown.strip() == as_text(data)


def test_fields_and_numbers_are_the_codes() -> None:
    table = PAGE.partition("| field |")[2].partition("\n\n")[0]
    names = set(re.findall(r"`(\w+)`", re.sub(r"\|[^|]*\|$", "", table, flags=re.MULTILINE)))
    fields = {field.alias or name for name, field in GetStatisticsRequest.model_fields.items()}
    assert fields == names
    for told in (
        f"within {LARGEST_ERROR * 100:.1f} %",
        f"from {SHORTEST * 1e6:.0f} µs to {int(LONGEST / 3600)} hours",
        f"more than {MOST_POINTS:,} points",
        f"`TWINBASE_STATISTICS_MINUTES_KEPT` days ({Keeping().minutes.days})",
        f"`TWINBASE_STATISTICS_HOURS_KEPT` days ({Keeping().hours.days})",
    ):
        assert told in PAGE, told
