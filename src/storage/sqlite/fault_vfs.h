#pragma once

// For this folder's tests: an SQLite VFS that fails when it is told to.

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <string>

namespace chancery::storage::sqlite {

// FaultVfs passes everything on to the usual VFS, except what a test wants to fail: writes or
// fsyncs of the WAL or of the database, either before or after they took effect. One at a time in a
// process.
class FaultVfs {
 public:
  enum class Fault { kNone, kWriteFull, kWriteError, kSyncNotDone, kSyncDone };

  FaultVfs() {
    base() = sqlite3_vfs_find("unix-excl");
    vfs_ = *base();
    vfs_.zName = "chancery-fault";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + base()->szOsFile;
    vfs_.xOpen = &FaultVfs::open;
    sqlite3_vfs_register(&vfs_, 0);
    fault() = Fault::kNone;
  }
  ~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  // fail makes every later call of this kind on files whose name ends in `suffix` fail, until
  // kNone.
  void fail(Fault what, const char* suffix) {
    target() = suffix;
    fault() = what;
  }
  // hits counts injected failures.
  static std::atomic<int>& hits() {
    static std::atomic<int> count{0};
    return count;
  }

 private:
  struct File {
    sqlite3_file base;
    const char* name;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static sqlite3_vfs*& base() {
    static sqlite3_vfs* vfs = nullptr;
    return vfs;
  }
  static std::atomic<Fault>& fault() {
    static std::atomic<Fault> fault{Fault::kNone};
    return fault;
  }
  static std::atomic<const char*>& target() {
    static std::atomic<const char*> target{""};
    return target;
  }
  static File* self(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
  static sqlite3_file* real(sqlite3_file* file) { return self(file)->real(); }
  static bool hit(sqlite3_file* file, Fault wanted) {
    const char* name = self(file)->name;
    const std::string_view text = name == nullptr ? "" : name;
    if (fault() != wanted || !text.ends_with(target().load())) return false;
    ++hits();
    return true;
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    if (hit(file, Fault::kWriteFull)) return SQLITE_FULL;
    if (hit(file, Fault::kWriteError)) return SQLITE_IOERR_WRITE;
    return real(file)->pMethods->xWrite(real(file), data, size, offset);
  }
  static int sync(sqlite3_file* file, int flags) {
    if (hit(file, Fault::kSyncNotDone)) return SQLITE_IOERR_FSYNC;
    const int result = real(file)->pMethods->xSync(real(file), flags);
    return hit(file, Fault::kSyncDone) ? SQLITE_IOERR_FSYNC : result;
  }
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    static const sqlite3_io_methods methods = make_methods();
    File* mine = self(file);
    mine->name = name;
    const int result = base()->xOpen(base(), name, mine->real(), flags, out_flags);
    mine->base.pMethods = mine->real()->pMethods == nullptr ? nullptr : &methods;
    return result;
  }
  static sqlite3_io_methods make_methods() {
    sqlite3_io_methods m{};
    m.iVersion = 2;
    m.xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); };
    m.xRead = [](sqlite3_file* f, void* d, int n, sqlite3_int64 o) {
      return real(f)->pMethods->xRead(real(f), d, n, o);
    };
    m.xWrite = &FaultVfs::write;
    m.xTruncate = [](sqlite3_file* f, sqlite3_int64 n) {
      return real(f)->pMethods->xTruncate(real(f), n);
    };
    m.xSync = &FaultVfs::sync;
    m.xFileSize = [](sqlite3_file* f, sqlite3_int64* n) {
      return real(f)->pMethods->xFileSize(real(f), n);
    };
    m.xLock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xLock(real(f), l); };
    m.xUnlock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xUnlock(real(f), l); };
    m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
      return real(f)->pMethods->xCheckReservedLock(real(f), out);
    };
    m.xFileControl = [](sqlite3_file* f, int op, void* arg) {
      return real(f)->pMethods->xFileControl(real(f), op, arg);
    };
    m.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
    m.xDeviceCharacteristics = [](sqlite3_file* f) {
      return real(f)->pMethods->xDeviceCharacteristics(real(f));
    };
    m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
    };
    m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
      return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
    };
    m.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
    m.xShmUnmap = [](sqlite3_file* f, int remove) {
      return real(f)->pMethods->xShmUnmap(real(f), remove);
    };
    return m;
  }

  sqlite3_vfs vfs_{};
};

}  // namespace chancery::storage::sqlite
