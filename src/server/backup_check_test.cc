#include "server/backup_check.h"

#include <doctest/doctest.h>

#include "access/tokens.h"
#include "base/fakes.h"
#include "base/test_directory.h"
#include "ca/crl_publisher.h"
#include "ca/service.h"
#include "server/restore.h"
#include "storage/sqlite/sqlite_store.h"

namespace chancery::server {
namespace {

record::LogRow row(std::uint64_t index) {
  record::Event event;
  event.kind = record::EventKind::kRoleWritten;
  event.time = from_unix(1'800'000'000);
  event.subject = "role " + std::to_string(index);
  return {index, {event.kind, record::encode(event), {}}};
}

// A backup whose parts a test can spoil before it is written.
struct Content {
  backup::StreamHeader header{"store-1", "1.0", from_unix(1'800'000'000), 0, 2, {}};
  std::vector<record::LogRow> rows{row(0), row(1)};
  std::vector<record::StateRow> state;
  std::vector<backup::File> files{{"chancery.yaml", to_bytes("data: server\n")},
                                  {"keys/k-1.key", to_bytes("sealed")},
                                  {"keys/seal.pem", to_bytes("sealed")}};
};

struct Fixture {
  void add(const Content& content) {
    const std::uint64_t number = ++written;
    backup::FileHeader header;
    header.number = number;
    header.id = Bytes(16, static_cast<std::uint8_t>(number));
    if (number > 1) header.previous = Bytes(16, static_cast<std::uint8_t>(number - 1));
    header.store_id = content.header.store_id;
    header.time = content.header.time;
    header.first = content.header.first;
    header.end = content.header.end;
    header.cost = {0, 0, 0};
    header.key_salt = Bytes(16);
    header.file_salt = Bytes(32, static_cast<std::uint8_t>(number));
    const auto lock = backup::ArchiveLock::take(directory + "/backups").value();
    const auto made = backup::NewBackup::begin(directory + "/backups", header, secret).value();
    made->write(encode(content)).value();
    (void)made->keep().value();
  }
  static Bytes encode(const Content& content) {
    Bytes out;
    backup::StreamEncoder encoder;
    encoder.header(out, content.header);
    for (const auto& each : content.rows) encoder.log_row(out, each);
    for (const auto& each : content.state) encoder.state_row(out, each);
    for (const auto& each : content.files) encoder.file(out, each);
    encoder.trailer(out);
    return out;
  }
  std::vector<backup::BackupFile> chain(const std::string& until = {}) const {
    return choose_chain(backup::Archive::open(directory + "/backups").value(), until).value();
  }
  Result<Findings> check() {
    return check_chain(chain(), secret,
                       [](const backup::StreamItem&) -> Result<void> { return {}; });
  }

  const TestDirectory folder;
  const std::string& directory = folder.path();
  backup::Secret secret = backup::Secret::key(SecretBytes(32)).value();
  std::uint64_t written = 0;
  NullLog log;
};

Code code_of(const Content& content) {
  Fixture f;
  f.add(content);
  const auto found = f.check();
  return found ? Code::kInternal : found.error().code;
}

record::StateRow authority(std::string id, std::string key_id) {
  ca::AuthorityRecord record;
  record.id = std::move(id);
  record.key_id = std::move(key_id);
  return {ca::authority_key({"root", "pki/"}, record.id), ca::encode(record), 1, 0, 1};
}

TEST_CASE("a good chain is told") {
  Fixture f;
  f.add({});
  Content second;
  second.header.first = 2;
  second.header.end = 3;
  second.header.before = backup::row_hash(row(1));
  second.rows = {row(2)};
  second.state = {authority("a", "k-1")};
  f.add(second);
  const Findings found = f.check().value();
  CHECK(found.backups == 2);
  CHECK(found.log_rows == 3);
  CHECK(found.state_rows == 1);
  CHECK(found.keys == 1);
  CHECK_FALSE(found.newest.has_value());
  CHECK(f.chain("1").size() == 1);
  CHECK(f.chain("2030-01-01T00:00:00Z").size() == 2);
  const auto archive = backup::Archive::open(f.directory + "/backups").value();
  CHECK(choose_chain(archive, "7").error().code == Code::kNotFound);
  CHECK(choose_chain(archive, "2020-01-01T00:00:00Z").error().code == Code::kNotFound);
  CHECK_FALSE(choose_chain(archive, "yesterday").has_value());
}

TEST_CASE("content that makes no sense is found, though its bytes are whole") {
  Content nonsense;
  nonsense.rows[1].entry.event = to_bytes("nonsense");
  CHECK(code_of(nonsense) == Code::kDataLoss);
  Content other_kind;
  other_kind.rows[1].entry.kind = record::EventKind::kRoleDeleted;
  CHECK(code_of(other_kind) == Code::kDataLoss);
  Content certificate;
  certificate.rows[1].entry.certificate = to_bytes("nonsense");
  CHECK(code_of(certificate) == Code::kDataLoss);
  Content state;
  state.state = {authority("a", "k-1")};
  state.state[0].value.pop_back();
  CHECK(code_of(state) == Code::kDataLoss);
  Content no_key;
  no_key.state = {authority("a", "k-2")};
  CHECK(code_of(no_key) == Code::kDataLoss);
  Content no_seal;
  no_seal.files.pop_back();
  CHECK(code_of(no_seal) == Code::kDataLoss);
}

TEST_CASE("a backup of another history does not continue a chain") {
  Fixture f;
  f.add({});
  Content second;
  second.header.first = second.header.end = 2;
  second.header.before = backup::row_hash(row(0));  // not of row 1
  second.rows.clear();
  f.add(second);
  CHECK(f.check().error().code == Code::kDataLoss);
}

TEST_CASE("a restore gives each authority with a key a number that nobody had") {
  Fixture f;
  Content content;
  const record::Scope scope{"root", "pki/"};
  const auto crl = [&](const std::string& id, std::uint64_t number, Bytes imported) {
    const ca::CrlState state{number, from_unix(1), from_unix(2), std::move(imported)};
    return record::StateRow{ca::crl_key(scope, id), ca::encode(state), 5, 0, 1};
  };
  content.state = {authority("a", "k-1"),
                   authority("arrived", "k-1"),
                   authority("b", "k-1"),
                   authority("offline", ""),
                   crl("a", 41, {}),
                   crl("arrived", 7, to_bytes("from before its key")),
                   crl("offline", 3, to_bytes("its CRL"))};
  // A seal by a passphrase; what is in it does not matter to a restore.
  content.files[2].content = to_bytes(
      "-----BEGIN CHANCERY SEAL-----\nMBwCAQEMCnBhc3NwaHJhc2UCAQgCAQECAQEEAAQA\n-----END CHANCERY "
      "SEAL-----\n");
  f.add(content);
  FakeClock clock{from_unix(1'900'000'000)};
  FakeRandom random{1};
  const std::string target = f.directory + "/node";
  const auto result = restore(f.chain(), f.secret, target, clock, random, f.log);
  REQUIRE_MESSAGE(result.has_value(), result.error().to_string());
  CHECK(restore(f.chain(), f.secret, target, clock, random, f.log).error().code ==
        Code::kAlreadyExists);
  const auto store = storage::sqlite::open(target + "/server/store", {}, f.log).value();
  const auto number = [&](const std::string& id) {
    const auto found = store->state().get(ca::crl_key(scope, id)).value().value();
    return ca::decode_crl_state(found.value).value().number;
  };
  CHECK(number("a") == std::uint64_t{1'900'000'000} << 24);
  CHECK(number("b") == std::uint64_t{1'900'000'000} << 24);  // none before the backup
  CHECK(number("offline") == 3);                             // numbered elsewhere
  CHECK(number("arrived") == std::uint64_t{1'900'000'000} << 24);
  CHECK(store->log().size() == 3);
  const auto last = record::decode(store->log().get(2).value().entry.event).value();
  CHECK(last.kind == record::EventKind::kStoreRestored);
  CHECK(record::detail(last, "lost_store_id") == "store-1");
  const auto mark = store->state().get(ca::restoration_key()).value().value();
  CHECK_FALSE(ca::decode_restoration(mark.value).value().confirmed());
}

}  // namespace
}  // namespace chancery::server
