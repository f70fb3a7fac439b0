"""The ACME server from newAccount to revocation, with a client of its own that signs with python's cryptography.

Names are addresses on the loopback interface, so that nothing but this machine is asked.
"""

import base64
import hashlib
import hmac
import http.server
import ipaddress
import json
import os
import pathlib
import signal
import ssl
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

from chancery_server import ChanceryServer, Judge

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
except ImportError as absent:
    raise unittest.SkipTest(f"python has no cryptography: {absent}")


def b64(octets):
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Problem(Exception):
    def __init__(self, status, document, headers):
        super().__init__(f"{status} {document}")
        self.status = status
        self.type = document.get("type", "").rsplit(":", 1)[-1]
        self.document = document
        self.headers = headers


class Responder:
    """Answers HTTP-01 on 127.0.0.1."""

    def __init__(self):
        answers = self.answers = {}
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                token = self.path.rsplit("/", 1)[-1]
                seen.append(self.path)
                body = answers.get(token, "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Client:
    """An ACME client: ES256, a nonce from every answer, POST-as-GET."""

    def __init__(self, directory, root_ca, responder):
        self.context = ssl.create_default_context(cafile=root_ca)
        self.responder = responder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.account = None
        self.nonce = None
        self.directory = json.loads(self.fetch(directory)[1])

    def fetch(self, url, data=None, method=None):
        request = urllib.request.Request(url, data=data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/jose+json")
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=60) as answer:
                headers, body = answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            self.nonce = error.headers.get("Replay-Nonce") or self.nonce
            raise Problem(error.code, json.loads(error.read() or b"{}"), error.headers) from None
        self.nonce = headers.get("Replay-Nonce") or self.nonce
        return headers, body

    def jwk(self, key=None):
        numbers = (key or self.key).public_key().public_numbers()
        return {"crv": "P-256", "kty": "EC", "x": b64(numbers.x.to_bytes(32, "big")),
                "y": b64(numbers.y.to_bytes(32, "big"))}

    def thumbprint(self):
        return b64(hashlib.sha256(json.dumps(self.jwk(), separators=(",", ":"), sort_keys=True).encode()).digest())

    @staticmethod
    def sign(key, header, payload):
        protected = b64(json.dumps(header).encode())
        text = b64(payload.encode())
        r, s = decode_dss_signature(key.sign(f"{protected}.{text}".encode(), ec.ECDSA(hashes.SHA256())))
        return {"protected": protected, "payload": text,
                "signature": b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))}

    def post(self, url, payload, key=None):
        """The headers and the body of the answer; with a `key` that comes along, else the account's."""
        if not self.nonce:
            self.fetch(self.directory["newNonce"], method="HEAD")
        header = {"alg": "ES256", "nonce": self.nonce, "url": url}
        self.nonce = None
        header |= {"jwk": self.jwk(key)} if key else {"kid": self.account}
        text = payload if isinstance(payload, str) else json.dumps(payload)
        return self.fetch(url, json.dumps(self.sign(key or self.key, header, text)).encode())

    def read(self, url):
        return json.loads(self.post(url, "")[1])

    def register(self, **payload):
        headers, body = self.post(self.directory["newAccount"], {"termsOfServiceAgreed": True, **payload}, self.key)
        self.account = headers["Location"]
        return json.loads(body)

    def binding(self, kid, mac_key):
        protected = b64(json.dumps({"alg": "HS256", "kid": kid, "url": self.directory["newAccount"]}).encode())
        payload = b64(json.dumps(self.jwk()).encode())
        mac = hmac.new(unb64(mac_key), f"{protected}.{payload}".encode(), hashlib.sha256).digest()
        return {"protected": protected, "payload": payload, "signature": b64(mac)}

    def order(self, names, **more):
        identifiers = [{"type": "ip" if name[0].isdigit() else "dns", "value": name} for name in names]
        headers, body = self.post(self.directory["newOrder"], {"identifiers": identifiers, **more})
        return headers["Location"], json.loads(body)

    def start(self, order):
        """Publishes the answers to an order's challenges and says so."""
        for url in order["authorizations"]:
            authorization = self.read(url)
            for challenge in authorization["challenges"]:
                if challenge["type"] == "http-01" and authorization["status"] == "pending":
                    token = challenge["token"]
                    self.responder.answers[token] = f"{token}.{self.thumbprint()}"
                    self.post(challenge["url"], {})

    def wait(self, url, *statuses, patience=60):
        deadline = time.monotonic() + patience
        while True:
            order = self.read(url)
            if order["status"] in statuses:
                return order
            if time.monotonic() > deadline:
                raise AssertionError(f"{url} is {order} after {patience} s")
            time.sleep(0.05)

    @staticmethod
    def csr(names, key):
        general = [x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
                   for name in names]
        request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).add_extension(
            x509.SubjectAlternativeName(general), critical=True).sign(key, hashes.SHA256())
        return b64(request.public_bytes(serialization.Encoding.DER))

    def finalize(self, location, order, names, key):
        body = json.loads(self.post(order["finalize"], {"csr": self.csr(names, key)})[1])
        if body["status"] == "processing":
            body = self.wait(location, "valid", "invalid")
        return body

    def obtain(self, names, key=None, **more):
        """The chain in PEM, and the leaf."""
        location, order = self.order(names, **more)
        if order["status"] == "pending":
            self.start(order)
            order = self.wait(location, "ready", "invalid")
        done = self.finalize(location, order, names, key or ec.generate_private_key(ec.SECP256R1()))
        chain = self.post(done["certificate"], "")[1]
        return chain, x509.load_pem_x509_certificate(chain)


def certificate_id(certificate):
    key = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    serial = certificate.serial_number
    return b64(key) + "." + b64(serial.to_bytes(serial.bit_length() // 8 + 1, "big"))


class AcmeCore(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.responder = Responder()
        cls.server = ChanceryServer()
        cls.server.init()
        config = cls.server.data / "chancery.yaml"
        text = config.read_text().replace("  http_port: 80\n", f"  http_port: {cls.responder.port}\n", 1)
        config.write_text(text.replace("  allow: []\n", "  allow: [127.0.0.0/8]\n", 1))
        cls.server.serve()
        cls.chancery("acme", "directory", "create", "default")
        cls.chancery("acme", "directory", "create", "bound", "--eab-required", "--profile", "acme")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.responder.stop()

    @classmethod
    def chancery(cls, *arguments):
        environment = {"PATH": os.environ["PATH"], "CHANCERY_ADDR": cls.server.https,
                       "CHANCERY_CACERT": cls.server.root_ca,
                       "CHANCERY_TOKEN_FILE": str(cls.server.data / "root-token")}
        done = subprocess.run([cls.server.program, *arguments], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def client(self, directory="default", **account):
        client = Client(f"{self.server.https}/acme/{directory}/directory", self.server.root_ca, self.responder)
        if directory == "default":
            client.register(**account)
        return client

    def refused(self, kind, call, *arguments, **more):
        with self.assertRaises(Problem) as caught:
            call(*arguments, **more)
        self.assertEqual(caught.exception.type, kind, caught.exception)
        return caught.exception

    def test_an_order_from_account_to_certificate(self):
        client = self.client(contact=["mailto:ops@example.com"])
        chain, leaf = client.obtain(["127.0.0.1"])
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        self.assertEqual(names.get_values_for_type(x509.IPAddress), [ipaddress.ip_address("127.0.0.1")])
        judge = Judge(self.server)
        judge.verify(chain.decode().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n")
        listed = json.loads(self.chancery("acme", "order", "list", "default", "--status", "valid", "-o", "json"))
        self.assertIn(client.account.rsplit("/", 1)[-1], [order["account"] for order in listed])
        self.assertTrue(any("/.well-known/acme-challenge/" in path for path in self.responder.seen))

    def test_a_wrong_answer_fails_with_what_was_seen(self):
        client = self.client()
        location, order = client.order(["127.0.0.1"])
        challenge = next(one for one in client.read(order["authorizations"][0])["challenges"]
                         if one["type"] == "http-01")
        client.responder.answers[challenge["token"]] = "something else"
        client.post(challenge["url"], {})
        failed = client.wait(location, "invalid")
        self.assertIn("127.0.0.1", failed["error"]["detail"])
        self.assertNotIn("something else", json.dumps(failed))
        self.refused("orderNotReady", client.finalize, location, order, ["127.0.0.1"],
                     ec.generate_private_key(ec.SECP256R1()))
        self.assertIn("127.0.0.1", self.chancery("acme", "account", "failures", "default"))

    def test_an_address_outside_of_the_rules_is_not_asked(self):
        client = self.client()
        location, order = client.order(["169.254.169.254"])
        client.start(order)
        failed = client.wait(location, "invalid")
        self.assertEqual(failed["status"], "invalid")

    def test_a_binding_that_spares_the_challenges(self):
        made = json.loads(self.chancery("acme", "eab", "create", "bound", "--network", "127.0.0.0/8", "--suffix",
                                        "corp.internal", "--skip-challenges", "--max-lifetime", "6h", "-o", "json"))
        client = self.client("bound")
        self.refused("externalAccountRequired", client.register)
        client.register(externalAccountBinding=client.binding(made["kid"], made["hmac_key"]))
        _, leaf = client.obtain(["db.corp.internal", "127.0.0.9"])
        life = leaf.not_valid_after_utc - leaf.not_valid_before_utc
        self.assertLess(life.total_seconds(), 7 * 3600)
        self.refused("rejectedIdentifier", client.order, ["db.other.internal"])
        second = self.client("bound")
        self.refused("unauthorized", second.register,
                     externalAccountBinding=second.binding(made["kid"], made["hmac_key"]))

    def test_key_change_renewal_and_revocation(self):
        client = self.client()
        _, leaf = client.obtain(["127.0.0.1"])
        url = client.directory["keyChange"]
        new = ec.generate_private_key(ec.SECP256R1())
        inner = client.sign(new, {"alg": "ES256", "jwk": client.jwk(new), "url": url},
                            json.dumps({"account": client.account, "oldKey": client.jwk()}))
        client.post(url, inner)
        old, client.key = client.key, new
        info = json.loads(client.fetch(f"{client.directory['renewalInfo']}/{certificate_id(leaf)}")[1])
        self.assertLess(info["suggestedWindow"]["start"], info["suggestedWindow"]["end"])
        location, order = client.order(["127.0.0.1"], replaces=certificate_id(leaf))
        self.assertEqual(order["replaces"], certificate_id(leaf))
        self.refused("alreadyReplaced", client.order, ["127.0.0.1"], replaces=certificate_id(leaf))
        der = leaf.public_bytes(serialization.Encoding.DER)
        client.post(client.directory["revokeCert"], {"certificate": b64(der), "reason": 4})
        self.refused("alreadyRevoked", client.post, client.directory["revokeCert"], {"certificate": b64(der)})
        client.key = old
        self.refused("malformed", client.read, location)

    def test_what_was_answered_survives_a_kill(self):
        client = self.client()
        location, order = client.order(["127.0.0.1"])
        client.start(order)
        self.server.process.send_signal(signal.SIGKILL)
        self.server.process.wait()
        address = self.server.https
        config = pathlib.Path(self.server.data / "chancery.yaml")
        text = config.read_text().replace("127.0.0.1:0", address.removeprefix("https://"))
        config.write_text(text)
        self.server.serve()
        client.nonce = None  # those of before are not good any more
        ready = client.wait(location, "ready")
        done = client.finalize(location, ready, ["127.0.0.1"], ec.generate_private_key(ec.SECP256R1()))
        self.assertEqual(done["status"], "valid")

    def test_a_nonce_is_good_once_for_many_at_once(self):
        client = self.client()
        client.fetch(client.directory["newNonce"], method="HEAD")
        url = client.account
        body = json.dumps(client.sign(client.key, {"alg": "ES256", "nonce": client.nonce, "url": url,
                                                   "kid": client.account}, "")).encode()
        outcomes = []

        def attempt():
            try:
                client.fetch(url, body)
                outcomes.append("ok")
            except Problem as problem:
                outcomes.append(problem.type)

        threads = [threading.Thread(target=attempt) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(outcomes.count("ok"), 1, outcomes)
        self.assertEqual(outcomes.count("badNonce"), 19, outcomes)

    def test_the_admin_api_changes_a_directory_by_file(self):
        manifest = self.server.folder / "directory.yaml"
        manifest.write_text("kind: AcmeDirectory\nname: by-file\nspec:\n  profiles: {standard: profile/acme}\n"
                            "  challenges: [dns-01]\n  most_names: 3\n")
        self.assertIn("created", self.chancery("apply", "-f", str(manifest)))
        self.assertIn("unchanged", self.chancery("apply", "-f", str(manifest)))
        shown = json.loads(self.chancery("acme", "directory", "show", "by-file", "-o", "json"))
        self.assertEqual(shown["most_names"], 3)
        self.assertIn("by-file", self.chancery("acme", "directory", "list"))
        client = Client(f"{self.server.https}/acme/by-file/directory", self.server.root_ca, self.responder)
        client.register()
        self.refused("rejectedIdentifier", client.order, ["127.0.0.1"])
        self.chancery("acme", "directory", "delete", "by-file")
        with self.assertRaises(Problem) as gone:
            client.read(client.account)
        self.assertEqual(gone.exception.status, 404)


if __name__ == "__main__":
    unittest.main()
