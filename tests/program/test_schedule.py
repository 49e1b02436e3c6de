"""``gapwatch serve`` on a schedule of once a minute, with a Prefect server of its own: one real server for
the whole file."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import requests
import yaml
from conftest import FETCHED, SOURCES, good_answer, serve_good
from forking import GUARD
from loopback import Publisher
from processes import Api, alive, password_of, prefect_api, running, start, wait_until
from running import Gapwatch

from flows.commands import cli
from flows.refresh import demo_publishers
from flows.scheduling import serving

DEPLOY = Path(__file__).parents[2] / "deploy"
RUNS = 3
MISSED = 3


class Served:
    """``gapwatch serve``: its process, what it printed, its Prefect API."""

    def __init__(self, run: Gapwatch):
        self.run, self.lines = run, []
        self.process = start(run, "serve", "--cron", "* * * * *")
        self.reader = threading.Thread(
            target=lambda: self.lines.extend(iter(self.process.stdout.readline, "")), daemon=True
        )
        self.reader.start()
        wait_until(lambda: self.lines or self.process.poll() is not None, 300, "serve says what it serves")
        assert self.process.poll() is None, self.lines
        self.api = Api(re.search(r"http://\S+/api", self.lines[0])[0], password_of(self.process))

    def stop(self) -> tuple[int, list[psutil.Process]]:
        """The exit code and the children that outlived it."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        assert children
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=GUARD)
        self.reader.join(10)
        return code, running(children)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory, warm):
    """Three scheduled runs, then SIGTERM: what Prefect recorded, the exit code and which children outlived
    it."""
    publisher = Publisher()
    serve_good(publisher)
    served = Served(Gapwatch(tmp_path_factory.mktemp("schedule"), publisher.address, warm))
    try:
        runs = wait_until(lambda: ended(served.api), 60 * (RUNS + 10), "three runs have ended", every=3)
        # they travel as events
        tasks = wait_until(lambda: settled(served.api, runs), 120, "their tasks are recorded", every=1)
        code, left = served.stop()
    finally:
        served.process.kill()
        publisher.close()
    return served, runs, tasks, code, left


@pytest.mark.slow
def test_a_run_is_ended_with_it_and_it_ends_with_its_server(gapwatch, publisher):
    # More than are fetched at once, so that tasks still wait when it is told to stop.
    slow = [source for source in FETCHED.values() if source.url][:12]
    for source in slow:
        publisher.serve(source.url, good_answer(source.id, drip=0.5))
    stopped = Served(gapwatch)
    try:
        wait_until(
            lambda: any(publisher.asked_for(each.url) for each in slow), 300, "a run is due and downloads"
        )
        assert len(alive(gapwatch)) > 2  # itself, its server and the run
        assert stopped.stop() == (0, [])
    finally:
        stopped.process.kill()
    assert (len(stopped.lines), alive(gapwatch)) == (1, []), stopped.lines
    with prefect_api(gapwatch.data / "prefect") as api:
        assert [run["state_name"] for run in api.runs()] == ["Crashed"]

    lost = Served(gapwatch)
    try:
        wait_until(lambda: lost.api.read("deployments"), 300, "it waits for what falls due")
        (server,) = [
            each
            for each in psutil.Process(lost.process.pid).children()
            if "flows.scheduling.server" in each.cmdline()
        ]
        server.kill()
        assert lost.process.wait(timeout=GUARD) == 1
        lost.reader.join(60)
    finally:
        lost.process.kill()
    assert "".join(lost.lines[1:]).startswith(
        f"gapwatch: the Prefect server at {lost.api.url} does not answer any more ("
    )
    assert len(lost.lines) == 2
    assert running(alive(gapwatch)) == []


@pytest.mark.slow
def test_one_run_makes_up_for_all_that_were_missed(tmp_path):
    """It was down while three runs fell due."""
    publisher = Publisher()  # answers 404: what a run finds does not matter here
    run = Gapwatch(tmp_path, publisher.address)
    before = Served(run)
    try:
        wait_until(lambda: len(before.api.read("flow_runs")) >= MISSED, 120, "runs are planned")
        assert requests.post(f"{before.api.url}/flow_runs/filter", json={}, timeout=GUARD).status_code == 401
        assert before.stop()[0] == 0
        missed = fallen_due(run.data / "prefect" / "prefect.db", MISSED)
        after = Served(run)
        try:
            states = wait_until(lambda: states_of(after.api, missed), 300, "what was missed has ended")
            assert after.stop()[0] == 0
        finally:
            after.process.kill()
    finally:
        before.process.kill()
        publisher.close()
    assert sorted(states) == ["Failed", *["Skipped"] * (MISSED - 1)]
    password = after.api.auth[1]
    assert password != before.api.auth[1]
    files = [path for path in run.data.rglob("*") if path.is_file()]
    assert not [path for path in files if password.encode() in path.read_bytes()]
    assert password not in "".join(after.lines)


def states_of(api: Api, runs: list[str]) -> list[str]:
    """How these runs ended, once all have."""
    ended = [run for run in api.runs() if run["id"].replace("-", "") in runs and run["end_time"]]
    return [run["state_name"] for run in ended] if len(ended) == len(runs) else []


def fallen_due(database: Path, count: int) -> list[str]:
    """As nights of being down leave it: the runs that were planned first are due an hour ago. Their ids."""
    with closing(sqlite3.connect(database)) as con, con:
        planned = con.execute(
            """SELECT id FROM flow_run WHERE state_type = 'SCHEDULED' AND auto_scheduled
            ORDER BY expected_start_time LIMIT ?""",
            [count],
        ).fetchall()
        for column in ("expected_start_time", "next_scheduled_start_time"):
            con.executemany(
                f"""UPDATE flow_run SET {column} = strftime('%Y-%m-%d %H:%M:%f000', {column}, '-60 minutes')
                WHERE id = ?""",
                planned,
            )
    return [str(name).replace("-", "") for (name,) in planned]


def ended(api: Api) -> list[dict]:
    """The first three runs once they have ended."""
    runs = [run for run in api.runs() if run["end_time"]]
    return runs[:RUNS] if len(runs) >= RUNS else []


def settled(api: Api, runs: list[dict]) -> list[dict]:
    """The tasks of these runs once none says that it is still at work."""
    tasks = [task for task in api.read_all("task_runs") if task["flow_run_id"] in {run["id"] for run in runs}]
    return [] if any(task["state_type"] in ("PENDING", "RUNNING") for task in tasks) else tasks


@pytest.mark.slow
def test_it_says_what_it_serves_where_and_when_next(stopped):
    served = stopped[0]
    pattern = (
        r"Refreshing (\S+) at '\* \* \* \* \*' \(UTC\) through (http://127\.0\.0\.1:\d+/api);"
        r" next at \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\n"
    )
    assert re.fullmatch(pattern, served.lines[0])[1] == str(served.run.data)


@pytest.mark.slow
def test_it_fires_three_minutes_running_and_every_run_completes(stopped):
    served, runs, tasks, *_ = stopped
    assert [run["state_name"] for run in runs] == ["Completed"] * RUNS
    due = [run["expected_start_time"][:16] for run in runs]
    assert len(set(due)) == RUNS
    assert {task["state_name"] for task in tasks} == {"Completed"}
    assert {task["flow_run_id"] for task in tasks} == {run["id"] for run in runs}
    assert runs[0]["state"]["message"].startswith("published release ")
    assert [run["state"]["message"] for run in runs[1:]] == ["nothing new"] * (RUNS - 1)
    # One line a run, for the journal.
    assert [line.split(" UTC ")[1] for line in served.lines[1 : 1 + RUNS]] == [
        f"Completed: {run['state']['message']}\n" for run in runs
    ]


@pytest.mark.slow
def test_each_run_asked_every_source_and_the_file_is_published(stopped):
    run = stopped[0].run
    asked = defaultdict(list)
    for row in run.ledger("fetch"):
        asked[row["source"], row["part"]].append(row["outcome"])
    served = {
        name
        for name, source in FETCHED.items()
        if any(entry["url"] for entry in demo_publishers.documents(source))
    }
    assert {source for source, _ in asked} == served
    for (source, part), outcomes in asked.items():  # some are asked once and for all, or once a week
        assert outcomes[:RUNS] in (["new"], ["new"] + ["unchanged"] * (RUNS - 1)), (source, part)
    assert all(
        len(outcomes) >= RUNS
        for (source, _), outcomes in asked.items()
        if not (SOURCES[source].once or SOURCES[source].every)
    )
    assert run.query("SELECT count(*) FROM indicator_latest") > [(0,)]


@pytest.mark.slow
def test_sigterm_ends_it_with_everything_it_started_and_without_a_stack_trace(stopped):
    served, _, _, code, left = stopped
    assert (code, left, alive(served.run)) == (0, [], [])
    assert not [line for line in served.lines if re.search("Traceback|Error|WARNING|ERROR|Exception", line)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--cron", "every night"), 'Invalid cron string: "every night"'),
        (("--cron", "0 0 30 2 *"), "the schedule '0 0 30 2 *' never fires"),
        (("--timezone", "Mars/Olympus"), 'Invalid timezone: "Mars/Olympus"'),
    ],
)
def test_a_schedule_that_is_none_is_refused_in_one_line(gapwatch, arguments, said):
    done = gapwatch("serve", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"gapwatch: {said}")
    assert done.stderr.count("\n") == 1
    assert alive(gapwatch) == []


def test_the_hour_is_that_of_the_time_zone():
    assert [
        serving.next_run("30 4 * * *", zone).strftime("%H:%M %Z") for zone in ("UTC", "Asia/Shanghai")
    ] == ["04:30 UTC", "04:30 CST"]


@pytest.fixture(scope="module")
def deployment():
    """The one deployment of prefect.yaml."""
    (found,) = yaml.safe_load((DEPLOY / "prefect.yaml").read_text("utf-8"))["deployments"]
    return found


def test_prefect_yaml_has_the_schedule_of_the_command_line(deployment):
    defaults = {
        name: parameter.default for name, parameter in inspect.signature(cli.serve).parameters.items()
    }
    assert deployment["schedules"] == [
        {"cron": defaults["cron"], "timezone": defaults["timezone"], "active": True}
    ]


def test_prefect_yaml_names_a_flow_that_can_be_imported_and_takes_its_parameters(deployment):
    module, _, name = deployment["entrypoint"].rpartition(".")
    flow = getattr(importlib.import_module(module), name)
    assert type(flow).__name__ == "Flow"
    assert set(deployment["parameters"]) == set(inspect.signature(flow.fn).parameters)
    asyncio.run(_valid(deployment))


async def _valid(deployment) -> None:
    """Prefect's own reading of the schedule."""
    from prefect.client.schemas.schedules import CronSchedule

    for schedule in deployment["schedules"]:
        CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])


def test_the_unit_serves_the_same_schedule_(deployment):
    unit = (DEPLOY / "gapwatch.service").read_text("utf-8")
    (schedule,) = deployment["schedules"]
    assert f'serve --cron "{schedule["cron"]}" --timezone {schedule["timezone"]}\n' in unit


def test_a_process_without_a_file_draws_no_progress_bars():
    """As multiprocessing starts the runs of a schedule."""
    setting = "SELECT current_setting('enable_progress_bar')"
    asked = f'import flows, duckdb; print(duckdb.sql("{setting}").fetchone())'
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "(False,)\n"
