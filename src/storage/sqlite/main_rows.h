#pragma once

// Internal to this folder: the tables of main.db and how their rows are written, checked and read.

#include <string_view>

#include "record/store.h"
#include "storage/sqlite/database.h"

namespace chancery::storage::sqlite {

// prepare_schema makes the tables of a new main.db, or checks an existing one. Errors: kUnsupported
// when a newer program wrote it, kDataLoss when it is something else.
[[nodiscard]] Result<void> prepare_schema(Database& database);

// read_log_size returns how many rows the log has. The largest key tells it, not a count: O(1).
// That key is believed only when the check of its row holds, or that of the row before it, which is
// then the next smaller number: damage must not pass for a shorter log. Errors: kDataLoss.
[[nodiscard]] Result<std::uint64_t> read_log_size(Database& database);

// The statements; parameters and columns are in the order that the functions below use.
namespace sql {
inline constexpr std::string_view kAppend =
    "INSERT INTO log(idx, kind, schema, event, certificate, crc) VALUES(?1, ?2, 1, ?3, ?4, ?5)";
inline constexpr std::string_view kLogGet =
    "SELECT idx, kind, event, certificate, crc FROM log WHERE idx = ?1";
inline constexpr std::string_view kLogRead =
    "SELECT idx, kind, event, certificate, crc FROM log WHERE idx >= ?1 AND idx < ?2 ORDER BY idx "
    "LIMIT ?3";
// "kind <> 1" is what makes SQLite use the partial index.
inline constexpr std::string_view kLogReadKind =
    "SELECT idx, kind, event, certificate, crc FROM log INDEXED BY log_kind "
    "WHERE kind = ?4 AND kind <> 1 AND idx >= ?1 AND idx < ?2 ORDER BY idx LIMIT ?3";
inline constexpr std::string_view kStateGet =
    "SELECT id, version, counter, schema, value, crc FROM state "
    "WHERE tenant = ?1 AND mount = ?2 AND kind = ?3 AND id = ?4";
// The row, or else the one that follows it.
inline constexpr std::string_view kStateFrom =
    "SELECT id, version, counter, schema, value, crc FROM state "
    "WHERE tenant = ?1 AND mount = ?2 AND kind = ?3 AND id >= ?4 ORDER BY id LIMIT 1";
inline constexpr std::string_view kStateList =
    "SELECT id, version, counter, schema, value, crc FROM state "
    "WHERE tenant = ?1 AND mount = ?2 AND kind = ?3 AND id > ?4 ORDER BY id LIMIT ?5";
// The first columns are those of kStateList; the rest is the key.
inline constexpr std::string_view kStateAll =
    "SELECT id, version, counter, schema, value, crc, tenant, mount, kind FROM state "
    "ORDER BY tenant, mount, kind, id";
inline constexpr std::string_view kStatePut =
    "INSERT INTO state(tenant, mount, kind, id, version, counter, schema, value, crc) "
    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT(tenant, mount, kind, id) DO UPDATE SET "
    "version = excluded.version, counter = excluded.counter, schema = excluded.schema, "
    "value = excluded.value, crc = excluded.crc";
inline constexpr std::string_view kStateErase =
    "DELETE FROM state WHERE tenant = ?1 AND mount = ?2 AND kind = ?3 AND id = ?4";
}  // namespace sql

void bind_key(Statement& statement, const record::StateKey& key);
// Binds parameters of kStatePut and kAppend, check value included.
void bind_state(Statement& statement, const record::StateRow& row);
void bind_entry(Statement& statement, std::uint64_t index, const record::LogEntry& entry);

// read_state and read_entry take the current row. Errors: kDataLoss when its bytes fail their
// check.
[[nodiscard]] Result<record::StateRow> read_state(const Statement& statement,
                                                  record::StateKind kind,
                                                  const record::Scope& scope);
[[nodiscard]] Result<record::LogRow> read_entry(const Statement& statement);

}  // namespace chancery::storage::sqlite
