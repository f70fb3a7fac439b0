"""Policies and tokens by bao, the command line of OpenBao, and by hvac."""

import concurrent.futures
import json
import os
import unittest

import hvac

from chancery_server import ChanceryServer

BAO = os.environ.get("BAO_BIN")
if not BAO:
    raise unittest.SkipTest("bao is absent (BAO_BIN)")

POLICY = 'path "pki/issue/web" {\n  capabilities = ["update"]\n}\n'

server = None


def setUpModule():
    global server
    server = ChanceryServer()
    unittest.addModuleCleanup(server.stop)
    server.start()
    bao("write", "pki/roles/web", "allow_any_name=true", "key_type=ec")


def bao(*arguments, **options):
    return server.bao(*arguments, **options)


def client(token):
    return hvac.Client(url=server.https, token=token, verify=server.root_ca)


class CommandLine(unittest.TestCase):
    def test_policies(self):
        bao("policy", "write", "Issuer", "-", text_input=POLICY)
        self.assertEqual(bao("policy", "read", "issuer").strip(), POLICY.strip())
        self.assertIn("issuer", bao("policy", "list").split())
        self.assertIn("invalid capability", bao("policy", "write", "bad", "-", status=2,
                                                text_input='path "a" { capabilities = ["fly"] }'))
        bao("policy", "delete", "issuer")
        self.assertNotIn("issuer", bao("policy", "list").split())

    def test_life_of_a_token(self):
        bao("policy", "write", "life", "-", text_input=POLICY)
        made = json.loads(bao("token", "create", "-format=json", "-policy=life", "-ttl=1h"))["auth"]
        token = made["client_token"]
        self.assertIn("BEGIN CERTIFICATE", bao("write", "pki/issue/web", "common_name=a.b", token=token))
        self.assertIn("permission denied", bao("read", "pki/roles/web", status=2, token=token))
        self.assertEqual(bao("token", "capabilities", token, "pki/issue/web").strip(), "update")
        self.assertEqual(bao("token", "capabilities", "pki/issue/web", token=token).strip(), "update")
        self.assertEqual(json.loads(bao("token", "lookup", "-format=json", token))["data"]["accessor"], made["accessor"])
        renewed = json.loads(bao("token", "renew", "-format=json", "-increment=600", token))["auth"]
        self.assertEqual(renewed["lease_duration"], 600)
        bao("token", "revoke", "-accessor", made["accessor"])
        self.assertIn("permission denied", bao("write", "pki/issue/web", "common_name=a.b", status=2, token=token))

    def test_login_with_a_token(self):
        made = json.loads(bao("token", "create", "-format=json", "-policy=default"))["auth"]["client_token"]
        answer = json.loads(bao("login", "-format=json", "-no-store", "-method=token", made))
        self.assertEqual(answer["auth"]["policies"], ["default"])


class Library(unittest.TestCase):
    def test_policies_and_tokens(self):
        root = client(server.token)
        root.sys.create_or_update_policy("lib", POLICY)
        self.assertIn("lib", root.sys.list_policies()["data"]["policies"])
        self.assertEqual(root.sys.read_policy("lib")["data"]["rules"], POLICY)
        root.sys.create_or_update_acl_policy("lib", POLICY)
        self.assertEqual(root.sys.read_acl_policy("lib")["data"]["policy"], POLICY)
        made = root.auth.token.create(policies=["lib"], ttl="1h", num_uses=5, meta={"team": "a"})["auth"]
        user = client(made["client_token"])
        self.assertEqual(user.auth.token.lookup_self()["data"]["meta"], {"team": "a"})
        self.assertEqual(user.auth.token.renew_self()["auth"]["lease_duration"], 3600)
        self.assertEqual(root.sys.get_capabilities(["pki/issue/web"], token=made["client_token"])["pki/issue/web"],
                         ["update"])
        self.assertIn(made["accessor"], root.auth.token.list_accessors()["data"]["keys"])
        root.auth.token.revoke_accessor(made["accessor"])
        with self.assertRaises(hvac.exceptions.Forbidden):
            user.auth.token.lookup_self()
        orphan = root.auth.token.create_orphan(policies=["lib"])["auth"]
        self.assertTrue(orphan["orphan"])
        root.sys.delete_policy("lib")

    def test_a_token_of_one_use_works_once_in_a_race(self):
        root = client(server.token)
        root.sys.create_or_update_policy("race", POLICY)
        for _ in range(5):
            token = root.auth.token.create(policies=["race"], num_uses=1)["auth"]["client_token"]

            def issue(_, token=token):
                try:
                    client(token).secrets.pki.generate_certificate("web", "a.b")
                    return 1
                except hvac.exceptions.Forbidden:
                    return 0

            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                self.assertEqual(sum(pool.map(issue, range(8))), 1)

    def test_children_die_with_their_maker(self):
        root = client(server.token)
        root.sys.create_or_update_policy(
            "maker", 'path "auth/token/create" {\n  capabilities = ["update"]\n}\n')
        maker = root.auth.token.create(policies=["maker"])["auth"]
        child = client(maker["client_token"]).auth.token.create()["auth"]
        grandchild = client(child["client_token"]).auth.token.create()["auth"]
        self.assertEqual(client(grandchild["client_token"]).auth.token.lookup_self()["data"]["orphan"], False)
        root.auth.token.revoke(maker["client_token"])
        for dead in (maker, child, grandchild):
            with self.assertRaises(hvac.exceptions.Forbidden):
                client(dead["client_token"]).auth.token.lookup_self()


if __name__ == "__main__":
    unittest.main()
