#include "http/transaction.h"

#include "base/text.h"
#include "http/access_log.h"
#include "http/range.h"
#include "http/response_writer.h"
#include "http/target.h"

namespace chancery::http {

Transaction::Transaction(std::shared_ptr<Worker> worker, const ListenerState& listener,
                         const Client& client, std::string_view protocol, ExchangeOwner& owner)
    : worker_(std::move(worker)),
      listener_(listener),
      client_(client),
      protocol_(protocol),
      exchange_(std::make_shared<Exchange>(worker_, owner)) {
  request().peer_address = client.address;
  request().tls = client.tls;
  request().peer_certificate = client.certificate;
  request().peer_intermediates = client.intermediates;
}

Transaction::~Transaction() {
  exchange_->detach();
  if (open_) finished(0, false);
}

void Transaction::start() {
  exchange_->forget_body();
  application_ = nullptr;
  identified_ = false;
  refused_ = false;
  open_ = false;
  status_ = 0;
  trace_.reset();
  exchange_->traced = false;
}

void Transaction::begin_trace() {
  Tracer* const tracer = worker_->services().tracer;
  if (tracer == nullptr) return;
  const auto header = request().header("traceparent");
  trace_ = tracer->begin(header ? parse_traceparent(*header) : std::nullopt);
  exchange_->traced = trace_.has_value();
}

void Transaction::identify() {
  if (std::exchange(identified_, true)) return;
  head_at_ = Clock::now();
  worker_->request_ids().next(request().request_id);
  open_ = true;
}

void Transaction::find_application() {
  if (application_ == nullptr) application_ = listener_.site.find(request().path);
}

std::optional<Response> Transaction::head_complete() {
  identify();
  begin_trace();
  const Result<void> decoded = decode_target(request(), listener_.site);
  find_application();
  if (!decoded) return refuse(400, decoded.error().detail);
  if (application_ != nullptr) return std::nullopt;
  refused_ = true;
  return error_page(404, "nothing is served under this path");
}

std::optional<Response> Transaction::begin() {
  in_flight_ = true;
  worker_->services().counters.in_flight.add(1);
  return exchange_->begin(*application_);
}

Response Transaction::refuse(unsigned status, std::string_view detail) {
  const Code code = status == 413 ? Code::kTooLarge : Code::kMalformed;
  return refuse(Error{code, std::string(detail), {}, {}}, status);
}

Response Transaction::refuse(const Error& error, unsigned status) {
  if (!identified_ && !request().target.empty()) {
    // Even a path that does not decode tells whose client this is.
    static_cast<void>(decode_target(request(), listener_.site));
    find_application();
  }
  identify();
  refused_ = true;
  // The other statuses are of HTTP, not of an application.
  const bool has_form = status == 400 || status == 413 || status == 429 || status == 503;
  if (application_ == nullptr || !has_form) return error_page(status, error.detail);
  return exchange_->refuse(*application_, error);
}

std::string_view Transaction::route() const {
  if (refused_) return "refused";
  return application_ != nullptr ? exchange_->route(*application_) : "none";
}

std::uint64_t Transaction::microseconds() const {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - head_at_).count());
}

void Transaction::answered(Response& response) {
  if (std::exchange(in_flight_, false)) worker_->services().counters.in_flight.add(-1);
  apply_range(request(), response);
  status_ = response.status();
  worker_->routes().count(route(), status_, microseconds());
}

void Transaction::finished(std::uint64_t body_bytes, bool complete) {
  if (std::exchange(in_flight_, false)) worker_->services().counters.in_flight.add(-1);
  if (!std::exchange(open_, false)) return;
  if (trace_) tell_tracer();
  if (worker_->services().access_log != nullptr) tell_access_log(body_bytes, complete);
}

void Transaction::tell_tracer() {
  static const std::vector<TracePart> kNoParts;
  const auto now = std::chrono::system_clock::now();
  // Before that the handler may still be writing the parts.
  const bool has_answer = status_ != 0 && !refused_;
  worker_->services().tracer->finished(
      {.ids = *trace_,
       .begin = now - std::chrono::microseconds(microseconds() + 1),
       .end = now,
       .request_id = request().request_id,
       .method = request().method,
       .route = route(),
       .protocol = protocol_,
       .status = status_,
       .parts = has_answer ? exchange_->parts() : kNoParts});
}

void Transaction::tell_access_log(std::uint64_t body_bytes, bool complete) {
  const std::uint64_t took = microseconds();
  // Before that the handler may still be writing it.
  const bool has_answer = status_ != 0 && !refused_;
  worker_->services().access_log->write(
      {.time = std::chrono::system_clock::now() - std::chrono::microseconds(took),
       .request_id = request().request_id,
       .peer = client_.address,
       .tls_version = client_.tls_version,
       .client = client_.fingerprint,
       .protocol = protocol_,
       .method = request().method,
       .route = route(),
       .principal = has_answer ? std::string_view(exchange_->principal()) : "",
       .status = status_,
       .bytes = body_bytes,
       .microseconds = took,
       .complete = complete});
}

void Transaction::broken_off(const Error& error) const {
  worker_->services().log.error("a response was broken off",
                                {{"request_id", exchange_->request.request_id},
                                 {"route", route()},
                                 {"detail", error.to_string()}});
}

}  // namespace chancery::http
