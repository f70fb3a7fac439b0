#!/usr/bin/env python3
"""Record before release, as the kernel sees it: strace shows for every certificate and revocation that its record was
written, then flushed, and only then the answer given out.

The answer is encrypted when it reaches the socket, so the shim shows strace each piece of plain text just before TLS
takes it: a write to descriptor -1. What is in order there is in order at the socket."""

import re
import shutil
import threading
import unittest

from fault_server import DEEP, Client, FaultyServer, History, bare

CLIENTS = 4
EACH = 250 if DEEP else 13

LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)")


class Trace:
    """The calls of a server that began and ended in this order."""

    def __init__(self, text):
        self.events = []  # (word, descriptor, bytes) when a call is over, and ("begin", …) when a flush begins
        begun = {}        # thread -> (call, descriptor, bytes)
        for line in text:
            self.take(line, begun)

    def take(self, line, begun):
        match = LINE.match(line)
        if not match:
            return
        thread, call = match[1], match[2]
        if "resumed>" not in line:
            arguments = line.split("(", 1)[1]
            descriptor = int(re.match(r"-?\d+", arguments)[0])
            content = re.search(r'"((?:\\x[0-9a-f]{2})*)"', arguments)
            begun[thread] = (call, descriptor, bytes.fromhex(content[1].replace("\\x", "")) if content else b"")
            if call == "fdatasync":
                self.events.append(("flush begins", descriptor, b""))
            if line.rstrip().endswith("<unfinished ...>"):
                return
        call, descriptor, content = begun.pop(thread)
        result = line.rsplit("=", 1)[1].split()[0]
        if call == "write" and descriptor == -1:
            self.events.append(("release", descriptor, content))
        elif call == "pwrite64" and int(result) > 0:
            self.events.append(("write", descriptor, content[:int(result)]))
        elif call == "fdatasync" and result == "0":
            self.events.append(("flush", descriptor, b""))

    def check(self, text, record):
        """Nothing with `text` is released before `record` was written, and flushed after that."""
        state, descriptor = "absent", None
        for word, where, content in self.events:
            if state == "absent" and word == "write" and any(form in content for form in record):
                state, descriptor = "written", where
            elif state == "written" and word == "flush begins" and where == descriptor:
                state = "being flushed"
            elif state == "being flushed" and word == "flush" and where == descriptor:
                state = "flushed"
            elif word == "release" and text.encode() in content:
                return state
        return "never released"


class OrderTest(unittest.TestCase):
    def test_the_judge_sees_a_wrong_order(self):
        write = '1 pwrite64(5, "\\x61\\x62", 2, 0) = 2'
        begins, ends = "2 fdatasync(5 <unfinished ...>", "2 <... fdatasync resumed>) = 0"
        release = '3 write(-1, "\\x61\\x62", 2) = -1 EBADF (Bad file descriptor)'
        for lines, state in (([write, begins, ends, release], "flushed"), ([write, begins, release, ends], "being flushed"),
                             ([begins, write, ends, release], "written"), ([begins, ends, release, write], "absent")):
            self.assertEqual(Trace(lines).check("ab", [b"ab"]), state)

    def test_nothing_is_answered_before_it_is_flushed(self):
        if not shutil.which("strace"):
            raise unittest.SkipTest("there is no strace")
        with FaultyServer() as server:
            server.kill()
            trace = server.folder / "trace"
            # -D: the server is our child, not strace's.
            server.serve("strace", "-D", "-f", "-o", str(trace), "-e", "trace=pwrite64,fdatasync,write", "-s", "20000",
                         "-xx", environment={"FAULT_SHIM_SHOW_ANSWERS": "1"})
            histories = [History() for _ in range(CLIENTS)]
            threads = [threading.Thread(target=self.use, args=[server, history]) for history in histories]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            server.process.terminate()
            server.process.wait(30)
            with open(trace) as lines:
                self.check(Trace(lines), histories)

    @staticmethod
    def use(server, history):
        with Client(server) as client:
            for number in range(EACH):
                history.issue(client)
                if number % 4 == 0:
                    history.revoke(client, history.not_revoked())

    def check(self, trace, histories):
        issued = [serial for history in histories for serial in history.issued]
        self.assertEqual(len(issued), CLIENTS * EACH)
        for serial in issued:
            binary = bytes.fromhex(serial.replace(":", ""))
            record = [binary, bare(serial).encode()]
            self.assertEqual(trace.check(serial, record), "flushed", f"certificate {serial}")
        print(f"{len(issued)} certificates: each written, flushed, then answered")


if __name__ == "__main__":
    unittest.main()
