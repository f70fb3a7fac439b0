#include "http/h2_conversation.h"

#include <algorithm>

#include "http/h2_request.h"

namespace chancery::http {

namespace {

// What goes out in one piece: one TLS record, one system call.
constexpr std::size_t kOnePiece = 16 * 1024;
// Many or large responses to a fast reader let others have their turn after this much.
constexpr std::size_t kWriteBudget = 1024 * 1024;
// How long a client may take to answer the notice that the server stops.
constexpr std::chrono::milliseconds kNoticeGrace{500};
// Requests done with that are kept for their memory.
constexpr std::size_t kMaxSpare = 8;

H2Options options(const Limits& limits) {
  return {static_cast<std::uint32_t>(limits.max_streams), limits.max_header_bytes};
}

}  // namespace

H2Conversation::H2Conversation(Connection& connection, std::string_view received)
    : connection_(connection),
      session_(options(connection.listener().limits()), *this),
      first_(received) {}

H2Conversation::~H2Conversation() = default;

void H2Conversation::begin() {
  connection_.set_deadline(limits().header_timeout);
  if (connection_.worker()->draining()) drain();
  if (!first_.empty()) receive(std::exchange(first_, {}));
  if (connection_.is_open()) read();
}

void H2Conversation::ready() {
  now_ = Clock::now();
  const bool was_blocked = blocked_since_ != Clock::time_point::max();
  if (was_blocked) flush();
  // What is not read does not have to be answered: a client that takes nothing gets no further.
  if (is_over_ || blocked_since_ != Clock::time_point::max()) return;
  read();
}

void H2Conversation::resumed() {
  now_ = Clock::now();
  if (!is_over_ && blocked_since_ == Clock::time_point::max()) flush();
}

void H2Conversation::read() {
  net::Stream& stream = connection_.stream();
  flushes_anyway_ = true;
  do {
    Worker& worker = *connection_.worker();
    const std::span<char> scratch = worker.scratch();
    const net::IoResult result = stream.read(scratch);
    if (result.status == net::IoStatus::kClosed) return connection_.end();
    if (result.status != net::IoStatus::kDone) break;
    worker.count_received(result.bytes);
    receive({scratch.data(), result.bytes});
    worker.wipe_scratch(result.bytes);
    if (is_over_) return;
  } while (stream.has_buffered());
  flush();
}

void H2Conversation::receive(std::string_view bytes) {
  session_.receive(bytes, now_);
  run_requests();
}

void H2Conversation::run_requests() {
  // A request that is reset meanwhile takes itself off the list.
  for (std::size_t i = 0; i < to_run_.size() && !is_over_; ++i) {
    if (to_run_[i] != nullptr) to_run_[i]->run();
  }
  to_run_.clear();
}

void H2Conversation::flush() {
  flushes_anyway_ = false;
  Worker& worker = *connection_.worker();
  std::size_t written = 0;
  while (true) {
    if (output_done_ == output_.size()) {
      give_buffer_back();
      output_.swap(worker.output());
      output_.reserve(3 * kOnePiece);  // so that what may be secret is not copied by growing
      session_.produce(output_, kOnePiece, now_);
      if (output_.empty()) break;
    }
    net::IoResult result{net::IoStatus::kWantWrite};
    if (written < kWriteBudget)
      result = connection_.stream().write(std::string_view(output_).substr(output_done_), {});
    if (result.status != net::IoStatus::kDone) {
      blocked_since_ = now_;
      set_deadline(now_ + limits().write_timeout);
      return connection_.wait_for(result.status);
    }
    written += result.bytes;
    output_done_ += result.bytes;
    worker.count_sent(result.bytes);
  }
  blocked_since_ = Clock::time_point::max();
  give_buffer_back();
  after_flush();
}

void H2Conversation::after_flush() {
  if (session_.over()) {
    if (!session_.complaint().empty()) {
      connection_.worker()->services().counters.h2_ended.add();
      connection_.worker()->services().log.info(
          "an HTTP/2 client is sent away",
          {{"peer", connection_.client().address}, {"reason", session_.complaint()}});
    }
    return connection_.linger();
  }
  connection_.wait_for(net::IoStatus::kWantRead);
}

void H2Conversation::give_buffer_back() {
  std::string& shared = connection_.worker()->output();
  if (std::exchange(holds_secret_, false)) wipe(output_);
  if (output_.capacity() > shared.capacity()) output_.swap(shared);
  std::string().swap(output_);
  shared.clear();
  output_done_ = 0;
}

H2Stream* H2Conversation::open(std::int32_t id) {
  if (!orphans_.empty()) std::erase_if(orphans_, [](const auto& one) { return one.expired(); });
  if (open_.size() + orphans_.size() >= limits().max_streams) return nullptr;
  if (++served_ == limits().max_requests_per_connection) drain();
  open_.push_back(make(id));
  open_.back()->set_place(open_.size() - 1);
  return open_.back().get();
}

std::unique_ptr<H2Request> H2Conversation::make(std::int32_t id) {
  std::unique_ptr<H2Request> request;
  if (spare_.empty()) {
    request = std::make_unique<H2Request>(*this);
  } else {
    request = std::move(spare_.back());
    spare_.pop_back();
  }
  request->start(id);
  return request;
}

void H2Conversation::forget(H2Request& request) {
  std::ranges::replace(to_run_, &request, nullptr);
  const std::size_t place = request.place();
  std::swap(open_[place], open_.back());
  open_[place]->set_place(place);
  std::unique_ptr<H2Request> gone = std::move(open_.back());
  open_.pop_back();
  if (open_.empty()) {
    idle_since_ = now_;
    set_deadline(now_ + limits().idle_timeout);
  }
  if (!gone->reusable()) {
    orphans_.push_back(gone->exchange());
  } else if (spare_.size() < kMaxSpare) {
    gone->trim();
    spare_.push_back(std::move(gone));
  }
}

bool H2Conversation::hold_body(std::size_t bytes) {
  if (body_bytes_ + bytes > std::max(limits().max_connection_body_bytes, limits().max_body_bytes))
    return false;
  body_bytes_ += bytes;
  return true;
}

void H2Conversation::set_deadline(Clock::time_point deadline) {
  if (deadline < connection_.deadline()) connection_.set_deadline(deadline);
}

void H2Conversation::give_up() {
  now_ = Clock::now();
  const bool is_blocked = blocked_since_ != Clock::time_point::max();
  if (is_blocked && now_ >= blocked_since_ + limits().write_timeout) return connection_.close();
  if (now_ >= drain_ends_) {
    drain_ends_ = Clock::time_point::max();
    session_.refuse_new();
  }
  for (const auto& request : open_) {
    if (request->deadline() <= now_) request->expire();
  }
  const auto patience = served_ == 0 ? limits().header_timeout : limits().idle_timeout;
  if (open_.empty() && now_ >= idle_since_ + patience) session_.refuse_new();
  find_deadline(patience);
  if (!is_blocked) flush();
}

// Deadlines are only ever brought forward, until one has passed: then the next is looked for.
void H2Conversation::find_deadline(std::chrono::milliseconds patience) {
  connection_.no_deadline();
  set_deadline(drain_ends_);
  if (blocked_since_ != Clock::time_point::max())
    set_deadline(blocked_since_ + limits().write_timeout);
  for (const auto& request : open_) set_deadline(request->deadline());
  if (open_.empty()) set_deadline(std::max(idle_since_, now_) + patience);
}

void H2Conversation::drain() {
  session_.drain();
  drain_ends_ = Clock::now() + kNoticeGrace;
  set_deadline(drain_ends_);
  to_send();
}

void H2Conversation::closed() {
  if (std::exchange(is_over_, true)) return;
  if (std::exchange(holds_secret_, false)) wipe(output_);
  for (const auto& request : open_) request->abandon();
}

}  // namespace chancery::http
