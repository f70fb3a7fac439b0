#!/usr/bin/env python3
"""Runs the same work against Chancery and its peers in alternation, and writes what it saw as Markdown.

Every server has core 0, one at a time; the load generator (http_load) has core 1. A round goes over all servers for a
kind of work before the next round begins, so that a machine that is slow for a while is slow for all of them. Figures
are medians of the rounds; CPU time is the server's alone, its children's included.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

import openssl
from cfssl import Cfssl
from chancery import Chancery
from material import Materials
from nginx import Nginx
from openbao import OpenBao
from pebble import Pebble
from peer import LOAD_CORE, Absent
from step_ca import StepCa

PEERS = (Chancery, OpenBao, StepCa, Pebble, Cfssl, Nginx)

# Kind of work -> (what it is, requests a round). The slowest server decides how many fit into some seconds, so those
# that are quick get FASTER times as many.
WORKS = {
    "sign-ec": ("sign a P-256 request, P-256 authority", 600),
    "sign-rsa": ("sign an RSA-2048 request, RSA-2048 authority", 200),
    "issue-ec": ("issue with a P-256 key that the server makes", 600),
    "issue-rsa": ("issue with an RSA-2048 key that the server makes", 20),
    "read": ("read a certificate by serial number", 2000),
    "revoke": ("revoke by serial number, one by one", 200),
    "ocsp-get": ("OCSP by GET, plain HTTP", 2000),
    "ocsp-post": ("OCSP by POST, plain HTTP", 2000),
    "acme": ("an ACME order of one name by HTTP-01, from newOrder to the certificate, P-256 throughout", 200),
    "handshake": ("full TLS 1.3 handshake", 300),
    "floor-https": ("an answer of 250 bytes over HTTPS", 10000),
    "floor-http": ("the same over plain HTTP", 10000),
}
FASTER = {"Chancery": 5}


def measure(peer, work, first, count, load, folder):
    """One round: (server CPU µs per request, requests a second, median ms, p99 ms)."""
    target = ["--ca", peer.ca_file] if peer.ca_file and not peer.plain(work) else []
    if work == "handshake":
        command = [load, *target, "--handshakes", str(peer.port(work)), str(count)]
    elif work == "acme":
        command = [str(pathlib.Path(load).with_name("acme_load")), *target, "--dns", str(peer.dns_port), "--web",
                   str(peer.web_port), str(peer.port(work)), peer.acme_directory, str(count)]
    else:
        file = folder / "requests"
        with open(file, "wb") as out:
            for index in range(first, first + count):
                request = peer.request(work, index)
                out.write(b"%d\n%s" % (len(request), request))
        options = ["--plain"] if peer.plain(work) else target
        command = [load, *options, "--connections", "64", str(peer.port(work)), str(count), str(file)]
    before = peer.cpu_seconds()
    done = subprocess.run(["taskset", "-c", str(LOAD_CORE), *command], capture_output=True, text=True, timeout=600)
    used = peer.cpu_seconds() - before
    if done.returncode != 0:
        raise RuntimeError(f"{peer.name}, {work}: {done.stderr.strip()}")
    seen = json.loads(done.stdout)
    if seen["failed"]:
        raise RuntimeError(f"{peer.name}, {work}: {seen['failed']} of {count} failed: {seen['first_failure'][:300]}")
    # An order is many requests with waits between them: it has no latency of its own.
    return used / count * 1e6, count / seen["seconds"], seen.get("median_ms"), seen.get("p99_ms")


def floor(kind):
    """F in µs: one check of a request's signature and one signature, by issue_bench."""
    program = pathlib.Path(os.environ["CHANCERY_BIN"]).with_name("issue_bench")
    done = subprocess.run(["taskset", "-c", "0", program, "floor", kind], capture_output=True, text=True, check=True)
    return float(done.stdout)


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |\n"


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


class Report:
    def __init__(self, peers, options):
        self.peers, self.options = peers, options
        self.text = ""

    def head(self, absent, load_before):
        cpu = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                    if line.startswith("model name")), platform.machine())
        self.text += (
            f"{datetime.date.today()} · {cpu}, {os.cpu_count()} cores, load {load_before:.1f} at the start · "
            f"`scripts/bench` with {self.options.rounds} rounds · server on one core, load generator on another, 64 "
            "keep-alive connections (TLS 1.3 where not said otherwise) · all on the same machine and disk\n\n")
        self.text += row("server", "version", "settings") + row("---", "---", "---")
        for peer in self.peers:
            self.text += row(peer.name, peer.version(), peer.settings)
        for name, why in absent:
            self.text += row(name, "absent", why)
        self.text += "\n"

    def work(self, title, results, floor_us):
        beside = f" F = {floor_us:.0f} µs." if floor_us else ""
        self.text += f"### {title[0].upper()}{title[1:]}\n\n"
        if beside:
            self.text += f"{beside.strip()}\n\n"
        self.text += row("server", "CPU µs", *(["F"] if floor_us else []), "a second", "median ms", "p99 ms",
                         "CPU, times Chancery's")
        self.text += row("---", *["---:"] * (6 if floor_us else 5))
        ours = results.get("Chancery")
        for name, figures in results.items():
            cpu, rate, median, p99 = figures
            times = "" if not ours else f"**{cpu / ours[0]:.1f}**" if name != "Chancery" else "1"
            self.text += row(name, number(cpu), *([f"{cpu / floor_us:.2f}"] if floor_us else []), number(rate),
                             number(median), number(p99), times)
        self.text += "\n"

    def states(self, started, idle, loaded):
        self.text += "### Start and memory\n\n"
        self.text += row("server", "ms until it answers", "MB idle", "MB after the work")
        self.text += row("---", "---:", "---:", "---:")
        for peer in self.peers:
            self.text += row(peer.name, number(started[peer.name] * 1000), number(idle[peer.name]),
                             number(loaded[peer.name]))
        self.text += "\n"


def put_into(document, text):
    """Replaces what stands between the two marks in a document."""
    begin, end = "<!-- scripts/bench: begin -->\n", "<!-- scripts/bench: end -->"
    old = document.read_text()
    before, mark, rest = old.partition(begin)
    if not mark or end not in rest:
        raise SystemExit(f"{document} has no place for figures ({begin.strip()} … {end})")
    document.write_text(before + begin + "\n" + text.rstrip("\n") + "\n\n" + end + rest.partition(end)[2])


def note(text):
    print(f"  {text}", file=sys.stderr, flush=True)


def launch_all(materials, folder, only):
    peers, absent, started = [], [], {}
    for kind in PEERS:
        if only and kind.name not in only:
            continue
        peer = kind(folder / kind.name.replace(" ", "-"), materials)
        try:
            started[peer.name] = peer.launch()
            peers.append(peer)
            note(f"{peer.name} {peer.version()} answers after {started[peer.name]:.2f} s")
        except Absent as why:
            peer.stop()
            absent.append((peer.name, str(why)))
            note(f"{peer.name} is absent: {why}")
        except BaseException:
            for other in [*peers, peer]:
                other.stop()
            raise
    return peers, absent, started


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--scale", type=float, default=1, help="times as many requests a round")
    parser.add_argument("--work", action="append", choices=WORKS, help="only this kind of work")
    parser.add_argument("--peer", action="append", help="only this server (and say Chancery too)")
    parser.add_argument("--write", type=pathlib.Path, help="the document whose figures are replaced")
    options = parser.parse_args()
    load = str(pathlib.Path(os.environ["CHANCERY_BIN"]).with_name("http_load"))
    load_before = os.getloadavg()[0]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chancery-bench-"))
    peers = []
    try:
        note("keys and requests")
        materials = Materials(int(2000 * max(1, options.scale)))
        peers, absent, started = launch_all(materials, folder, options.peer)
        report = Report(peers, options)
        report.head(absent, load_before)
        idle = {peer.name: peer.resident_mb() for peer in peers}
        for work in options.work or WORKS:
            measure_work(work, peers, options, load, folder, report)
        loaded = {peer.name: peer.resident_mb() for peer in peers}
        report.states(started, idle, loaded)
        if not options.work:
            tools(folder, materials, report)
    finally:
        for peer in peers:
            peer.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if options.write:
        put_into(options.write, report.text)
    else:
        print(report.text)


def measure_work(work, peers, options, load, folder, report):
    title, count = WORKS[work]
    able = [peer for peer in peers if work in peer.works]
    if not able:
        return
    counts = {peer.name: max(1, int(count * options.scale * FASTER.get(peer.name, 1))) for peer in able}
    for peer in able:
        peer.prepare(work, counts[peer.name] * (options.rounds + 1))
    rounds = {peer.name: [] for peer in able}  # of those that have not failed
    floors = []
    for turn in range(options.rounds + 1):
        if work.startswith("sign-") or work == "acme":
            floors.append(floor("rsa-2048" if work.endswith("rsa") else "ec-p256"))
        for peer in list(able):
            n = counts[peer.name]
            try:
                figures = measure(peer, work, turn * n, n, load, folder)
            except RuntimeError as why:
                if peer.name == "Chancery":
                    raise
                note(f"left out: {why}")
                able.remove(peer)
                del rounds[peer.name]
                continue
            if turn > 0:  # the first warms up
                rounds[peer.name].append(figures)
    results = {name: tuple(None if None in column else statistics.median(column) for column in zip(*seen))
               for name, seen in rounds.items()}
    for name, figures in results.items():
        note(f"{work}: {name}: {figures[0]:.0f} µs CPU, {figures[1]:.0f}/s, p99 {number(figures[3]) or '-'} ms")
    report.work(title, results, statistics.median(floors) if floors else None)


def tools(folder, materials, report):
    """What openssl's own tools take: they serve nobody, so they stand apart."""
    cpu, rate = openssl.measure_ca(folder / "openssl-ca", materials, 50)
    report.text += "### openssl's tools\n\n" + row("command", "CPU", "elapsed") + row("---", "---:", "---:")
    report.text += row("`openssl ca`, one P-256 certificate", f"{cpu * 1e6:,.0f} µs", f"{1e3 / rate:.1f} ms")
    cpu, elapsed = openssl.measure_crl(folder / "openssl-crl", materials, 1_000_000)
    report.text += row("`openssl ca -gencrl`, 1 M entries", f"{cpu:.2f} s", f"{elapsed:.2f} s")
    note(f"openssl ca -gencrl, 1 M entries: {cpu:.2f} s CPU")
    program = pathlib.Path(os.environ["CHANCERY_BIN"]).with_name("issue_bench")
    done = subprocess.run([program, "crl", "1000000"], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        if "s CPU" in line:
            what, _, rest = line.strip().partition("  ")
            cpu, elapsed = (float(word) for word in rest.split() if word.replace(".", "").isdigit() and "." in word)
            report.text += row(f"Chancery, CRL of 1 M entries, {what}", f"{cpu:.3f} s", f"{elapsed:.3f} s")
    report.text += "\n"


if __name__ == "__main__":
    main()
