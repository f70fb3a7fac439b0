#include "storage/sqlite/main_rows.h"

#include "storage/sqlite/crc32c.h"

namespace chancery::storage::sqlite {
namespace {

constexpr std::int64_t kSchemaVersion = 1;
constexpr std::int64_t kApplicationId = 0x43484e43;  // "CHNC"

// Events, certificates and their check in one row; what happened apart from issuing is found by
// kind. Rows of `state` lie together by scope and kind, in byte order of their id.
constexpr const char* kSchema =
    "CREATE TABLE log(idx INTEGER PRIMARY KEY, kind INTEGER NOT NULL, schema INTEGER NOT NULL,"
    " event BLOB NOT NULL, certificate BLOB NOT NULL, crc INTEGER NOT NULL);"
    "CREATE INDEX log_kind ON log(kind) WHERE kind <> 1;"
    "CREATE TABLE state(tenant TEXT NOT NULL, mount TEXT NOT NULL, kind INTEGER NOT NULL,"
    " id TEXT NOT NULL, version INTEGER NOT NULL, counter INTEGER NOT NULL, schema INTEGER NOT "
    "NULL,"
    " value BLOB NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY(tenant, mount, kind, id)) WITHOUT "
    "ROWID;";

std::uint32_t entry_check(std::uint64_t index, std::int64_t kind, BytesView event,
                          BytesView certificate) {
  Crc32c crc;
  crc.add(index).add(static_cast<std::uint64_t>(kind)).add(event.size());
  return crc.add(event).add(certificate).value();
}

std::uint32_t state_check(const record::StateRow& row) {
  Crc32c crc;
  for (const std::string_view text :
       {std::string_view(row.key.scope.tenant), std::string_view(row.key.scope.mount),
        std::string_view(row.key.id)}) {
    crc.add(text.size()).add(as_bytes(text));
  }
  crc.add(static_cast<std::uint64_t>(row.key.kind)).add(row.version);
  crc.add(static_cast<std::uint64_t>(row.counter)).add(row.schema);
  return crc.add(row.value).value();
}

Result<void> create_schema(Database& database) {
  TRY(database.execute("BEGIN IMMEDIATE"));
  TRY(database.execute(kSchema));
  TRY(database.execute("PRAGMA application_id = " + std::to_string(kApplicationId)));
  TRY(database.execute("PRAGMA user_version = " + std::to_string(kSchemaVersion)));
  return database.execute("COMMIT");
}

}  // namespace

Result<void> prepare_schema(Database& database) {
  const auto version = TRY(database.query_integer("PRAGMA user_version")).value_or(0);
  const auto application = TRY(database.query_integer("PRAGMA application_id")).value_or(0);
  const auto tables = TRY(database.query_integer("SELECT count(*) FROM sqlite_schema")).value_or(0);
  if (version == 0 && tables == 0) return create_schema(database);
  if (application != kApplicationId)
    return fail(Code::kDataLoss, "main.db is not a Chancery store");
  if (version > kSchemaVersion) {
    return fail(Code::kUnsupported, "the store was written by a newer version (schema " +
                                        std::to_string(version) + ", this program knows " +
                                        std::to_string(kSchemaVersion) + ")");
  }
  return {};
}

Result<std::uint64_t> read_log_size(Database& database) {
  Statement last = TRY(database.prepare(
      "SELECT idx, kind, event, certificate, crc FROM log ORDER BY idx DESC LIMIT 2"));
  if (!TRY(last.step())) return 0;
  const std::uint64_t size = last.natural(0) + 1;
  if (read_entry(last)) return size;
  if (TRY(last.step())) {
    const auto before = read_entry(last);
    if (before && before->index + 2 == size) return size;
  }
  return fail(Code::kDataLoss, "the end of the log is damaged: the check of its last row (" +
                                   std::to_string(size - 1) +
                                   ") fails, and the row before it does not tell its number");
}

void bind_key(Statement& statement, const record::StateKey& key) {
  statement.bind(1, std::string_view(key.scope.tenant));
  statement.bind(2, std::string_view(key.scope.mount));
  statement.bind(3, static_cast<std::int64_t>(key.kind));
  statement.bind(4, std::string_view(key.id));
}

void bind_state(Statement& statement, const record::StateRow& row) {
  bind_key(statement, row.key);
  statement.bind(5, row.version);
  statement.bind(6, row.counter);
  statement.bind(7, std::int64_t{row.schema});
  statement.bind(8, BytesView(row.value));
  statement.bind(9, std::int64_t{state_check(row)});
}

void bind_entry(Statement& statement, std::uint64_t index, const record::LogEntry& entry) {
  const auto kind = static_cast<std::int64_t>(entry.kind);
  statement.bind(1, index);
  statement.bind(2, kind);
  statement.bind(3, BytesView(entry.event));
  statement.bind(4, BytesView(entry.certificate));
  statement.bind(5, std::int64_t{entry_check(index, kind, entry.event, entry.certificate)});
}

Result<record::StateRow> read_state(const Statement& statement, record::StateKind kind,
                                    const record::Scope& scope) {
  record::StateRow row;
  row.key = {kind, scope, std::string(statement.text(0))};
  row.version = statement.natural(1);
  row.counter = statement.integer(2);
  row.schema = static_cast<std::uint16_t>(statement.integer(3));
  row.value = to_bytes(statement.blob(4));
  if (state_check(row) != statement.integer(5)) {
    return std::unexpected(
        Error{Code::kDataLoss, "a state row fails its check", {}, {}}.with("id", row.key.id));
  }
  return row;
}

Result<record::LogRow> read_entry(const Statement& statement) {
  record::LogRow row;
  row.index = statement.natural(0);
  const std::int64_t kind = statement.integer(1);
  const BytesView event = statement.blob(2);
  const BytesView certificate = statement.blob(3);
  if (kind < 1 || kind > 255 ||
      entry_check(row.index, kind, event, certificate) != statement.integer(4)) {
    return std::unexpected(Error{Code::kDataLoss, "a log row fails its check", {}, {}}.with(
        "index", std::to_string(row.index)));
  }
  row.entry = {static_cast<record::EventKind>(kind), to_bytes(event), to_bytes(certificate)};
  return row;
}

}  // namespace chancery::storage::sqlite
