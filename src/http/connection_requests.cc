#include <algorithm>

#include "base/text.h"
#include "http/connection.h"
#include "http/target.h"

namespace chancery::http {

namespace {

// Head and body up to this size leave in one piece: one TLS record, one system call.
constexpr std::size_t kOnePiece = 16 * 1024;
// A large body to a fast reader lets others have their turn after this much.
constexpr std::size_t kWriteBudget = 1024 * 1024;

std::string_view text_of(const Response& response) { return as_text(response.body()); }

}  // namespace

void Connection::await_request() {
  state_ = State::kReading;
  awaiting_ = Awaiting::kRequest;
  refused_ = false;
  application_ = nullptr;
  parser_.start(request());
  set_deadline(listener_->limits.idle_timeout);
}

void Connection::head_complete() {
  head_at_ = Clock::now();
  worker_->request_ids().next(request().request_id);
  const Result<void> decoded = decode_target(request(), listener_->site);
  if (!decoded) return refuse(400, decoded.error().detail);
  application_ = listener_->site.find(request().path);
  if (application_ != nullptr) {
    if (parser_.expects_continue()) send_continue();
    return;
  }
  refused_ = true;
  close_after_ = parser_.has_body();
  send(error_page(404, "nothing is served under this path"));
}

void Connection::send_continue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  const net::IoResult result = stream_->write(kContinue, {});
  // Nothing else is on its way, so the socket has room, or the connection is broken.
  if (result.status != net::IoStatus::kDone || result.bytes != kContinue.size()) close();
}

void Connection::begin_request() {
  state_ = State::kHandling;
  deadline_ = Clock::time_point::max();
  in_flight_ = true;
  worker_->services().counters.in_flight.add(1);
  if (auto response = exchange_->begin(*application_)) send(std::move(*response));
}

// refuse answers what cannot be read on.
void Connection::refuse(unsigned status, std::string_view detail) {
  head_at_ = Clock::now();
  if (request().request_id.empty() || !parser_.head_done())
    worker_->request_ids().next(request().request_id);
  if (!request().target.empty() && application_ == nullptr) {
    // Even a path that does not decode tells whose client this is.
    static_cast<void>(decode_target(request(), listener_->site));
    application_ = listener_->site.find(request().path);
  }
  refused_ = true;
  close_after_ = true;
  if (application_ == nullptr || (status != 400 && status != 413))
    return send(error_page(status, detail));
  const Code code = status == 413 ? Code::kTooLarge : Code::kMalformed;
  send(exchange_->refuse(*application_, Error{code, std::string(detail), {}, {}}));
}

void Connection::send(Response response) {
  ++served_;
  close_after_ = close_after_ || !parser_.head_done() || !parser_.keep_alive() ||
                 worker_->draining() || served_ >= listener_->limits.max_requests_per_connection;
  response_ = std::move(response);
  record();
  compose();
  flush();
}

void Connection::record() {
  if (std::exchange(in_flight_, false)) worker_->services().counters.in_flight.add(-1);
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - head_at_);
  const auto microseconds = static_cast<std::uint64_t>(time.count());
  std::string_view route = "none";
  if (refused_) {
    route = "refused";
  } else if (application_ != nullptr) {
    route = exchange_->route(*application_);
  }
  worker_->routes().count(route, response_.status(), microseconds);
  worker_->services().log.debug("request", {{"method", printable(request().method, 32)},
                                            {"route", route},
                                            {"path", printable(request().path)},
                                            {"status", response_.status()},
                                            {"us", microseconds},
                                            {"request_id", request().request_id},
                                            {"peer", request().peer_address}});
}

void Connection::compose() {
  // The worker's buffer is taken over, and given back when all is written; it is empty while others
  // hold it.
  output_.swap(worker_->output());
  output_.clear();
  output_done_ = 0;
  append_head(output_, response_, {worker_->date(), request().request_id, close_after_});
  const std::string_view body = text_of(response_);
  if (!has_body(response_.status()) || request().method == "HEAD") {
    body_done_ = body.size();
    return;
  }
  body_done_ = std::min(body.size(), kOnePiece - std::min(kOnePiece, output_.size()));
  output_ += body.substr(0, body_done_);
}

void Connection::flush() {
  const std::string_view body = text_of(response_);
  std::size_t written = 0;
  while (output_done_ < output_.size() || body_done_ < body.size()) {
    net::IoResult result{net::IoStatus::kWantWrite};
    if (written < kWriteBudget) {
      result =
          stream_->write(std::string_view(output_).substr(output_done_), body.substr(body_done_));
    }
    if (result.status != net::IoStatus::kDone) {
      state_ = State::kWriting;
      set_deadline(listener_->limits.write_timeout);
      return wait_for(result.status);
    }
    written += result.bytes;
    worker_->count_sent(result.bytes);
    const std::size_t of_output = std::min(result.bytes, output_.size() - output_done_);
    output_done_ += of_output;
    body_done_ += result.bytes - of_output;
  }
  response_sent();
}

void Connection::response_sent() {
  if (output_.capacity() > worker_->output().capacity()) output_.swap(worker_->output());
  output_.clear();
  response_ = Response();
  if (close_after_) return linger();
  await_request();
}

}  // namespace chancery::http
