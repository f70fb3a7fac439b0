#pragma once

// Internal to this folder: one SQLite file of the index. Hot files and segments have the same
// tables.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/store.h"
#include "storage/sqlite/database.h"
#include "storage/sqlite/key_filter.h"

namespace chancery::storage::sqlite {

// The index holds what leads to a log row, not the row's content: that is read from the log, which
// is the truth. Texts that only have to be compared are kept as 64 bits of their SHA-256; whoever
// follows an entry to the log compares the whole.
struct IndexEntry {
  std::uint64_t log_index = 0;
  std::int64_t scope = 0;
  std::int64_t issuer = 0;
  std::int64_t not_after = 0;
  std::int64_t fingerprint = 0;  // its first eight octets
  std::array<std::uint8_t, 20> serial{};
  std::uint8_t serial_size = 0;

  [[nodiscard]] BytesView serial_view() const { return {serial.data(), serial_size}; }
  friend bool operator==(const IndexEntry&, const IndexEntry&) = default;
};

[[nodiscard]] std::int64_t scope_key(const record::Scope& scope);
[[nodiscard]] std::int64_t issuer_key(std::string_view issuer_id);
[[nodiscard]] std::int64_t fingerprint_key(const crypto::Sha256& fingerprint);
// name_key is the name backwards in lower case: names with one suffix lie together.
[[nodiscard]] std::string name_key(std::string_view name);
[[nodiscard]] IndexEntry index_entry(const record::CertificateRow& row);

// EntryFilter is a CertificateQuery in the index's terms.
struct EntryFilter {
  std::optional<std::int64_t> scope;
  std::optional<std::int64_t> issuer;
  std::optional<std::int64_t> fingerprint;
  std::optional<Bytes> serial;
  std::optional<std::string> name;    // name_key
  std::optional<std::string> suffix;  // name_key of the suffix, not empty
  std::optional<std::int64_t> not_after_from;
  std::optional<std::int64_t> not_after_to;
};
[[nodiscard]] EntryFilter entry_filter(const record::CertificateQuery& query);

// create_index_tables makes the tables, create_index_indexes what is made after a bulk load.
[[nodiscard]] Result<void> create_index_tables(Database& database);
[[nodiscard]] Result<void> create_index_indexes(Database& database);
// write_filter puts a filter of the file's serial numbers and names into it, once it is full;
// read_filter gives it back, or nothing for a file that has none.
[[nodiscard]] Result<void> write_filter(Database& database);
[[nodiscard]] Result<std::optional<KeyFilter>> read_filter(Database& database);

// EntryWriter adds to one file. Not thread-safe.
class EntryWriter {
 public:
  [[nodiscard]] static Result<EntryWriter> make(Database& database);
  [[nodiscard]] Result<void> add(const IndexEntry& entry);
  [[nodiscard]] Result<void> add_name(std::string_view name_key, std::uint64_t log_index);

 private:
  Statement entry_, name_;
};

// EntryReader answers from one file, newest first; each call is one short read transaction.
// Not thread-safe. Errors: kUnavailable, kDataLoss.
class EntryReader {
 public:
  [[nodiscard]] static Result<EntryReader> make(Database database);

  [[nodiscard]] Result<std::optional<std::uint64_t>> find_by_serial(std::int64_t scope,
                                                                    BytesView serial);
  // A few, for the unlikely case that fingerprints share their first octets.
  [[nodiscard]] Result<std::vector<std::uint64_t>> find_by_fingerprint(std::int64_t fingerprint);
  // candidates returns log indexes below `before` that pass the filter, at most `limit`. Where a
  // name or suffix has too many matches to sort, the result may hold rows that do not match it.
  [[nodiscard]] Result<std::vector<std::uint64_t>> candidates(const EntryFilter& filter,
                                                              std::uint64_t before,
                                                              std::size_t limit);
  // serials returns those of a scope after `after`, in byte order, each once.
  [[nodiscard]] Result<std::vector<Bytes>> serials(std::int64_t scope, BytesView after,
                                                   std::size_t limit);
  // holds says whether exactly this entry and these names are there.
  [[nodiscard]] Result<bool> holds(const IndexEntry& entry, const std::vector<std::string>& names);
  // count counts entries below `end`.
  [[nodiscard]] Result<std::uint64_t> count(std::uint64_t end);

 private:
  [[nodiscard]] Result<std::vector<std::uint64_t>> collect(Statement& statement);
  void bind_filter(Statement& statement, const EntryFilter& filter, std::uint64_t before,
                   std::size_t limit);
  [[nodiscard]] Result<std::vector<std::uint64_t>> by_serial_of_any_scope(const EntryFilter& filter,
                                                                          std::uint64_t before,
                                                                          std::size_t limit);
  [[nodiscard]] Result<bool> few_names(std::string_view first, std::string_view last);
  [[nodiscard]] Result<bool> few_expiries(const EntryFilter& filter);

  Database database_;
  Statement by_serial_, by_fingerprint_, serials_, next_scope_, entry_, name_, count_;
  Statement scan_, of_fingerprint_, of_serial_, of_name_, of_suffix_, of_expiry_;
  Statement count_names_, count_expiries_;
};

}  // namespace chancery::storage::sqlite
