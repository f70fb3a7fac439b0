"""A server whose calls fail when a test says so, a client that takes every answer as it is, and what it has seen."""

import hashlib
import http.client
import json
import os
import pathlib
import ssl
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
from chancery_server import ChanceryServer, Judge, wait_until  # noqa: E402, F401
from fault_shim import LIBRARY, PROGRAMS, FaultShim  # noqa: E402

DEEP = bool(os.environ.get("CHANCERY_FAULTS_DEEP"))
# For many stores that are looked at once: memory, where there is such a folder.
SCRATCH = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
ROLE = {"allow_any_name": True, "key_type": "ec", "ttl": "24h"}


class Client:
    """Status and answer of each call; status 0 when the connection ended first. Connects anew by itself."""

    def __init__(self, server, timeout=30):
        self.server, self.timeout, self.http = server, timeout, None

    def connect(self):
        context = ssl.create_default_context(cafile=self.server.root_ca)
        host, port = self.server.https.removeprefix("https://").split(":")
        return http.client.HTTPSConnection(host, int(port), context=context, timeout=self.timeout)

    def call(self, method, path, body=None):
        try:
            self.http = self.http or self.connect()
            headers = {"X-Vault-Token": self.server.token, "Authorization": "Bearer " + self.server.token}
            self.http.request(method, path, json.dumps(body) if body else None, headers)
            answer = self.http.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return 0, {}
        self.headers = answer.headers
        if answer.will_close:
            self.close()
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return answer.status, json.loads(content) if content and is_json else {}

    def close(self):
        if self.http:
            self.http.close()
        self.http = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class History:
    """What was acknowledged: it must be there for ever."""

    def __init__(self):
        self.issued = {}      # serial -> PEM
        self.revoked = set()  # serials

    def issue(self, client, role="web"):
        status, answer = client.call("POST", f"/v1/pki/issue/{role}", {"common_name": "a.example.test"})
        if status == 200:
            data = answer["data"]
            if data["serial_number"] in self.issued:
                raise AssertionError(f"serial {data['serial_number']} came twice")
            self.issued[data["serial_number"]] = data["certificate"]
        return status

    def revoke(self, client, serial):
        status, _ = client.call("POST", "/v1/pki/revoke", {"serial_number": serial})
        if status == 200:
            self.revoked.add(serial)
        return status

    def not_revoked(self):
        """One of the acknowledged certificates, the newest."""
        return next(serial for serial in reversed(self.issued) if serial not in self.revoked)

    def verify(self, server):
        """Everything acknowledged is what the server has now."""
        with Client(server) as client:
            for serial, pem in self.issued.items():
                status, answer = client.call("GET", f"/v1/pki/cert/{serial}")
                if status != 200 or answer["data"]["certificate"].strip() != pem.strip():
                    raise AssertionError(f"acknowledged certificate {serial} lost or altered: {status}")
        listed = {bare(serial) for serial in Judge(server).crl_serials()}
        missing = {bare(serial) for serial in self.revoked} - listed
        if missing:
            raise AssertionError(f"acknowledged revocations missing from the CRL: {missing}")

    def verify_store(self, directory):
        """The same for a store that is not open: nothing lost, and the check finds nothing."""
        told = judge_stores([directory])[str(directory)]
        problems = told.problems_with(self)
        if problems:
            raise AssertionError(f"{directory}: {problems}")


def bare(serial):
    return serial.replace(":", "").lower().lstrip("0")


def fingerprint(pem):
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


class Told:
    """What store_judge says of one store."""

    def __init__(self):
        self.certificates, self.revoked, self.problems, self.error, self.checked = {}, set(), [], None, False

    def take(self, line):
        word, _, rest = line.partition(" ")
        if word == "certificate":
            serial, print_ = rest.split()
            self.certificates[bare(serial)] = print_
        elif word == "revoked":
            self.revoked.add(bare(rest))
        elif word == "problem":
            self.problems.append(rest)
        elif word == "error":
            self.error = rest
        elif word == "checked":
            self.checked = True
        else:
            raise AssertionError(f"store_judge says {line!r}")

    def problems_with(self, history):
        found = list(self.problems)
        if self.error or not self.checked:
            found.append(self.error or "not checked")
        found += [f"certificate {serial} lost" for serial, pem in history.issued.items()
                  if self.certificates.get(bare(serial)) != fingerprint(pem)]
        found += [f"revocation of {serial} lost" for serial in history.revoked if bare(serial) not in self.revoked]
        return found


def judge_stores(directories, environment=None):
    """What is in stores, by directory; with an `environment`, under the shim."""
    told = {}
    shim = {"LD_PRELOAD": str(LIBRARY), **environment} if environment else {}
    done = subprocess.run([PROGRAMS / "store_judge", *map(str, directories)], capture_output=True, text=True,
                          timeout=300, env={**os.environ, **shim})
    for line in done.stdout.splitlines():
        if line.startswith("store "):
            current = told[line.removeprefix("store ")] = Told()
        else:
            current.take(line)
    for directory in directories:
        if str(directory) not in told:
            raise AssertionError(f"store_judge ended at {directory} with status {done.returncode}: {done.stderr}")
    return told


class FaultyServer(ChanceryServer):
    """A server under the shim, made once and then started as often as a test needs it."""

    def __init__(self, *init_options):
        super().__init__(*init_options)
        self.shim = FaultShim(self.folder, self.data)
        self.log = open(self.folder / "server.log", "ab")

    def serve(self, *wrapper, environment=None, **options):
        super().serve(*wrapper, environment={**self.shim.environment, **(environment or {})},
                      **{"stderr": self.log, **options})

    @property
    def store(self):
        return self.data / "server" / "store"

    def start(self):
        super().start()
        with Client(self) as client:
            status, _ = client.call("POST", "/v1/pki/roles/web", ROLE)
            if status not in (200, 204):
                raise AssertionError(f"the role was refused: {status}")
        return self

    def stop(self):
        super().stop()
        self.log.close()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def restart(self):
        self.shim.disarm()
        self.kill()
        self.serve()

    def alive(self):
        return self.process.poll() is None

    def descriptors(self):
        """What the process has open, by what it is."""
        folder = pathlib.Path(f"/proc/{self.process.pid}/fd")
        targets = []
        for entry in folder.iterdir():
            try:
                targets.append(os.readlink(entry))
            except FileNotFoundError:
                pass
        return targets

    def tail_of_log(self, lines=15):
        return "\n".join((self.folder / "server.log").read_text(errors="replace").splitlines()[-lines:])
