#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "base/test_directory.h"
#include "storage/sqlite/fault_vfs.h"
#include "storage/sqlite/sqlite_store.h"
#include "storage/store_conformance.h"

namespace chancery::storage::sqlite {
namespace {

using conformance::commit;
using conformance::event;
using conformance::issue;
using conformance::key;
using conformance::kScope;
using conformance::numbered;
using Fault = FaultVfs::Fault;

struct Fixture {
  TestDirectory directory;
  NullLog log;
  FaultVfs vfs;
  std::unique_ptr<ManagedStore> store;

  Fixture() { reopen(); }
  void reopen() {
    store.reset();
    Options options;
    options.index_delay = std::chrono::milliseconds(2);
    options.reserve_size = 64 * 1024;
    options.committer.reserve_retry = std::chrono::milliseconds(20);
    options.vfs = "chancery-fault";
    store = open(directory.path() + "/store", options, log).value();
  }
  bool has(std::uint32_t n) {
    return store->index().find_by_serial(kScope, numbered(n).serial).value().has_value();
  }
};

record::WriteSet revoke(const std::string& id) {
  record::WriteSet set;
  set.put(key(id, record::StateKind::kRevocation), {});
  set.append(event(record::EventKind::kCertificateRevoked, id));
  return set;
}

TEST_CASE("after a failed write or fsync nothing is written until a restart") {
  Fixture f;
  REQUIRE(commit(*f.store, issue(numbered(1))).has_value());
  Fault fault = Fault::kNone;
  SUBCASE("the write fails") { fault = Fault::kWriteError; }
  SUBCASE("the fsync fails and nothing reached the disk") { fault = Fault::kSyncNotDone; }
  SUBCASE("the fsync fails, but everything reached the disk") { fault = Fault::kSyncDone; }
  f.vfs.fail(fault, "main.db-wal");
  CHECK(commit(*f.store, issue(numbered(2))).error().code == Code::kUnknownOutcome);
  f.vfs.fail(Fault::kNone, "");
  CHECK(commit(*f.store, issue(numbered(3))).error().code == Code::kUnavailable);
  CHECK(commit(*f.store, revoke("x")).error().code == Code::kUnavailable);
  CHECK(f.store->health().out_of_service);
  CHECK_FALSE(f.store->health().reason.empty());
  CHECK(f.has(1));  // reading goes on
  CHECK_FALSE(f.has(3));
  CHECK(f.store->log().get(0).has_value());

  f.reopen();
  CHECK_FALSE(f.store->health().out_of_service);
  CHECK(f.has(1));
  CHECK_FALSE(f.has(3));
  // Number 2 is there as a whole or not at all; both are what "unknown" means.
  CHECK(f.store->log().size() == (f.has(2) ? 2 : 1));
  CHECK(commit(*f.store, issue(numbered(4))).has_value());
  CHECK(f.store->check().value().problems.empty());
}

TEST_CASE("a full disk refuses sets and is forgotten when there is space again") {
  Fixture f;
  REQUIRE(commit(*f.store, issue(numbered(1))).has_value());
  f.vfs.fail(Fault::kWriteFull, "main.db-wal");
  for (int i = 0; i < 3; ++i) {
    CHECK(commit(*f.store, issue(numbered(2))).error().code == Code::kStorageFull);
  }
  CHECK(f.store->health().storage_full);
  CHECK_FALSE(f.store->health().out_of_service);
  CHECK_FALSE(f.has(2));
  f.vfs.fail(Fault::kNone, "");
  CHECK(commit(*f.store, issue(numbered(3))).has_value());
  CHECK_FALSE(f.store->health().storage_full);
  CHECK(f.store->log().size() == 2);
  CHECK(f.store->check().value().problems.empty());
}

// The device is full until the reserve is given up: exactly what the hook below sees.
TEST_CASE("revocations are recorded in the reserve of a full disk") {
  Fixture f;
  const std::string reserve = f.directory.path() + "/store/reserve";
  REQUIRE(::access(reserve.c_str(), F_OK) == 0);
  f.vfs.fail(Fault::kWriteFull, "main.db-wal");
  // Writing works again once the reserve is gone.
  std::thread disk([&] {
    while (::access(reserve.c_str(), F_OK) == 0) std::this_thread::yield();
    f.vfs.fail(Fault::kNone, "");
  });
  bool recorded = false;
  for (int i = 0; i < 1000 && !recorded; ++i) {
    recorded = commit(*f.store, revoke("r" + std::to_string(i))).has_value();
  }
  disk.join();
  CHECK(recorded);
  // Until the reserve is there again, everything else waits; then service goes on by itself.
  bool issued = false;
  for (std::uint32_t i = 0; i < 200 && !issued; ++i) {
    const auto result = commit(*f.store, issue(numbered(i)));
    issued = result.has_value();
    if (!issued) CHECK(result.error().code == Code::kStorageFull);
    if (!issued) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK(issued);
  CHECK(::access(reserve.c_str(), F_OK) == 0);
  CHECK_FALSE(f.store->health().storage_full);
}

TEST_CASE("a checkpoint that fails takes the store out of service") {
  Fixture f;
  f.vfs.fail(Fault::kSyncNotDone, "main.db");
  std::optional<Error> error;
  for (int n = 0; n < 200 && !error; ++n) {
    record::WriteSet set;
    for (int i = 0; i < 4; ++i) {
      set.put(key(std::to_string(n) + "-" + std::to_string(i)), Bytes(100'000, 'x'));
    }
    if (const auto result = commit(*f.store, std::move(set)); !result) error = result.error();
  }
  REQUIRE(error.has_value());
  CHECK(error->code == Code::kUnavailable);
  CHECK(f.store->health().reason.find("checkpoint") != std::string::npos);
  f.vfs.fail(Fault::kNone, "");
}

}  // namespace
}  // namespace chancery::storage::sqlite
