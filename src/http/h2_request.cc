#include "http/h2_request.h"

#include <charconv>

#include "base/text.h"
#include "base/time.h"
#include "http/response_writer.h"

namespace chancery::http {

namespace {

// What a header counts beyond its bytes (RFC 9113, 6.5.2).
constexpr std::size_t kHeaderOverhead = 32;
// A request with headers beyond the limit is refused; they are read nevertheless, because the
// compression depends on them, but not beyond this many times the limit.
constexpr std::size_t kFarTooLarge = 4;

}  // namespace

H2Request::H2Request(H2Conversation& conversation)
    : conversation_(conversation),
      transaction_(conversation.connection().worker(), conversation.connection().listener(),
                   conversation.connection().client(), "h2", *this) {}

void H2Request::start(std::int32_t id) {
  id_ = id;
  transaction_.start();
  Request& r = request();
  r.method.clear();
  r.target.clear();
  r.path.clear();
  r.query.clear();
  r.headers.clear();
  authority_.clear();
  header_bytes_ = header_count_ = 0;
  state_ = State::kHead;
  set_deadline(conversation_.limits().header_timeout);
}

void H2Request::set_deadline(std::chrono::milliseconds from_now) {
  deadline_ = conversation_.now() + from_now;
  conversation_.set_deadline(deadline_);
}

bool H2Request::header(std::string_view name, std::string_view value) {
  const Limits& limits = conversation_.limits();
  header_bytes_ += name.size() + value.size() + kHeaderOverhead;
  if (header_bytes_ > kFarTooLarge * limits.max_header_bytes) return false;
  const bool is_trailer = state_ != State::kHead;
  if (is_trailer || header_bytes_ > limits.max_header_bytes ||
      ++header_count_ > limits.max_headers) {
    return true;
  }
  add_header(name, value);
  return true;
}

void H2Request::add_header(std::string_view name, std::string_view value) {
  Request& r = request();
  if (name == ":method") {
    r.method = value;
  } else if (name == ":path") {
    r.target = value;
  } else if (name == ":authority") {
    authority_ = value;
  } else if (name == "cookie") {
    // May come in pieces, which make one header (RFC 9113, 8.2.3).
    for (Header& one : r.headers) {
      if (one.name == "cookie") return one.value.append("; ").append(value), void();
    }
    r.headers.push_back({"cookie", std::string(value)});
  } else if (!name.starts_with(':')) {
    r.headers.push_back({std::string(name), std::string(value)});
  }
}

// The authority takes the place of the Host header (RFC 9113, 8.3.1).
bool H2Request::set_host() {
  std::string_view host;
  for (const Header& one : request().headers) {
    if (one.name != "host") continue;
    if (!host.empty()) return false;
    host = one.value;
  }
  if (authority_.empty()) return !host.empty();
  if (host.empty()) {
    request().headers.push_back({"host", authority_});
    return true;
  }
  return equal_ignoring_case(host, authority_);
}

bool H2Request::expects_continue() {
  const auto expectation = request().header("expect");
  return expectation && equal_ignoring_case(*expectation, "100-continue");
}

void H2Request::head_complete() {
  const Limits& limits = conversation_.limits();
  state_ = State::kBody;
  set_deadline(limits.body_timeout);
  if (header_bytes_ > limits.max_header_bytes || header_count_ > limits.max_headers)
    return refuse(431, "the headers are too large");
  if (!set_host()) return refuse(400, "the authority or Host header is missing or invalid");
  if (auto refusal = transaction_.head_complete()) return respond(std::move(*refusal));
  if (request().header("expect") && !expects_continue())
    return refuse(417, "the Expect header asks for something unknown");
  // The session has checked that it is a number.
  std::uint64_t length = 0;
  const auto text = request().header("content-length").value_or("0");
  std::from_chars(text.data(), text.data() + text.size(), length);
  if (length > limits.max_body_bytes) return refuse(413, "the body is too large");
  if (expects_continue()) conversation_.session().send_continue(id_);
}

void H2Request::body(std::string_view piece) {
  if (state_ != State::kBody) return;
  if (request().body.size() + piece.size() > conversation_.limits().max_body_bytes)
    return refuse(413, "the body is too large");
  if (!conversation_.hold_body(piece.size())) {
    const Error error{Code::kTooManyRequests,
                      "the bodies of the requests on this connection are too large together",
                      {},
                      seconds{1}};
    return respond(transaction_.refuse(error, 429));
  }
  held_ += piece.size();
  request().body += piece;
  const std::size_t free = conversation_.body_bytes() <= BodyBudget::kFree ? BodyBudget::kFree : 0;
  if (auto held = transaction_.hold_body(free); !held)
    respond(transaction_.refuse(held.error(), 503));
}

void H2Request::request_complete() {
  if (state_ != State::kBody) return;
  state_ = State::kWorking;
  deadline_ = Clock::time_point::max();
  conversation_.to_run(*this);
}

void H2Request::run() {
  if (auto response = transaction_.begin()) respond(std::move(*response));
}

void H2Request::refuse(unsigned status, std::string_view detail) {
  respond(transaction_.refuse(status, detail));
}

void H2Request::answer(Response response) {
  conversation_.connection().guarded([&] {
    if (state_ == State::kWorking) respond(std::move(response));
  });
}

void H2Request::respond(Response response) {
  state_ = State::kResponding;
  response_ = std::move(response);
  transaction_.answered(response_);
  auto length = body_size(response_.content());
  bool has_content = has_body(response_.status()) && request().method != "HEAD";
  if (!has_body(response_.status())) length.reset();
  has_content = has_content && length != 0;
  if (has_content) body_.start(response_.content(), conversation_.connection().worker(), *this);
  conversation_.session().respond(
      id_, response_,
      {conversation_.connection().worker()->date(), request().request_id, length, has_content});
  deadline_ = Clock::now() + conversation_.limits().write_timeout;
  conversation_.set_deadline(deadline_);
  conversation_.to_send();
}

void H2Request::body_moved() {
  deadline_ = conversation_.now() + conversation_.limits().write_timeout;
  if (response_.is_secret()) conversation_.holds_secret();
}

void H2Request::body_ready() {
  conversation_.connection().guarded([&] {
    if (state_ != State::kResponding) return;
    deadline_ = Clock::now() + conversation_.limits().write_timeout;
    conversation_.set_deadline(deadline_);
    conversation_.session().body_ready(id_);
    conversation_.to_send();
  });
}

void H2Request::expire() {
  if (state_ == State::kHead || state_ == State::kBody) {
    refuse(408, "the request did not arrive in time");
  } else {
    deadline_ = Clock::time_point::max();
    conversation_.session().cancel(id_);
  }
}

void H2Request::release_body() { conversation_.release_body(std::exchange(held_, 0)); }

void H2Request::closed(bool complete) {
  transaction_.finished(body_.taken(), complete && state_ == State::kResponding);
  body_.finish();
  response_ = Response();
  release_body();
  conversation_.forget(*this);
}

void H2Request::abandon() {
  transaction_.finished(body_.taken(), false);
  transaction_.detach();
  body_.finish();
}

}  // namespace chancery::http
