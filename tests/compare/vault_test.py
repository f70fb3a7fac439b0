#!/usr/bin/env python3
"""The Vault API beside OpenBao's: the same requests to both, and no difference without a reason.

vault_requests.py has the requests, good and bad, from a seed (CHANCERY_COMPARE_SEED); vault_peers.py the servers: a
real bao in memory, and Chancery. vault_judge.py compares status, texts of errors, shapes and values, and of certificates,
requests and CRLs what they say. vault_differences.py lists what differs on purpose; each rule has its reason in
docs/protocols/vault.md. CHANCERY_COMPARE_SHOW=<rule> prints what that rule covers.
"""

import collections
import os
import pathlib
import re
import tempfile
import unittest

import vault_differences
import vault_judge
import vault_requests
from vault_peers import Bao, Peer, start_chancery

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FEWEST = 1000
SHOWN = 20


class VaultTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        program = os.environ.get("BAO_BIN")
        if not program:
            raise unittest.SkipTest("bao is absent (BAO_BIN)")
        folder = tempfile.TemporaryDirectory(prefix="compare-vault-")
        cls.addClassCleanup(folder.cleanup)
        material = vault_requests.Material(os.environ.get("OPENSSL_BIN") or "openssl", folder.name)
        client = material.client()
        bao = Bao(program)
        cls.addClassCleanup(bao.stop)
        server = start_chancery()
        cls.addClassCleanup(server.stop)
        cls.ours = Peer("chancery", server.https.removeprefix("https://"), server.token, client)
        cls.theirs = Peer("bao", bao.address, "root", client)
        for peer in (cls.ours, cls.theirs):
            cls.addClassCleanup(peer.close)
        cls.answered = cls.compare_all(material)

    @classmethod
    def compare_all(cls, material):
        """Every request with what differs in its answers."""
        answered = []
        seed = os.environ.get("CHANCERY_COMPARE_SEED") or "1"
        for step in vault_requests.requests(material, seed):
            answers = cls.ours.send(step), cls.theirs.send(step)
            for name, pointer in step.save.items():
                for peer, answer in zip((cls.ours, cls.theirs), answers):
                    value = answer.at(pointer)
                    if value is not None:
                        peer.values[name] = value
            sides = vault_judge.Sides(cls.ours, cls.theirs)
            found = [vault_differences.Found(step, *one) for one in vault_judge.differences(sides, *answers)]
            answered.append((step, answers, found))
        return answered

    def test_no_difference_without_a_reason(self):
        covered, loose = collections.Counter(), []
        for _, _, found in self.answered:
            for one in found:
                rule = next((rule.name for rule in vault_differences.RULES if rule.covers(one)), None)
                covered[rule] += 1
                if rule is None:
                    loose.append(one)
                elif rule == os.environ.get("CHANCERY_COMPARE_SHOW"):
                    print(self.told(one))
        same = sum(not found for _, _, found in self.answered)
        print(f"{len(self.answered)} requests, {same} answered alike")
        for rule in vault_differences.RULES:
            print(f"{covered[rule.name]:6} {rule.name}")
        shown = "\n".join(map(self.told, loose[:SHOWN]))
        self.assertEqual(len(loose), 0, f"{len(loose)} differences without a rule, the first:\n{shown}")
        idle = [rule.name for rule in vault_differences.RULES if not covered[rule.name] and not rule.by_chance]
        self.assertEqual(idle, [], "rules that cover nothing")

    def test_there_are_enough_requests_of_either_outcome(self):
        statuses = collections.Counter(answers[0].status // 100 for _, answers, _ in self.answered)
        self.assertGreaterEqual(statuses[2], FEWEST)
        self.assertGreaterEqual(statuses[4], FEWEST // 2)

    def test_nothing_of_ours_is_a_server_error(self):
        failed = [str(step) for step, answers, _ in self.answered if answers[0].status >= 500]
        self.assertEqual(failed, [])

    def test_every_rule_has_its_reason_in_the_documentation(self):
        text = (ROOT / "docs" / "protocols" / "vault.md").read_text()
        section = text.split("\n## Divergences\n")[1].split("\n## ")[0]
        reasons = re.findall(r"^- \*\*(.+?)\.?\*\*", section, re.MULTILINE)
        compared = [rule.name for rule in vault_differences.RULES]
        self.assertLessEqual(len(reasons), vault_differences.MOST)
        self.assertEqual([name for name in compared if name not in reasons], [])

    @staticmethod
    def told(found):
        return (f"{found.step.group}: {str(found.step)[:300]}\n    at {found.where}\n    ours   {str(found.ours)[:300]}\n"
                f"    theirs {str(found.theirs)[:300]}")


if __name__ == "__main__":
    unittest.main()
