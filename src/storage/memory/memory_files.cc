#include "storage/memory/memory_files.h"

#include <algorithm>

namespace chancery::storage::memory {

Result<record::DerivedFiles::Content> MemoryFiles::open(std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  const auto it = files_.find(name);
  if (it == files_.end()) return Content{};
  const File& file = it->second;
  return Content{file.bytes, {file.bytes.get(), file.size}, file.covers};
}

Result<void> MemoryFiles::append(std::string_view name, BytesView bytes, std::uint64_t covers) {
  const std::scoped_lock lock(mutex_);
  File& file = files_[std::string(name)];
  const std::size_t size = file.size + bytes.size();
  if (size > file.capacity) {
    const std::size_t capacity = std::max(2 * file.capacity, size);
    const std::shared_ptr<std::uint8_t[]> larger(new std::uint8_t[capacity]);
    std::copy_n(file.bytes.get(), file.size, larger.get());
    file.bytes = larger;
    file.capacity = capacity;
  }
  std::ranges::copy(bytes, file.bytes.get() + file.size);
  file.size = size;
  file.covers = covers;
  return {};
}

Result<void> MemoryFiles::remove(std::string_view name) {
  const std::scoped_lock lock(mutex_);
  if (const auto it = files_.find(name); it != files_.end()) files_.erase(it);
  return {};
}

}  // namespace chancery::storage::memory
