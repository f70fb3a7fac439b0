#include "acme_test_server/management_api.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "asn1/pem.h"
#include "base/text.h"
#include "jose/json.h"
#include "protocols/json/writer.h"

namespace chancery::acme_test {
namespace {

constexpr std::size_t kMaxText = std::size_t{64} * 1024;

http::Response failed(const Error& error, unsigned status) {
  json::Writer out;
  out.begin_object();
  out.field("title", "the management interface refused").field("status", status);
  out.field("detail", error.to_string()).end_object();
  return http::Response(status, "application/problem+json", std::move(out).take() + "\n");
}

http::Response not_found(std::string detail) {
  return failed({Code::kNotFound, std::move(detail), {}, {}}, 404);
}

unsigned status_of(const Error& error) {
  switch (error.code) {
    case Code::kNotFound:
      return 404;
    case Code::kTooLarge:
      return 413;
    case Code::kUnavailable:
      return 503;
    case Code::kInternal:
    case Code::kDataLoss:
      return 500;
    default:
      return 400;
  }
}

http::Response json_answer(std::string text) {
  return http::Response(200, "application/json; charset=utf-8", std::move(text) + "\n");
}

// A serial number as people and programs write it, in hex with or without leading zeros, as content
// octets of an INTEGER.
std::optional<Bytes> read_serial(std::string_view text) {
  if (text.empty() || text.size() > 64) return std::nullopt;
  while (text.size() > 1 && text.front() == '0') text.remove_prefix(1);
  const std::string even = (text.size() % 2 == 0 ? "" : "0") + std::string(text);
  auto octets = parse_hex(to_lower(std::string_view(even)));
  if (!octets) return std::nullopt;
  if ((octets->front() & 0x80U) != 0) octets->insert(octets->begin(), std::uint8_t{0});
  return *std::move(octets);
}

std::string show_serial(BytesView serial) {
  std::string text = hex(serial);
  text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
  return text;
}

// "2026-11-22 13:14:06 +0000 UTC", as Pebble writes it.
std::string show_time(TimePoint time) {
  const std::string text = rfc3339(time);
  return text.substr(0, 10) + " " + text.substr(11, 8) + " +0000 UTC";
}

const std::string* find_text(const jose::Json& object, std::string_view name) {
  for (const auto& [key, value] : object.members) {
    if (equal_ignoring_case(key, name) && value.is(jose::Json::Kind::kString)) return &value.text;
  }
  return nullptr;
}

}  // namespace

http::RouteTable<ManagementApi::Row>::Target ManagementApi::find(const http::Request& request) {
  static constexpr Row kRows[] = {
      {"GET", "roots/{n}", &ManagementApi::show_root},
      {"GET", "root-keys/{n}", &ManagementApi::show_root_key},
      {"GET", "intermediates/{n}", &ManagementApi::show_intermediate},
      {"GET", "intermediate-keys/{n}", &ManagementApi::show_intermediate_key},
      {"GET", "cert-status-by-serial/{serial}", &ManagementApi::show_status},
      {"POST", "set-renewal-info", &ManagementApi::set_renewal},
      {"POST", "set-renewal-info/", &ManagementApi::set_renewal},
      {"GET", "faults", &ManagementApi::show_faults},
      {"PUT", "faults", &ManagementApi::set_faults},
      {"DELETE", "faults", &ManagementApi::reset_faults},
  };
  static const http::RouteTable<Row> kTable{std::span(kRows)};
  std::string_view path = request.path;
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  return kTable.find(request.method, path);
}

http::Response ManagementApi::handle(const http::Request& request, http::Context& context) {
  const auto target = find(request);
  if (target.route == nullptr && target.allow.empty()) return not_found("there is no such path");
  if (target.route == nullptr) {
    return failed({Code::kMethodNotAllowed, "this path has " + target.allow, {}, {}}, 405)
        .with_header("Allow", target.allow);
  }
  if (!context.lane() && !use_.ca.store().state().local())
    return http::Response::run_on(http::Lane::kSearch);
  const auto variable = target.variables.empty() ? std::string_view() : target.variables.front();
  return (this->*target.route->handler)(request, variable).with_header("Cache-Control", "no-store");
}

std::string_view ManagementApi::route_name(const http::Request& request) const {
  const auto target = find(request);
  return target.route == nullptr ? std::string_view("unknown") : target.route->pattern;
}

http::Response ManagementApi::refuse(const http::Request&, const Error& error) const {
  return failed(error, status_of(error));
}

const Chain* ManagementApi::chain(std::string_view number) const {
  std::size_t index = 0;
  const char* const end = number.data() + number.size();
  const auto read = std::from_chars(number.data(), end, index);
  if (read.ec != std::errc{} || read.ptr != end || index >= use_.chains.size()) return nullptr;
  return &use_.chains[index];
}

http::Response ManagementApi::with_alternates(const http::Request& request, std::string_view number,
                                              std::string_view path,
                                              http::Response response) const {
  const std::string base = std::string(request.tls ? "https://" : "http://") +
                           printable(request.header("Host").value_or("localhost"), 300) +
                           std::string(path);
  for (std::size_t i = 0; i < use_.chains.size(); ++i) {
    const std::string other = std::to_string(i);
    if (other == number) continue;
    response = std::move(response).with_header("Link", "<" + base + other + ">;rel=\"alternate\"");
  }
  return response;
}

http::Response ManagementApi::key_answer(const http::Request& request, std::string_view number,
                                         std::string_view path, const std::string& id) const {
  const auto key = use_.keys.show(id);
  if (!key) return failed(key.error(), status_of(key.error()));
  return with_alternates(request, number, path,
                         http::Response(200, "application/x-pem-file; charset=utf-8",
                                        asn1::pem(key->label, key->der.view()))
                             .secret());
}

http::Response ManagementApi::show_root(const http::Request& request, std::string_view number) {
  const Chain* const found = chain(number);
  if (found == nullptr) return not_found("there is no such root");
  return with_alternates(request, number, "/roots/",
                         http::Response(200, "application/pem-certificate-chain; charset=utf-8",
                                        found->root.to_pem()));
}

http::Response ManagementApi::show_root_key(const http::Request& request, std::string_view number) {
  const Chain* const found = chain(number);
  if (found == nullptr) return not_found("there is no such root");
  return key_answer(request, number, "/root-keys/", found->root_key);
}

http::Response ManagementApi::show_intermediate(const http::Request& request,
                                                std::string_view number) {
  const Chain* const found = chain(number);
  if (found == nullptr) return not_found("there is no such intermediate");
  return with_alternates(request, number, "/intermediates/",
                         http::Response(200, "application/pem-certificate-chain; charset=utf-8",
                                        found->intermediate.to_pem()));
}

http::Response ManagementApi::show_intermediate_key(const http::Request& request,
                                                    std::string_view number) {
  const Chain* const found = chain(number);
  if (found == nullptr) return not_found("there is no such intermediate");
  return key_answer(request, number, "/intermediate-keys/", found->intermediate_key);
}

http::Response ManagementApi::show_status(const http::Request&, std::string_view text) {
  const auto serial = read_serial(text);
  if (!serial) return failed({Code::kMalformed, "a serial number is in hex", {}, {}}, 400);
  const auto stored = use_.ca.find(use_.scope, *serial);
  if (!stored) return failed(stored.error(), status_of(stored.error()));
  json::Writer out;
  out.begin_object();
  out.field("Certificate", asn1::pem("CERTIFICATE", stored->der));
  if (const auto& revocation = stored->revocation) {
    out.field("Reason", static_cast<int>(revocation->reason));
    out.field("RevokedAt", show_time(revocation->revoked_at));
  }
  out.field("Serial", show_serial(*serial));
  out.field("Status", stored->revocation ? "Revoked" : "Valid").end_object();
  return json_answer(std::move(out).take());
}

http::Response ManagementApi::set_renewal(const http::Request& request, std::string_view) {
  const auto wish = jose::parse_json_object(request.body, {2 * kMaxText, 4, 64, 16});
  if (!wish) return failed(wish.error(), status_of(wish.error()));
  const std::string* const pem = find_text(*wish, "certificate");
  const std::string* const text = find_text(*wish, "ariResponse");
  if (pem == nullptr || text == nullptr || text->size() > kMaxText) {
    return failed({Code::kMalformed,
                   "expected \"certificate\", a PEM text, and \"ariResponse\", a text of at most "
                   "64 KiB",
                   {},
                   {}},
                  400);
  }
  const auto certificate = x509::Certificate::from_pem(*pem);
  if (!certificate) return failed(certificate.error(), 400);
  const auto stored = use_.ca.find(use_.scope, certificate->serial());
  if (!stored) return failed(stored.error(), status_of(stored.error()));
  if (const auto set = use_.renewals.set(hex(certificate->serial()), *text); !set)
    return failed(set.error(), status_of(set.error()));
  return http::Response(200, "text/plain; charset=utf-8", std::string());
}

http::Response ManagementApi::show_faults(const http::Request&, std::string_view) {
  return json_answer(to_json(use_.faults.settings()));
}

http::Response ManagementApi::set_faults(const http::Request& request, std::string_view) {
  auto wanted = parse_faults(request.body);
  if (!wanted) return failed(wanted.error(), status_of(wanted.error()));
  use_.log.info("faults set", {{"faults", to_json(*wanted)}});
  use_.faults.set(*std::move(wanted));
  return json_answer(to_json(use_.faults.settings()));
}

http::Response ManagementApi::reset_faults(const http::Request&, std::string_view) {
  use_.faults.reset();
  use_.log.info("faults reset", {});
  return json_answer(to_json(use_.faults.settings()));
}

}  // namespace chancery::acme_test
