#include "http/body_reader.h"

#include "http/lane_source.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace chancery::http {

// Waker takes the wake-ups of one body to its reactor; many before the reactor comes to them are
// one.
class BodyReader::Waker final : public net::Runnable,
                                public WakeTarget,
                                public std::enable_shared_from_this<Waker> {
 public:
  Waker(std::shared_ptr<Worker> worker, BodyOwner& owner)
      : worker_(std::move(worker)), owner_(&owner) {}

  void wake() override {
    if (!posted_.exchange(true)) worker_->post(shared_from_this());
  }
  void run() override {
    posted_.store(false);
    if (owner_ != nullptr) owner_->body_ready();
  }
  void detach() { owner_ = nullptr; }

 private:
  const std::shared_ptr<Worker> worker_;
  BodyOwner* owner_;  // of the reactor's thread
  std::atomic<bool> posted_{false};
};

std::optional<std::uint64_t> body_size(const Response::Body& body) {
  if (const auto* file = std::get_if<FileRange>(&body)) return file->size;
  const auto* source = std::get_if<std::unique_ptr<BodySource>>(&body);
  return source != nullptr && *source ? (*source)->size() : memory_of(body).size();
}

void BodyReader::start(Response::Body& body, const std::shared_ptr<Worker>& worker,
                       BodyOwner& owner) {
  if (const auto* file = std::get_if<FileRange>(&body)) {
    file_ = *file;
  } else if (auto* source = std::get_if<std::unique_ptr<BodySource>>(&body); source && *source) {
    if (const auto lane = (*source)->lane())
      *source = pulled_on_lane(std::move(*source), *lane, worker->services().lanes);
    source_ = source;
    left_ = (*source)->size();
    waker_ = std::make_shared<Waker>(worker, owner);
  } else {
    memory_ = as_text(memory_of(body));
  }
}

void BodyReader::finish() {
  memory_.reset();
  file_.reset();
  if (waker_) waker_->detach();
  waker_.reset();
  if (source_ != nullptr) source_->reset();
  source_ = nullptr;
  source_ended_ = false;
  left_.reset();
  chunk_.clear();
  chunk_done_ = 0;
  taken_ = 0;
}

BodyReader::Piece BodyReader::prepare(std::size_t budget) {
  if (source_ != nullptr) return pull(budget);
  const std::uint64_t left = file_ ? file_->size : memory_.value_or("").size();
  const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(left, budget));
  return {Status::kReady, bytes, bytes == left};
}

BodyReader::Piece BodyReader::pull(std::size_t budget) {
  if (chunk_done_ == chunk_.size() && !source_ended_) {
    chunk_.clear();
    chunk_done_ = 0;
    const auto pulled = (*source_)->next(chunk_, budget, Wake(waker_));
    if (!pulled) return failed(pulled.error());
    source_ended_ = *pulled == BodySource::Pull::kEnd;
    if (left_ && (chunk_.size() > *left_ || (source_ended_ && chunk_.size() < *left_)))
      return failed({Code::kInternal, "a body source yields another size than it told", {}, {}});
    if (left_) *left_ -= chunk_.size();
    if (chunk_.empty() && !source_ended_) {
      if (*pulled == BodySource::Pull::kNotYet) return {Status::kNotYet, 0, false};
      return failed({Code::kInternal, "a body source says \"more\" and yields nothing", {}, {}});
    }
  }
  const std::size_t bytes = std::min(chunk_.size() - chunk_done_, budget);
  return {Status::kReady, bytes, source_ended_ && chunk_done_ + bytes == chunk_.size()};
}

BodyReader::Piece BodyReader::failed(Error error) {
  failure_ = std::move(error);
  return {Status::kFailed, 0, false};
}

Result<void> BodyReader::take(std::string& out, std::size_t bytes) {
  taken_ += bytes;
  if (source_ != nullptr) {
    out.append(chunk_, chunk_done_, bytes);
    chunk_done_ += bytes;
    return {};
  }
  if (!file_) {
    out += memory_->substr(0, bytes);
    memory_->remove_prefix(bytes);
    return {};
  }
  const std::size_t before = out.size();
  out.resize(before + bytes);
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t n = ::pread(file_->file->get(), out.data() + before + done, bytes - done,
                              static_cast<off_t>(file_->offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      return std::unexpected(
          Error{Code::kDataLoss, "a file sent as a body cannot be read", {}, {}}.with(
              "reason", n < 0 ? std::strerror(errno) : "it became shorter"));
    }
    done += static_cast<std::size_t>(n);
  }
  file_->offset += bytes;
  file_->size -= bytes;
  return {};
}

std::optional<std::string_view> BodyReader::in_memory() const { return memory_; }

const FileRange* BodyReader::in_file() const { return file_ ? &*file_ : nullptr; }

void BodyReader::skip(std::size_t bytes) {
  taken_ += bytes;
  if (memory_) memory_->remove_prefix(bytes);
  if (file_) {
    file_->offset += bytes;
    file_->size -= bytes;
  }
}

}  // namespace chancery::http
