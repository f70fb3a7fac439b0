#pragma once

// Internal to this folder.

#include <map>
#include <mutex>
#include <string>

#include "record/store.h"
#include "storage/scratch_file.h"

namespace chancery::storage::sqlite {

// MappedFiles keeps each derived file as `<name>.data` and, beside it, `<name>.at`: how many bytes
// of it count, which log position they cover, and check values of the bytes and of this line. The
// second is replaced as a whole after the first is durable, so a crash leaves the old state with
// some bytes behind its end, which the next append cuts off. A file that fails its check counts as
// absent: its owner makes it again. Thread-safe.
class MappedFiles final : public record::DerivedFiles {
 public:
  explicit MappedFiles(std::string directory) : directory_(std::move(directory)) {}
  [[nodiscard]] Result<Content> open(std::string_view name) const override;
  [[nodiscard]] Result<Content> open_again(std::string_view name,
                                           std::uint64_t seen) const override;
  [[nodiscard]] Result<void> append(std::string_view name, BytesView bytes,
                                    std::uint64_t covers) override;
  [[nodiscard]] Result<void> remove(std::string_view name) override;
  [[nodiscard]] Result<std::unique_ptr<record::ScratchFile>> scratch() override {
    return make_scratch_file(directory_);
  }

 private:
  struct Position {
    std::uint64_t size = 0;
    std::uint64_t covers = 0;
    std::uint32_t check = 0;  // of the bytes
  };
  [[nodiscard]] std::string path(std::string_view name, std::string_view suffix) const;
  [[nodiscard]] Result<Position> position(std::string_view name) const;
  // What was found right last: the check of the first `size` bytes.
  struct Checked {
    std::uint64_t size = 0;
    std::uint32_t check = 0;
  };
  // load maps what a position says is there; both are empty when its bytes are others by now. Of
  // the first `seen` bytes as many are believed as were found right before.
  [[nodiscard]] Result<Content> load(std::string_view name, Position& position,
                                     std::uint64_t seen) const;
  [[nodiscard]] Checked checked(std::string_view name) const;
  void remember(std::string_view name, Checked checked) const;

  const std::string directory_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, Checked, std::less<>> checked_;  // guarded by mutex_
};

}  // namespace chancery::storage::sqlite
