#include "storage/sqlite/catalog.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

#include "os/file.h"
#include "storage/sqlite/segment_writer.h"

namespace chancery::storage::sqlite {
namespace {

constexpr unsigned kHotReaders = 4;
constexpr unsigned kSegmentReaders = 1;

std::string hot_file_path(const std::string& directory, std::uint64_t number) {
  return directory + "/hot/" + std::to_string(number) + ".db";
}

// The part for a file: the one that readers use already, if there is one.
IndexPartPtr part(const std::vector<IndexPartPtr>& existing, const std::string& path,
                  const std::optional<IndexPart::Segment>& segment) {
  for (const IndexPartPtr& candidate : existing) {
    if (candidate->path() == path && candidate->segment() == segment) return candidate;
  }
  return std::make_shared<const IndexPart>(path, segment, segment ? kSegmentReaders : kHotReaders);
}

}  // namespace

IndexCatalog::IndexCatalog(std::string directory, Manifest manifest, Log& log)
    : directory_(std::move(directory)),
      log_(log),
      manifest_(std::move(manifest)),
      view_(std::make_shared<const IndexView>()) {
  view_ = make_view(manifest_);
}

Result<Manifest> IndexCatalog::load(const std::string& directory) {
  const Bytes text = TRY(os::read_file(directory + "/manifest"));
  Manifest manifest = TRY(decode_manifest(as_text(text)));
  for (const auto& segment : manifest.segments) {
    if (!os::exists(segment_path(directory, segment))) {
      return fail(Code::kDataLoss, "an index segment is missing");
    }
  }
  return manifest;
}

std::string IndexCatalog::hot_path(std::uint64_t number) const {
  return hot_file_path(directory_, number);
}

Manifest IndexCatalog::manifest() const {
  const std::scoped_lock lock(mutex_);
  return manifest_;
}

std::shared_ptr<const IndexView> IndexCatalog::view() const {
  const std::scoped_lock lock(mutex_);
  return view_;
}

std::shared_ptr<const IndexView> IndexCatalog::make_view(const Manifest& manifest) const {
  auto view = std::make_shared<IndexView>();
  for (const Manifest::Hot& hot : manifest.hots) {
    view->hots.push_back(part(view_->hots, hot_path(hot.number), std::nullopt));
  }
  std::ranges::reverse(view->hots);
  for (const IndexPart::Segment& segment : manifest.segments) {
    view->segments.push_back(part(view_->segments, segment_path(directory_, segment), segment));
  }
  std::ranges::sort(view->segments, std::greater<>(),
                    [](const IndexPartPtr& p) { return p->last(); });
  view->missing = manifest.missing_rows();
  return view;
}

std::vector<std::string> IndexCatalog::files(const Manifest& manifest) const {
  std::vector<std::string> paths;
  for (const auto& hot : manifest.hots) paths.push_back(hot_path(hot.number));
  for (const auto& segment : manifest.segments) {
    paths.push_back(segment_path(directory_, segment));
  }
  std::ranges::sort(paths);
  return paths;
}

Result<bool> IndexCatalog::change(const std::function<bool(Manifest&)>& edit) {
  const std::scoped_lock changing(change_mutex_);
  const Manifest old = manifest();
  Manifest next = old;
  if (!edit(next)) return false;
  const std::string text = encode(next);
  TRY(os::write_file(directory_ + "/manifest", as_bytes(text), os::kPrivateFile));
  const auto view = make_view(next);
  {
    const std::scoped_lock lock(mutex_);
    manifest_ = next;
    view_ = view;
  }
  std::vector<std::string> gone;
  std::ranges::set_difference(files(old), files(next), std::back_inserter(gone));
  for (const std::string& path : gone) remove_file(path);
  return true;
}

Result<void> IndexCatalog::drop_months_through(std::uint16_t month) {
  TRY(change([&](Manifest& manifest) {
    return std::erase_if(manifest.segments,
                         [&](const IndexPart::Segment& s) { return s.month <= month; }) > 0;
  }));
  return {};
}

void IndexCatalog::remove_file(const std::string& path) const {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) ::unlink((path + suffix).c_str());
}

void IndexCatalog::remove_strays() const {
  const std::vector<std::string> wanted = files(manifest());
  const auto directories = os::list_directory(directory_);
  if (!directories) return;
  for (const std::string& name : *directories) {
    const auto names = os::list_directory(directory_ + "/" + name);
    if (!names) continue;  // the manifest itself
    for (const std::string& file : *names) {
      const std::string path = directory_ + "/" + name + "/" + file;
      const std::string base = path.substr(0, path.rfind(".db") + 3);
      if (std::ranges::binary_search(wanted, base)) continue;
      log_.info("removing a stray index file", {{"path", path}});
      ::unlink(path.c_str());
    }
  }
}

}  // namespace chancery::storage::sqlite
