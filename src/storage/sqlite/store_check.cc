#include "storage/sqlite/store_check.h"

#include <algorithm>
#include <utility>

#include "storage/index_row.h"
#include "storage/sqlite/main_rows.h"

namespace chancery::storage::sqlite {
namespace {

using record::CertificateRow;

constexpr std::size_t kPage = 500;
constexpr std::size_t kMostProblems = 100;

// Whether a part's filter lets everything of an entry pass, as it must.
Result<bool> filters_hold(const IndexPart& part, const IndexEntry& entry,
                          const std::vector<std::string>& names) {
  if (!TRY(part.may_hold(serial_filter_key(entry.scope, entry.serial_view())))) return false;
  for (const std::string& name : names) {
    if (!TRY(part.may_hold(name_filter_key(name_key(name))))) return false;
  }
  return true;
}

class Check {
 public:
  Check(const SqliteLog& log, Indexer& indexer) : log_(log), indexer_(indexer), end_(log.size()) {}

  Result<void> check_log();
  Result<void> check_state(const std::string& main_path);
  Result<void> check_counts();
  [[nodiscard]] record::CheckReport take() { return std::move(report_); }

 private:
  void problem(std::string text) {
    if (report_.problems.size() < kMostProblems) report_.problems.push_back(std::move(text));
  }
  Result<void> check_page(std::uint64_t first, std::uint64_t end);
  Result<void> check_row(const record::LogRow& row);
  [[nodiscard]] Result<bool> indexed(const CertificateRow& row) const;
  [[nodiscard]] static bool is_missing(const Manifest& manifest, std::uint64_t index) {
    return std::ranges::any_of(manifest.missing, [&](const Manifest::Range& range) {
      return index >= range.first && index < range.end;
    });
  }

  const SqliteLog& log_;
  Indexer& indexer_;
  const std::uint64_t end_;
  bool damaged_ = false;
  record::CheckReport report_;
};

// A damaged row spoils its page: then one by one.
Result<void> Check::check_page(std::uint64_t first, std::uint64_t end) {
  const auto page = log_.read(first, end - first);
  if (page && page->size() == end - first) {
    for (const record::LogRow& row : *page) TRY(check_row(row));
    return {};
  }
  for (std::uint64_t index = first; index < end; ++index) {
    const auto row = log_.get(index);
    if (row) {
      TRY(check_row(*row));
    } else if (row.error().code == Code::kDataLoss) {
      damaged_ = true;
      problem("log row " + std::to_string(index) + ": " + row.error().detail);
    } else {
      return std::unexpected(row.error());
    }
  }
  return {};
}

Result<void> Check::check_row(const record::LogRow& row) {
  ++report_.rows;
  const std::string what = "log row " + std::to_string(row.index);
  const auto event = record::decode(row.entry.event);
  if (!event) problem(what + ": its event does not decode");
  const BytesView certificate = row.entry.certificate;
  if (event && event->certificate && !certificate.empty() &&
      *event->certificate != crypto::sha256(certificate)) {
    problem(what + ": its certificate is not the one that its event names");
  }
  const auto expected = index_row(row.index, row.entry);
  if (!expected || is_missing(indexer_.catalog().manifest(), row.index)) return {};
  ++report_.certificates;
  const auto found = indexed(*expected);
  if (!found) {
    problem(what + ": the index cannot be read: " + found.error().to_string());
  } else if (!*found) {
    problem(what + ": the index does not hold its certificate");
  }
  return {};
}

Result<bool> Check::indexed(const CertificateRow& row) const {
  const auto in_tail = indexer_.tail().find(row.log_index);
  if (in_tail && in_tail->fingerprint == row.fingerprint) return true;
  const IndexEntry entry = index_entry(row);
  const std::vector<std::string> names = index_names(row);
  const std::uint16_t month = expiry_month(row.not_after);
  const auto covers = [&](const IndexPart& part) {
    const auto& segment = part.segment();
    return !segment || (segment->month == month && segment->first <= row.log_index &&
                        segment->last >= row.log_index);
  };
  return indexer_.catalog().read([&](const IndexView& view) -> Result<bool> {
    for (const auto* parts : {&view.hots, &view.segments}) {
      for (const IndexPartPtr& part : *parts) {
        if (!covers(*part) || !TRY(filters_hold(*part, entry, names))) continue;
        const auto ask = [&](EntryReader& reader) { return reader.holds(entry, names); };
        if (TRY(part->with(ask))) return true;
      }
    }
    return false;
  });
}

Result<void> Check::check_log() {
  for (std::uint64_t first = 0; first < end_; first += kPage) {
    TRY(check_page(first, std::min(end_, first + kPage)));
  }
  return {};
}

// Every entry was found above; the same number means that there are no others.
Result<void> Check::check_counts() {
  const auto frozen = indexer_.freeze();
  const auto view = indexer_.catalog().view();
  if (view->missing > 0) {
    problem("the index is being made again: " + std::to_string(view->missing) + " rows to go");
    return {};
  }
  if (damaged_) return {};  // what those rows should have in the index is not known
  const RowTable& tail = indexer_.tail();
  std::uint64_t entries = tail.rows_below(end_);
  for (const auto* parts : {&view->hots, &view->segments}) {
    for (const IndexPartPtr& part : *parts) {
      const std::uint64_t end = std::min(end_, tail.begin());
      entries += TRY(part->with([&](EntryReader& reader) { return reader.count(end); }));
    }
  }
  if (entries != report_.certificates) {
    problem("the index has " + std::to_string(entries) + " entries, the log " +
            std::to_string(report_.certificates) + " certificates");
  }
  return {};
}

Result<void> Check::check_state(const std::string& main_path) {
  Database database = TRY(Database::open(main_path, OpenMode::kReadOnly));
  Statement page = TRY(database.prepare(
      "SELECT id, version, counter, schema, value, crc, tenant, mount, kind FROM state"
      " WHERE (tenant, mount, kind, id) > (?1, ?2, ?3, ?4) ORDER BY tenant, mount, kind, id LIMIT "
      "500"));
  record::StateKey last{{}, {"", ""}, ""};
  for (bool more = true; more;) {
    more = false;
    const record::StateKey after = last;
    const Resetting resetting(page);
    bind_key(page, after);
    while (TRY(page.step())) {
      more = true;
      last = {static_cast<record::StateKind>(page.integer(8)),
              {std::string(page.text(6)), std::string(page.text(7))},
              std::string(page.text(0))};
      const auto row = read_state(page, last.kind, last.scope);
      if (!row) problem("state row " + last.id + ": " + row.error().detail);
    }
  }
  return {};
}

}  // namespace

Result<record::CheckReport> check_store(const std::string& main_path, const SqliteLog& log,
                                        Indexer& indexer) {
  Check check(log, indexer);
  TRY(check.check_log());
  TRY(check.check_state(main_path));
  TRY(check.check_counts());
  return check.take();
}

}  // namespace chancery::storage::sqlite
