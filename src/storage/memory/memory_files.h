#pragma once

// Internal to this folder.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "record/store.h"
#include "storage/scratch_file.h"

namespace chancery::storage::memory {

// MemoryFiles grows a file in place while it has room: views that were handed out end before what
// is appended, so they stay unchanged.
class MemoryFiles final : public record::DerivedFiles {
 public:
  [[nodiscard]] Result<Content> open(std::string_view name) const override;
  [[nodiscard]] Result<Content> open_again(std::string_view name,
                                           std::uint64_t /*seen*/) const override {
    return open(name);
  }
  [[nodiscard]] Result<void> append(std::string_view name, BytesView bytes,
                                    std::uint64_t covers) override;
  [[nodiscard]] Result<void> remove(std::string_view name) override;
  [[nodiscard]] Result<std::unique_ptr<record::ScratchFile>> scratch() override {
    return make_scratch_file({});
  }

 private:
  struct File {
    std::shared_ptr<std::uint8_t[]> bytes;
    std::size_t size = 0;
    std::size_t capacity = 0;
    std::uint64_t covers = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace chancery::storage::memory
