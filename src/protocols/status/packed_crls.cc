#include "protocols/status/packed_crls.h"

#include <algorithm>

#include "protocols/status/gzip.h"

namespace chancery::status {

PackedCrls::Iterator PackedCrls::look(std::string_view tag) {
  return std::ranges::find(packed_, tag, &Packed::tag);
}

std::shared_ptr<const Bytes> PackedCrls::find(std::string_view tag) {
  const std::scoped_lock lock(mutex_);
  const auto it = look(tag);
  if (it == packed_.end() || !it->gzip) return nullptr;
  std::rotate(packed_.begin(), it, it + 1);
  return packed_.front().gzip;
}

Result<std::shared_ptr<const Bytes>> PackedCrls::make(std::string_view tag, BytesView der) {
  {
    std::unique_lock lock(mutex_);
    for (auto it = look(tag); it != packed_.end(); it = look(tag)) {
      if (it->gzip) return it->gzip;
      done_.wait(lock);
    }
    packed_.push_front({std::string(tag), nullptr});
    ++made_;
  }
  auto done = gzip(der);
  const std::scoped_lock lock(mutex_);
  done_.notify_all();
  const auto it = look(tag);
  if (!done) {
    packed_.erase(it);
    return std::unexpected(std::move(done).error());
  }
  auto content = std::make_shared<const Bytes>(*std::move(done));
  it->gzip = content;
  trim();
  return content;
}

void PackedCrls::trim() {
  std::size_t bytes = 0;
  std::erase_if(packed_, [&](const Packed& packed) {
    if (!packed.gzip) return false;
    bytes += packed.gzip->size();
    return bytes > most_;
  });
}

std::size_t PackedCrls::made() const {
  const std::scoped_lock lock(mutex_);
  return made_;
}

}  // namespace chancery::status
