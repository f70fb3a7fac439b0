#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/response.h"
#include "http/worker.h"

namespace chancery::http {

// BodyOwner hears that the source of its response's body has more. On the reactor's thread.
class BodyOwner {
 public:
  virtual ~BodyOwner() = default;
  virtual void body_ready() = 0;
};

// BodyReader hands out the body of one response piece by piece, whatever it is made of. `prepare`
// says how much there is, `take` yields it; what is in memory or in a file can also be had without
// a copy. On the reactor's thread.
class BodyReader {
 public:
  enum class Status : std::uint8_t { kReady, kNotYet, kFailed };
  struct Piece {
    Status status = Status::kReady;
    std::size_t bytes = 0;
    bool last = false;  // the body ends with this piece
  };

  BodyReader() = default;
  ~BodyReader() { finish(); }
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  // start begins with a body, which must stay where it is until finish.
  void start(Response::Body& body, const std::shared_ptr<Worker>& worker, BodyOwner& owner);
  // finish lets go of the body; a source is destroyed.
  void finish();

  // prepare makes the next piece ready, of at most `budget` bytes.
  [[nodiscard]] Piece prepare(std::size_t budget);
  // take appends the first `bytes` of what was prepared. Errors: those of reading a file.
  [[nodiscard]] Result<void> take(std::string& out, std::size_t bytes);

  // What is left, when all of it is in memory.
  [[nodiscard]] std::optional<std::string_view> in_memory() const;
  // What is left of a file.
  [[nodiscard]] const FileRange* in_file() const;
  // skip says that so much of either was sent.
  void skip(std::size_t bytes);

  // Bytes handed out so far.
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  // Why prepare failed.
  [[nodiscard]] const Error& failure() const { return failure_; }

 private:
  class Waker;
  [[nodiscard]] Piece pull(std::size_t budget);
  [[nodiscard]] Piece failed(Error error);

  std::optional<std::string_view> memory_;
  std::optional<FileRange> file_;
  std::unique_ptr<BodySource>* source_ = nullptr;
  std::shared_ptr<Waker> waker_;
  std::optional<std::uint64_t> left_;  // of a source that told its size
  std::string chunk_;                  // pulled from the source, not yet taken
  std::size_t chunk_done_ = 0;
  bool source_ended_ = false;
  std::uint64_t taken_ = 0;
  Error failure_;
};

// body_size is the size of a body, where it is known before it is read.
[[nodiscard]] std::optional<std::uint64_t> body_size(const Response::Body& body);

}  // namespace chancery::http
