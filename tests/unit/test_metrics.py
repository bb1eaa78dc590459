"""Names, labels and buckets of metrics; what becomes of the values of several workers."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from domain.figures import Sample, Timings
from domain.identifiers import Identifier
from domain.observation import ObservedStatement, ObservedTransaction
from service.server import serve
from service.settings import Settings
from service.start_up import StartError
from service.telemetry.definitions import DEFINITIONS, Definition, Kind
from service.telemetry.metrics import Metrics, Values, add
from service.telemetry.page import page
from service.telemetry.sharing import FOLDER, SharedMetrics, shared_folder
from tests.scraped import Scraped

GROWS_WITH_TENANTS = {
    "uid",
    "space_id",
    "database_id",
    "platform",
    "app_id",
    "sid",
    "key",
    "schema",
}


@pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=lambda each: each.name)
def test_names_are_as_prometheus_asks(definition: Definition) -> None:
    assert re.fullmatch(r"twinbase_[a-z0-9]+(_[a-z0-9]+)*", definition.name)
    assert definition.name.endswith("_total") == (definition.kind is Kind.COUNTER)
    if definition.kind is Kind.HISTOGRAM:
        assert definition.name.endswith("_seconds")
    assert bool(definition.bounds) == (definition.kind is Kind.HISTOGRAM)
    assert not re.search(r"_(ms|milliseconds|kb|mb|percent)\b", definition.name)
    assert definition.help.endswith(".")
    assert "\n" not in definition.help
    assert not GROWS_WITH_TENANTS & set(definition.labels)


def told(values: Values) -> Scraped:
    text, media_type = page(values, "text/plain")
    assert media_type.startswith("text/plain; version=0.0.4")
    return Scraped(text.decode())


def test_a_bucket_holds_what_took_at_most_so_long() -> None:
    random = Random(7)  # noqa: S311 - nothing to guess
    given = [random.lognormvariate(-5, 2) for _ in range(2000)]
    metrics = Metrics()
    for seconds in given:
        with ObservedStatement((), "SELECT", Identifier("test_7")) as statement:
            pass
        statement.seconds = seconds
        metrics.statement(statement)
    seen = told(metrics.values())
    name = "statement_seconds"
    for bound in DEFINITIONS[f"twinbase_{name}"].bounds:
        within = sum(seconds <= 2.0**bound for seconds in given)
        assert seen(f"{name}_bucket", kind="SELECT", le=repr(2.0**bound)) == within
    assert seen(f"{name}_bucket", kind="SELECT", le="+Inf") == len(given)
    assert seen(f"{name}_count", kind="SELECT") == len(given)
    assert seen(f"{name}_sum", kind="SELECT") == pytest.approx(sum(given))


def test_what_is_observed_is_told() -> None:
    metrics = Metrics()
    with ObservedTransaction((), "ddl", 0.0) as transaction:
        pass
    transaction.seconds = 0.5
    metrics.transaction(transaction)
    metrics.quota_refused("bytes", "uid")
    metrics.quota_refused("bytes", "uid")
    seen = told(metrics.values())
    assert seen("transaction_seconds_sum", kind="ddl") == 0.5
    assert seen("quota_refusals_total", resource="bytes", of="uid") == 2


def test_values_are_summed_but_what_all_see_alike() -> None:
    values: Values = {}
    for found in (2.0, 3.0):
        add(values, [Sample("twinbase_workers", (), 1.0)])
        add(values, [Sample("twinbase_findings", ("unknown_schema",), found)])
    assert values["twinbase_workers", ()] == 2
    assert values["twinbase_findings", ("unknown_schema",)] == 3


class Worker:
    """``count`` and ``hold``: what it counts, and what it has now."""

    def __init__(self, folder: Path) -> None:
        self.count, self.hold = 0, 0
        self.timings = Timings()
        metrics = Metrics()
        metrics.ask(
            lambda: [
                Sample("twinbase_gate_given_up_total", (), self.count),
                Sample("twinbase_turns_taken", ("statements",), self.hold),
                Sample("twinbase_gate_elsewhere_seconds", (), self.timings),
            ]
        )
        self.shared = SharedMetrics(metrics, folder)

    def sees(self) -> tuple[float | None, float | None, float | None]:
        seen = told(self.shared.with_others(self.shared.write()))
        return (
            seen("gate_given_up_total"),
            seen("turns_taken", turns="statements"),
            seen("gate_elsewhere_seconds_count"),
        )

    def end(self) -> None:
        self.shared.close()


Start = Callable[[], Worker]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return lambda: Worker(tmp_path)


def test_whichever_is_asked_tells_of_all(start: Start) -> None:
    first, second = start(), start()
    first.count, first.hold = 5, 2
    second.count, second.hold = 7, 1
    second.timings.count(0.1)
    second.shared.write()
    assert first.sees() == second.sees() == (12, 3, 1)
    first.count += 1
    assert second.sees() == (12, 3, 1)  # until the first writes, or is asked
    assert first.sees() == second.sees() == (13, 3, 1)


def test_who_has_gone_leaves_what_it_counted(start: Start, tmp_path: Path) -> None:
    first, second = start(), start()
    first.hold = 1
    second.count, second.hold = 7, 4
    second.timings.count(0.1)
    second.end()
    assert first.sees() == (7, 1, 1)
    # Each start puts what is left of those before into one file.
    for number in range(5):
        another = start()
        another.count = 1
        another.end()
        assert first.sees() == (8 + number, 1, 1)
    assert len(list(tmp_path.glob("*.json"))) == 3  # the first, the gone, and the last one


def test_counters_do_not_fall_whoever_is_asked(start: Start) -> None:
    random = Random(11)  # noqa: S311 - nothing to guess
    workers = [start() for _ in range(3)]
    before = 0.0
    for _ in range(200):
        worker = random.choice(workers)
        match random.randrange(5):
            case 0:
                worker.count += random.randrange(9)
            case 1:
                worker.shared.write()
            case 2:
                worker.end()
                workers.remove(worker)
                workers.append(start())
            case _:
                counted, _, _ = worker.sees()
                assert counted is not None
                assert counted >= before
                before = counted
    assert before > 0


def test_without_its_folder_a_worker_tells_of_itself(start: Start, tmp_path: Path) -> None:
    """As where somebody has emptied /tmp, or it is full."""
    first = start()
    first.count = 3
    shutil.rmtree(tmp_path)
    assert first.sees() == (3, 0, 0)
    # Nor does it keep who takes a dead worker's place from serving.
    assert SharedMetrics.opened(Metrics(), tmp_path) is None
    tmp_path.mkdir()
    assert first.sees() == (3, 0, 0)


def test_several_workers_are_given_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with shared_folder(2):
        assert Path(os.environ[FOLDER]).parent == tmp_path
        with shared_folder(1):  # whatever is in the environment
            assert FOLDER not in os.environ
    assert FOLDER not in os.environ
    assert list(tmp_path.iterdir()) == []


def test_a_start_without_any_folder_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with pytest.raises(StartError, match=r"no folder to be shared in: .*TMPDIR.*TWINBASE_METRICS"):
        serve(Settings(port=0, workers=2))
