"""Certificate status at its public paths, as openssl, GnuTLS, NSS, curl and nginx read it."""

import base64
import json
import os
import shutil
import subprocess
import unittest
import urllib.error
import urllib.request

from chancery_server import OPENSSL, ChanceryServer, Judge, free_port, wait_until

server = None
judge = None
issuer = None  # the id of the issuing authority


def setUpModule():
    global server, judge, issuer
    server = ChanceryServer()
    unittest.addModuleCleanup(server.stop)
    server.start()
    judge = Judge(server)
    default = next(a for a in cli("status")["authorities"] if a["is_default"])
    issuer = default["id"]
    base = server.http
    api("/v1/pki/config/urls", {
        "enable_templating": True,
        "issuing_certificates": [f"{base}/v1/pki/ca"],
        "ocsp_servers": [f"{base}/ocsp"],
        "crl_distribution_points": [f"{base}/crl/{{{{issuer_id}}}}/full.crl"],
        "delta_crl_distribution_points": [f"{base}/crl/{{{{issuer_id}}}}/delta.crl"]})
    # What init wrote into the authority goes before what is set for all.
    api(f"/v1/pki/issuer/{issuer}", {
        "enable_aia_url_templating": True,
        "issuing_certificates": [f"{base}/v1/pki/ca"],
        "ocsp_servers": [f"{base}/ocsp"],
        "crl_distribution_points": [f"{base}/crl/{{{{issuer_id}}}}/full.crl"],
        "delta_crl_distribution_points": [f"{base}/crl/{{{{issuer_id}}}}/delta.crl"]})
    api("/v1/pki/roles/web", {"allow_any_name": True, "key_type": "ec", "max_ttl": "48h"})


def api(path, body=None, method=None):
    import ssl
    request = urllib.request.Request(
        server.https + path, data=None if body is None else json.dumps(body).encode(), method=method,
        headers={"X-Vault-Token": server.token, "Authorization": "Bearer " + server.token})
    context = ssl.create_default_context(cafile=server.root_ca)
    with urllib.request.urlopen(request, context=context, timeout=60) as answer:
        content = answer.read()
        return json.loads(content) if content else None


def cli(*arguments, status=0, output="json"):
    """What the program's own command line says."""
    environment = {**os.environ, "CHANCERY_ADDR": server.https, "CHANCERY_CACERT": server.root_ca,
                   "CHANCERY_TOKEN": server.token}
    with_output = [*arguments, "--output", output] if output else [*arguments]
    done = subprocess.run([server.program, *with_output], env=environment, capture_output=True, text=True,
                          timeout=120)
    if status is not None and done.returncode != status:
        raise AssertionError(f"chancery {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout) if output == "json" and done.stdout.strip() else done.stdout + done.stderr


def settings(**values):
    cli("crl", "set", *[f"{name}={value}" for name, value in values.items()])


def issue(name="www.example.test"):
    data = api("/v1/pki/issue/web", {"common_name": name, "ttl": "12h"})["data"]
    return data


def files(data, stem):
    """The certificate, its issuer and the key as files."""
    leaf = judge.file(stem + ".pem", data["certificate"] + "\n")
    ca = judge.file("issuer.pem", data["issuing_ca"] + "\n")
    key = judge.file(stem + ".key", data["private_key"] + "\n")
    return leaf, ca, key


def openssl_ocsp(certificates, *options, url=None, status=0):
    """Status words of several certificates in one request by openssl."""
    named = []
    for data in certificates:
        leaf, ca, _ = files(data, data["serial_number"].replace(":", ""))
        named += ["-issuer", ca, "-cert", leaf]
    text = judge.run("ocsp", *options, *named, "-url", url or server.http + "/ocsp", "-CAfile", server.root_ca,
                     "-verify_other", ca, "-VAfile", ca, status=status)
    words = {}
    for line in text.splitlines():
        for data in certificates:
            stem = data["serial_number"].replace(":", "") + ".pem: "
            if stem in line:
                words[data["serial_number"]] = line.split(stem)[1].strip()
    return words, text


def revoke(data, *options):
    return cli("cert", "revoke", data["serial_number"], *options)


class Ocsp(unittest.TestCase):
    def tearDown(self):
        settings(ocsp_delegated="false", ocsp_unissued="unknown")

    def test_openssl_asks_about_several_certificates_by_either_hash(self):
        good, bad = issue("good.test"), issue("bad.test")
        revoke(bad, "--reason", "keyCompromise")
        for digest in ("-sha1", "-sha256"):
            words, text = openssl_ocsp([good, bad], digest)
            self.assertEqual(words, {good["serial_number"]: "good", bad["serial_number"]: "revoked"}, text)
            self.assertIn("keyCompromise", text)
            self.assertNotIn("WARNING: no nonce", text)

    def test_get_is_kept_by_caches_and_asked_again_by_its_tag(self):
        data = issue()
        leaf, ca, _ = files(data, "get")
        request = judge.folder / "get.req"
        judge.run("ocsp", "-no_nonce", "-sha256", "-issuer", ca, "-cert", leaf, "-reqout", str(request))
        path = "/ocsp/" + base64.b64encode(request.read_bytes()).decode().replace("+", "%2B").replace("/", "%2F")
        with urllib.request.urlopen(server.http + path, timeout=30) as answer:
            headers, body = answer.headers, answer.read()
        self.assertEqual(headers["Content-Type"], "application/ocsp-response")
        self.assertIn("max-age=300", headers["Cache-Control"])
        self.assertIn("GMT", headers["Last-Modified"])
        self.assertIn("GMT", headers["Expires"])
        answer = judge.file("get.resp", body)
        text = judge.run("ocsp", "-respin", answer, "-sha256", "-issuer", ca, "-cert", leaf, "-CAfile", server.root_ca,
                         "-VAfile", ca, "-no_nonce")
        self.assertIn("Response verify OK", text)
        again = urllib.request.Request(server.http + path, headers={"If-None-Match": headers["ETag"]})
        with self.assertRaises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(again, timeout=30)
        self.assertEqual(raised.exception.code, 304)
        revoke(data)
        with urllib.request.urlopen(server.http + path, timeout=30) as answer:
            self.assertNotEqual(answer.headers["ETag"], headers["ETag"])

    def test_a_delegated_responder_is_believed(self):
        settings(ocsp_delegated="true", ocsp_delegate_validity="2h")
        data = issue()
        leaf, ca, _ = files(data, "delegated")
        out = judge.folder / "delegated.der"

        def delegated():
            judge.run("ocsp", "-issuer", ca, "-cert", leaf, "-url", server.http + "/ocsp", "-CAfile",
                      server.root_ca, "-VAfile", ca, "-respout", str(out), status=None)
            return "OCSP Signing" in judge.run("ocsp", "-respin", str(out), "-resp_text", "-noverify")

        wait_until(delegated)
        # Without -VAfile: openssl has to find that the issuer gave the responder its certificate.
        text = judge.run("ocsp", "-issuer", ca, "-cert", leaf, "-url", server.http + "/ocsp", "-CAfile",
                         server.root_ca, "-verify_other", ca)
        self.assertIn("Response verify OK", text)
        self.assertIn("delegated.pem: good", text)
        self.assertIn("OCSP No Check", judge.run("ocsp", "-respin", str(out), "-resp_text", "-noverify"))
        asked = cli("ocsp", "query", leaf, "--issuer", ca)
        self.assertEqual(asked["status"], "good")
        self.assertIn("a delegate of the issuer", asked["signed_by"])

    def test_ocsptool(self):
        good, bad = issue("good.test"), issue("bad.test")
        revoke(bad)
        for data, word in ((good, "good"), (bad, "revoked")):
            leaf, ca, _ = files(data, "gnutls")
            done = subprocess.run(["ocsptool", "--ask=" + server.http + "/ocsp", "--load-cert", leaf, "--load-issuer",
                                   ca, "--load-trust", ca, "--nonce"], capture_output=True, text=True, timeout=60)
            self.assertIn(f"Certificate Status: {word}", done.stdout, done.stderr)
            self.assertIn("Success", done.stdout + done.stderr)

    def test_own_query_explains(self):
        data = issue()
        leaf, ca, _ = files(data, "own")
        asked = cli("ocsp", "query", leaf, "--issuer", ca)
        self.assertEqual((asked["status"], asked["nonce"], asked["signed_by"]),
                         ("good", "repeated", "the issuer itself"))
        revoke(data, "--hold")
        for options in ([], ["--sha1"], ["--get"], ["--no-nonce"]):
            asked = cli("ocsp", "query", leaf, "--issuer", ca, *options, status=None)
            self.assertEqual((asked["status"], asked["reason"]), ("revoked", "certificateHold"), options)
        cli("cert", "release", data["serial_number"])
        self.assertEqual(cli("ocsp", "query", leaf, "--issuer", ca)["status"], "good")

    def test_unissued_serials_as_the_settings_say(self):
        data = issue()
        ca = files(data, "unissued")[1]
        ask = ["ocsp", "-issuer", ca, "-serial", "0x0102030405", "-url", server.http + "/ocsp", "-CAfile",
               server.root_ca, "-VAfile", ca, "-resp_text"]
        self.assertIn("Cert Status: unknown", judge.run(*ask))
        settings(ocsp_unissued="revoked")
        text = judge.run(*ask)
        self.assertIn("Cert Status: revoked", text)
        self.assertIn("Jan  1 00:00:00 1970 GMT", text)
        self.assertRegex(text, r"\n +valid: ?\n")  # openssl's short name of id-pkix-ocsp-extended-revoke


class Crls(unittest.TestCase):
    def tearDown(self):
        settings(auto_rebuild="false", enable_delta="false")

    def crl(self, name, **headers):
        request = urllib.request.Request(f"{server.http}/crl/{issuer}/{name}.crl", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()

    def pem(self, name):
        der = judge.file(name + ".der", self.crl(name)[2])
        return judge.run("crl", "-inform", "DER", "-in", der)

    def verify(self, data, *crls, status):
        leaf, ca, _ = files(data, "verify")
        return judge.run("verify", "-partial_chain", "-CAfile", ca, "-crl_check", "-use_deltas", "-extended_crl",
                         "-CRLfile", judge.file("crls.pem", "".join(crls)), leaf, status=status)

    def test_openssl_takes_holds_back_by_delta(self):
        held, gone = issue("held.test"), issue("gone.test")
        revoke(held, "--hold")
        settings(auto_rebuild="true", enable_delta="true", delta_rebuild_interval="1s")
        cli("crl", "publish")
        full = self.pem("full")
        self.assertIn("Freshest CRL", judge.run("crl", "-in", judge.file("f.pem", full), "-noout", "-text"))
        self.assertIn("certificate revoked", self.verify(held, full, self.pem("delta"), status=2))
        cli("cert", "release", held["serial_number"])
        revoke(gone, "--reason", "keyCompromise", "--invalid-since", "2026-01-02T03:04:05Z")
        cli("crl", "publish", "--delta")
        delta = self.pem("delta")
        text = judge.run("crl", "-in", judge.file("d.pem", delta), "-noout", "-text")
        for part in ("Remove From CRL", "Key Compromise", "Jan  2 03:04:05 2026 GMT", "Delta CRL Indicator"):
            self.assertIn(part, text)
        self.assertIn("certificate revoked", self.verify(gone, full, delta, status=2))
        fresh = issue("fresh.test")
        self.assertIn("OK", self.verify(fresh, full, delta, status=0))

    def test_http_as_caches_want_it(self):
        status, headers, body = self.crl("full")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/pkix-crl"))
        self.assertIn("max-age=", headers["Cache-Control"])
        with self.assertRaises(urllib.error.HTTPError) as raised:
            self.crl("full", **{"If-None-Match": headers["ETag"]})
        self.assertEqual(raised.exception.code, 304)
        status, _, part = self.crl("full", Range="bytes=10-19")
        self.assertEqual((status, part), (206, body[10:20]))
        head = urllib.request.Request(f"{server.http}/crl/{issuer}/full.crl", method="HEAD")
        with urllib.request.urlopen(head, timeout=30) as answer:
            self.assertEqual((int(answer.headers["Content-Length"]), answer.read()), (len(body), b""))

    def test_a_crl_is_made_without_being_asked_for(self):
        before = next(c for c in cli("crl", "list", status=None)["crls"] if c["authority"] == issuer)["number"]
        revoke(issue())
        metrics = f'chancery_crl_number{{issuer="{issuer}",crl="full"}} '

        def number():
            text = server_metrics()
            return int(text.split(metrics)[1].split("\n")[0]) if metrics in text else 0

        wait_until(lambda: number() > before)

    def test_metrics_tell_of_every_crl_and_responder(self):
        wait_until(lambda: f'chancery_status_url_ok{{issuer="{issuer}",url="{server.http}/ocsp"}} 1' in server_metrics())
        text = server_metrics()
        for name in ("crl_ok", "crl_age_seconds", "crl_next_update_seconds", "crl_size_bytes", "crl_entries"):
            self.assertIn(f'chancery_{name}{{issuer="{issuer}",crl="full"}} ', text)
        self.assertIn(f'chancery_ocsp_ok{{issuer="{issuer}"}} 1', text)

    def test_nss_reads_the_crl(self):
        database = judge.folder / "nss"
        database.mkdir()
        data = issue()
        revoke(data)
        _, ca, _ = files(data, "nss")
        crl = judge.file("nss.crl", self.crl("full")[2])

        def nss(*arguments):
            return subprocess.run([arguments[0], *arguments[1:], "-d", f"sql:{database}"], capture_output=True, text=True,
                                  timeout=60)

        self.assertEqual(nss("certutil", "-N", "--empty-password").returncode, 0)
        self.assertEqual(nss("certutil", "-A", "-n", "root", "-t", "C,,", "-i", server.root_ca).returncode, 0)
        self.assertEqual(nss("certutil", "-A", "-n", "ca", "-t", ",,", "-i", ca).returncode, 0)
        done = nss("crlutil", "-I", "-i", crl)  # which verifies the signature
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("ca", nss("crlutil", "-L").stdout)


class Shards(unittest.TestCase):
    def test_openssl_takes_the_shard_that_a_certificate_names(self):
        settings(crl_shards="4")
        base = server.http
        point = f"{base}/crl/{{{{issuer_id}}}}/{{{{crl_shard_4}}}}.crl"
        api(f"/v1/pki/issuer/{issuer}", {
            "enable_aia_url_templating": True, "ocsp_servers": [f"{base}/ocsp"], "crl_distribution_points": [point]})
        try:
            pair = [issue("a.test"), issue("b.test")]
            revoke(pair[0])
            for data, status in ((pair[0], 2), (pair[1], 0)):
                leaf, ca, _ = files(data, "shard")
                text = judge.x509(data["certificate"], "-ext", "crlDistributionPoints")
                url = text.split("URI:")[1].split()[0]
                with urllib.request.urlopen(url, timeout=30) as answer:
                    der = judge.file("shard.der", answer.read())
                crl = judge.run("crl", "-inform", "DER", "-in", der)
                self.assertIn("Issuing Distribution Point",
                              judge.run("crl", "-inform", "DER", "-in", der, "-noout", "-text"))
                judge.run("verify", "-partial_chain", "-CAfile", ca, "-crl_check", "-extended_crl", "-CRLfile",
                          judge.file("shard.crl", crl), leaf, status=status)
        finally:
            api(f"/v1/pki/issuer/{issuer}", {
                "enable_aia_url_templating": True, "ocsp_servers": [f"{base}/ocsp"],
                "crl_distribution_points": [f"{base}/crl/{{{{issuer_id}}}}/full.crl"]})


class Many(unittest.TestCase):
    def test_a_search_result_is_revoked_in_one_command(self):
        shop = [issue(f"{i}.shop.test") for i in range(5)]
        other = issue("other.test")
        tried = cli("cert", "revoke", "--name-suffix", ".shop.test", "--dry-run")
        self.assertEqual((tried["state"], tried["revoked"]), ("finished", 5))
        self.assertEqual(openssl_ocsp([shop[0]])[0][shop[0]["serial_number"]], "good")
        done = cli("cert", "revoke", "--name-suffix", ".shop.test", "--reason", "superseded")
        self.assertEqual((done["state"], done["revoked"], done["already_revoked"]), ("finished", 5, 0))
        words, _ = openssl_ocsp([*shop, other])
        self.assertEqual(set(words.values()), {"revoked", "good"})
        self.assertEqual(words[other["serial_number"]], "good")
        self.assertEqual(cli("revocation", "list")["revocations"][0]["id"], done["id"])
        self.assertIn("would revoke 5", cli("revocation", "show", tried["id"], output="text"))

    def test_a_key_goes_with_all_its_certificates(self):
        data = issue()
        leaf, _, key = files(data, "lost")
        done = cli("cert", "revoke", "--key", leaf, "--reason", "keyCompromise")
        self.assertEqual(done["revoked"], 1)
        csr = judge.folder / "lost.csr"
        judge.run("req", "-new", "-key", key, "-out", str(csr), "-subj", "/CN=again.test")
        with self.assertRaises(urllib.error.HTTPError):
            api("/v1/pki/sign/web", {"csr": csr.read_text(), "common_name": "again.test"})

    def test_what_says_nothing_or_too_much_is_refused(self):
        self.assertIn("name one certificate", cli("cert", "revoke", status=None, output="text"))
        self.assertIn("name one certificate", cli("cert", "revoke", "01", "--all", status=None, output="text"))


class Import(unittest.TestCase):
    def test_an_offline_roots_crl_is_imported_once_and_never_goes_back(self):
        root = next(c for c in cli("crl", "list")["crls"] if c["imported"])
        crl = judge.file("root.crl", server.fetch("/v1/pki/issuer/root/crl/der"))
        self.assertIn("was imported before", cli("crl", "import", root["authority"], crl, status=None, output="text"))
        own = judge.file("own.crl", server.fetch("/v1/pki/crl"))
        self.assertIn("another issuer", cli("crl", "import", root["authority"], own, status=None, output="text"))
        self.assertIn("makes its CRLs itself", cli("crl", "import", "default", own, status=None, output="text"))
        self.assertIn("no CRL", cli("crl", "import", root["authority"], judge.file("x.crl", b"x"), status=None,
                                    output="text"))


class Directory(unittest.TestCase):
    def test_every_crl_is_written_whole_into_a_directory(self):
        with ChanceryServer("--organization", "Directory") as own:
            own.process.terminate()
            own.process.wait(30)
            directory = own.folder / "crls"
            configuration = own.data / "chancery.yaml"
            configuration.write_text(configuration.read_text().replace('crl_directory: ""',
                                                                       f"crl_directory: {directory}"))
            own.serve()
            wait_until(lambda: len(list(directory.glob("*/full.crl"))) == 2)  # the issuing authority's and the root's
            for file in directory.glob("*/full.crl"):
                content = file.read_bytes()
                self.assertEqual(content, own.fetch(f"/crl/{file.parent.name}/full.crl"))
                self.assertIn("X509 CRL", judge.run("crl", "-inform", "DER", "-in", str(file)))


class Stapling(unittest.TestCase):
    def test_curl_finds_nginxs_staple_and_its_absence(self):
        nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if not nginx:
            self.skipTest("nginx is absent")
        data = issue("localhost")
        _, ca, key = files(data, "staple")
        chain = judge.file("staple-chain.pem", data["certificate"] + "\n" + data["issuing_ca"] + "\n")
        trusted = judge.file("staple-ca.pem",
                             data["issuing_ca"] + "\n" + (server.data / "root-ca.pem").read_text())
        port = free_port()
        configuration = judge.file("nginx.conf", f"""
daemon off; pid {judge.folder}/nginx.pid; error_log {judge.folder}/nginx.log; worker_processes 1;
events {{}}
http {{
  access_log off; client_body_temp_path {judge.folder}; proxy_temp_path {judge.folder};
  fastcgi_temp_path {judge.folder}; uwsgi_temp_path {judge.folder}; scgi_temp_path {judge.folder};
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {chain}; ssl_certificate_key {key};
    ssl_stapling on; ssl_stapling_verify on; ssl_trusted_certificate {trusted};
    location / {{ return 200 "here"; }}
  }}
}}""")
        process = subprocess.Popen([nginx, "-c", configuration, "-p", str(judge.folder)], stdin=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.terminate)

        def status_of():
            done = subprocess.run([OPENSSL, "s_client", "-connect", f"127.0.0.1:{port}", "-status", "-CAfile", server.root_ca],
                                  input=b"", capture_output=True, timeout=30)
            return done.stdout.decode()

        # nginx asks for its first staple when the first client comes.
        wait_until(lambda: "Cert Status: good" in status_of())
        done = subprocess.run(["curl", "--silent", "--show-error", "--cert-status", "--cacert", server.root_ca,
                               f"https://localhost:{port}/"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.stdout, "here", done.stderr)


def server_metrics():
    import ssl
    context = ssl.create_default_context(cafile=server.root_ca)
    with urllib.request.urlopen(server.https + "/metrics", context=context, timeout=30) as answer:
        return answer.read().decode()


if __name__ == "__main__":
    unittest.main()
