#pragma once

#include <memory>

#include "base/bytes.h"
#include "record/store.h"

namespace chancery::ca {

// CrlContent is the DER of one CRL: in memory, or, where that would be much, in a file without a
// name. Immutable, cheap to copy, thread-safe.
class CrlContent {
 public:
  CrlContent() = default;
  explicit CrlContent(Bytes der)
      : memory_(std::make_shared<const Bytes>(std::move(der))), view_(*memory_) {}
  // `view` is what the file's mapping has from `offset` on.
  CrlContent(std::shared_ptr<const record::ScratchFile> file, std::uint64_t offset, BytesView view)
      : file_(std::move(file)), offset_(offset), view_(view) {}

  // Valid as long as a copy of this.
  [[nodiscard]] BytesView view() const { return view_; }
  [[nodiscard]] std::size_t size() const { return view_.size(); }
  // Null: it is in a file.
  [[nodiscard]] const std::shared_ptr<const Bytes>& memory() const { return memory_; }
  // Null: it is in memory.
  [[nodiscard]] const record::ScratchFile* file() const { return file_.get(); }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

 private:
  std::shared_ptr<const Bytes> memory_;
  std::shared_ptr<const record::ScratchFile> file_;
  std::uint64_t offset_ = 0;
  BytesView view_;
};

}  // namespace chancery::ca
