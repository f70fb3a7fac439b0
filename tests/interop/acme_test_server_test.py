#!/usr/bin/env python3
"""The server for tests of ACME clients: tests of certbot, lego and acmez as they are, run against it with a configuration
file of Pebble; what it does wrong on purpose; its management interface; Pebble beside it."""

import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.request

import acme_acmez_test
import acme_certbot_test
import acme_lego_test
from acme_core_test import Client, Problem, Responder, b64, certificate_id
from acme_test_server_world import TestServer, TestServerWorld
from acme_world import ZONE, openssl, split_chain
from chancery_server import free_port

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def der_text(certificate):
    return b64(certificate.public_bytes(serialization.Encoding.DER))


class OnTestServer:
    """Puts the test server where a test of a client has a server for use."""

    @classmethod
    def setUpClass(cls):
        cls.prepare()
        cls.world = TestServerWorld()
        cls.addClassCleanup(cls.world.stop)
        cls.world.start()
        cls.server = cls.world.servers["default"]
        cls.url = cls.world.directory("default")
        cls.bound_url = cls.world.directory("bound")

    @classmethod
    def prepare(cls):
        for program in cls.programs:
            if not shutil.which(program):
                raise unittest.SkipTest(f"{program} is not installed")

    def setUp(self):
        super().setUp()
        self.server.fetch(self.server.management + "/faults", method="DELETE")

    def test_survives_bad_nonces(self):
        # One request gets two of them at worst: some clients give up then.
        self.server.faults(badNextNonces=1)
        self.test_http_01_and_nginx()
        self.assertEqual(self.server.faults()["badNextNonces"], 0)


class CertbotOnTestServer(OnTestServer, acme_certbot_test.DebianCertbotTest):
    def test_tells_of_limits(self):
        self.register()
        self.server.faults(refusals=[{"status": 429, "resource": "new-order", "count": 1, "retryAfter": 1}])
        self.certbot("certonly", *self.standalone(), "-d", f"www.{ZONE}", status=1)
        # Certbot of Debian 12 stumbles over the error that it is about to show.
        self.assertIn("acme:error:rateLimited", (self.work / "log" / "letsencrypt.log").read_text())
        self.check_chain(self.obtain("www"), f"www.{ZONE}")


class LegoOnTestServer(OnTestServer, acme_lego_test.LegoTest):
    test_binding = None  # that of a configuration file bounds no names

    def test_bound_account(self):
        kid, key = self.world.binding()
        self.lego("run", url=self.bound_url, before=["--eab", "--kid", kid, "--hmac", key, *self.http(),
                                                    *self.domains(f"bound.{ZONE}")])
        self.check_chain(self.chain(f"bound.{ZONE}"), f"bound.{ZONE}")


class AcmezOnTestServer(OnTestServer, acme_acmez_test.AcmezTest):
    test_binding = None  # its binding lets it skip challenges
    test_survives_bad_nonces = None  # below
    test_addresses = None  # as in the tests of acmez: nothing here differs

    @classmethod
    def prepare(cls):
        cls.program = os.environ.get("ACMEZ_BIN")
        if not cls.program:
            raise unittest.SkipTest("acmez is not installed")

    def test_survives_bad_nonces_and_an_overload(self):
        self.server.faults(badNextNonces=3, refusals=[
            {"status": 503, "resource": "new-order", "count": 2, "retryAfter": 1},
            {"status": 500, "resource": "finalize", "count": 1}])
        self.test_http_01()
        told = self.server.faults()
        self.assertEqual(told["badNextNonces"], 0)
        self.assertEqual([one["count"] for one in told["refusals"]], [0, 0])

    def test_gives_up_at_last(self):
        self.server.faults(refusals=[{"status": 503, "resource": "new-order", "percent": 100}])
        with self.assertRaises(AssertionError):
            self.test_http_01()


class OwnClient(unittest.TestCase):
    """A server for each test, and a client that looks closely."""

    def setUp(self):
        if not os.environ.get("CHANCERY_BIN"):
            self.skipTest("CHANCERY_BIN is not set")
        self.responder = Responder()
        self.addCleanup(self.responder.stop)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chancery-interop-"))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def serve(self, environment=None, arguments=("-dnsserver", "127.0.0.1:9"), **pebble):
        server = TestServer(self.folder / f"server-{free_port()}", environment, arguments,
                            httpPort=self.responder.port, **pebble)
        self.addCleanup(server.stop)
        return server.start()

    def client(self, server, **account):
        client = Client(server.url, str(server.root_file), self.responder)
        client.register(**account)
        return client

    def refused(self, call, *arguments, **more):
        with self.assertRaises(Problem) as caught:
            call(*arguments, **more)
        return caught.exception


class ManagementTest(OwnClient):
    def test_alternate_roots_and_long_chains(self):
        server = self.serve({"PEBBLE_ALTERNATE_ROOTS": "2", "PEBBLE_CHAIN_LENGTH": "3"})
        client = self.client(server)
        location, order = client.order(["127.0.0.1"])
        client.start(order)
        client.wait(location, "ready")
        done = client.finalize(location, order, ["127.0.0.1"], new_key())
        headers, first = client.post(done["certificate"], "")
        others = re.findall(r"<([^>]+)>;rel=\"alternate\"", ",".join(headers.get_all("Link")))
        chains = [first] + [client.post(url, "")[1] for url in others]
        self.assertEqual(len(chains), 3)
        for number, chain in enumerate(chains):
            certificates = split_chain(chain.decode())
            self.assertEqual(len(certificates), 4)
            root = self.folder / "root.pem"
            root.write_text(server.manage(f"/roots/{number}"))
            (self.folder / "leaf.pem").write_text(certificates[0])
            (self.folder / "rest.pem").write_text("".join(certificates[1:]))
            openssl("verify", "-x509_strict", "-CAfile", str(root), "-untrusted", str(self.folder / "rest.pem"),
                    str(self.folder / "leaf.pem"))
            self.assertEqual(server.manage(f"/intermediates/{number}").strip(), certificates[1].strip())
            for kind, holder in (("root-keys", server.manage(f"/roots/{number}")),
                                 ("intermediate-keys", certificates[1])):
                of_key = openssl("pkey", "-pubout", text=server.manage(f"/{kind}/{number}"))
                self.assertEqual(of_key, openssl("x509", "-noout", "-pubkey", text=holder))
        self.assertEqual(server.fetch(server.management + "/roots/3")[0], 404)

    def test_status_and_renewal(self):
        server = self.serve(ocspResponderURL="http://127.0.0.1:4002")
        client = self.client(server)
        chain, leaf = client.obtain(["127.0.0.1"], profile="shortlived")
        self.assertEqual((leaf.not_valid_after_utc - leaf.not_valid_before_utc).total_seconds(), 518399)
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        self.assertEqual(list(usage), [ExtendedKeyUsageOID.SERVER_AUTH])
        access = leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        self.assertEqual([(one.access_method, one.access_location.value) for one in access],
                         [(AuthorityInformationAccessOID.OCSP, "http://127.0.0.1:4002")])
        path = f"/cert-status-by-serial/{leaf.serial_number:x}"
        told = json.loads(server.manage(path))
        self.assertEqual(told["Status"], "Valid")
        self.assertEqual(told["Serial"], f"{leaf.serial_number:x}")
        self.assertEqual(told["Certificate"], split_chain(chain.decode())[0])

        url = f"{client.directory['renewalInfo']}/{certificate_id(leaf)}"
        self.assertIn("suggestedWindow", json.loads(client.fetch(url)[1]))
        wanted = json.dumps({"suggestedWindow": {"start": "2000-01-01T00:00:00Z", "end": "2000-01-02T00:00:00Z"}})
        for text in (wanted, "{ not JSON"):
            status, _, _ = server.fetch(server.management + "/set-renewal-info/",
                                        json.dumps({"certificate": told["Certificate"], "ariResponse": text}), "POST")
            self.assertEqual(status, 200)
            self.assertEqual(client.fetch(url)[1].decode(), text)

        client.post(client.directory["revokeCert"], {"certificate": der_text(leaf), "reason": 4})
        told = json.loads(server.manage(path))
        self.assertEqual((told["Status"], told["Reason"]), ("Revoked", 4))
        self.assertRegex(told["RevokedAt"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC$")

    def test_new_roots_with_each_start(self):
        first, second = self.serve(), self.serve()
        self.assertNotEqual(first.manage("/roots/0"), second.manage("/roots/0"))

    def test_no_management_without_an_address(self):
        server = TestServer(self.folder / "none", arguments=("-dnsserver", "127.0.0.1:9"), managementListenAddress="")
        server._answers = lambda: server.root_file.exists()
        self.addCleanup(server.stop)
        server.start()
        with self.assertRaises(OSError):
            server.fetch(server.management + "/roots/0")


class ConductTest(OwnClient):
    def test_always_valid_and_blocked_names(self):
        server = self.serve({"PEBBLE_VA_ALWAYS_VALID": "1"}, domainBlocklist=["blocked.example"])
        client = self.client(server)
        self.assertEqual(self.refused(client.order, ["www.blocked.example"]).type, "rejectedIdentifier")
        _, leaf = client.obtain(["nowhere.example"])
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        self.assertEqual(names.get_values_for_type(x509.DNSName), ["nowhere.example"])
        self.assertEqual(len(leaf.subject), 0)
        self.assertEqual(self.responder.seen, [])

    def test_every_nonce_is_bad(self):
        server = self.serve()
        client = self.client(server)
        server.faults(badNonces=100)
        for _ in range(3):
            problem = self.refused(client.order, ["127.0.0.1"])
            self.assertEqual((problem.status, problem.type), (400, "badNonce"))
            self.assertTrue(problem.headers["Replay-Nonce"])
        server.faults(badNonces=0)
        client.order(["127.0.0.1"])

    def test_a_client_that_waits_gets_through(self):
        server = self.serve()
        client = self.client(server)
        server.faults(refusals=[{"status": 429, "resource": "new-order", "count": 1, "retryAfter": 1},
                                {"status": 503, "resource": "new-order", "count": 1, "retryAfter": 2}])
        waits = []
        for _ in range(3):
            try:
                client.order(["127.0.0.1"])
                break
            except Problem as problem:
                waits.append((problem.status, problem.type, problem.headers["Retry-After"]))
                time.sleep(int(problem.headers["Retry-After"]))
        self.assertEqual(waits, [(429, "rateLimited", "1"), (503, "serverInternal", "2")])

    def test_slow_finalize_shows_processing(self):
        server = self.serve({"PEBBLE_VA_ALWAYS_VALID": "1"})
        client = self.client(server)
        server.faults(slowFinalize=600)
        location, order = client.order(["slow.example"])
        client.start(order)
        client.wait(location, "ready")
        headers, body = client.post(order["finalize"], {"csr": client.csr(["slow.example"], new_key())})
        self.assertEqual(json.loads(body)["status"], "processing")
        self.assertRegex(headers["Retry-After"], "^(1|.* GMT)$")
        self.assertEqual(client.read(location)["status"], "processing")
        # It ends at once all the same.
        server.process.terminate()
        self.assertEqual(server.process.wait(20), 0)

    def test_slow_validation_shows_processing(self):
        server = self.serve()
        client = self.client(server)
        server.faults(slowValidation=600)
        _, order = client.order(["127.0.0.1"])
        client.start(order)
        headers, body = client.post(order["authorizations"][0], "")
        told = json.loads(body)
        self.assertEqual(told["status"], "pending")
        self.assertIn("processing", [one["status"] for one in told["challenges"]])
        self.assertRegex(headers["Retry-After"], "^(1|.* GMT)$")

    def test_authorizations_are_reused_or_not(self):
        for percent, same in (("100", True), ("0", False)):
            with self.subTest(percent=percent):
                server = self.serve({"PEBBLE_VA_ALWAYS_VALID": "1", "PEBBLE_AUTHZREUSE": percent})
                client = self.client(server)
                client.obtain(["reused.example"])
                first = client.order(["reused.example"])[1]
                second = client.order(["reused.example"])[1]
                self.assertEqual(first["authorizations"] == second["authorizations"], same)
                self.assertEqual(first["status"], "ready" if same else "pending")

    def test_orders_by_the_page(self):
        server = self.serve({"PEBBLE_WFE_ORDERS_PER_PAGE": "2"})
        client = self.client(server)
        ordered = {client.order([f"127.0.0.{number}"])[0] for number in range(1, 4)}
        listed, url = [], client.read(client.account)["orders"]
        while url:
            headers, body = client.post(url, "")
            page = json.loads(body)["orders"]
            self.assertLessEqual(len(page), 2)
            listed += page
            following = re.search(r"<([^>]+)>;rel=\"next\"", ",".join(headers.get_all("Link")))
            url = following[1] if following else None
        self.assertEqual(set(listed), ordered)

    def test_terms_and_bindings(self):
        key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
        server = self.serve(externalAccountBindingRequired=True, externalAccountMACKeys={"kid-1": key})
        client = Client(server.url, str(server.root_file), self.responder)
        self.assertTrue(client.directory["meta"]["externalAccountRequired"])
        self.assertEqual(self.refused(client.register).type, "externalAccountRequired")
        self.assertEqual(self.refused(client.register, termsOfServiceAgreed=False,
                                      externalAccountBinding=client.binding("kid-1", key)).type, "userActionRequired")
        # As in Pebble a key identifier serves any number of accounts.
        for _ in range(2):
            other = Client(server.url, str(server.root_file), self.responder)
            self.assertEqual(other.register(externalAccountBinding=other.binding("kid-1", key))["status"], "valid")
        self.assertEqual(self.refused(client.register, externalAccountBinding=client.binding("kid-2", key)).type,
                         "unauthorized")


class ProgramTest(OwnClient):
    def run_server(self, *arguments, config=None, environment=None):
        if config is not None:
            path = self.folder / "pebble.json"
            path.write_text(json.dumps(config))
            arguments = (*arguments, "-config", str(path))
        return subprocess.run([os.environ["CHANCERY_BIN"], "acme", "test-server", *arguments], text=True, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              env={"PATH": os.environ["PATH"], **(environment or {})})

    def test_what_is_wrong_is_said(self):
        for config, said in (({"pebble": {"listenAddress": "127.0.0.1:1", "htpPort": 1}}, 'did you mean "httpPort"?'),
                             ({"pebble": {"listenAddress": "192.0.2.1:14000"}}, "--expose"),
                             ({"pebble": {}}, "listenAddress"), ({"peble": {}}, 'did you mean "pebble"?')):
            with self.subTest(said=said):
                done = self.run_server(config=config)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(said, done.stderr)
        done = self.run_server(environment={"PEBBLE_WFE_NONCEREJECT": "much"})
        self.assertIn("PEBBLE_WFE_NONCEREJECT", done.stderr)
        self.assertNotEqual(done.returncode, 0)

    def test_no_option_leads_to_a_store(self):
        for option in ("--data", "--store", "--token-file", "--address"):
            with self.subTest(option=option):
                self.assertNotEqual(self.run_server(option, str(self.folder)).returncode, 0)
        with socket.create_server(("127.0.0.1", 0)) as taken:  # so that it does not stay
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            done = self.run_server(config={"pebble": {"listenAddress": address, "data": "/", "store": "sqlite"}})
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stderr.count("is no key of this server"), 2)

    def test_it_warns_and_stays_at_home(self):
        server = self.serve(address="0.0.0.0")
        told = server.log.read_text()
        self.assertIn("FOR TESTS ONLY", told)
        self.assertIn("127.0.0.1 only", told)

    def test_certificate_of_its_own(self):
        key, certificate = self.folder / "key.pem", self.folder / "cert.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate), "-subj",
                "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2")
        server = self.serve(certificate=str(certificate), privateKey=str(key))
        context = ssl.create_default_context(cafile=str(certificate))
        with urllib.request.urlopen(server.url, context=context, timeout=30) as answer:
            self.assertEqual(answer.status, 200)


class BesidePebbleTest(OwnClient):
    """The same questions to Pebble and to this server."""

    def setUp(self):
        super().setUp()
        if not shutil.which("pebble"):
            self.skipTest("pebble is not installed")
        key, certificate = self.folder / "key.pem", self.folder / "cert.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate), "-subj",
                "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2")
        environment = {"PEBBLE_VA_ALWAYS_VALID": "1", "PEBBLE_ALTERNATE_ROOTS": "1"}
        # Debian's has no profiles yet.
        pebble = {"certificate": str(certificate), "privateKey": str(key), "keyAlgorithm": "rsa",
                  "domainBlocklist": ["blocked.example"], "certificateValidityPeriod": 7776000}
        own = self.serve(environment, **pebble)
        theirs = TestServer(self.folder / "pebble", environment, program=["pebble"], httpPort=self.responder.port,
                            **pebble)
        self.addCleanup(theirs.stop)
        theirs.start()
        own.root_file = theirs.root_file = certificate
        self.servers = {"own": own, "pebble": theirs}

    def both(self, ask):
        return {name: ask(server) for name, server in self.servers.items()}

    def alike(self, ask):
        answers = self.both(ask)
        self.assertEqual(answers["own"], answers["pebble"])
        return answers["own"]

    def test_directory_has_what_pebbles_has(self):
        told = self.both(lambda server: json.loads(server.fetch(server.url)[2]))
        for name, value in told["pebble"].items():
            self.assertIn(name, told["own"])
            if isinstance(value, str):
                self.assertTrue(told["own"][name].startswith("https://localhost:"))
        # "externalAccountRequired": false says what its absence says (RFC 8555 section 7.1.1).
        theirs = {name for name, value in told["pebble"]["meta"].items() if value is not False}
        self.assertLessEqual(theirs, set(told["own"]["meta"]))

    def test_management(self):
        def shape(server):
            out = []
            for path in ("/roots/0", "/roots/1", "/roots/2", "/root-keys/0", "/intermediates/0", "/intermediates/1",
                         "/intermediate-keys/0", "/intermediate-keys/9"):
                status, headers, body = server.fetch(server.management + path)
                link = (headers.get("Link") or "").replace(server.management, "").replace(" ", "")
                kind = headers["Content-Type"] if status == 200 else ""
                out.append((path, status, kind, link, body.split("\n")[0] if status == 200 else ""))
            return out

        self.alike(shape)

    def test_from_order_to_revocation(self):
        def go(server):
            client = self.client(server)
            refusal = self.refused(client.order, ["a.blocked.example"])
            chain, leaf = client.obtain(["www.example.com"])
            serial = f"{leaf.serial_number:x}"
            before = json.loads(server.manage(f"/cert-status-by-serial/{serial}"))
            client.post(client.directory["revokeCert"], {"certificate": der_text(leaf), "reason": 1})
            after = json.loads(server.manage(f"/cert-status-by-serial/{serial}"))
            again = self.refused(client.post, client.directory["revokeCert"], {"certificate": der_text(leaf)})
            usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
            return {"refusal": (refusal.status, refusal.type), "chain": len(split_chain(chain.decode())),
                    "before": (sorted(before), before["Status"], before["Serial"] == serial),
                    "after": (after["Status"], after["Reason"], "RevokedAt" in after),
                    "again": (again.status, again.type), "usage": usage.digital_signature}

        self.alike(go)


if __name__ == "__main__":
    unittest.main()
