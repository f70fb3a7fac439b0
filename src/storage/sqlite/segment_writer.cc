#include "storage/sqlite/segment_writer.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "storage/index_row.h"
#include "storage/sqlite/directory.h"

namespace chancery::storage::sqlite {
namespace {

using Segment = IndexPart::Segment;

// Nobody else sees the file before it is complete and durable, so it needs neither journal nor
// locks.
constexpr const char* kBulk =
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
    "PRAGMA page_size = 4096; PRAGMA cache_size = -16384; PRAGMA secure_delete = OFF; PRAGMA "
    "temp_store = FILE";

std::string padded(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return digits.size() >= 12 ? digits : std::string(12 - digits.size(), '0') + digits;
}

bool is_irregular(const IndexEntry& entry, std::uint16_t month) {
  const auto says = serial_month(entry.serial_view());
  return says && *says != month;
}

// Makes the file `path` with `fill`, under a temporary name until it is durable.
template <class Fill>
Result<void> build(const std::string& path, Fill fill) {
  const std::string temporary = path + ".tmp";
  ::unlink(temporary.c_str());
  {
    Database database = TRY(Database::open(temporary, OpenMode::kReadWrite));
    TRY(database.execute(kBulk));
    TRY(fill(database));
    TRY(create_index_indexes(database));
    TRY(write_filter(database));
  }
  TRY(sync_file(temporary));
  return rename_durably(temporary, path);
}

Result<void> fill_from_batch(Database& database, const RowBatch& batch,
                             const RowBatch::Month& month) {
  TRY(create_index_tables(database));
  TRY(database.execute("BEGIN"));
  EntryWriter writer = TRY(EntryWriter::make(database));
  for (const IndexEntry& entry : month.entries) TRY(writer.add(entry));
  for (const RowBatch::Name& name : month.names) {
    TRY(writer.add_name(batch.text(name), name.log_index));
  }
  return database.execute("COMMIT");
}

// "SELECT * FROM s0.t UNION ALL SELECT * FROM s1.t ...": with ORDER BY on keys in which each is
// sorted, SQLite merges.
std::string union_of(std::string_view table, std::size_t count) {
  std::string sql;
  for (std::size_t i = 0; i < count; ++i) {
    sql += i == 0 ? "" : " UNION ALL ";
    sql += "SELECT * FROM s" + std::to_string(i) + "." + std::string(table);
  }
  return sql;
}

Result<void> fill_from_segments(Database& database, const std::vector<std::string>& paths) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    Statement attach = TRY(database.prepare("ATTACH ?1 AS s" + std::to_string(i)));
    attach.bind(1, std::string_view(paths[i]));
    TRY(attach.run());
  }
  TRY(create_index_tables(database));
  TRY(database.execute("BEGIN"));
  TRY(database.execute("INSERT OR IGNORE INTO certificate " +
                       union_of("certificate", paths.size()) + " ORDER BY 1"));
  TRY(database.execute("INSERT OR IGNORE INTO name " + union_of("name", paths.size()) +
                       " ORDER BY 1, 2"));
  TRY(database.execute("COMMIT"));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    TRY(database.execute("DETACH s" + std::to_string(i)));
  }
  return {};
}

}  // namespace

void RowBatch::add_name(std::string_view name_key, std::uint64_t log_index) {
  names_.push_back({arena_.size(), name_key.size(), log_index});
  arena_ += name_key;
}

void RowBatch::add(const record::CertificateRow& row) {
  add_entry(index_entry(row));
  for (const std::string& name : index_names(row)) add_name(name_key(name), row.log_index);
}

Result<void> RowBatch::load(Database& hot) {
  Statement entries = TRY(hot.prepare(
      "SELECT log_index, scope, issuer, not_after, fingerprint, serial FROM certificate"));
  while (TRY(entries.step())) {
    IndexEntry entry;
    entry.log_index = entries.natural(0);
    entry.scope = entries.integer(1);
    entry.issuer = entries.integer(2);
    entry.not_after = entries.integer(3);
    entry.fingerprint = entries.integer(4);
    const BytesView serial = entries.blob(5);
    entry.serial_size = static_cast<std::uint8_t>(std::min(serial.size(), entry.serial.size()));
    std::copy_n(serial.begin(), entry.serial_size, entry.serial.begin());
    add_entry(entry);
  }
  Statement names = TRY(hot.prepare("SELECT name, log_index FROM name"));
  while (TRY(names.step())) add_name(names.text(0), names.natural(1));
  return {};
}

std::map<std::uint16_t, RowBatch::Month> RowBatch::by_month() {
  std::ranges::sort(entries_, {}, &IndexEntry::log_index);
  std::map<std::uint16_t, Month> months;
  for (const IndexEntry& entry : entries_) {
    months[expiry_month(from_unix(entry.not_after))].entries.push_back(entry);
  }
  std::ranges::sort(names_, [this](const Name& a, const Name& b) {
    const int order = text(a).compare(text(b));
    return order < 0 || (order == 0 && a.log_index < b.log_index);
  });
  for (const Name& name : names_) {
    const auto entry =
        std::ranges::lower_bound(entries_, name.log_index, {}, &IndexEntry::log_index);
    if (entry == entries_.end() || entry->log_index != name.log_index) continue;
    months[expiry_month(from_unix(entry->not_after))].names.push_back(name);
  }
  return months;
}

std::string month_name(std::uint16_t month) {
  const std::string number = std::to_string(month % 12 + 1);
  return std::to_string(1970 + month / 12) + (number.size() == 1 ? "-0" : "-") + number;
}

std::string segment_path(const std::string& index_directory, const Segment& segment) {
  return index_directory + "/" + month_name(segment.month) + "/" + padded(segment.first) + "-" +
         padded(segment.last) + ".db";
}

Result<std::vector<Segment>> write_segments(const std::string& index_directory, RowBatch batch) {
  std::vector<Segment> segments;
  for (const auto& [month, rows] : batch.by_month()) {
    Segment segment{month, rows.entries.front().log_index, rows.entries.back().log_index,
                    rows.entries.size(), false};
    for (const IndexEntry& entry : rows.entries) segment.irregular |= is_irregular(entry, month);
    TRY(make_private_directory(index_directory + "/" + month_name(month)));
    TRY(build(segment_path(index_directory, segment),
              [&](Database& database) { return fill_from_batch(database, batch, rows); }));
    segments.push_back(segment);
  }
  TRY(sync_directory(index_directory));
  return segments;
}

Result<Segment> merge_segments(const std::string& index_directory,
                               const std::vector<Segment>& segments) {
  Segment merged = segments.front();
  merged.rows = 0;
  std::vector<std::string> paths;
  for (const Segment& segment : segments) {
    merged.first = std::min(merged.first, segment.first);
    merged.last = std::max(merged.last, segment.last);
    merged.rows += segment.rows;
    merged.irregular |= segment.irregular;
    paths.push_back(segment_path(index_directory, segment));
  }
  TRY(build(segment_path(index_directory, merged),
            [&](Database& database) { return fill_from_segments(database, paths); }));
  return merged;
}

}  // namespace chancery::storage::sqlite
