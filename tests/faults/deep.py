#!/usr/bin/env python3
"""The long forms of the fault tests: `scripts/test --deep` runs it.

Under docs/reports it writes a dated report, and a line for each run to fault-runs.tsv, which grows: kills and
histories count over all of them.
"""

import argparse
import datetime
import os
import pathlib
import platform
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TESTS = ["kill_test", "call_fault_test", "start_fault_test", "verb_fault_test", "allocation_fault_test", "order_test", "power_cut_test",
         "damage_test", "clock_test", "overload_test", "status_history_test",
         "mass_revocation_test"]
LONGEST = 24 * 3600  # seconds for one test: against one that hangs, not a measure


def run(name):
    """(outcome, seconds, what it counted) of a test in its long form."""
    began = time.monotonic()
    environment = {**os.environ, "CHANCERY_FAULTS_DEEP": "1", "CHANCERY_KILLS": os.environ.get("CHANCERY_KILLS", "1000")}
    done = subprocess.run([sys.executable, HERE / f"{name}.py"], env=environment, capture_output=True, text=True,
                          timeout=LONGEST)
    counted = [line for line in done.stdout.splitlines() if re.match(r"\d+ ", line)]
    if done.returncode != 0:
        print(done.stderr[-4000:], file=sys.stderr)
    skipped = "skipped=" in done.stderr
    outcome = "failed" if done.returncode else "skipped" if skipped else "passed"
    return outcome, time.monotonic() - began, counted[-1] if counted else "-"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tests", nargs="*", default=TESTS, help="which; all unless named")
    parser.add_argument("--reports", type=pathlib.Path, default=ROOT / "docs" / "reports")
    arguments = parser.parse_args()
    now = datetime.datetime.now(datetime.timezone.utc)
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True,
                            text=True).stdout.strip() or "unknown"
    arguments.reports.mkdir(parents=True, exist_ok=True)
    rows, failed = [], False
    for name in arguments.tests:
        outcome, seconds, counted = run(name)
        failed |= outcome == "failed"
        rows.append(f"| {name} | {outcome} | {seconds:.0f} s | {counted} |")
        with (arguments.reports / "fault-runs.tsv").open("a") as runs:
            runs.write(f"{now:%Y-%m-%d}\t{commit}\t{name}\t{outcome}\t{seconds:.0f}\t{counted}\n")
        print(f"{name}: {outcome}, {counted}", flush=True)
    head = [f"# Fault tests, long form, {now:%Y-%m-%d}", "",
            f"Commit {commit}, {platform.system()} {platform.release()}, {os.cpu_count()} "
            "cores. The times depend on the machine and decide nothing.", "",
            "| test | outcome | took | counted |", "|---|---|---|---|"]
    report = arguments.reports / f"{now:%Y-%m-%d}-faults.md"
    report.write_text("\n".join([*head, *rows]) + "\n")
    print(report)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
