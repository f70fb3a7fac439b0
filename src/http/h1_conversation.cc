#include "http/h1_conversation.h"

#include <algorithm>

#include "base/secret_bytes.h"
#include "http/h2_session.h"

namespace chancery::http {

namespace {

// How long a connection without any request yet keeps a stopping server waiting.
constexpr std::chrono::milliseconds kFreshGrace{500};
// What a client may send ahead while a body is being generated, before we stop looking.
constexpr std::size_t kMaxAhead = 16 * 1024;

ParserLimits parser_limits(const Limits& limits) {
  return {limits.max_header_bytes, limits.max_headers, limits.max_body_bytes};
}

}  // namespace

H1Conversation::H1Conversation(Connection& connection)
    : connection_(connection),
      parser_(parser_limits(connection.listener().limits())),
      transaction_(connection.worker(), connection.listener(), connection.client(), "h1", *this) {}

void H1Conversation::begin() {
  await_request();
  awaiting_ = Awaiting::kHead;
  connection_.set_deadline(limits().header_timeout);
  if (worker().draining()) drain();
  read();
}

void H1Conversation::ready() {
  switch (state_) {
    case State::kReading:
      return read();
    case State::kWriting:
      flush();
      return proceed();
    case State::kStreaming:
      return wait_for_source();
    case State::kHandling:
    case State::kOver:
      return;
  }
}

void H1Conversation::answer(Response response) {
  connection_.guarded([&] {
    if (state_ != State::kHandling) return;
    send(std::move(response));
    proceed();
  });
}

void H1Conversation::body_ready() {
  connection_.guarded([&] {
    if (state_ != State::kStreaming) return;
    flush();
    proceed();
  });
}

void H1Conversation::closed() {
  if (state_ == State::kOver) return;
  state_ = State::kOver;
  transaction_.finished(body_.taken(), false);
  transaction_.detach();
  body_.finish();
  if (response_.is_secret()) wipe(output_);
}

void H1Conversation::await_request() {
  state_ = State::kReading;
  awaiting_ = Awaiting::kRequest;
  transaction_.start();
  parser_.start(request());
  connection_.set_deadline(limits().idle_timeout);
}

void H1Conversation::read() {
  net::Stream& stream = connection_.stream();
  while (true) {
    const std::span<char> scratch = worker().scratch();
    const net::IoResult result = stream.read(scratch);
    if (result.status == net::IoStatus::kWantRead) return await_input();
    if (result.status == net::IoStatus::kClosed) return connection_.end();
    if (result.status != net::IoStatus::kDone) return connection_.wait_for(result.status);
    worker().count_received(result.bytes);
    const std::string_view data(scratch.data(), result.bytes);
    if (input_.empty()) {
      input_ = consume(data);
    } else {
      input_ += data;
      consume_input();
    }
    worker().wipe_scratch(result.bytes);
    if (state_ != State::kReading) return;
    // Waiting is cheaper than another read that finds nothing: the reactor looks at the socket
    // anyway.
    if (!stream.has_buffered()) return await_input();
  }
}

// proceed goes on after a response that did not come out of read.
void H1Conversation::proceed() {
  if (state_ != State::kReading) return;
  consume_input();
  if (state_ != State::kReading) return;
  if (connection_.stream().has_buffered()) return read();
  await_input();
}

void H1Conversation::await_input() {
  if (!parser_.started()) {
    if (worker().draining() && served_ > 0 && !connection_.stream().has_input())
      return connection_.end();
  } else if (parser_.head_done()) {
    if (awaiting_ != Awaiting::kBody) connection_.set_deadline(limits().body_timeout);
    awaiting_ = Awaiting::kBody;
  } else {
    if (awaiting_ != Awaiting::kHead) connection_.set_deadline(limits().header_timeout);
    awaiting_ = Awaiting::kHead;
  }
  connection_.wait_for(net::IoStatus::kWantRead);
}

void H1Conversation::consume_input() {
  if (input_.empty()) return;
  const std::size_t left = consume(input_).size();
  if (left == 0) return wipe(input_);
  input_.erase(0, input_.size() - left);
}

// Whether what came first on a clear connection begins like the preface of HTTP/2.
bool H1Conversation::may_be_h2(std::string_view input) const {
  if (served_ > 0 || parser_.started() || connection_.client().tls) return false;
  return !input.empty() && kH2Preface.starts_with(input.substr(0, kH2Preface.size()));
}

// consume reads and answers requests until the input is used up or one needs time. Returns what is
// left.
std::string_view H1Conversation::consume(std::string_view input) {
  if (may_be_h2(input)) {
    if (input.size() < kH2Preface.size()) return input;
    connection_.become_h2(input);
    return {};
  }
  while (state_ == State::kReading) {
    std::size_t used = 0;
    const H1Parser::Step step = parser_.feed(input, used);
    input.remove_prefix(used);
    if (step != H1Parser::Step::kFailed && !hold_body()) return input;
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

bool H1Conversation::hold_body() {
  const auto held = transaction_.hold_body(BodyBudget::kFree);
  if (held) return true;
  close_after_ = true;
  send(transaction_.refuse(held.error(), 503));
  return false;
}

void H1Conversation::head_complete() {
  auto refusal = transaction_.head_complete();
  if (!refusal) {
    if (parser_.expects_continue()) send_continue();
    return;
  }
  // Nothing but a clean request without a body can be followed by another.
  close_after_ = parser_.has_body() || refusal->status() != 404;
  send(std::move(*refusal));
}

void H1Conversation::send_continue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  const net::IoResult result = connection_.stream().write(kContinue, {});
  // Nothing else is on its way, so the socket has room, or the connection is broken.
  if (result.status != net::IoStatus::kDone || result.bytes != kContinue.size())
    connection_.close();
}

void H1Conversation::begin_request() {
  state_ = State::kHandling;
  connection_.no_deadline();
  if (auto response = transaction_.begin()) send(std::move(*response));
}

// refuse answers what cannot be read on.
void H1Conversation::refuse(unsigned status, std::string_view detail) {
  close_after_ = true;
  send(transaction_.refuse(status, detail));
}

void H1Conversation::give_up() {
  if (state_ == State::kReading && parser_.started()) {
    refuse(408, "the request did not arrive in time");
  } else if (state_ == State::kReading) {
    connection_.end();
  } else {
    connection_.close();
  }
}

void H1Conversation::drain() {
  const bool is_waiting = state_ == State::kReading && !parser_.started();
  if (is_waiting && served_ == 0) {
    connection_.set_deadline(
        std::min(connection_.deadline(), Connection::Clock::now() + kFreshGrace));
  } else if (is_waiting && !connection_.stream().has_input()) {
    connection_.end();
  }
}

// While the source has nothing, the only news from the socket is that the client has gone, or more
// requests, which wait.
void H1Conversation::wait_for_source() {
  net::Stream& stream = connection_.stream();
  while (input_.size() < kMaxAhead) {
    const std::span<char> scratch = worker().scratch();
    const net::IoResult result = stream.read(scratch);
    if (result.status != net::IoStatus::kDone) return connection_.wait_for(result.status);
    worker().count_received(result.bytes);
    input_.append(scratch.data(), result.bytes);
    worker().wipe_scratch(result.bytes);
  }
}

}  // namespace chancery::http
