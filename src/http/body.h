#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "net/fd.h"

namespace chancery::http {

// FileRange is a part of an open file as a body; nothing of it is held in memory. It is read on the
// reactor's thread, so the file must be local. A file that shrinks meanwhile ends the connection.
struct FileRange {
  std::shared_ptr<const net::UniqueFd> file;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// file_part is a part of a file that somebody else has open; it lasts as long as the answer.
// Errors: kUnavailable (too many files are open).
[[nodiscard]] Result<FileRange> file_part(int descriptor, std::uint64_t offset, std::uint64_t size);

// SharedRange is a part of shared bytes.
struct SharedRange {
  std::shared_ptr<const Bytes> bytes;
  std::size_t offset = 0;
  std::size_t size = 0;
};

// SecretText is a text that is zeroed when it goes.
class SecretText {
 public:
  explicit SecretText(std::string text) : text_(std::move(text)) {}
  SecretText(SecretText&& other) noexcept : text_(std::exchange(other.text_, {})) {}
  SecretText& operator=(SecretText&& other) noexcept {
    if (this != &other) {
      wipe(text_);
      text_ = std::exchange(other.text_, {});
    }
    return *this;
  }
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText() { wipe(text_); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// WakeTarget is the server's side of a Wake.
class WakeTarget {
 public:
  virtual ~WakeTarget() = default;
  virtual void wake() = 0;
};

// Wake tells the server that a BodySource which had nothing has something now. Cheap to copy; may
// be called from any thread, also after the response is over: then it has no effect.
class Wake {
 public:
  Wake() = default;
  explicit Wake(std::shared_ptr<WakeTarget> target) : target_(std::move(target)) {}
  void operator()() const {
    if (target_) target_->wake();
  }

 private:
  std::shared_ptr<WakeTarget> target_;
};

// Lanes run what may not run on a reactor: `cpu` slow key operations, `outbound` network calls,
// `search` long reads. Each has threads, a queue bound and a deadline of its own.
enum class Lane : std::uint8_t { kCpu, kOutbound, kSearch };

// BodySource generates a body piece by piece, as fast as the client takes it: the next piece is
// asked for when the one before is on its way. It is destroyed when the response is over, also when
// the client went away. Used by one thread at a time: the reactor's, where it must not block, or
// those of the lane it asks for.
class BodySource {
 public:
  enum class Pull : std::uint8_t {
    kMore,    // appended something, and may have more
    kEnd,     // that was all
    kNotYet,  // appended nothing; `wake` will be called when it is worth asking again
  };
  virtual ~BodySource() = default;
  // next appends at most `budget` bytes to `out`. On an error the response is broken off in a way
  // that the client can tell from its end; the error is logged.
  [[nodiscard]] virtual Result<Pull> next(std::string& out, std::size_t budget,
                                          const Wake& wake) = 0;
  // size of the whole body when it is known beforehand; more or less than that is an error.
  [[nodiscard]] virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
  // lane says where `next` is to run when it may block.
  [[nodiscard]] virtual std::optional<Lane> lane() const { return std::nullopt; }
};

}  // namespace chancery::http
