#include "storage/sqlite/sqlite_store.h"

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "base/test_directory.h"
#include "storage/store_conformance.h"

namespace chancery::storage::sqlite {
namespace {

using conformance::commit;
using conformance::issue;
using conformance::key;
using conformance::kScope;
using conformance::numbered;

Options small() {
  Options options;
  options.hot_rows = 40;  // so that a few hundred rows go through every stage
  options.index_delay = std::chrono::milliseconds(2);
  options.reserve_size = 64 * 1024;
  return options;
}

// Waits until every full hot file has become segments.
void settle(ManagedStore& store, const std::string& directory) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < give_up) {
    std::size_t hots = 0;
    for (const std::string& name : TestDirectory::files(directory + "/index/hot")) {
      if (name.ends_with(".db")) ++hots;
    }
    if (store.health().index_lag == 0 && store.health().index_missing == 0 && hots == 1) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  FAIL("the index does not settle");
}

void execute(const std::string& path, const std::string& sql) {
  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &connection) == SQLITE_OK);
  char* message = nullptr;
  const int result = sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &message);
  CHECK_MESSAGE(result == SQLITE_OK, (message == nullptr ? "" : message));
  sqlite3_free(message);
  sqlite3_close(connection);
}

struct Fixture {
  TestDirectory directory;
  NullLog log;
  std::unique_ptr<ManagedStore> store;

  Fixture() { reopen(); }
  void reopen() {
    store.reset();
    auto opened = open(directory.path() + "/store", small(), log);
    REQUIRE_MESSAGE(opened.has_value(), opened.error().to_string());
    store = *std::move(opened);
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return directory.path() + "/store/" + name;
  }
  // Changes a bit of a file, or changes it back.
  void flip(const std::string& name, off_t at) const {
    FILE* file = ::fopen(path(name).c_str(), "r+");
    REQUIRE(file != nullptr);
    REQUIRE(::fseek(file, at, SEEK_SET) == 0);
    const int byte = ::fgetc(file);
    REQUIRE(::fseek(file, at, SEEK_SET) == 0);
    ::fputc(byte ^ 1, file);
    ::fclose(file);
  }
  void issue_range(std::uint32_t first, std::uint32_t end) {
    std::vector<record::WriteSet> sets;
    for (std::uint32_t n = first; n < end; ++n) sets.push_back(issue(numbered(n)));
    for (const auto& result : conformance::commit_all(*store, std::move(sets))) {
      REQUIRE(result.has_value());
    }
  }
  void check_range(std::uint32_t first, std::uint32_t end) {
    for (std::uint32_t n = first; n < end; ++n) {
      const auto found = store->index().find_by_serial(kScope, numbered(n).serial);
      REQUIRE_MESSAGE(found.has_value(), found.error().to_string());
      REQUIRE(found->has_value());
    }
  }
  void check_good(std::uint64_t rows) {
    const auto report = store->check().value();
    CHECK(report.rows == rows);
    for (const std::string& problem : report.problems) FAIL_CHECK(problem);
  }
};

TEST_CASE("the SQLite store keeps the store contract") {
  TestDirectory directory;
  NullLog log;
  conformance::StoreUnderTest subject;
  int number = 0;
  std::string path;
  subject.open = [&] {
    path = directory.path() + "/" + std::to_string(number++);
    return open(path, small(), log).value();
  };
  subject.settle = [&](ManagedStore& store) { settle(store, path); };
  conformance::check_store(subject);
}

TEST_CASE("what was stored is there after a restart") {
  Fixture f;
  f.issue_range(0, 300);
  record::WriteSet set;
  set.put(key("web"), to_bytes("value"), 3);
  (void)commit(*f.store, set).value();
  CHECK(f.store->files().append("crl", as_bytes("abc"), 300).has_value());
  f.reopen();
  f.check_range(0, 300);
  CHECK(f.store->log().size() == 300);
  CHECK(f.store->state().get(key("web")).value().value().value == to_bytes("value"));
  CHECK(f.store->files().open("crl").value().covers == 300);
  f.issue_range(300, 320);
  f.check_range(0, 320);
  f.check_good(320);
}

TEST_CASE("a directory serves one store at a time") {
  Fixture f;
  const auto second = open(f.directory.path() + "/store", small(), f.log);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == Code::kUnavailable);
  CHECK(second.error().detail.find(std::to_string(::getpid())) != std::string::npos);
}

TEST_CASE("files are private") {
  const auto old = ::umask(0);
  {
    Fixture f;
    f.issue_range(0, 100);
    settle(*f.store, f.path(""));
    CHECK(f.store->files().append("crl", as_bytes("abc"), 1).has_value());
    const auto files = TestDirectory::files(f.path(""));
    CHECK(files.size() > 5);
    for (const std::string& file : files) {
      struct stat info{};
      REQUIRE(::stat(file.c_str(), &info) == 0);
      CHECK_MESSAGE((info.st_mode & 0777) == 0600, file);
    }
    struct stat info{};
    REQUIRE(::stat(f.path("").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
  }
  ::umask(old);
}

TEST_CASE("a store of a newer version is left alone") {
  Fixture f;
  f.store.reset();
  execute(f.path("main.db"), "PRAGMA user_version = 99");
  const auto opened = open(f.directory.path() + "/store", small(), f.log);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == Code::kUnsupported);
}

TEST_CASE("something else is not taken for a store") {
  Fixture f;
  f.store.reset();
  execute(f.path("main.db"), "PRAGMA application_id = 1");
  CHECK(open(f.directory.path() + "/store", small(), f.log).error().code == Code::kDataLoss);
}

TEST_CASE("changed bytes are noticed") {
  Fixture f;
  f.issue_range(0, 20);
  record::WriteSet set;
  set.put(key("web"), to_bytes("value"));
  (void)commit(*f.store, set).value();
  f.store.reset();
  SUBCASE("in a certificate") {
    execute(f.path("main.db"),
            "UPDATE log SET certificate = substr(certificate, 1, 200) || x'00' || "
            "substr(certificate, 202) WHERE idx = 7");
    f.reopen();
    CHECK(f.store->log().get(7).error().code == Code::kDataLoss);
    CHECK(f.store->log().get(8).has_value());
    CHECK_FALSE(f.store->log().read(0, 20).has_value());
    const auto report = f.store->check().value();
    REQUIRE(report.problems.size() >= 1);
    CHECK(report.problems[0].find("log row 7") != std::string::npos);
    CHECK(report.rows == 19);
  }
  SUBCASE("in the order of rows") {
    execute(f.path("main.db"),
            "UPDATE log SET idx = 100 WHERE idx = 3;"
            "UPDATE log SET idx = 3 WHERE idx = 4;"
            "UPDATE log SET idx = 4 WHERE idx = 100");
    f.reopen();
    CHECK(f.store->check().value().problems.size() >= 2);
  }
  SUBCASE("in the last certificate") {
    execute(f.path("main.db"), "UPDATE log SET certificate = x'00' WHERE idx = 19");
    f.reopen();
    CHECK(f.store->log().size() == 20);
    CHECK(f.store->log().get(18).has_value());
    CHECK(f.store->log().get(19).error().code == Code::kDataLoss);
  }
  SUBCASE("in the number of the last row") {
    execute(f.path("main.db"), "UPDATE log SET idx = 700 WHERE idx = 19");
    const auto opened = open(f.directory.path() + "/store", small(), f.log);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code == Code::kDataLoss);
    CHECK(opened.error().detail.find("the end of the log") != std::string::npos);
  }
  SUBCASE("in the number of the only row that is left") {
    execute(f.path("main.db"), "DELETE FROM log WHERE idx < 19; UPDATE log SET idx = 0");
    CHECK_FALSE(open(f.directory.path() + "/store", small(), f.log).has_value());
  }
  SUBCASE("in a state row") {
    execute(f.path("main.db"), "UPDATE state SET version = 7");
    f.reopen();
    CHECK(f.store->state().get(key("web")).error().code == Code::kDataLoss);
    CHECK(f.store->check().value().problems.size() == 1);
    record::WriteSet next;
    next.require_version(key("web"), 7);
    CHECK(commit(*f.store, next).error().code == Code::kDataLoss);
    CHECK(commit(*f.store, issue(numbered(30))).has_value());  // the rest goes on
  }
}

TEST_CASE("check finds an index that says something else") {
  Fixture f;
  f.issue_range(0, 30);
  f.store.reset();
  const std::string hot = TestDirectory::files(f.path("index/hot")).front();
  SUBCASE("a changed row") {
    execute(hot, "UPDATE certificate SET not_after = 1 WHERE log_index = 5");
  }
  SUBCASE("a lost row") { execute(hot, "DELETE FROM certificate WHERE log_index = 5"); }
  SUBCASE("a lost name") { execute(hot, "DELETE FROM name WHERE log_index = 5"); }
  SUBCASE("a row too many") {
    execute(hot, "INSERT INTO certificate VALUES(-1, 1, 1, 1, 1, x'01')");
  }
  f.reopen();
  CHECK(f.store->check().value().problems.size() >= 1);
  CHECK(f.store->rebuild_index().has_value());
  f.check_good(30);
}

// Everything in index/ may be lost or damaged: the store opens, and the index comes back by itself.
TEST_CASE("the index comes back from the log") {
  Fixture f;
  f.issue_range(0, 300);
  settle(*f.store, f.path(""));
  f.store.reset();
  SUBCASE("without its directory") { std::filesystem::remove_all(f.path("index")); }
  SUBCASE("without its manifest") { ::unlink(f.path("index/manifest").c_str()); }
  SUBCASE("with a damaged manifest") {
    REQUIRE(::truncate(f.path("index/manifest").c_str(), 100) == 0);
  }
  SUBCASE("without the hot file") { std::filesystem::remove_all(f.path("index/hot")); }
  SUBCASE("with a damaged hot file") {
    for (const std::string& file : TestDirectory::files(f.path("index/hot"))) {
      REQUIRE(::truncate(file.c_str(), 5000) == 0);
    }
  }
  SUBCASE("without a segment") {
    for (const std::string& file : TestDirectory::files(f.path("index"))) {
      if (file.find("/2026-") != std::string::npos) {
        ::unlink(file.c_str());
        break;
      }
    }
  }
  SUBCASE("after a power failure") {
    execute(TestDirectory::files(f.path("index/hot")).front(), "UPDATE meta SET boot = 'another'");
  }
  f.reopen();
  settle(*f.store, f.path(""));
  f.check_range(0, 300);
  f.check_good(300);
  f.issue_range(300, 400);
  f.check_range(0, 400);
  f.check_good(400);
}

TEST_CASE("segments of a month are merged") {
  Fixture f;
  for (std::uint32_t n = 0; n < 20; ++n) f.issue_range(n * 50, n * 50 + 50);
  settle(*f.store, f.path(""));
  const auto few = [&] {
    std::map<std::string, int> segments;  // by month
    for (const std::string& file : TestDirectory::files(f.path("index")))
      ++segments[file.substr(0, file.rfind('/'))];
    return std::ranges::all_of(segments, [](const auto& month) { return month.second <= 14; });
  };
  for (int i = 0; i < 2000 && !few(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  CHECK(few());
  f.check_range(0, 1000);
  f.check_good(1000);
}

TEST_CASE("bytes behind the end of a derived file are cut off") {
  Fixture f;
  CHECK(f.store->files().append("crl", as_bytes("abc"), 1).has_value());
  const std::string data = f.path("derived/crl.data");
  FILE* file = ::fopen(data.c_str(), "a");
  REQUIRE(file != nullptr);
  ::fputs("torn", file);
  ::fclose(file);
  CHECK(as_text(f.store->files().open("crl").value().bytes) == "abc");
  CHECK(f.store->files().append("crl", as_bytes("def"), 2).has_value());
  CHECK(as_text(f.store->files().open("crl").value().bytes) == "abcdef");
  REQUIRE(::truncate(data.c_str(), 2) == 0);  // lost bytes: the file counts as absent
  CHECK(f.store->files().open("crl").value().bytes.empty());
  CHECK(f.store->files().open("crl").value().covers == 0);
}

TEST_CASE("a derived file with a changed bit counts as absent and is made again") {
  Fixture f;
  for (const std::string name : {"derived/crl.data", "derived/crl.at"}) {
    CHECK(f.store->files().append("crl", as_bytes("abcdef"), 7).has_value());
    struct stat info{};
    REQUIRE(::stat(f.path(name).c_str(), &info) == 0);
    // The newline at the end of the position means nothing.
    const off_t end = info.st_size - (name.ends_with(".at") ? 1 : 0);
    for (off_t at = 0; at < end; ++at) {
      f.flip(name, at);
      CHECK(f.store->files().open("crl").value().bytes.empty());
      CHECK(f.store->files().open("crl").value().covers == 0);
      f.flip(name, at);
      CHECK(as_text(f.store->files().open("crl").value().bytes) == "abcdef");
    }
    f.flip(name, 0);
    CHECK(f.store->files().open_again("crl", 0).value().bytes.empty());
    CHECK(f.store->files().append("crl", as_bytes("new"), 9).has_value());
    CHECK(as_text(f.store->files().open("crl").value().bytes) == "new");
    CHECK(f.store->files().remove("crl").has_value());
  }
}

TEST_CASE("the WAL stays small") {
  Fixture f;
  for (std::uint32_t n = 0; n < 60; ++n) {
    record::WriteSet set;
    for (int i = 0; i < 8; ++i)
      set.put(key(std::to_string(n) + "-" + std::to_string(i)), Bytes(200'000, 'x'));
    (void)commit(*f.store, set).value();
    struct stat info{};
    REQUIRE(::stat(f.path("main.db-wal").c_str(), &info) == 0);
    CHECK(info.st_size < 64 * 1024 * 1024);
  }
}

TEST_CASE("a loader makes the same store again") {
  Fixture f;
  for (std::uint32_t n = 0; n < 100; ++n) (void)commit(*f.store, issue(numbered(n))).value();
  record::WriteSet set;
  set.put(key("web"), to_bytes("1"));
  set.put(key("web"), to_bytes("2"), 9);
  set.changes.push_back(
      {record::StateChange::Operation::kAdd, key("uses", record::StateKind::kCounter), {}, 5, 1});
  (void)commit(*f.store, set).value();
  const TestDirectory other;
  {
    const auto loader = make_loader(other.path()).value();
    CHECK(loader->append({7, {}}).error().code == Code::kInvalidArgument);
    const auto rows = f.store->log().read(0, 1000).value();
    for (const record::LogRow& row : rows) loader->append(row).value();
    const auto state = f.store->snapshot().value()->next(1000).value();
    for (const record::StateRow& row : state) loader->put(row).value();
    loader->finish().value();
  }
  CHECK(make_loader(other.path()).error().code == Code::kAlreadyExists);
  const auto again = open(other.path(), small(), f.log).value();
  CHECK(again->log().size() == 100);
  const auto row = again->state().get(key("web")).value().value();
  CHECK(row.value == to_bytes("2"));
  CHECK(row.version == 2);
  CHECK(row.schema == 9);
  CHECK(again->state().get(key("uses", record::StateKind::kCounter)).value()->counter == 5);
  settle(*again, other.path());
  const auto report = again->check().value();
  CHECK(report.problems.empty());
  CHECK(report.certificates == 100);
  CHECK(again->index().find_by_serial(kScope, numbered(42).serial).value().has_value());
}

}  // namespace
}  // namespace chancery::storage::sqlite
