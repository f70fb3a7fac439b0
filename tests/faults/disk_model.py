"""The disk of every moment of a power cut, made out of the shim's journal (shim/journal.h).

What a file or directory had when it was last flushed is there. Of what was written since, anything may be: nothing,
everything, a torn last piece, or some pieces and not others. Only pieces of a sector are whole.
"""

import os
import random
import shutil
import struct

HEADER = struct.Struct("<IIIIQ")
WRITE, TRUNCATE, SYNC, RENAME, LINK, UNLINK, CREATE, DIRECTORY = range(8)
SECTOR = 512
WAYS = ["dropped", "torn", "reordered"]


def read_journal(path):
    """Records as (end in the journal, deed, path, other path, offset, bytes)."""
    content = path.read_bytes()
    at = 0
    while at < len(content):
        deed, path_size, other_size, size, offset = HEADER.unpack_from(content, at)
        at += HEADER.size
        name = content[at:at + path_size].decode()
        other = content[at + path_size:at + path_size + other_size].decode()
        at += path_size + other_size
        data = content[at:at + size]
        at += size
        yield at, deed, name, other, offset, data


class File:
    """What is on the disk for sure, and what was done to it since."""

    def __init__(self, content=b""):
        self.durable, self.pending = bytes(content), []

    @staticmethod
    def apply(content, deed, offset, data):
        if deed == TRUNCATE:
            del content[offset:]
            content.extend(bytes(offset - len(content)))
        else:
            content.extend(bytes(max(0, offset - len(content))))
            content[offset:offset + len(data)] = data

    def flush(self):
        content = bytearray(self.durable)
        for change in self.pending:
            self.apply(content, *change)
        self.durable, self.pending = bytes(content), []

    def after(self, way, chance):
        """Its content after a power cut."""
        content = bytearray(self.durable)
        changes = []
        if way == "torn" and self.pending:
            *changes, last = self.pending
            changes.append(torn(last, chance))
        elif way == "reordered":
            changes = [change for change in self.pending if chance.random() < 0.5]
        for change in changes:
            self.apply(content, *change)
        return bytes(content)


def torn(change, chance):
    """The first sectors of a write, or some of them."""
    deed, offset, data = change
    if deed == TRUNCATE:
        return change
    first = SECTOR - offset % SECTOR
    ends = [0, *range(first, len(data), SECTOR)]
    return deed, offset, data[:chance.choice(ends)]


class Disk:
    """A directory as the disk has it."""

    def __init__(self, root):
        self.root = str(root)
        self.names = {}    # durable: path -> File
        self.current = {}  # as the program sees them
        self.renamed = []  # changes of names since their directory was flushed: (path, File or None)
        for folder, _, files in os.walk(root):
            for name in files:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    self.names[path] = self.current[path] = File(file.read())

    def set_name(self, path, file):
        if file is None:
            self.current.pop(path, None)
        else:
            self.current[path] = file
        self.renamed.append((path, file))

    def take(self, deed, path, other, offset, data):
        """Does what the program did. A path that is unknown belongs to a file without a name."""
        if deed in (WRITE, TRUNCATE):
            if path in self.current:
                self.current[path].pending.append((deed, offset, data))
        elif deed == SYNC:
            self.sync(path)
        elif deed == CREATE:
            if path in self.current:
                self.current[path].pending.append((TRUNCATE, 0, b""))
            else:
                self.set_name(path, File())
        elif deed == UNLINK:
            self.set_name(path, None)
        elif deed in (RENAME, LINK) and path in self.current:
            self.set_name(other, self.current[path])
            if deed == RENAME:
                self.set_name(path, None)

    def sync(self, path):
        if path in self.current:
            self.current[path].flush()
            return
        left = []
        for name, file in self.renamed:
            if os.path.dirname(name) != path:
                left.append((name, file))
            elif file is None:
                self.names.pop(name, None)
            else:
                self.names[name] = file
        self.renamed = left

    def write_after_cut(self, way, chance, target, leave_out):
        """Writes what the disk may hold after a power cut into a new directory."""
        names = dict(self.names)
        if way != "dropped":
            # A journalling file system keeps changes of names in order: a prefix of them.
            kept = self.renamed if way == "torn" else self.renamed[:chance.randint(0, len(self.renamed))]
            for name, file in kept:
                if file is None:
                    names.pop(name, None)
                else:
                    names[name] = file
        shutil.rmtree(target, ignore_errors=True)
        for folder, _, _ in os.walk(self.root):
            os.makedirs(os.path.join(target, os.path.relpath(folder, self.root)), mode=0o700)
        for name, file in names.items():
            if os.path.basename(name) in leave_out:
                continue
            path = os.path.join(target, os.path.relpath(name, self.root))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as out:
                out.write(file.after(way, chance))


def seeded():
    """A source of chance and its seed, for the message of a failure."""
    seed = int(os.environ.get("CHANCERY_FAULTS_SEED") or random.randrange(1 << 30))
    return random.Random(seed), seed
