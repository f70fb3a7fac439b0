#include <algorithm>
#include <utility>

#include "os/file.h"
#include "storage/sqlite/directory.h"
#include "storage/sqlite/indexer.h"

namespace chancery::storage::sqlite {
namespace {

// Rows that a start may read from the log to bring the tail up to date: under a second.
constexpr std::uint64_t kCatchUp = 131'072;
constexpr std::size_t kPage = 500;

// Everything is to be made again from the log.
Manifest from_nothing(std::uint64_t log_size) {
  Manifest manifest;
  if (log_size > 0) manifest.missing.push_back({0, log_size});
  return manifest;
}

}  // namespace

Result<std::unique_ptr<Indexer>> Indexer::open(const std::string& directory,
                                               const record::LogReader& rows, IndexOptions options,
                                               Log& log) {
  std::unique_ptr<Indexer> indexer(new Indexer(rows, options, log));
  TRY(indexer->start(directory));
  return indexer;
}

Result<void> Indexer::start(const std::string& directory) {
  TRY(make_private_directory(directory));
  TRY(make_private_directory(directory + "/hot"));
  const std::uint64_t log_size = rows_.size();
  Manifest manifest = TRY(take_up(directory, log_size));
  const std::uint64_t number = manifest.next_number;
  catalog_ = std::make_unique<IndexCatalog>(directory, manifest, log_);
  if (!hot_) {
    hot_ = TRY(HotFile::create(catalog_->hot_path(number), log_size));
    manifest.next_number = number + 1;
    manifest.hots.push_back({number, log_size});
  }
  TRY(catalog_->change([&](Manifest& current) {
    current = manifest;
    return true;
  }));
  catalog_->remove_strays();
  TRY(catch_up(log_size));
  hot_thread_ = std::thread([this] { run_hot(); });
  maintenance_thread_ = std::thread([this] { run_maintenance(); });
  return {};
}

// Reads the manifest and takes up the hot files; what cannot be trusted becomes missing. Leaves
// hot_ empty when a new hot file must be begun at the end of the log.
Result<Manifest> Indexer::take_up(const std::string& directory, std::uint64_t log_size) {
  Result<Manifest> loaded = IndexCatalog::load(directory);
  if (!loaded) {
    if (log_size > 0) {
      log_.warning("the certificate index is made again", {{"reason", loaded.error().to_string()}});
    }
    return from_nothing(log_size);
  }
  Manifest manifest = *std::move(loaded);
  std::vector<Manifest::Hot> kept;
  for (std::size_t i = 0; i < manifest.hots.size(); ++i) {
    const Manifest::Hot& hot = manifest.hots[i];
    const bool last = i + 1 == manifest.hots.size();
    const std::uint64_t end = last ? log_size : manifest.hots[i + 1].first;
    const std::string path = directory + "/hot/" + std::to_string(hot.number) + ".db";
    auto file = os::exists(path)
                    ? HotFile::open(path)
                    : Result<std::unique_ptr<HotFile>>(fail(Code::kDataLoss, "absent"));
    const bool good = file && (*file)->position() <= end &&
                      (last ? end - (*file)->position() <= kCatchUp : (*file)->position() == end);
    if (good) {
      kept.push_back(hot);
      if (last) hot_ = *std::move(file);
      continue;
    }
    log_.warning("part of the certificate index is made again",
                 {{"first", hot.first},
                  {"end", end},
                  {"reason", file ? "its position is wrong" : file.error().detail}});
    if (end > hot.first) manifest.missing.push_back({hot.first, end});
  }
  manifest.hots = std::move(kept);
  return manifest;
}

Result<void> Indexer::catch_up(std::uint64_t log_size) {
  tail_.drop_below(hot_->position());
  for (std::uint64_t first = hot_->position(); first < log_size;) {
    auto page = TRY(rows_.read(first, kPage));
    if (page.empty()) return fail(Code::kDataLoss, "log rows are missing");
    first = page.back().index + 1;
    tail_.add(std::move(page), first);
    tail_.settle();  // keeps rows in place of whole certificates
  }
  return {};
}

}  // namespace chancery::storage::sqlite
