from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.period import period_of
from domain.ports import Tally, UnitOfWork, UnitOfWorkFactory
from domain.slices import in_slices
from domain.statistics import EndedOperations, FiguresByGroup, Keeping, Line, Period
from exceptions.errors import InvalidParameter

_MOST_LINES = 10_000  # a second of work, and some megabytes to tell
_COST_OF_A_LINE = 100  # as many values to copy take as long


@dataclass(frozen=True, slots=True)
class GetStatistics:
    """``platform_name``, ``verb`` None: all that there are; ``step`` None: no points are asked for.

    ``since`` and ``until`` None: the last hour, or the hour before the other.
    """

    platform_name: str | None
    verb: str | None
    since: datetime | None
    until: datetime | None
    step: timedelta | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """``points``: of verbs, by the number of the point; of one without requests there is none."""

    period: Period
    operations: Sequence[EndedOperations]
    by_verb: FiguresByGroup = field(default_factory=FiguresByGroup)
    by_platform: FiguresByGroup = field(default_factory=FiguresByGroup)
    points: dict[int, FiguresByGroup] = field(default_factory=dict)

    def add(self, lines: Iterable[Line]) -> None:
        """Of verbs."""
        for line in lines:
            self.by_verb.add(line)
            self.points.setdefault(line.point, FiguresByGroup()).add(line)


async def get_statistics(
    command: GetStatistics, unit_of_work: UnitOfWorkFactory, tally: Tally, keeping: Keeping
) -> Statistics:
    """With all that this worker has counted so far.

    Raises InvalidParameter, PlatformNotFound.
    """
    await tally.write()
    async with unit_of_work() as work:
        platform_id = await _platform_id(command, work)
        kept = await work.statistics.kept(keeping)
        period = period_of(command.since, command.until, command.step, kept)
        asked = (period, platform_id, command.verb)
        of_verbs = await work.statistics.by_verb(*asked, _MOST_LINES + 1)
        of_platforms = (
            await work.statistics.by_platform(period, command.verb) if platform_id is None else ()
        )
        operations = await work.statistics.operations(*asked)
    if len(of_verbs) > _MOST_LINES:
        raise InvalidParameter(
            f"step: the points of this would hold more than {_MOST_LINES} figures: take a longer"
            " step, or one verb"
        )
    figures = Statistics(period, operations)
    async for some in in_slices(of_verbs, _COST_OF_A_LINE):
        figures.add(some)
    for line in of_platforms:
        figures.by_platform.add(line)
    if command.platform_name is not None:
        figures.by_platform.groups[command.platform_name] = figures.by_verb.whole
    return figures


async def _platform_id(command: GetStatistics, work: UnitOfWork) -> int | None:
    if command.platform_name is None:
        return None
    return (await work.platforms.find_platform(command.platform_name)).id
