#include "storage/sqlite/index_file.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.h"
#include "crypto/digest.h"

namespace chancery::storage::sqlite {
namespace {

// Matches that are still gathered and sorted; with more, walking the rows from the newest is
// quicker.
constexpr std::int64_t kFew = 50'000;

constexpr const char* kTables =
    "CREATE TABLE certificate(log_index INTEGER PRIMARY KEY, scope INTEGER NOT NULL,"
    " issuer INTEGER NOT NULL, not_after INTEGER NOT NULL, fingerprint INTEGER NOT NULL,"
    " serial BLOB NOT NULL);"
    "CREATE TABLE name(name BLOB NOT NULL, log_index INTEGER NOT NULL,"
    " PRIMARY KEY(name, log_index)) WITHOUT ROWID;";
constexpr const char* kIndexes =
    "CREATE INDEX by_serial ON certificate(scope, serial);"
    "CREATE INDEX by_fingerprint ON certificate(fingerprint);"
    "CREATE INDEX by_expiry ON certificate(not_after);";

// What every search statement checks on the entry; ?7 is the page's size, ?8 where it begins.
constexpr const char* kFilter =
    " AND (?1 IS NULL OR c.scope = ?1) AND (?2 IS NULL OR c.issuer = ?2)"
    " AND (?3 IS NULL OR c.not_after >= ?3) AND (?4 IS NULL OR c.not_after < ?4)"
    " AND (?5 IS NULL OR c.fingerprint = ?5) AND (?6 IS NULL OR c.serial = ?6)"
    " ORDER BY c.log_index DESC LIMIT ?7";

std::string search_sql(std::string_view from, std::string_view where) {
  return "SELECT DISTINCT c.log_index FROM " + std::string(from) + " WHERE " + std::string(where) +
         kFilter;
}

std::int64_t key_of(const crypto::Sha256& digest) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | digest[i];
  return static_cast<std::int64_t>(key);
}

// The first key behind every key that begins with `prefix`.
std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

std::optional<std::int64_t> seconds_of(std::optional<TimePoint> time) {
  return time ? std::optional(to_unix(*time)) : std::nullopt;
}

}  // namespace

std::int64_t scope_key(const record::Scope& scope) {
  constexpr std::array<std::uint8_t, 1> kSeparator{0};
  Bytes text = to_bytes(scope.tenant);
  append(text, kSeparator);
  append(text, as_bytes(scope.mount));
  return key_of(crypto::sha256(text));
}

std::int64_t issuer_key(std::string_view issuer_id) {
  return key_of(crypto::sha256(as_bytes(issuer_id)));
}

std::int64_t fingerprint_key(const crypto::Sha256& fingerprint) { return key_of(fingerprint); }

std::string name_key(std::string_view name) {
  std::string key = to_lower(name);
  std::ranges::reverse(key);
  return key;
}

IndexEntry index_entry(const record::CertificateRow& row) {
  IndexEntry entry;
  entry.log_index = row.log_index;
  entry.scope = scope_key(row.scope);
  entry.issuer = issuer_key(row.issuer_id);
  entry.not_after = to_unix(row.not_after);
  entry.fingerprint = fingerprint_key(row.fingerprint);
  entry.serial_size = static_cast<std::uint8_t>(std::min(row.serial.size(), entry.serial.size()));
  std::copy_n(row.serial.begin(), entry.serial_size, entry.serial.begin());
  return entry;
}

EntryFilter entry_filter(const record::CertificateQuery& query) {
  EntryFilter filter;
  if (query.scope) filter.scope = scope_key(*query.scope);
  if (query.issuer_id) filter.issuer = issuer_key(*query.issuer_id);
  if (query.fingerprint) filter.fingerprint = fingerprint_key(*query.fingerprint);
  filter.serial = query.serial;
  if (query.name) filter.name = name_key(*query.name);
  if (query.name_suffix && !query.name_suffix->empty())
    filter.suffix = name_key(*query.name_suffix);
  filter.not_after_from = seconds_of(query.not_after_from);
  filter.not_after_to = seconds_of(query.not_after_to);
  return filter;
}

Result<void> create_index_tables(Database& database) { return database.execute(kTables); }

Result<void> create_index_indexes(Database& database) { return database.execute(kIndexes); }

Result<void> write_filter(Database& database) {
  const auto rows = TRY(database.query_integer("SELECT count(*) FROM certificate"));
  const auto names = TRY(database.query_integer("SELECT count(*) FROM name"));
  KeyFilter filter(static_cast<std::uint64_t>(rows.value_or(0) + names.value_or(0)));
  Statement serials = TRY(database.prepare("SELECT scope, serial FROM certificate"));
  while (TRY(serials.step())) filter.add(serial_filter_key(serials.integer(0), serials.blob(1)));
  Statement keys = TRY(database.prepare("SELECT name FROM name"));
  while (TRY(keys.step())) filter.add(name_filter_key(as_text(keys.blob(0))));
  TRY(database.execute("CREATE TABLE filter(bits BLOB NOT NULL)"));
  Statement insert = TRY(database.prepare("INSERT INTO filter VALUES(?1)"));
  const Bytes bits = filter.encode();
  insert.bind(1, BytesView(bits));
  return insert.run();
}

Result<std::optional<KeyFilter>> read_filter(Database& database) {
  const auto tables =
      TRY(database.query_integer("SELECT count(*) FROM sqlite_schema WHERE name = 'filter'"));
  if (tables.value_or(0) == 0) return std::nullopt;
  Statement select = TRY(database.prepare("SELECT bits FROM filter"));
  if (!TRY(select.step())) return fail(Code::kDataLoss, "an index segment has lost its filter");
  return KeyFilter::decode(select.blob(0));
}

Result<EntryWriter> EntryWriter::make(Database& database) {
  EntryWriter writer;
  // A batch that is written again after a failure finds its rows there.
  writer.entry_ =
      TRY(database.prepare("INSERT OR IGNORE INTO certificate VALUES(?1, ?2, ?3, ?4, ?5, ?6)"));
  writer.name_ = TRY(database.prepare("INSERT OR IGNORE INTO name VALUES(?1, ?2)"));
  return writer;
}

Result<void> EntryWriter::add(const IndexEntry& entry) {
  entry_.bind(1, entry.log_index);
  entry_.bind(2, entry.scope);
  entry_.bind(3, entry.issuer);
  entry_.bind(4, entry.not_after);
  entry_.bind(5, entry.fingerprint);
  entry_.bind(6, entry.serial_view());
  return entry_.run();
}

Result<void> EntryWriter::add_name(std::string_view name_key, std::uint64_t log_index) {
  name_.bind(1, as_bytes(name_key));
  name_.bind(2, log_index);
  return name_.run();
}

Result<EntryReader> EntryReader::make(Database database) {
  EntryReader r;
  Database& d = database;
  r.by_serial_ =
      TRY(d.prepare("SELECT max(log_index) FROM certificate WHERE scope = ?1 AND serial = ?2"));
  r.by_fingerprint_ = TRY(d.prepare(
      "SELECT log_index FROM certificate WHERE fingerprint = ?1 ORDER BY log_index DESC LIMIT 16"));
  r.serials_ =
      TRY(d.prepare("SELECT DISTINCT serial FROM certificate INDEXED BY by_serial"
                    " WHERE scope = ?1 AND serial > ?2 ORDER BY serial LIMIT ?3"));
  r.next_scope_ =
      TRY(d.prepare("SELECT scope FROM certificate INDEXED BY by_serial WHERE scope > ?1 ORDER BY "
                    "scope LIMIT 1"));
  r.entry_ =
      TRY(d.prepare("SELECT scope, issuer, not_after, fingerprint, serial FROM certificate WHERE "
                    "log_index = ?1"));
  r.name_ = TRY(d.prepare("SELECT 1 FROM name WHERE name = ?1 AND log_index = ?2"));
  r.count_ = TRY(d.prepare("SELECT count(*) FROM certificate WHERE log_index < ?1"));
  r.scan_ = TRY(d.prepare(search_sql("certificate c", "c.log_index < ?8")));
  r.of_fingerprint_ = TRY(d.prepare(search_sql("certificate c INDEXED BY by_fingerprint",
                                               "c.fingerprint = ?5 AND c.log_index < ?8")));
  r.of_serial_ = TRY(d.prepare(search_sql("certificate c INDEXED BY by_serial",
                                          "c.scope = ?1 AND c.serial = ?6 AND c.log_index < ?8")));
  r.of_name_ =
      TRY(d.prepare(search_sql("name n CROSS JOIN certificate c ON c.log_index = n.log_index",
                               "n.name = ?9 AND n.log_index < ?8")));
  r.of_suffix_ =
      TRY(d.prepare(search_sql("name n CROSS JOIN certificate c ON c.log_index = n.log_index",
                               "n.name >= ?9 AND n.name < ?10 AND n.log_index < ?8")));
  r.of_expiry_ =
      TRY(d.prepare(search_sql("certificate c INDEXED BY by_expiry",
                               "c.not_after >= ?9 AND c.not_after < ?10 AND c.log_index < ?8")));
  r.count_names_ = TRY(d.prepare(
      "SELECT count(*) FROM (SELECT 1 FROM name WHERE name >= ?1 AND name < ?2 LIMIT ?3)"));
  r.count_expiries_ =
      TRY(d.prepare("SELECT count(*) FROM (SELECT 1 FROM certificate INDEXED BY by_expiry"
                    " WHERE not_after >= ?1 AND not_after < ?2 LIMIT ?3)"));
  r.database_ = std::move(database);
  return r;
}

Result<std::vector<std::uint64_t>> EntryReader::collect(Statement& statement) {
  const Resetting resetting(statement);
  std::vector<std::uint64_t> found;
  while (TRY(statement.step())) found.push_back(statement.natural(0));
  return found;
}

Result<std::optional<std::uint64_t>> EntryReader::find_by_serial(std::int64_t scope,
                                                                 BytesView serial) {
  const Resetting resetting(by_serial_);
  by_serial_.bind(1, scope);
  by_serial_.bind(2, serial);
  TRY(by_serial_.step());
  if (by_serial_.is_null(0)) return std::optional<std::uint64_t>();
  return std::optional(by_serial_.natural(0));
}

Result<std::vector<std::uint64_t>> EntryReader::find_by_fingerprint(std::int64_t fingerprint) {
  by_fingerprint_.bind(1, fingerprint);
  return collect(by_fingerprint_);
}

void EntryReader::bind_filter(Statement& statement, const EntryFilter& filter, std::uint64_t before,
                              std::size_t limit) {
  statement.bind(1, filter.scope);
  statement.bind(2, filter.issuer);
  statement.bind(3, filter.not_after_from);
  statement.bind(4, filter.not_after_to);
  statement.bind(5, filter.fingerprint);
  if (filter.serial) {
    statement.bind(6, BytesView(*filter.serial));
  } else {
    statement.bind(6, std::optional<std::int64_t>());
  }
  statement.bind(7, std::uint64_t{limit});
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  statement.bind(8, std::min(before, kLargest));
}

Result<std::vector<std::uint64_t>> EntryReader::by_serial_of_any_scope(const EntryFilter& filter,
                                                                       std::uint64_t before,
                                                                       std::size_t limit) {
  std::vector<std::uint64_t> found;
  EntryFilter one = filter;
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  while (true) {
    {
      const Resetting resetting(next_scope_);
      next_scope_.bind(1, last);
      if (!TRY(next_scope_.step())) break;
      last = next_scope_.integer(0);
    }
    one.scope = last;
    bind_filter(of_serial_, one, before, limit);
    const auto some = TRY(collect(of_serial_));
    found.insert(found.end(), some.begin(), some.end());
  }
  std::ranges::sort(found, std::greater<>());
  if (found.size() > limit) found.resize(limit);
  return found;
}

Result<bool> EntryReader::few_names(std::string_view first, std::string_view last) {
  const Resetting resetting(count_names_);
  count_names_.bind(1, as_bytes(first));
  count_names_.bind(2, as_bytes(last));
  count_names_.bind(3, kFew + 1);
  TRY(count_names_.step());
  return count_names_.integer(0) <= kFew;
}

Result<bool> EntryReader::few_expiries(const EntryFilter& filter) {
  const Resetting resetting(count_expiries_);
  count_expiries_.bind(1, filter.not_after_from.value_or(std::numeric_limits<std::int64_t>::min()));
  count_expiries_.bind(2, filter.not_after_to.value_or(std::numeric_limits<std::int64_t>::max()));
  count_expiries_.bind(3, kFew + 1);
  TRY(count_expiries_.step());
  return count_expiries_.integer(0) <= kFew;
}

Result<std::vector<std::uint64_t>> EntryReader::candidates(const EntryFilter& filter,
                                                           std::uint64_t before,
                                                           std::size_t limit) {
  if (filter.serial && !filter.scope) return by_serial_of_any_scope(filter, before, limit);
  Statement* statement = &scan_;
  std::string last;
  if (filter.fingerprint) {
    statement = &of_fingerprint_;
  } else if (filter.serial) {
    statement = &of_serial_;
  } else if (filter.name) {
    statement = &of_name_;
    of_name_.bind(9, as_bytes(*filter.name));
  } else if (filter.suffix) {
    last = after_prefix(*filter.suffix);
    if (TRY(few_names(*filter.suffix, last))) {
      statement = &of_suffix_;
      of_suffix_.bind(9, as_bytes(*filter.suffix));
      of_suffix_.bind(10, as_bytes(last));
    }
  } else if ((filter.not_after_from || filter.not_after_to) && TRY(few_expiries(filter))) {
    statement = &of_expiry_;
    of_expiry_.bind(9, filter.not_after_from.value_or(std::numeric_limits<std::int64_t>::min()));
    of_expiry_.bind(10, filter.not_after_to.value_or(std::numeric_limits<std::int64_t>::max()));
  }
  bind_filter(*statement, filter, before, limit);
  return collect(*statement);
}

Result<std::vector<Bytes>> EntryReader::serials(std::int64_t scope, BytesView after,
                                                std::size_t limit) {
  const Resetting resetting(serials_);
  serials_.bind(1, scope);
  serials_.bind(2, after);
  serials_.bind(3, std::uint64_t{limit});
  std::vector<Bytes> found;
  while (TRY(serials_.step())) found.push_back(to_bytes(serials_.blob(0)));
  return found;
}

Result<bool> EntryReader::holds(const IndexEntry& entry, const std::vector<std::string>& names) {
  {
    const Resetting resetting(entry_);
    entry_.bind(1, entry.log_index);
    if (!TRY(entry_.step())) return false;
    if (entry_.integer(0) != entry.scope || entry_.integer(1) != entry.issuer ||
        entry_.integer(2) != entry.not_after || entry_.integer(3) != entry.fingerprint ||
        !equal(entry_.blob(4), entry.serial_view())) {
      return false;
    }
  }
  for (const std::string& name : names) {
    const std::string key = name_key(name);
    const Resetting resetting(name_);
    name_.bind(1, as_bytes(key));
    name_.bind(2, entry.log_index);
    if (!TRY(name_.step())) return false;
  }
  return true;
}

Result<std::uint64_t> EntryReader::count(std::uint64_t end) {
  const Resetting resetting(count_);
  count_.bind(1, end);
  TRY(count_.step());
  return count_.natural(0);
}

}  // namespace chancery::storage::sqlite
