#!/usr/bin/env python3
"""Issues certificates over HTTPS for a long time and watches the server's memory.

    bench/soak.py build/release/bin [CERTIFICATES [STEP]]

Prints a line after each STEP: certificates so far, the server's anonymous memory (what it allocated; pages of mapped
files come and go with the kernel's wishes) and resident memory in kB, certificates a second. Ends with status 1 when
anonymous memory grew by more than 1 MB for each million certificates after the first tenth, in which caches fill.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

from http_versions import Server, request_file

CONNECTIONS = 64
ALLOWED_KB = 1000  # for a million certificates


def memory_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return tuple(int(re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)[1]) for name in ("RssAnon", "VmRSS"))


def http_request(server, path, body):
    head = (f"POST /v1/pki/{path} HTTP/1.1\r\nHost: localhost\r\nX-Vault-Token: {server.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
    whole = head.encode() + body
    return b"%d\n%s" % (len(whole), whole)


def run(programs, count, step):
    with tempfile.TemporaryDirectory(prefix="chancery-soak-") as folder:
        server = Server(programs / "chancery", folder)
        try:
            server.post("/v1/pki/roles/web", {"allow_any_name": True, "key_type": "any", "ttl": "24h"})
            requests = pathlib.Path(folder) / "requests"
            requests.write_bytes(http_request(server, "sign/web", pathlib.Path(request_file(folder)).read_bytes()))
            return watch(server, programs, requests, count, step)
        finally:
            server.stop()


def load(server, programs, requests, count):
    """Sends `count` requests; what http_load says of them."""
    port = server.url.rsplit(":", 1)[1]
    done = subprocess.run([programs / "http_load", "--ca", server.data / "root-ca.pem", "--connections",
                           str(CONNECTIONS), port, str(count), requests], capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    if result["failed"]:
        sys.exit(f"{result['failed']} requests failed: {result['first_failure']}")
    return result


def watch(server, programs, requests, count, step):
    history = []
    while not history or history[-1][0] < count:
        done = load(server, programs, requests, step)
        issued = (history[-1][0] if history else 0) + done["answered"]
        anonymous, resident = memory_of(server.process.pid)
        history.append((issued, anonymous))
        print(f"{issued}\t{anonymous}\t{resident}\t{done['answered'] / done['seconds']:.0f}", flush=True)
    first = next(point for point in history if point[0] * 10 >= count)
    last = history[-1]
    growth = (last[1] - first[1]) / max(last[0] - first[0], 1) * 1e6
    print(f"growth after {first[0]} certificates: {growth:.0f} kB for a million")
    return 0 if growth <= ALLOWED_KB else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    TOTAL = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
    sys.exit(run(pathlib.Path(sys.argv[1]), TOTAL, int(sys.argv[3]) if len(sys.argv) > 3 else max(TOTAL // 50, 1)))
