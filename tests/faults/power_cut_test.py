#!/usr/bin/env python3
"""The power fails after each write: what was acknowledged until then is there, and the store opens and checks.

Without a device that loses writes, the shim keeps a journal of all that the server does to its files, and the disk of
each moment is made out of it (disk_model.py), as strictly as POSIX allows: what was not flushed may be lost, torn or
done in another order, names of files included."""

import pathlib
import shutil
import tempfile
import unittest

from disk_model import WAYS, Disk, read_journal, seeded
from fault_server import DEEP, SCRATCH, Client, FaultyServer, History, judge_stores

ISSUES = 60 if DEEP else 6
AT_ONCE = 40  # stores that are judged by one process
# The space kept back holds nothing, and would be most of what is written here.
LEAVE_OUT = {"reserve", "lock"}


class PowerCutTest(unittest.TestCase):
    def test_power_cut_after_every_write(self):
        chance, seed = seeded()
        with FaultyServer() as server:
            server.process.terminate()  # as it is after an orderly stop, everything is on the disk
            server.process.wait(30)
            disk = Disk(server.store)
            journal = server.folder / "journal"
            server.shim.keep_journal(journal)
            server.serve()
            acknowledged = self.work(server)
            server.kill()
            self.cut_everywhere(disk, journal, acknowledged, chance, seed)

    @staticmethod
    def work(server):
        """Issues and revokes; (size of the journal, history up to there) after each answer."""
        acknowledged, history = [], History()
        with Client(server) as client:
            for number in range(ISSUES):
                deeds = [history.issue(client)]
                if number % 3 == 0:
                    deeds.append(history.revoke(client, history.not_revoked()))
                    server.fetch("/v1/pki/crl")
                if set(deeds) != {200}:
                    raise AssertionError(f"answered {deeds}")
                copy = History()
                copy.issued, copy.revoked = dict(history.issued), set(history.revoked)
                acknowledged.append((server.shim["journal_size"], copy))
        return acknowledged

    def cut_everywhere(self, disk, journal, acknowledged, chance, seed):
        self.judged = 0
        with tempfile.TemporaryDirectory(prefix="chancery-power-cut-", dir=SCRATCH) as folder:
            boot = pathlib.Path(folder) / "boot-id"
            boot.write_text("the boot after the power cut\n")
            self.environment = {"FAULT_SHIM_BOOT_ID": str(boot)}
            waiting = []
            for end, *deed in read_journal(journal):
                disk.take(*deed)
                expected = self.expected(acknowledged, end)
                for way in WAYS:
                    target = pathlib.Path(folder) / f"{end}-{way}"
                    disk.write_after_cut(way, chance, target, LEAVE_OUT)
                    waiting.append((target, expected))
                if len(waiting) >= AT_ONCE:
                    self.judge(waiting, seed)
            self.judge(waiting, seed)
        self.assertGreater(self.judged, 100)
        print(f"{self.judged} disks after a power cut: everything acknowledged was there")

    @staticmethod
    def expected(acknowledged, end):
        """What had been acknowledged when the journal had this size."""
        histories = [history for size, history in acknowledged if size <= end]
        return histories[-1] if histories else History()

    def judge(self, waiting, seed):
        told = judge_stores([target for target, _ in waiting], self.environment)
        for target, expected in waiting:
            problems = told[str(target)].problems_with(expected)
            self.assertEqual(problems, [], f"{target.name}, seed {seed}")
            self.judged += 1
            shutil.rmtree(target)
        waiting.clear()


if __name__ == "__main__":
    unittest.main()
