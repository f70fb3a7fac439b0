#include "server/health.h"

#include "base/test_directory.h"
#include "ca/test_authority.h"
#include "server/node.h"
#include "storage/sqlite/fault_vfs.h"
#include "storage/sqlite/sqlite_store.h"
#include "storage/store_conformance.h"

namespace chancery::server {
namespace {

using storage::conformance::commit;
using storage::conformance::issue;
using storage::conformance::numbered;
using storage::sqlite::FaultVfs;

// The store is a real one on a disk that fails when told to; the authority has one of its own, so
// that it goes on when that store does not.
struct Fixture {
  ca::TestAuthority authority;
  TestDirectory directory;
  FaultVfs vfs;
  Metrics metrics;
  std::unique_ptr<storage::ManagedStore> store;
  std::unique_ptr<HealthApi> health;

  Fixture() {
    storage::sqlite::Options options;
    options.vfs = "chancery-fault";
    store = storage::sqlite::open(directory.path() + "/store", options, authority.log).value();
    health = std::make_unique<HealthApi>(*store, *authority.service, metrics);
  }

  http::Response get(const std::string& path) { return ask(*health, path); }
  static http::Response ask(HealthApi& health, const std::string& path) {
    http::Request request;
    request.method = "GET";
    request.path = path;
    http::Context context;
    return health.handle(request, context);
  }
};

void check_not_ready(const http::Response& response, std::string_view reason) {
  CHECK(response.status() == 503);
  CHECK(response.header("Retry-After") == "1");
  const std::string body(as_text(response.body()));
  CHECK_MESSAGE(body.find(reason) != std::string::npos, body);
}

TEST_CASE("a node that can serve is ready") {
  Fixture f;
  REQUIRE(commit(*f.store, issue(numbered(1))).has_value());
  CHECK(f.get("/readyz").status() == 200);
  CHECK(f.get("/healthz").status() == 200);
}

TEST_CASE("a store that is out of service is not ready, though the process lives") {
  Fixture f;
  f.vfs.fail(FaultVfs::Fault::kSyncNotDone, "main.db-wal");
  REQUIRE_FALSE(commit(*f.store, issue(numbered(1))).has_value());
  f.vfs.fail(FaultVfs::Fault::kNone, "");
  check_not_ready(f.get("/readyz"), "store out of service");
  CHECK(f.get("/healthz").status() == 200);
}

TEST_CASE("a full disk is not ready until there is space") {
  Fixture f;
  f.vfs.fail(FaultVfs::Fault::kWriteFull, "main.db-wal");
  REQUIRE_FALSE(commit(*f.store, issue(numbered(1))).has_value());
  check_not_ready(f.get("/readyz"), "storage full");
  f.vfs.fail(FaultVfs::Fault::kNone, "");
  REQUIRE(commit(*f.store, issue(numbered(2))).has_value());
  CHECK(f.get("/readyz").status() == 200);
}

TEST_CASE("a node without an authority is not ready") {
  Fixture f;
  const auto empty = storage::memory::make_store(f.authority.log);
  ca::Service service(
      {*empty, *f.authority.keys, f.authority.clock, f.authority.random, f.authority.log});
  HealthApi health(*f.store, service, f.metrics);
  check_not_ready(Fixture::ask(health, "/readyz"), "no authority");
}

TEST_CASE("a restored node is not ready until it is confirmed") {
  Fixture f;
  ca::TestAuthority& t = f.authority;
  record::WriteSet writes;
  writes.put(ca::restoration_key(), ca::encode(ca::Restoration{}));
  REQUIRE(t.store->committer().submit(std::move(writes)).wait(t.outside).has_value());
  check_not_ready(f.get("/readyz"), "chancery restore confirm");
  (void)t.commit(t.service->confirm_restore(access::local_operator(t.scope), "r").value());
  CHECK(f.get("/readyz").status() == 200);
}

TEST_CASE("a node that stops is not ready") {
  Fixture f;
  f.health->stopping();
  check_not_ready(f.get("/readyz"), "stopping");
  CHECK(f.get("/healthz").status() == 200);
}

}  // namespace
}  // namespace chancery::server
