#include "http/connection.h"

#include <exception>

#include "net/listener.h"

namespace chancery::http {

namespace {

// How long a client may take to notice that the connection is over.
constexpr std::chrono::milliseconds kLinger{1000};
// How long a connection without any request yet keeps a stopping server waiting.
constexpr std::chrono::milliseconds kFreshGrace{500};
constexpr int kDiscardsPerEvent = 16;

ParserLimits parser_limits(const Limits& limits) {
  return {limits.max_header_bytes, limits.max_headers, limits.max_body_bytes};
}

}  // namespace

Connection::Connection(std::shared_ptr<Worker> worker, std::shared_ptr<ListenerState> listener,
                       net::UniqueFd fd, std::string peer_address)
    : worker_(std::move(worker)),
      listener_(std::move(listener)),
      fd_(std::move(fd)),
      parser_(parser_limits(listener_->limits)),
      exchange_(std::make_shared<Exchange>(worker_, *this)),
      counts_handshake_(listener_->tls != nullptr) {
  request().peer_address = std::move(peer_address);
}

Connection::~Connection() { release(); }

template <class Work>
void Connection::guarded(Work work) {
  try {
    work();
  } catch (const std::exception& error) {
    worker_->services().log.error("a connection failed",
                                  {{"request_id", request().request_id}, {"detail", error.what()}});
    close();
  }
}

void Connection::run() {
  guarded([&] { begin(); });
}

void Connection::on_readable() {
  waits_readable_ = false;
  guarded([&] { step(); });
}

void Connection::on_writable() {
  waits_writable_ = false;
  guarded([&] { step(); });
}

void Connection::answer(Response response) {
  // Closing drops the worker's reference, which may be the last but this.
  const auto self = shared_from_this();
  guarded([&] {
    if (state_ != State::kHandling) return;
    send(std::move(response));
    proceed();
  });
}

void Connection::step() {
  switch (state_) {
    case State::kHandshake:
      return shake_hands();
    case State::kReading:
      return read();
    case State::kWriting:
      flush();
      return proceed();
    case State::kLingering:
      return discard();
    case State::kNew:
    case State::kHandling:
    case State::kClosed:
      return;
  }
}

void Connection::wait_for(net::IoStatus status) {
  if (status == net::IoStatus::kClosed) return close();
  if (status == net::IoStatus::kWantWrite) {
    if (!waits_writable_) socket_->wait_writable(shared_from_this());
    waits_writable_ = true;
  } else {
    if (!waits_readable_) socket_->wait_readable(shared_from_this());
    waits_readable_ = true;
  }
}

void Connection::begin() {
  worker_->add(shared_from_this());
  listed_ = true;
  const int fd = fd_.get();
  net::set_no_delay(fd);
  socket_.emplace(worker_->reactor(), std::move(fd_));
  net::TlsSession session;
  if (listener_->tls) {
    session = listener_->tls->new_session(fd, worker_->index());
    if (!session) return close();
  }
  stream_.emplace(fd, std::move(session));
  request().tls = stream_->tls();
  state_ = State::kHandshake;
  set_deadline(listener_->limits.header_timeout);
  shake_hands();
}

void Connection::shake_hands() {
  const net::IoStatus status = stream_->handshake();
  if (status == net::IoStatus::kClosed) {
    worker_->services().counters.handshakes_failed.add();
    return close();
  }
  if (status != net::IoStatus::kDone) return wait_for(status);
  count_handshake_end();
  if (stream_->tls()) {
    auto& counters = worker_->services().counters;
    (stream_->resumed() ? counters.handshakes_resumed : counters.handshakes_full).add();
    request().peer_certificate = stream_->peer_certificate();
  }
  await_request();
  awaiting_ = Awaiting::kHead;
  set_deadline(listener_->limits.header_timeout);
  if (worker_->draining()) drain();
  read();
}

void Connection::count_handshake_end() {
  if (counts_handshake_) listener_->handshakes.fetch_sub(1, std::memory_order_relaxed);
  counts_handshake_ = false;
}

void Connection::read() {
  while (true) {
    const std::span<char> scratch = worker_->scratch();
    const net::IoResult result = stream_->read(scratch);
    if (result.status == net::IoStatus::kWantRead) return await_input();
    if (result.status != net::IoStatus::kDone) return wait_for(result.status);
    worker_->count_received(result.bytes);
    const std::string_view data(scratch.data(), result.bytes);
    if (input_.empty()) {
      input_ = consume(data);
    } else {
      input_ += data;
      consume_input();
    }
    if (state_ != State::kReading) return;
    // Waiting is cheaper than another read that finds nothing: the reactor looks at the socket
    // anyway.
    if (!stream_->has_buffered()) return await_input();
  }
}

// proceed goes on after a response that did not come out of read.
void Connection::proceed() {
  if (state_ != State::kReading) return;
  consume_input();
  if (state_ != State::kReading) return;
  if (stream_->has_buffered()) return read();
  await_input();
}

void Connection::await_input() {
  if (!parser_.started()) {
    if (worker_->draining() && served_ > 0 && !stream_->has_input()) return close();
  } else if (parser_.head_done()) {
    if (awaiting_ != Awaiting::kBody) set_deadline(listener_->limits.body_timeout);
    awaiting_ = Awaiting::kBody;
  } else {
    if (awaiting_ != Awaiting::kHead) set_deadline(listener_->limits.header_timeout);
    awaiting_ = Awaiting::kHead;
  }
  wait_for(net::IoStatus::kWantRead);
}

void Connection::consume_input() {
  if (input_.empty()) return;
  const std::size_t left = consume(input_).size();
  input_.erase(0, input_.size() - left);
}

// consume reads and answers requests until the input is used up or one needs time. Returns what is
// left.
std::string_view Connection::consume(std::string_view input) {
  while (state_ == State::kReading) {
    std::size_t used = 0;
    const H1Parser::Step step = parser_.feed(input, used);
    input.remove_prefix(used);
    switch (step) {
      case H1Parser::Step::kMore:
        return input;
      case H1Parser::Step::kHead:
        head_complete();
        break;
      case H1Parser::Step::kDone:
        begin_request();
        break;
      case H1Parser::Step::kFailed:
        refuse(parser_.failure().status, parser_.failure().detail);
        break;
    }
  }
  return input;
}

void Connection::give_up() {
  guarded([&] {
    if (state_ == State::kReading && parser_.started()) {
      refuse(408, "the request did not arrive in time");
    } else {
      if (state_ == State::kHandshake) worker_->services().counters.handshakes_failed.add();
      close();
    }
  });
}

void Connection::drain() {
  const bool is_waiting = state_ == State::kReading && !parser_.started();
  if (state_ == State::kHandshake || (is_waiting && served_ == 0)) {
    deadline_ = std::min(deadline_, Clock::now() + kFreshGrace);
  } else if (is_waiting && !stream_->has_input()) {
    close();
  }
}

// linger closes without cutting off what the peer has not read yet: as long as there is unread
// input, closing would reset the connection.
void Connection::linger() {
  stream_->end();
  state_ = State::kLingering;
  set_deadline(kLinger);
  discard();
}

void Connection::discard() {
  net::IoStatus status = net::IoStatus::kDone;
  for (int i = 0; i < kDiscardsPerEvent && status == net::IoStatus::kDone; ++i) {
    status = stream_->discard(worker_->scratch());
  }
  wait_for(status);
}

void Connection::close() {
  if (state_ == State::kClosed) return;
  if (state_ == State::kReading) stream_->end();
  state_ = State::kClosed;
  exchange_->detach();
  stream_.reset();
  if (socket_) socket_->close();
  release();
}

// release gives back what the acceptor counted.
void Connection::release() {
  if (std::exchange(released_, true)) return;
  count_handshake_end();
  if (std::exchange(in_flight_, false)) worker_->services().counters.in_flight.add(-1);
  listener_->connections.fetch_sub(1, std::memory_order_relaxed);
  if (std::exchange(listed_, false)) {
    worker_->remove(*this);
  } else {
    worker_->load().fetch_sub(1, std::memory_order_relaxed);
  }
  listener_->open.remove();
}

}  // namespace chancery::http
