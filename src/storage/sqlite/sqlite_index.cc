#include "storage/sqlite/sqlite_index.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "storage/index_row.h"
#include "storage/query.h"

namespace chancery::storage::sqlite {

using record::CertificateRow;

namespace {

using Found = Result<std::optional<CertificateRow>>;

constexpr std::size_t kMostOfRun = 256;  // rows of the log in memory at a time

// A part of the log is in no part of the index.
std::unexpected<Error> not_whole() {
  return fail(Code::kUnavailable, "the certificate index is being made again");
}

// What a look-up that found nothing may say.
Found nothing(const IndexView& view) {
  if (view.missing == 0) return std::optional<CertificateRow>();
  return not_whole();
}

// Whether a segment can hold a serial number: one of Chancery's own form leads to its month.
bool may_hold(const IndexPart::Segment& segment, std::optional<std::uint16_t> month) {
  return !month || segment.month == *month || segment.irregular;
}

std::optional<std::uint64_t> filter_key_of(const EntryFilter& filter) {
  if (filter.scope && filter.serial) return serial_filter_key(*filter.scope, *filter.serial);
  if (filter.name) return name_filter_key(*filter.name);
  return std::nullopt;
}

// The first of `candidates`, which go down, that one read of the log can bring: few rows that are
// none of them lie between.
std::span<const std::uint64_t> run_of(std::span<const std::uint64_t> candidates, std::size_t most) {
  std::size_t count = 1;
  while (count < std::min(candidates.size(), most) &&
         candidates.front() - candidates[count] < 2 * (count + 1)) {
    ++count;
  }
  return candidates.first(count);
}

bool overlaps(const IndexPart::Segment& segment, const record::CertificateQuery& query) {
  if (query.not_after_from && segment.month < expiry_month(*query.not_after_from)) return false;
  return !query.not_after_to || segment.month <= expiry_month(*query.not_after_to);
}

}  // namespace

// Search gathers one page: rows in order, newest first, at most `limit`.
struct SqliteIndex::Search {
  const record::CertificateQuery& query;
  const EntryFilter filter;
  const std::uint64_t before;
  const std::size_t limit;
  const std::optional<std::uint64_t> filter_key;  // where all results have one
  std::vector<CertificateRow> rows;

  // floor is the log index at and below which rows cannot get onto the page any more.
  [[nodiscard]] std::optional<std::uint64_t> floor() const {
    return rows.size() < limit ? std::nullopt : std::optional(rows.back().log_index);
  }
  void merge(std::vector<CertificateRow> more) {
    if (rows.empty()) {
      rows = std::move(more);
      return;
    }
    rows.insert(rows.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
    std::ranges::stable_sort(rows, std::greater<>(), &CertificateRow::log_index);
    const auto repeated = std::ranges::unique(rows, {}, &CertificateRow::log_index);
    rows.erase(repeated.begin(), repeated.end());
    if (rows.size() > limit) rows.resize(limit);
  }
};

Found SqliteIndex::load(std::uint64_t log_index) const {
  const record::LogRow row = TRY(log_.get(log_index));
  return index_row(log_index, row.entry);
}

// load_run adds the rows of a run that match.
Result<void> SqliteIndex::load_run(std::span<const std::uint64_t> run,
                                   const record::CertificateQuery& query,
                                   std::vector<CertificateRow>& rows) const {
  const bool brief = query.brief && !query.name && !query.name_suffix;
  const auto add = [&](std::uint64_t log_index, const record::LogEntry& entry) {
    auto row = brief ? brief_row(log_index, entry) : index_row(log_index, entry);
    if (row && matches(query, *row)) rows.push_back(*std::move(row));
  };
  const auto read = run.size() > 1 ? log_.read(run.back(), run.front() - run.back() + 1)
                                   : std::vector<record::LogRow>();
  // Alone, or beside a row that cannot be read: that may be none of the run.
  if (run.size() == 1 || !read) {
    for (const std::uint64_t wanted : run) add(wanted, TRY(log_.get(wanted)).entry);
    return {};
  }
  auto at = read->rbegin();
  for (const std::uint64_t wanted : run) {
    while (at != read->rend() && at->index > wanted) ++at;
    if (at == read->rend() || at->index != wanted)
      return fail(Code::kDataLoss, "a log row is missing");
    add(wanted, at->entry);
  }
  return {};
}

Found SqliteIndex::find_serial_in(const IndexView& view, const record::Scope& scope,
                                  BytesView serial) const {
  const std::int64_t key = scope_key(scope);
  const auto ask = [&](const IndexPart& part) {
    return part.with([&](EntryReader& reader) { return reader.find_by_serial(key, serial); });
  };
  std::optional<std::uint64_t> found;
  for (const IndexPartPtr& part : view.hots) {
    found = TRY(ask(*part));
    if (found) break;
  }
  const auto month = serial_month(serial);
  const std::uint64_t filter_key = serial_filter_key(key, serial);
  for (const IndexPartPtr& part : view.segments) {
    if (found && *found >= part->last()) break;  // no newer one further on
    if (!may_hold(*part->segment(), month) || !TRY(part->may_hold(filter_key))) continue;
    found = std::max(found, TRY(ask(*part)));
  }
  if (!found) return nothing(view);
  auto row = TRY(load(*found));
  // Scopes are compared by a part of their hash in the index, here in full.
  if (!row || row->scope != scope || !equal(row->serial, serial)) return nothing(view);
  return row;
}

Found SqliteIndex::find_by_serial(const record::Scope& scope, BytesView serial) const {
  if (auto row = indexer_.tail().find_by_serial(scope, serial)) return row;
  return indexer_.catalog().read(
      [&](const IndexView& view) { return find_serial_in(view, scope, serial); });
}

Found SqliteIndex::find_fingerprint_in(const IndexView& view,
                                       const crypto::Sha256& fingerprint) const {
  const std::int64_t key = fingerprint_key(fingerprint);
  for (const auto* parts : {&view.hots, &view.segments}) {
    for (const IndexPartPtr& part : *parts) {
      const auto candidates =
          TRY(part->with([&](EntryReader& reader) { return reader.find_by_fingerprint(key); }));
      for (const std::uint64_t candidate : candidates) {
        auto row = TRY(load(candidate));
        if (row && row->fingerprint == fingerprint) return row;
      }
    }
  }
  return nothing(view);
}

Found SqliteIndex::find_by_fingerprint(const crypto::Sha256& fingerprint) const {
  if (auto row = indexer_.tail().find_by_fingerprint(fingerprint)) return row;
  return indexer_.catalog().read(
      [&](const IndexView& view) { return find_fingerprint_in(view, fingerprint); });
}

Result<void> SqliteIndex::search_part(const IndexPart& part, Search& search) const {
  std::vector<CertificateRow> rows;
  const std::optional<std::uint64_t> floor = search.floor();
  const std::size_t chunk = std::max<std::size_t>(search.limit, 32);
  std::uint64_t before = search.before;
  bool more = true;
  while (more && rows.size() < search.limit) {
    const auto candidates = TRY(part.with(
        [&](EntryReader& reader) { return reader.candidates(search.filter, before, chunk); }));
    more = candidates.size() == chunk;
    for (std::span rest(candidates); !rest.empty() && rows.size() < search.limit;) {
      if (floor && rest.front() <= *floor) {
        more = false;
        break;
      }
      const auto run = run_of(rest, std::min(search.limit - rows.size(), kMostOfRun));
      TRY(load_run(run, search.query, rows));
      before = run.back();
      rest = rest.subspan(run.size());
    }
  }
  search.merge(std::move(rows));
  return {};
}

Result<void> SqliteIndex::search_in(const IndexView& view, Search& search) const {
  // Whoever revokes what a search finds must not take a part for the whole.
  if (view.missing != 0) return not_whole();
  for (const IndexPartPtr& part : view.hots) TRY(search_part(*part, search));
  for (const IndexPartPtr& part : view.segments) {
    if (search.floor() && *search.floor() >= part->last()) break;
    const IndexPart::Segment& segment = *part->segment();
    if (segment.first >= search.before || !overlaps(segment, search.query)) continue;
    if (search.filter_key && !TRY(part->may_hold(*search.filter_key))) continue;
    TRY(search_part(*part, search));
  }
  return {};
}

Result<record::CertificatePage> SqliteIndex::search(const record::CertificateQuery& query,
                                                    std::optional<std::uint64_t> before,
                                                    std::size_t limit) const {
  EntryFilter filter = entry_filter(query);
  const auto filter_key = filter_key_of(filter);
  Search search{query,
                std::move(filter),
                before.value_or(std::numeric_limits<std::uint64_t>::max()),
                clamp_limit(limit),
                filter_key,
                {}};
  search.rows = indexer_.tail().search(query, search.before, search.limit);
  TRY(indexer_.catalog().read([&](const IndexView& view) { return search_in(view, search); }));
  return page(std::move(search.rows), search.limit);
}

Result<std::vector<Bytes>> SqliteIndex::list_serials(const record::Scope& scope, BytesView after,
                                                     std::size_t limit) const {
  limit = clamp_limit(limit);
  std::vector<Bytes> serials = indexer_.tail().list_serials(scope, after, limit);
  const std::int64_t key = scope_key(scope);
  const auto add = [&](const IndexPart& part) -> Result<void> {
    auto more =
        TRY(part.with([&](EntryReader& reader) { return reader.serials(key, after, limit); }));
    serials.insert(serials.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
    std::ranges::sort(serials);
    const auto repeated = std::ranges::unique(serials);
    serials.erase(repeated.begin(), repeated.end());
    if (serials.size() > limit) serials.resize(limit);
    return {};
  };
  const auto add_all = [&](const IndexView& view) -> Result<void> {
    for (const IndexPartPtr& part : view.hots) TRY(add(*part));
    for (const IndexPartPtr& part : view.segments) TRY(add(*part));
    return {};
  };
  TRY(indexer_.catalog().read(add_all));
  return serials;
}

}  // namespace chancery::storage::sqlite
