"""What ACME clients need around them: a server with an ACME directory, an authoritative name server (knot) whose zone
they may change by RFC 2136, a web root, a responder for tls-alpn-01, and nginx to serve what they got.

All on loopback. http-01 and tls-alpn-01 go to ports of the test's own: each is used by one client at a time.
"""

import base64
import contextlib
import functools
import http.server
import json
import os
import pathlib
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import threading
import unittest

from chancery_server import OPENSSL, ChanceryServer, free_port, wait_until

ZONE = "acme.test"
HOSTS = ("www", "a", "b", "c", "mail", "wild", "tls", "renew", "gone", "bound")


def need(*programs):
    """Skips where a program is missing."""
    for program in programs:
        if not shutil.which(program):
            raise unittest.SkipTest(f"{program} is not installed")


class NameServer:
    """knot with one zone, which whoever has the TSIG key may change; `signed`: by DNSSEC."""

    def __init__(self, folder, signed=False):
        need("knotd", "knsupdate")
        self.folder = folder
        self.port = free_port()
        self.key = base64.b64encode(secrets.token_bytes(32)).decode()
        (folder / "storage").mkdir(parents=True)
        hosts = "".join(f"{host} 60 A 127.0.0.1\n" for host in HOSTS)
        (folder / f"{ZONE}.zone").write_text(
            f"$ORIGIN {ZONE}.\n$TTL 60\n@ SOA ns hostmaster 1 60 60 600 60\n@ NS ns\n@ A 127.0.0.1\n"
            f"ns A 127.0.0.1\n{hosts}")
        (folder / "knot.conf").write_text(f"""
server:
  listen: 127.0.0.1@{self.port}
  rundir: "{folder}"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
key:
  - id: client
    algorithm: hmac-sha256
    secret: {self.key}
acl:
  - id: update
    key: client
    action: update
database:
  storage: "{folder}/storage"
zone:
  - domain: {ZONE}
    file: "{folder}/{ZONE}.zone"
    zonefile-sync: -1
    journal-content: none
    acl: update
    dnssec-signing: {"on" if signed else "off"}
log:
  - target: "{folder}/knot.log"
    any: info
""")
        (folder / "tsig").write_text(f"hmac-sha256:client:{self.key}")
        # What hooks call: add or del, a name, the text of its TXT record.
        self.update = folder / "update"
        self.update.write_text(f"""#!/bin/sh
set -eu
name="${{2%.}}."
case "$1" in
  add) change="add $name 1 TXT \\"$3\\"" ;;
  del) change="del $name TXT \\"$3\\"" ;;
esac
printf 'server 127.0.0.1 {self.port}\\nzone {ZONE}.\\nupdate %s\\nsend\\n' "$change" |
  knsupdate -k {folder}/tsig >&2
""")
        self.update.chmod(0o755)
        self.process = subprocess.Popen(["knotd", "-c", str(folder / "knot.conf")], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers)

    def _answers(self):
        log = self.folder / "knot.log"
        said = log.read_text() if log.exists() else ""
        if self.process.poll() is not None:
            raise RuntimeError(f"knot ended: {said}")
        # A zone that is to be signed is signed by then.
        return "loaded, serial none" in said and "server started" in said

    def change(self, record):
        """Adds or deletes a record: "add a.acme.test. 1 A 192.0.2.1"."""
        text = f"server 127.0.0.1 {self.port}\nzone {ZONE}.\nupdate {record}\nsend\n"
        subprocess.run(["knsupdate", "-k", str(self.folder / "tsig")], input=text, text=True, check=True)

    def add(self, name, text):
        self.change(f'add {name}. 1 TXT "{text}"')

    def trust_anchor(self):
        """The DS record of a signed zone."""
        said = subprocess.run(["keymgr", "-c", str(self.folder / "knot.conf"), ZONE, "ds"], check=True,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
        return next(line for line in said.splitlines() if re.search(r" DS \d+ \d+ 2 ", line)).replace(" DS ", " IN DS ")

    def stop(self):
        self.process.terminate()
        self.process.wait()


class AcmeWorld(ChanceryServer):
    """`AcmeWorld().start()`, and stop(). `signed`: its zone is, and the server knows the key."""

    def __init__(self, signed=False):
        super().__init__()
        self.signed = signed
        self.dns = None
        self.http_port = free_port()
        self.tls_port = free_port()

    def start(self):
        self.init()
        self.dns = NameServer(self.folder / "dns", self.signed)
        self._configure()
        self.serve()
        return self

    def _configure(self):
        """Lets validations go to this machine: where they go to is the configuration's matter."""
        path = self.data / "chancery.yaml"
        text = path.read_text()
        anchors = f'["{self.dns.trust_anchor()}"]' if self.signed else "[]"
        for key, value in {"resolvers": f'["127.0.0.1:{self.dns.port}"]', "dnssec": str(self.signed).lower(),
                           "trust_anchors": anchors, "allow": '["127.0.0.1/32"]', "http_port": self.http_port,
                           "tls_port": self.tls_port}.items():
            text, count = re.subn(rf"^  {key}: .*$", f"  {key}: {value}", text, flags=re.MULTILINE)
            assert count == 1, key
        path.write_text(text)

    def restart(self):
        self.process.terminate()
        self.process.wait(30)
        self.serve()

    def stop(self):
        if self.dns:
            self.dns.stop()
        super().stop()

    def chancery(self, *arguments, text=""):
        environment = {"PATH": os.environ["PATH"], "CHANCERY_ADDR": self.https, "CHANCERY_CACERT": self.root_ca,
                       "CHANCERY_TOKEN_FILE": str(self.data / "root-token")}
        done = subprocess.run([self.program, *arguments], env=environment, timeout=120, input=text,
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"chancery {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def directory(self, name, *options):
        """Makes a directory; its URL."""
        self.chancery("acme", "directory", "create", name, *options)
        return f"https://localhost:{self.https.rsplit(':', 1)[1]}/acme/{name}/directory"

    def binding(self, directory, *options):
        """Key identifier and MAC key of a new external account binding."""
        told = json.loads(self.chancery("acme", "eab", "create", directory, *options, "-o", "json"))
        return told["kid"], told["hmac_key"]

    @contextlib.contextmanager
    def web_root(self):
        """A folder whose files http-01 finds below /.well-known/acme-challenge/."""
        folder = self.folder / f"web-{secrets.token_hex(4)}"
        challenges = folder / ".well-known" / "acme-challenge"
        challenges.mkdir(parents=True)

        class Quiet(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", self.http_port),
                                                 functools.partial(Quiet, directory=str(folder)))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield challenges
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    @contextlib.contextmanager
    def alpn_responder(self, folder):
        """Answers tls-alpn-01 with NAME.crt.pem and NAME.key.pem of a folder, as dehydrated writes them."""
        def choose(connection, name, _):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.set_alpn_protocols(["acme-tls/1"])
            context.load_cert_chain(folder / f"{name}.crt.pem", folder / f"{name}.key.pem")
            connection.context = context

        outer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        outer.set_alpn_protocols(["acme-tls/1"])
        outer.sni_callback = choose
        listener = socket.create_server(("127.0.0.1", self.tls_port))

        def serve():
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError), peer, outer.wrap_socket(peer, server_side=True):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join()

    def status(self, chain):
        """The word of openssl ocsp about a chain's first certificate."""
        leaf, issuer = self.folder / "status-leaf.pem", self.folder / "status-issuer.pem"
        certificates = split_chain(chain)
        leaf.write_text(certificates[0])
        issuer.write_text(certificates[1])
        text = openssl("ocsp", "-issuer", str(issuer), "-cert", str(leaf), "-url", self.http + "/v1/pki/ocsp",
                       "-CAfile", self.root_ca, "-verify_other", str(issuer))
        return text.split(f"{leaf}: ")[1].split("\n")[0]

    def reason(self, chain):
        """Why the CRL says that a chain's first certificate is revoked; None without a word."""
        serial = openssl("x509", "-noout", "-serial", text=split_chain(chain)[0]).strip().split("=")[1]
        text = openssl("crl", "-inform", "DER", "-noout", "-text", text=self.fetch("/v1/pki/crl"))
        entries = text.split("Serial Number: ")[1:]
        entry = next(entry for entry in entries if int(entry.split("\n")[0], 16) == int(serial, 16))
        found = re.search(r"Reason Code:[^\n]*\n\s*([^\n]+)", entry)
        return found[1] if found else None

    def orders(self, directory, *options):
        return json.loads(self.chancery("acme", "order", "list", directory, *options, "-o", "json"))

    @contextlib.contextmanager
    def nginx(self, chain_file, key_file):
        """nginx with a certificate; its port."""
        need("nginx")
        folder = self.folder / f"nginx-{secrets.token_hex(4)}"
        folder.mkdir()
        port = free_port()
        (folder / "nginx.conf").write_text(f"""
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {chain_file};
    ssl_certificate_key {key_file};
    location / {{ return 200 "served"; }}
  }}
}}
""")
        process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")],
                                   stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def listens():
            if process.poll() is not None:
                raise AssertionError((folder / "error.log").read_text())
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return True
            return False

        try:
            wait_until(listens)
            yield port
        finally:
            process.terminate()
            process.wait()

    def fetch_over_tls(self, port, host):
        """What a client that trusts the root alone gets from a server that must be `host`."""
        context = ssl.create_default_context(cafile=self.root_ca)
        with socket.create_connection(("127.0.0.1", port), 10) as plain, \
                context.wrap_socket(plain, server_hostname=host) as secure:
            secure.sendall(f"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            answer = b""
            while piece := secure.recv(4096):
                answer += piece
        return answer.split(b"\r\n\r\n", 1)[1].decode()


def openssl(*arguments, text=None, status=0):
    data = text.encode() if isinstance(text, str) else text
    done = subprocess.run([OPENSSL, *arguments], input=data or b"", capture_output=True, timeout=60)
    if done.returncode != status:
        raise AssertionError(f"openssl {' '.join(arguments)}: {done.stdout.decode()}{done.stderr.decode()}")
    return (done.stdout + done.stderr).decode()


def split_chain(text):
    return re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", text, re.DOTALL)


class AcmeTest(unittest.TestCase):
    """One world for the tests of a file, with a directory "default" and one whose accounts need a binding."""

    programs = ()
    signed = False

    @classmethod
    def setUpClass(cls):
        need(*cls.programs)
        cls.world = AcmeWorld(cls.signed)
        cls.addClassCleanup(cls.world.stop)
        cls.world.start()
        cls.url = cls.world.directory("default")
        cls.bound_url = cls.world.directory("bound", "--eab-required")

    def setUp(self):
        self.work = self.world.folder / f"client-{secrets.token_hex(4)}"
        self.work.mkdir()

    def run_client(self, *arguments, status=0, environment=None, text=""):
        # Proxies and settings of whoever runs the tests are not the client's.
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.work), "LANG": "C.UTF-8", **(environment or {})}
        done = subprocess.run([str(argument) for argument in arguments], cwd=self.work, env=clean, input=text,
                              capture_output=True, text=True, timeout=180)
        self.assertEqual(done.returncode, status, f"{arguments}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def hook(self, name, body):
        path = self.work / name
        path.write_text("#!/bin/sh\nset -eu\n" + body)
        path.chmod(0o755)
        return path

    def check_chain(self, text, *names):
        """The chain leads to the root, and its first certificate is for these names alone; its file."""
        certificates = split_chain(text)
        self.assertGreaterEqual(len(certificates), 2, text)
        leaf, rest = self.work / "leaf.pem", self.work / "rest.pem"
        leaf.write_text(certificates[0])
        rest.write_text("".join(certificates[1:]))
        openssl("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", self.world.root_ca, "-untrusted",
                str(rest), str(leaf))
        shown = openssl("x509", "-in", str(leaf), "-noout", "-ext", "subjectAltName")
        found = re.findall(r"(?:DNS|IP Address):([^\s,]+)", shown)
        self.assertEqual(sorted(found), sorted(names), shown)
        return certificates[0]

    def check_served(self, chain_file, key_file, host):
        with self.world.nginx(chain_file, key_file) as port:
            self.assertEqual(self.world.fetch_over_tls(port, host), "served")
