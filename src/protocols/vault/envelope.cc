#include "protocols/vault/envelope.h"

#include "protocols/vault/errors.h"

namespace chancery::vault {
namespace {

constexpr std::string_view kJson = "application/json";

void write_warnings(json::Writer& out, const std::vector<std::string>& warnings) {
  if (warnings.empty()) {
    out.key("warnings").null();
  } else {
    out.field("warnings", warnings);
  }
}

void write_head(json::Writer& out, std::string_view request_id) {
  out.field("request_id", request_id);
  out.field("lease_id", "").field("renewable", false).field("lease_duration", 0);
  out.key("data");
}

void write_tail(json::Writer& out, const std::vector<std::string>& warnings) {
  out.key("wrap_info").null();
  write_warnings(out, warnings);
  out.key("auth").null().end_object();
}

}  // namespace

Envelope::Envelope(std::string_view request_id, std::size_t reserve) : out_(reserve) {
  out_.begin_object();
  write_head(out_, request_id);
}

http::Response Envelope::finish(const std::vector<std::string>& warnings) && {
  write_tail(out_, warnings);
  return bare(200, std::move(out_).take());
}

http::Response injected(std::string_view request_id, std::string_view data,
                        const std::vector<std::string>& warnings) {
  json::Writer out(2 * data.size() + 256);
  out.begin_object();
  // The members without their braces.
  if (data.size() > 2) out.raw(data.substr(1, data.size() - 2));
  write_head(out, request_id);
  out.raw(data);
  write_tail(out, warnings);
  return bare(200, std::move(out).take());
}

http::Response no_data(std::string_view request_id, const std::vector<std::string>& warnings) {
  Envelope answer(request_id);
  answer.data().null();
  return std::move(answer).finish(warnings);
}

http::Response bare(unsigned status, std::string body) {
  body.push_back('\n');
  return raw(status, kJson, std::move(body));
}

http::Response raw(unsigned status, std::string_view content_type, http::Response::Body body) {
  return http::Response(status, content_type, std::move(body))
      .with_header("Cache-Control", "no-store");
}

http::Response no_content() {
  return http::Response::empty(204).with_header("Cache-Control", "no-store");
}

http::Response tidied(std::string_view request_id) {
  http::Response response = no_data(
      request_id,
      {"Tidy operation successfully started. Any information from the operation will be printed to "
       "OpenBao's server logs."});
  response.set_status(202);
  return response;
}

http::Response names_answer(std::string_view request_id, const std::vector<std::string>& names) {
  if (names.empty()) return absent();
  Envelope answer(request_id);
  answer.data().begin_object().field("keys", names).end_object();
  return std::move(answer).finish();
}

}  // namespace chancery::vault
