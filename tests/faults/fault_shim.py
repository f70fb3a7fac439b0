"""The preload shim (shim/), as a test holds it: which calls of the program fail, and which clock it sees."""

import contextlib
import errno
import mmap
import os
import pathlib
import struct
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("CHANCERY_FAULTS_BIN") or ROOT / "build" / "dev" / "bin")
LIBRARY = PROGRAMS.parent / "lib" / "libfault_shim.so"

# As in shim/control.h.
CALLS = ["open", "read", "write", "sync", "truncate", "rename", "unlink", "mkdir", "map", "send", "receive", "accept",
         "allocate"]
FIELDS = ["armed", "calls", "place", "first", "last", "error", "done", "counted", "failed", "clock_offset",
          "signing_delay", "journal", "journal_size", "signatures"]
PLACES = {"anywhere": 0, "data": 1, "socket": 2}
PER_CALL, DATA, WHAT, SIZE = 16 * 8, 32 * 8, 32 * 8 + 256, 32 * 8 + 512
ALWAYS = (1 << 64) - 1


class Plan:
    """Which of the calls that count fails, and how: an errno, or None for half of the bytes."""

    def __init__(self, calls, place, error, done=False):
        self.calls, self.place, self.error, self.done = calls, place, error, done

    def __str__(self):
        how = "half" if self.error is None else errno.errorcode[self.error]
        return f"{'+'.join(self.calls)} in {self.place}: {how}{', done all the same' if self.done else ''}"


class FaultShim:
    def __init__(self, folder, data):
        if not LIBRARY.exists():
            raise unittest.SkipTest(f"{LIBRARY} is not built")
        self.folder = pathlib.Path(folder)
        self.path = self.folder / "fault-shim"
        self.path.write_bytes(bytes(SIZE))
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), SIZE)
        self.memory[DATA:DATA + len(str(data))] = str(data).encode()
        self.environment = {"LD_PRELOAD": str(LIBRARY), "FAULT_SHIM_CONTROL": str(self.path)}

    def keep_journal(self, path):
        self.environment["FAULT_SHIM_JOURNAL"] = str(path)
        self["journal"] = 1

    def __getitem__(self, field):
        signed = field == "clock_offset"
        return struct.unpack_from("<q" if signed else "<Q", self.memory, 8 * FIELDS.index(field))[0]

    def __setitem__(self, field, value):
        signed = field == "clock_offset"
        struct.pack_into("<q" if signed else "<Q", self.memory, 8 * FIELDS.index(field), value)

    def calls_made(self):
        numbers = struct.unpack_from(f"<{len(CALLS)}Q", self.memory, PER_CALL)
        return dict(zip(CALLS, numbers))

    def what(self):
        """The path of what failed last."""
        return self.memory[WHAT:SIZE].split(b"\0", 1)[0].decode(errors="replace")

    def arm(self, plan, first, last=None):
        self.disarm()
        self.memory[WHAT:SIZE] = bytes(SIZE - WHAT)
        self["calls"] = sum(1 << CALLS.index(call) for call in plan.calls)
        self["place"] = PLACES[plan.place]
        self["first"], self["last"] = first, last or first
        self["error"] = plan.error or 0
        self["done"] = int(plan.done)
        self["counted"] = self["failed"] = 0
        self["armed"] = 1

    def disarm(self):
        self["armed"] = 0

    @contextlib.contextmanager
    def failing(self, plan, first, last=None):
        self.arm(plan, first, last)
        try:
            yield
        finally:
            self.disarm()
