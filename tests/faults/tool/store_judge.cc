// Opens the store in a directory that no program has open, as a start would, and says what is in
// it: one line for each certificate and revocation of the log, each problem that the check finds,
// and "checked" at the end. A store that cannot be opened is an error line and status 1.
//
//   store_judge <directory> [<directory>…]      "store <directory>" comes before each

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include "base/log.h"
#include "record/event.h"
#include "storage/index_row.h"
#include "storage/sqlite/sqlite_store.h"

namespace {

using namespace chancery;

void say(const std::string& line) { std::puts(line.c_str()); }

Result<void> tell_log(record::Store& store) {
  constexpr std::size_t kPage = 500;
  const std::uint64_t size = store.log().size();
  for (std::uint64_t next = 0; next < size; next += kPage) {
    for (const record::LogRow& row : TRY(store.log().read(next, kPage))) {
      const auto event = TRY(record::decode(row.entry.event));
      if (event.kind == record::EventKind::kCertificateRevoked) say("revoked " + event.subject);
      const auto known = storage::index_row(row.index, row.entry);
      if (!known) continue;
      say("certificate " + hex(known->serial) + " " + hex(known->fingerprint));
      const auto found = TRY(store.index().find_by_fingerprint(known->fingerprint));
      if (!found) say("problem the index does not find " + hex(known->serial));
    }
  }
  return {};
}

// The index comes back by itself; until then a check finds it incomplete.
void wait_for_index(const storage::ManagedStore& store) {
  for (int i = 0; i < 10'000 && store.health().index_missing > 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

Result<void> judge(const std::string& directory) {
  NullLog log;
  const auto store = TRY(storage::sqlite::open(directory, {}, log));
  wait_for_index(*store);
  TRY(tell_log(*store));
  for (const std::string& problem : TRY(store->check()).problems) say("problem " + problem);
  say("checked");
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  int status = 0;
  for (int i = 1; i < count; ++i) {
    say(std::string("store ") + arguments[i]);
    const auto done = judge(arguments[i]);
    if (done) continue;
    say("error " + done.error().to_string());
    status = 1;
  }
  return status;
}
