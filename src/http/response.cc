#include "http/response.h"

#include <algorithm>

#include "base/text.h"

namespace chancery::http {

namespace {

constexpr std::size_t kUsualHeaders = 8;

// Whatever a handler puts into a header cannot end the header.
std::string one_line(std::string_view value) {
  std::string out(value);
  std::ranges::replace_if(
      out, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; },
      '?');
  return out;
}

}  // namespace

std::string_view name(Lane lane) {
  switch (lane) {
    case Lane::kCpu:
      return "cpu";
    case Lane::kOutbound:
      return "outbound";
    case Lane::kSearch:
      return "search";
  }
  return "unknown";
}

Response::Response(unsigned status, std::string_view content_type, Body body)
    : status_(status), body_(std::move(body)) {
  headers_.reserve(kUsualHeaders);
  if (!content_type.empty()) headers_.push_back({"Content-Type", one_line(content_type)});
}

Response Response::empty(unsigned status) {
  Response out;
  out.status_ = status;
  return out;
}

Response Response::after(Ticket ticket, Render render) {
  Response out;
  out.continuation_ = Pending{std::move(ticket), std::move(render)};
  return out;
}

Response Response::after_any(Ticket ticket, Render render) {
  Response out;
  out.continuation_ = Pending{std::move(ticket), std::move(render), false};
  return out;
}

Response Response::finally(Response response, Finish finish) {
  if (std::holds_alternative<std::monostate>(response.continuation_))
    return finish(std::move(response));
  auto* pending = std::get_if<Pending>(&response.continuation_);
  if (pending == nullptr) return response;  // comes again when it has run there
  pending->render = [render = std::move(pending->render), finish = std::move(finish)](
                        const Result<Receipt>& result) { return finally(render(result), finish); };
  return response;
}

Response Response::run_on(Lane lane) {
  Response out;
  out.continuation_ = lane;
  return out;
}

Response Response::with_header(std::string_view name, std::string_view value) && {
  headers_.push_back({one_line(name), one_line(value)});
  return std::move(*this);
}

Response Response::secret() && {
  if (auto* text = std::get_if<std::string>(&body_)) {
    SecretText hidden(std::move(*text));
    body_ = std::move(hidden);
  }
  return std::move(*this);
}

BytesView Response::body() const { return memory_of(body_); }

std::optional<std::string_view> Response::header(std::string_view name) const {
  for (const Header& header : headers_) {
    if (equal_ignoring_case(header.name, name)) return header.value;
  }
  return std::nullopt;
}

BytesView memory_of(const Response::Body& body) {
  if (const auto* text = std::get_if<std::string>(&body)) return as_bytes(*text);
  if (const auto* secret = std::get_if<SecretText>(&body)) return as_bytes(secret->text());
  if (const auto* part = std::get_if<SharedRange>(&body))
    return BytesView(*part->bytes).subspan(part->offset, part->size);
  const auto* shared = std::get_if<std::shared_ptr<const Bytes>>(&body);
  return shared != nullptr && *shared ? BytesView(**shared) : BytesView();
}

}  // namespace chancery::http
