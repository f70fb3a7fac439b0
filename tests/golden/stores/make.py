#!/usr/bin/env python3
"""Makes the golden store of this version: `CHANCERY_BIN=… tests/golden/stores/make.py`. One for each release; an old one
is never made again, because what matters is that it was written by that version."""

import json
import os
import pathlib
import subprocess
import sys
import tarfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "faults"))
from fault_server import Client, FaultyServer, History, Judge  # noqa: E402

CERTIFICATES = 12
# What the next start makes again by itself.
LEAVE_OUT = {"reserve", "lock", "run"}


def version():
    text = subprocess.run([os.environ["CHANCERY_BIN"], "version"], capture_output=True, text=True, check=True).stdout
    return text.split()[1]


def main():
    target = HERE / f"{version()}.tar.xz"
    if target.exists():
        sys.exit(f"{target} is there already")
    with FaultyServer() as server:
        history = History()
        with Client(server) as client:
            client.call("POST", "/v1/pki/roles/web",
                        {"allow_any_name": True, "key_type": "ec", "ttl": "26000h", "max_ttl": "26000h"})
            for number in range(CERTIFICATES):
                if history.issue(client) != 200:
                    sys.exit("a certificate was refused")
                if number % 3 == 0:
                    history.revoke(client, history.not_revoked())
        crl = Judge(server)
        number = crl.run("crl", "-inform", "DER", "-in", crl.file("crl.der", server.fetch("/v1/pki/crl")), "-noout",
                         "-crlnumber").strip().split("=")[1]
        server.process.terminate()
        server.process.wait(30)
        (server.data / "expected.json").write_text(json.dumps(
            {"issued": history.issued, "revoked": sorted(history.revoked), "crl_number": int(number, 16)}, indent=1))
        with tarfile.open(target, "w:xz") as archive:
            archive.add(server.data, "pki", filter=lambda item: None if pathlib.Path(item.name).name in LEAVE_OUT else item)
    print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
