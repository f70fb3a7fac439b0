#include "http/exchange.h"

#include <exception>

#include "base/secret_bytes.h"
#include "base/time.h"
#include "http/response_writer.h"

namespace chancery::http {

namespace {

constexpr unsigned kMaxReruns = 3;
// A handler may ask for another lane, but not go in circles.
constexpr unsigned kMaxMoves = 3;
// Commits that follow one another for one answer.
constexpr unsigned kMaxCommits = 3;
// Memory that a body may leave to the next one.
constexpr std::size_t kKeptBody = 16 * 1024;

}  // namespace

Result<void> Exchange::hold_body(std::size_t free) {
  const std::size_t size = request.body.size();
  if (size <= free || share_.grow_to(size - free)) return {};
  return std::unexpected(Error{Code::kUnavailable,
                               "the bodies of all requests together are too large at the moment",
                               {},
                               seconds{1}});
}

// A body may hold a private key or a password.
void Exchange::forget_body() {
  wipe(request.body);
  if (request.body.capacity() > kKeptBody) std::string().swap(request.body);
  share_.release();
}

template <class Work>
Response Exchange::guarded(Work work) const {
  try {
    return work();
  } catch (const std::exception& error) {
    return broken("a handler threw", error.what());
  } catch (...) {
    return broken("a handler threw", "not an exception of the standard library");
  }
}

Response Exchange::broken(std::string_view what, std::string_view detail) const {
  worker_->services().log.error(what, {{"request_id", request.request_id},
                                       {"method", request.method},
                                       {"route", route(*application_)},
                                       {"detail", detail}});
  return refuse(
      Error{Code::kInternal, "internal error", {}, {}}.with("request_id", request.request_id));
}

Response Exchange::refuse(const Application& application, const Error& error) const {
  try {
    Response response = application.refuse(request, error);
    if (std::holds_alternative<std::monostate>(response.continuation())) return response;
  } catch (const std::exception& thrown) {
    worker_->services().log.error("a refusal threw",
                                  {{"request_id", request.request_id}, {"detail", thrown.what()}});
  } catch (...) {
    worker_->services().log.error("a refusal threw", {{"request_id", request.request_id}});
  }
  return error_page(500, "internal error");
}

std::string_view Exchange::route(const Application& application) const {
  try {
    return application.route_name(request);
  } catch (...) {
    return "unknown";
  }
}

std::optional<Response> Exchange::begin(Application& application) {
  application_ = &application;
  attempt_ = 0;
  moves_ = 0;
  lane_.reset();
  principal_.clear();
  paid_ = false;
  parts_.clear();
  return invoke(nullptr);
}

std::optional<Response> Exchange::invoke(const OnLane* on_lane) {
  Context context(lane_, on_lane, attempt_, paid_);
  commits_ = 0;
  Response response = guarded([&] { return application_->handle(request, context); });
  if (!context.principal().empty()) principal_ = context.principal();
  paid_ = context.paid();
  return settle(std::move(response));
}

std::optional<Response> Exchange::settle(Response response) {
  if (std::holds_alternative<std::monostate>(response.continuation())) return response;
  auto continuation = std::move(response).continuation();
  if (const auto* lane = std::get_if<Lane>(&continuation)) return move_to(*lane);
  return wait_for(std::get<Response::Pending>(std::move(continuation)));
}

std::optional<Response> Exchange::move_to(Lane lane) {
  if (lane_ == lane || ++moves_ > kMaxMoves) return broken("a handler goes in circles", name(lane));
  lane_ = lane;
  event_ = Event::kLaneGiven;
  begin_part("lane wait");
  // Once submitted, another thread may have the exchange.
  const std::string tenant = this->tenant();
  const auto submitted = worker_->services().lanes->submit(lane, tenant, shared_from_this());
  if (submitted) return std::nullopt;
  end_part();
  return refuse(submitted.error());
}

// Callers take turns on a lane; whoever has not said who they are is who they connect as.
std::string Exchange::tenant() const {
  return principal_.empty() ? "address " + request.peer_address : "principal " + principal_;
}

std::optional<Response> Exchange::wait_for(Response::Pending pending) {
  if (++commits_ > kMaxCommits) return broken("a handler waits for too many commits", "");
  render_ = std::move(pending.render);
  reruns_ = pending.reruns;
  event_ = Event::kCommitted;
  begin_part("commit wait");
  // From here on another thread may have the exchange.
  pending.ticket.on_complete(
      [self = shared_from_this()](const Result<Receipt>& result) { self->committed(result); });
  return std::nullopt;
}

void Exchange::committed(const Result<Receipt>& result) {
  outcome_ = result;
  if (!lane_) {
    worker_->post(shared_from_this());
  } else if (!worker_->services().lanes->resume(*lane_, shared_from_this())) {
    // The lanes are stopped; so is the reactor, or it will be.
    end_part();
    deliver(error_page(503, "the server is stopping"));
  }
}

std::optional<Response> Exchange::resume(const OnLane* on_lane) {
  end_part();
  Response::Render render = std::move(render_);
  render_ = nullptr;
  if (reruns_ && !outcome_ && outcome_.error().code == Code::kConflict) {
    if (attempt_ == kMaxReruns) return refuse(outcome_.error());
    ++attempt_;
    render = nullptr;  // what it holds was for this attempt
    return invoke(on_lane);
  }
  Response response = guarded([&] { return render(outcome_); });
  if (!std::holds_alternative<Lane>(response.continuation())) return settle(std::move(response));
  return broken("a render function asked for a lane", "");
}

void Exchange::run() {
  if (event_ == Event::kAnswered) {
    if (owner_ != nullptr) owner_->answer(std::move(answer_));
    return;
  }
  if (auto response = resume(nullptr); response && owner_ != nullptr)
    owner_->answer(std::move(*response));
}

void Exchange::run_on_lane(const OnLane& on_lane) {
  if (event_ == Event::kLaneGiven) {
    end_part();
    // What has begun is finished, but nothing is begun for nobody.
    if (is_abandoned_) return deliver(error_page(503, "the client has gone"));
  }
  auto response = event_ == Event::kLaneGiven ? invoke(&on_lane) : resume(&on_lane);
  if (response) deliver(std::move(*response));
}

void Exchange::turned_away(const Error& error) {
  end_part();
  deliver(refuse(error));
}

void Exchange::deliver(Response response) {
  answer_ = std::move(response);
  event_ = Event::kAnswered;
  worker_->post(shared_from_this());
}

}  // namespace chancery::http
