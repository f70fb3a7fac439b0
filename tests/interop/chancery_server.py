"""A Chancery server of its own for a file of tests, and openssl as the judge of what it makes.

CHANCERY_BIN names the program. Everything is on the loopback interface and in a temporary folder.
"""

import base64
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

OPENSSL = os.environ.get("OPENSSL_BIN") or "openssl"


def free_port():
    """A port that nobody listens on, below those that the system gives to clients' own ends."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def wait_until(is_so, patience=30):
    """Waits until something is so; fails when it does not become so."""
    deadline = time.monotonic() + patience
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not come about within {patience} s")
        time.sleep(0.01)


def wait_for_rotations(process, out, log, rotations):
    """What a renewing program has written to `out`, the first certificate and so many after it."""
    seen = []

    def rotated():
        if process.poll() is not None:
            raise AssertionError(log.read_text())
        text = out.read_text() if out.exists() else ""
        if "END CERTIFICATE" in text and text not in seen:
            seen.append(text)
        return len(seen) > rotations

    wait_until(rotated, 240)
    return seen


class ChanceryServer:
    """`with ChanceryServer() as server:`, or start() and stop()."""

    def __init__(self, *init_options):
        self.program = os.environ.get("CHANCERY_BIN")
        if not self.program:
            raise unittest.SkipTest("CHANCERY_BIN is not set")
        self.init_options = init_options
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chancery-interop-"))
        self.data = self.folder / "pki"
        self.process = None

    def start(self):
        self.init()
        self.serve()
        return self

    def init(self):
        # The plain listener's port goes into certificates, so it is chosen before.
        subprocess.run(
            [self.program, "init", "--data", str(self.data), "--dev", "--https-address",
             "127.0.0.1:0", "--http-address", f"127.0.0.1:{free_port()}", *self.init_options],
            check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.token = (self.data / "root-token").read_text().strip()
        self.root_ca = str(self.data / "root-ca.pem")

    def serve(self, *wrapper, arguments=(), environment=None, **options):
        """Starts the server; `wrapper` is a command that runs the one that follows it, `arguments` are more for it."""
        listeners = self.data / "run" / "listeners.json"
        listeners.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [*wrapper, self.program, "serve", "--config", str(self.data / "chancery.yaml"), *arguments],
            stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})}, **options)
        deadline = time.monotonic() + 30
        while not listeners.exists():
            if self.process.poll() is not None:
                raise RuntimeError(f"serve ended with status {self.process.returncode}")
            if time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("serve is not ready after 30 s")
            time.sleep(0.02)
        told = json.loads(listeners.read_text())
        self.https = "https://" + told["https"]
        self.http = "http://" + told["http"]

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def bao(self, *arguments, status=0, token=None, text_input=""):
        """What the bao command line says, as the owner of `token` (else root); its exit status must be `status`."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("VAULT_", "BAO_"))}
        environment |= {"BAO_ADDR": self.https, "BAO_CACERT": self.root_ca, "BAO_TOKEN": token or self.token,
                        "HOME": str(self.folder)}
        done = subprocess.run([os.environ["BAO_BIN"], *arguments], env=environment, capture_output=True, text=True,
                              timeout=120, input=text_input)
        if done.returncode != status:
            raise AssertionError(f"bao {' '.join(arguments)}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout if status == 0 else done.stdout + done.stderr

    def fetch(self, path):
        """What the plain listener has at a path: public data."""
        with urllib.request.urlopen(self.http + path, timeout=30) as answer:
            return answer.read()


class Judge:
    """openssl, in a folder of its own."""

    def __init__(self, server):
        self.server = server
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=server.folder))

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    @staticmethod
    def run(*arguments, status=0):
        done = subprocess.run([OPENSSL, *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        if status is not None and done.returncode != status:
            raise AssertionError(f"openssl {' '.join(arguments)}: status {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def chain(self):
        return self.file("chain.pem", self.server.fetch("/v1/pki/ca_chain"))

    def verify(self, certificate, *options, status=0):
        """Verifies a leaf up to the root, which is trusted because init wrote it to a file."""
        leaf = self.file("leaf.pem", certificate)
        return self.run("verify", "-x509_strict", "-CAfile", self.server.root_ca, "-untrusted",
                        self.chain(), *options, leaf, status=status)

    def verify_with_crls(self, certificate, status=0):
        crls = ""
        for path in ("/v1/pki/crl", "/v1/pki/issuer/root/crl/der"):
            der = self.file("crl.der", self.server.fetch(path))
            crls += self.run("crl", "-inform", "DER", "-in", der)
        return self.verify(certificate, "-crl_check_all", "-CRLfile", self.file("crls.pem", crls),
                           status=status)

    def crl_serials(self):
        der = self.file("crl.der", self.server.fetch("/v1/pki/crl"))
        issuer = self.file("ca.pem", self.server.fetch("/v1/pki/ca/pem"))
        text = self.run("crl", "-inform", "DER", "-in", der, "-CAfile", issuer, "-noout", "-text")
        if "verify OK" not in text:
            raise AssertionError("the CRL's signature does not verify:\n" + text)
        return {line.split(":", 1)[1].strip().lower() for line in text.splitlines()
                if line.strip().startswith("Serial Number:")}

    def ocsp(self, certificate):
        """The word of openssl ocsp about a certificate: good, revoked or unknown."""
        leaf = self.file("leaf.pem", certificate)
        issuer = self.file("ca.pem", self.server.fetch("/v1/pki/ca/pem"))
        text = self.run("ocsp", "-issuer", issuer, "-cert", leaf, "-url",
                        self.server.http + "/v1/pki/ocsp", "-CAfile", self.server.root_ca,
                        "-verify_other", issuer)
        if "Response verify OK" not in text:
            raise AssertionError("the OCSP response does not verify:\n" + text)
        return text.split(leaf + ": ")[1].split("\n")[0]

    def ocsp_request(self, certificate):
        leaf = self.file("leaf.pem", certificate)
        issuer = self.file("ca.pem", self.server.fetch("/v1/pki/ca/pem"))
        out = self.folder / "request.der"
        self.run("ocsp", "-issuer", issuer, "-cert", leaf, "-no_nonce", "-reqout", str(out))
        return out.read_bytes()

    def x509(self, certificate, *options):
        return self.run("x509", "-in", self.file("leaf.pem", certificate), "-noout", *options)

    def make_csr(self, name, *key_options):
        """A key and a request for a name, as files; the request's text."""
        key, csr = self.folder / "key.pem", self.folder / "request.pem"
        self.run("req", "-new", "-nodes", "-newkey",
                 *(key_options or ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")),
                 "-keyout", str(key), "-out", str(csr), "-subj", f"/CN={name}",
                 "-addext", f"subjectAltName=DNS:{name}")
        return csr.read_text()

    def key_of(self, pem):
        return self.run("pkey", "-in", self.file("key-of.pem", pem), "-pubout")

    def key_in(self, certificate):
        return self.x509(certificate, "-pubkey")


def spoil_signature(csr):
    """The same request with one bit of its signature changed."""
    der = bytearray(base64.b64decode("".join(csr.strip().splitlines()[1:-1])))
    der[-1] ^= 1
    text = base64.encodebytes(bytes(der)).decode()
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{text}-----END CERTIFICATE REQUEST-----\n"
