#include "http/connection.h"

#include <exception>

#include "http/h1_conversation.h"
#include "http/h2_conversation.h"
#include "net/listener.h"

namespace chancery::http {

namespace {

// How long a client may take to notice that the connection is over.
constexpr std::chrono::milliseconds kLinger{1000};
// How long a handshake keeps a stopping server waiting.
constexpr std::chrono::milliseconds kFreshGrace{500};
constexpr int kDiscardsPerEvent = 16;

}  // namespace

Connection::Connection(std::shared_ptr<Worker> worker, std::shared_ptr<ListenerState> listener,
                       net::UniqueFd fd, std::string peer_address)
    : worker_(std::move(worker)),
      listener_(std::move(listener)),
      fd_(std::move(fd)),
      counts_handshake_(listener_->tls != nullptr) {
  client_.address = std::move(peer_address);
}

Connection::~Connection() { release(); }

void Connection::failed(const std::exception& error) {
  worker_->services().log.error("a connection failed",
                                {{"peer", client_.address}, {"detail", error.what()}});
  close();
}

void Connection::run() {
  guarded([&] {
    if (state_ == State::kNew) return begin();
    resumes_ = false;
    if (state_ == State::kTalking) conversation_->resumed();
  });
}

void Connection::on_readable() {
  waits_readable_ = false;
  guarded([&] { step(); });
}

void Connection::on_writable() {
  waits_writable_ = false;
  guarded([&] { step(); });
}

void Connection::step() {
  switch (state_) {
    case State::kHandshake:
      return shake_hands();
    case State::kTalking:
      return conversation_->ready();
    case State::kLingering:
      return discard();
    case State::kNew:
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

void Connection::resume() {
  if (!std::exchange(resumes_, true)) worker_->post(shared_from_this());
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
  state_ = State::kHandshake;
  set_deadline(listener_->limits().header_timeout);
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
    client_.tls = true;
    client_.tls_version = stream_->tls_version();
    client_.certificate = stream_->peer_certificate();
    if (!client_.certificate.empty()) {
      client_.fingerprint = stream_->peer_fingerprint();
      client_.intermediates = stream_->peer_intermediates();
    }
  }
  talk();
}

void Connection::talk() {
  state_ = State::kTalking;
  if (stream_->http2()) {
    conversation_ = std::make_unique<H2Conversation>(*this);
  } else {
    conversation_ = std::make_unique<H1Conversation>(*this);
  }
  conversation_->begin();
}

void Connection::become_h2(std::string_view received) {
  conversation_->closed();
  previous_ = std::move(conversation_);
  auto next = std::make_unique<H2Conversation>(*this, received);
  conversation_ = std::move(next);
  conversation_->begin();
}

void Connection::count_handshake_end() {
  if (counts_handshake_) listener_->handshakes.fetch_sub(1, std::memory_order_relaxed);
  counts_handshake_ = false;
}

void Connection::give_up() {
  guarded([&] {
    if (state_ == State::kTalking) return conversation_->give_up();
    if (state_ == State::kHandshake) worker_->services().counters.handshakes_failed.add();
    close();
  });
}

void Connection::drain() {
  if (state_ == State::kTalking) return guarded([&] { conversation_->drain(); });
  if (state_ == State::kHandshake) deadline_ = std::min(deadline_, Clock::now() + kFreshGrace);
}

void Connection::linger() {
  conversation_->closed();
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

void Connection::end() {
  if (state_ == State::kTalking) stream_->end();
  close();
}

void Connection::close() {
  const State before = std::exchange(state_, State::kClosed);
  if (before == State::kClosed) return;
  if (before == State::kTalking) conversation_->closed();
  stream_.reset();
  if (socket_) socket_->close();
  release();
}

// release gives back what the acceptor counted.
void Connection::release() {
  if (std::exchange(released_, true)) return;
  count_handshake_end();
  listener_->connections.fetch_sub(1, std::memory_order_relaxed);
  if (std::exchange(listed_, false)) {
    worker_->remove(*this);
  } else {
    worker_->load().fetch_sub(1, std::memory_order_relaxed);
  }
  listener_->open.remove();
}

}  // namespace chancery::http
