#pragma once

// Internal to this folder.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"
#include "storage/sqlite/manifest.h"

namespace chancery::storage::sqlite {

// IndexView is the files of the index at one moment. It is immutable; files that were opened
// through it stay readable.
struct IndexView {
  std::vector<IndexPartPtr> hots;      // newest first
  std::vector<IndexPartPtr> segments;  // by highest log index, highest first
  std::uint64_t missing = 0;           // log rows that neither they nor the tail cover
};

// IndexCatalog keeps the manifest, its file and the view in step. Thread-safe.
class IndexCatalog {
 public:
  // `directory` is the index's. It starts from `manifest`; nothing is written before the first
  // change.
  IndexCatalog(std::string directory, Manifest manifest, Log& log);

  // load reads the manifest. Errors: kNotFound, kDataLoss (damaged, or a segment is not there).
  [[nodiscard]] static Result<Manifest> load(const std::string& directory);

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::string hot_path(std::uint64_t number) const;
  [[nodiscard]] Manifest manifest() const;
  [[nodiscard]] std::shared_ptr<const IndexView> view() const;

  // read runs `use` on the view, and again on a newer one when it fails because a file that it had
  // not opened yet was replaced meanwhile.
  template <class Use>
  auto read(Use use) const -> decltype(use(std::declval<const IndexView&>())) {
    for (int attempt = 0;; ++attempt) {
      const auto current = view();
      auto result = use(*current);
      if (result || attempt == kReadAttempts || current == view()) return result;
    }
  }

  // change edits the manifest: `edit` returns false to leave everything as it is. The new one is
  // durable before the view follows, and files that it no longer names are removed last. Returns
  // what edit did.
  Result<bool> change(const std::function<bool(Manifest&)>& edit);
  // drop_month removes every segment of certificates that expired in `month` or before, by
  // unlinking.
  Result<void> drop_months_through(std::uint16_t month);
  // remove_strays removes files that the manifest does not name: what a crash left.
  void remove_strays() const;

 private:
  [[nodiscard]] std::shared_ptr<const IndexView> make_view(const Manifest& manifest) const;
  [[nodiscard]] std::vector<std::string> files(const Manifest& manifest) const;
  void remove_file(const std::string& path) const;

  static constexpr int kReadAttempts = 10;

  const std::string directory_;
  Log& log_;
  mutable std::mutex change_mutex_;
  mutable std::mutex mutex_;
  Manifest manifest_;
  std::shared_ptr<const IndexView> view_;
};

}  // namespace chancery::storage::sqlite
