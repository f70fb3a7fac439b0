"""Mounts and authentication methods by bao, the command line of OpenBao, and by hvac."""

import concurrent.futures
import json
import os
import subprocess
import unittest

import hvac

from chancery_server import OPENSSL, ChanceryServer

BAO = os.environ.get("BAO_BIN")
if not BAO:
    raise unittest.SkipTest("bao is absent (BAO_BIN)")

server = None


def setUpModule():
    global server
    server = ChanceryServer()
    unittest.addModuleCleanup(server.stop)
    server.start()
    bao("write", "pki/roles/web", "allow_any_name=true", "key_type=ec")
    bao("policy", "write", "issuer", "-",
        text_input='path "pki/issue/web" {\n  capabilities = ["update"]\n}\n')


def bao(*arguments, **options):
    return server.bao(*arguments, **options)


def bao_json(*arguments, **options):
    verb, *rest = arguments
    return json.loads(bao(verb, *rest, **options))


def client(token=None, **options):
    return hvac.Client(url=server.https, token=token, verify=server.root_ca, **options)


def openssl(*arguments):
    subprocess.run([OPENSSL, *arguments], check=True, capture_output=True, timeout=60)


def make_client_certificate(name):
    """A CA of the client's own and a certificate of it: paths of CA, certificate and key."""
    paths = {kind: str(server.folder / f"{name}.{kind}") for kind in ("ca", "ca-key", "pem", "key", "csr", "ext")}
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=clients", "-keyout", paths["ca-key"], "-out", paths["ca"])
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            f"/OU=ops/CN={name}.example.com", "-keyout", paths["key"], "-out", paths["csr"])
    with open(paths["ext"], "w") as out:
        out.write(f"subjectAltName=DNS:{name}.example.com\nextendedKeyUsage=clientAuth\n")
    openssl("x509", "-req", "-in", paths["csr"], "-CA", paths["ca"], "-CAkey", paths["ca-key"], "-days", "1",
            "-extfile", paths["ext"], "-out", paths["pem"])
    return paths


class CommandLine(unittest.TestCase):
    def test_secrets_engines(self):
        bao("secrets", "enable", "-path=team/a", "-description=Team A", "-max-lease-ttl=8760h", "pki")
        listed = bao_json("secrets", "list", "-format=json")
        self.assertEqual(listed["team/a/"]["type"], "pki")
        self.assertEqual(listed["team/a/"]["description"], "Team A")
        self.assertIn("pki/", listed)
        self.assertIn("team/a/", bao("secrets", "list", "-detailed"))
        bao("secrets", "tune", "-default-lease-ttl=1h", "team/a")
        self.assertEqual(bao_json("read", "-format=json", "sys/mounts/team/a/tune")["data"]["default_lease_ttl"], 3600)
        bao("write", "team/a/roles/web", "key_type=ec", "ttl=5m")
        self.assertIn("Success", bao("secrets", "move", "team/a", "team/b"))
        self.assertEqual(bao_json("read", "-format=json", "team/b/roles/web")["data"]["ttl"], 300)
        self.assertIn("path is already in use", bao("secrets", "enable", "-path=team/b", "pki", status=2))
        bao("secrets", "disable", "team/b")
        self.assertNotIn("team/b/", bao_json("secrets", "list", "-format=json"))
        self.assertIn("no handler for route", bao("read", "team/b/roles/web", status=2))

    def test_authentication_methods(self):
        bao("auth", "enable", "-path=robots", "-description=for robots", "approle")
        listed = bao_json("auth", "list", "-format=json")
        self.assertEqual(listed["robots/"]["type"], "approle")
        self.assertEqual(listed["token/"]["type"], "token")
        bao("auth", "tune", "-default-lease-ttl=2h", "robots")
        self.assertEqual(bao_json("read", "-format=json", "sys/auth/robots/tune")["data"]["default_lease_ttl"], 7200)
        self.assertIn("Success", bao("auth", "move", "auth/robots", "auth/machines"))
        bao("auth", "disable", "machines")
        self.assertNotIn("machines/", bao_json("auth", "list", "-format=json"))

    def test_approle(self):
        bao("auth", "enable", "approle")
        self.addCleanup(bao, "auth", "disable", "approle")
        bao("write", "auth/approle/role/web", "token_policies=issuer", "secret_id_num_uses=1", "token_ttl=20m")
        role_id = bao("read", "-field=role_id", "auth/approle/role/web/role-id")
        secret = bao("write", "-f", "-field=secret_id", "auth/approle/role/web/secret-id")
        login = bao_json("write", "-format=json", "auth/approle/login", f"role_id={role_id}", f"secret_id={secret}")
        token = login["auth"]["client_token"]
        self.assertEqual(login["auth"]["lease_duration"], 1200)
        self.assertIn("BEGIN CERTIFICATE", bao("write", "pki/issue/web", "common_name=a.b", token=token))
        self.assertIn("invalid role or secret ID",
                      bao("write", "auth/approle/login", f"role_id={role_id}", f"secret_id={secret}", status=2))
        self.assertIn("web", bao("list", "auth/approle/role"))
        bao("delete", "auth/approle/role/web")

    def test_login_with_a_password(self):
        bao("auth", "enable", "userpass")
        self.addCleanup(bao, "auth", "disable", "userpass")
        bao("write", "auth/userpass/users/bob", "password=s3cret", "token_policies=issuer")
        login = bao_json("login", "-format=json", "-no-store", "-method=userpass", "username=bob", "password=s3cret")
        self.assertEqual(login["auth"]["policies"], ["default", "issuer"])
        self.assertIn("invalid username or password",
                      bao("login", "-no-store", "-method=userpass", "username=bob", "password=wrong", status=2))

    def test_login_with_a_certificate(self):
        bao("auth", "enable", "cert")
        self.addCleanup(bao, "auth", "disable", "cert")
        paths = make_client_certificate("cli")
        bao("write", "auth/cert/certs/ops", f"certificate=@{paths['ca']}", "token_policies=issuer",
            "allowed_common_names=*.example.com")
        login = bao_json("login", "-format=json", "-no-store", "-method=cert", f"-client-cert={paths['pem']}",
                         f"-client-key={paths['key']}", "name=ops")
        self.assertEqual(login["auth"]["metadata"]["cert_name"], "ops")
        other = make_client_certificate("stranger")
        self.assertIn("invalid certificate",
                      bao("login", "-no-store", "-method=cert", f"-client-cert={other['pem']}",
                          f"-client-key={other['key']}", status=2))
        self.assertIn("no client certificate found", bao("login", "-no-store", "-method=cert", status=2))

    def test_token_roles(self):
        bao("write", "auth/token/roles/ci", "allowed_policies=issuer", "orphan=true", "token_period=10m")
        made = bao_json("token", "create", "-format=json", "-role=ci", "-policy=issuer")["auth"]
        self.assertEqual((made["orphan"], made["lease_duration"]), (True, 600))
        self.assertIn("must be subset", bao("token", "create", "-role=ci", "-policy=other", status=2))
        bao("delete", "auth/token/roles/ci")


class Library(unittest.TestCase):
    def setUp(self):
        self.root = client(server.token)

    def enable(self, method, path):
        self.root.sys.enable_auth_method(method, path=path)
        self.addCleanup(self.root.sys.disable_auth_method, path)

    def test_sys(self):
        sys = self.root.sys
        sys.enable_secrets_engine("pki", path="lib", config={"max_lease_ttl": "100h"})
        self.assertIn("lib/", sys.list_mounted_secrets_engines()["data"])
        self.assertEqual(sys.retrieve_mount_option("lib", "none", "x"), "x")
        sys.tune_mount_configuration("lib", default_lease_ttl="3h", description="d")
        self.assertEqual(sys.read_mount_configuration("lib")["data"]["default_lease_ttl"], 10800)
        sys.move_backend("lib", "lib2")
        self.assertIn("lib2/", sys.list_mounted_secrets_engines()["data"])
        sys.disable_secrets_engine("lib2")
        self.enable("userpass", "people")
        self.assertIn("people/", sys.list_auth_methods()["data"])
        sys.tune_auth_method("people", default_lease_ttl="2h")
        self.assertEqual(sys.read_auth_method_tuning("people")["data"]["default_lease_ttl"], 7200)

    def test_approle(self):
        self.enable("approle", "lib-role")
        approle = self.root.auth.approle
        at = {"mount_point": "lib-role"}
        approle.create_or_update_approle("web", token_policies=["issuer"], secret_id_num_uses=5,
                                         secret_id_bound_cidrs=["127.0.0.0/8"], **at)
        self.assertEqual(approle.list_roles(**at)["data"]["keys"], ["web"])
        self.assertEqual(approle.read_role("web", **at)["data"]["secret_id_num_uses"], 5)
        approle.update_role_id("web", "my-role", **at)
        self.assertEqual(approle.read_role_id("web", **at)["data"]["role_id"], "my-role")
        made = approle.generate_secret_id("web", metadata={"team": "a"}, **at)["data"]
        self.assertEqual(approle.read_secret_id("web", made["secret_id"], **at)["data"]["metadata"], {"team": "a"})
        self.assertEqual(approle.list_secret_id_accessors("web", **at)["data"]["keys"], [made["secret_id_accessor"]])
        user = client()
        user.auth.approle.login("my-role", made["secret_id"], **{"mount_point": "lib-role"})
        self.assertEqual(user.auth.token.lookup_self()["data"]["meta"], {"role_name": "web", "team": "a"})
        self.assertEqual(approle.read_secret_id_accessor("web", made["secret_id_accessor"], **at)["data"]
                         ["secret_id_num_uses"], 4)
        approle.destroy_secret_id_accessor("web", made["secret_id_accessor"], **at)
        approle.create_custom_secret_id("web", "chosen", **at)
        approle.destroy_secret_id("web", "chosen", **at)
        with self.assertRaises(hvac.exceptions.InvalidRequest):
            client().auth.approle.login("my-role", "chosen", **at)
        approle.delete_role("web", **at)

    def test_a_secret_of_one_use_works_once_in_a_race(self):
        self.enable("approle", "race")
        approle = self.root.auth.approle
        approle.create_or_update_approle("web", token_policies=["issuer"], mount_point="race")
        approle.update_role_id("web", "racer", mount_point="race")
        for _ in range(5):
            made = self.root.write_data("auth/race/role/web/secret-id", data={"num_uses": 1})["data"]

            def enter(_, secret=made["secret_id"]):
                try:
                    client().auth.approle.login("racer", secret, mount_point="race")
                    return 1
                except (hvac.exceptions.InvalidRequest, hvac.exceptions.Forbidden):
                    return 0

            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                self.assertEqual(sum(pool.map(enter, range(4))), 1)

    def test_userpass(self):
        self.enable("userpass", "lib-users")
        users = self.root.auth.userpass
        at = {"mount_point": "lib-users"}
        users.create_or_update_user("ann", "one", policies="issuer", **at)
        self.assertEqual(users.list_user(**at)["data"]["keys"], ["ann"])
        self.assertEqual(users.read_user("ann", **at)["data"]["policies"], ["issuer"])
        users.update_password_on_user("ann", "two", **at)
        user = client()
        user.auth.userpass.login("ann", "two", **at)
        self.assertEqual(user.auth.token.lookup_self()["data"]["display_name"], "lib-users-ann")
        users.delete_user("ann", **at)

    def test_cert(self):
        self.enable("cert", "lib-cert")
        paths = make_client_certificate("lib")
        at = {"mount_point": "lib-cert"}
        cert = self.root.auth.cert
        cert.create_ca_certificate_role("ops", certificate_file=paths["ca"], allowed_dns_sans="*.example.com",
                                        token_policies=["issuer"], **at)
        self.assertEqual(cert.list_certificate_roles(**at)["data"]["keys"], ["ops"])
        self.assertEqual(cert.read_ca_certificate_role("ops", **at)["data"]["token_policies"], ["issuer"])
        user = client(cert=(paths["pem"], paths["key"]))
        user.auth.cert.login(name="ops", cert_pem=paths["pem"], key_pem=paths["key"], **at)
        self.assertEqual(user.auth.token.lookup_self()["data"]["meta"]["common_name"], "lib.example.com")
        cert.configure_tls_certificate(mount_point="lib-cert", disable_binding=True)
        self.assertTrue(self.root.read("auth/lib-cert/config")["data"]["disable_binding"])
        cert.delete_certificate_role("ops", **at)


class Restart(unittest.TestCase):
    def test_mounts_and_secrets_outlive_a_restart(self):
        root = client(server.token)
        root.sys.enable_secrets_engine("pki", path="lasting")
        root.write_data("lasting/roles/web", data={"key_type": "ec"})
        before = root.sys.list_mounted_secrets_engines()["data"]
        server.process.terminate()
        server.process.wait(30)
        server.serve()
        root = client(server.token)
        self.assertEqual(root.sys.list_mounted_secrets_engines()["data"], before)
        self.assertEqual(root.read("lasting/roles/web")["data"]["key_type"], "ec")


if __name__ == "__main__":
    unittest.main()
