"""Chancery itself."""

import json
import os
import re
import subprocess
import time

from peer import free_port
from vault_api import VaultApi


class Chancery(VaultApi):
    name = "Chancery"
    works = (*VaultApi.works, "acme")
    acme_directory = "/acme/bench/directory"
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
        self.validate_here(data / "chancery.yaml")
        began = time.monotonic()
        self.spawn(program, "serve", "--config", str(data / "chancery.yaml"))
        listeners = data / "run" / "listeners.json"
        self.wait_for(listeners.exists)
        took = time.monotonic() - began
        assert json.loads(listeners.read_text())["https"].endswith(str(self.ports["https"]))
        token = (data / "root-token").read_text().strip()
        self.set_up(token)
        self.ask("POST", "/v1/pki/roles/acme", {"allow_any_name": True, "require_cn": False, "key_type": "any", "ttl": "24h"}, {"X-Vault-Token": token, "Content-Type": "application/json"})
        limits = dict.fromkeys(("orders_per_account", "orders_per_name", "failures_per_name"), 0)
        self.ask("PUT", "/api/v1/acme-directories/bench",
                 {"profiles": {"acme": "role/acme"}, "challenges": ["http-01"], **limits},
                 {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        return took

    def validate_here(self, config):
        """Has names looked up, and HTTP-01 asked, at acme_load's ports."""
        text = config.read_text()
        for key, value in (("resolvers", f'["127.0.0.1:{self.dns_port}"]'), ("dnssec", "false"),
                           ("http_port", self.web_port), ("allow", "[127.0.0.0/8]")):
            text, count = re.subn(rf"(?m)^  {key}: .*$", f"  {key}: {value}", text, count=1)
            assert count == 1, key
        config.write_text(text)

    def port(self, work):
        return self.ports["http" if self.plain(work) else "https"]
