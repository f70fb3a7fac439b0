#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace chancery::status {

// PackedCrls keeps the CRLs that were asked for in gzip last, each compressed once, up to a number
// of bytes. Thread-safe.
class PackedCrls {
 public:
  explicit PackedCrls(std::size_t most_bytes) : most_(most_bytes) {}

  // find gives the compressed form of the CRL with this tag, or null.
  [[nodiscard]] std::shared_ptr<const Bytes> find(std::string_view tag);
  // make compresses `der`; whoever asks for the same meanwhile waits for it, so only on a lane.
  // Errors: kInternal.
  [[nodiscard]] Result<std::shared_ptr<const Bytes>> make(std::string_view tag, BytesView der);
  // How often something was compressed.
  [[nodiscard]] std::size_t made() const;

 private:
  struct Packed {
    std::string tag;
    std::shared_ptr<const Bytes> gzip;  // null: somebody is at it
  };
  using Iterator = std::deque<Packed>::iterator;
  [[nodiscard]] Iterator look(std::string_view tag);
  void trim();

  const std::size_t most_;
  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable done_;
  std::deque<Packed> packed_;  // asked for last first
  std::size_t made_ = 0;
};

}  // namespace chancery::status
