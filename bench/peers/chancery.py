"""Chancery itself."""

import json
import os
import subprocess
import time

from peer import free_port
from vault_api import VaultApi


class Chancery(VaultApi):
    name = "Chancery"
    settings = ("embedded store, every commit flushed before its answer (WAL, synchronous=FULL); access log off as by "
                "default; one process")

    def version(self):
        return subprocess.run([os.environ["CHANCERY_BIN"], "version"], capture_output=True, text=True,
                              check=True).stdout.split("\n")[0].split()[-1]

    def launch(self):
        program, data = os.environ["CHANCERY_BIN"], self.folder / "pki"
        self.ports = {"https": free_port(), "http": free_port()}
        subprocess.run([program, "init", "--data", str(data), "--dev", "--https-address",
                        f"127.0.0.1:{self.ports['https']}", "--http-address", f"127.0.0.1:{self.ports['http']}"],
                       check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.ca_file = str(data / "root-ca.pem")
        began = time.monotonic()
        self.spawn(program, "serve", "--config", str(data / "chancery.yaml"))
        listeners = data / "run" / "listeners.json"
        self.wait_for(listeners.exists)
        took = time.monotonic() - began
        assert json.loads(listeners.read_text())["https"].endswith(str(self.ports["https"]))
        self.set_up((data / "root-token").read_text().strip())
        return took

    def port(self, work):
        return self.ports["http" if self.plain(work) else "https"]
