#include "protocols/status/status_api.h"

#include <algorithm>

#include "asn1/pem.h"
#include "ca/crl_watch.h"
#include "crypto/digest.h"
#include "http/conditional.h"
#include "http/target.h"
#include "protocols/status/gzip.h"

namespace chancery::status {
namespace {

constexpr std::string_view kOcsp = "/ocsp";
constexpr std::string_view kCrl = "/crl/";
constexpr std::string_view kSuffix = ".crl";
constexpr std::string_view kCrlType = "application/pkix-crl";
constexpr std::string_view kOcspType = "application/ocsp-response";
constexpr std::size_t kTag = 16;
// How long a cache may give something out without asking whether there is something newer: a
// revocation may come at any time.
constexpr seconds kMaxAge{300};

// Smaller ones fit into a packet; larger ones take too long for what it saves.
constexpr std::size_t kLeastPacked = 1024;
constexpr std::size_t kMostPacked = std::size_t{64} * 1024 * 1024;
constexpr std::size_t kKeptPacked = std::size_t{128} * 1024 * 1024;

// A range is one of the CRL itself.
bool wants_gzip(const http::Request& request, std::size_t size) {
  if (size < kLeastPacked || size > kMostPacked || request.header("Range")) return false;
  return accepts_gzip(request.header("Accept-Encoding").value_or(""));
}

bool is_read(const http::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

http::Validators validators(BytesView tag, std::optional<TimePoint> from, TimePoint until,
                            TimePoint now) {
  const auto left = std::max(until - now, seconds{0});
  return {"\"" + hex(tag) + "\"", from, std::min(left, kMaxAge), until};
}

// What is no base64 is no OCSP request either: the responder says so in its own form.
Bytes request_of_path(std::string_view path) {
  const auto text = http::percent_decoded(path);
  if (!text) return {};
  return parse_base64(*text).value_or(Bytes{});
}

// crl_of reads the name of a CRL's file.
std::optional<ca::CrlName> crl_of(std::string_view file) {
  if (!file.ends_with(kSuffix)) return std::nullopt;
  file.remove_suffix(kSuffix.size());
  return ca::crl_name(file);
}

Result<http::Response::Body> body_of(const ca::CrlContent& crl) {
  if (crl.memory()) return crl.memory();
  return TRY(http::file_part(crl.file()->descriptor(), crl.offset(), crl.size()));
}

http::Response text(unsigned status, std::string_view words) {
  return {status, "text/plain; charset=utf-8", std::string(words) + "\n"};
}

unsigned status_of(Code code) {
  switch (code) {
    case Code::kNotFound:
      return 404;
    case Code::kMethodNotAllowed:
      return 405;
    case Code::kTooLarge:
      return 413;
    case Code::kRefused:
      return 403;
    case Code::kUnavailable:
    case Code::kStorageFull:
    case Code::kTooManyRequests:
      return 503;
    case Code::kInternal:
    case Code::kDataLoss:
    case Code::kUnknownOutcome:
      return 500;
    default:
      return 400;
  }
}

}  // namespace

StatusApi::StatusApi(Dependencies dependencies)
    : use_(std::move(dependencies)), packed_crls_(kKeptPacked) {}

http::Response StatusApi::handle(const http::Request& request, http::Context& context) {
  const bool blocks = !use_.service.store().state().local();
  if (blocks && !context.lane()) return http::Response::run_on(http::Lane::kSearch);
  return request.path.starts_with(kCrl) ? crl(request, context) : ocsp(request, context);
}

http::Response StatusApi::ocsp(const http::Request& request, http::Context& context) {
  const std::string_view path(request.path);
  const bool post = request.method == "POST" && (path == kOcsp || path == "/ocsp/");
  const bool get = is_read(request) && path.starts_with("/ocsp/") && path.size() > 6;
  if (!post && !get) {
    return refuse(request, {Code::kMethodNotAllowed, "POST /ocsp or GET /ocsp/<base64>", {}, {}})
        .with_header("Allow", "GET, HEAD, POST");
  }
  const Bytes decoded = get ? request_of_path(path.substr(6)) : Bytes{};
  const BytesView der = get ? BytesView(decoded) : as_bytes(request.body);
  const ca::OcspAnswer answer =
      use_.service.ocsp_anywhere(use_.mounts, der, context.lane().has_value());
  if (answer.der == nullptr) return http::Response::run_on(http::Lane::kCpu);
  // Only a GET has a name under which others could keep its answer.
  if (!get || !answer.this_update || !answer.next_update) {
    return http::Response(200, kOcspType, answer.der).with_header("Cache-Control", "no-store");
  }
  const auto digest = crypto::sha256(*answer.der);
  auto now = validators(BytesView(digest).first(kTag), *answer.this_update, *answer.next_update,
                        use_.clock.now());
  // A revocation may have come in the same second.
  now.ambiguous = true;
  return http::is_unchanged(request, now) ? http::not_modified(now)
                                          : http::cacheable(kOcspType, answer.der, now);
}

http::Response StatusApi::crl(const http::Request& request, http::Context& context) {
  if (!is_read(request)) {
    return refuse(request, {Code::kMethodNotAllowed, "only GET is offered here", {}, {}})
        .with_header("Allow", "GET, HEAD");
  }
  const std::string_view path = std::string_view(request.path).substr(kCrl.size());
  const std::size_t slash = path.find('/');
  const auto name = slash == path.npos ? std::nullopt : crl_of(path.substr(slash + 1));
  if (!name) return refuse(request, {Code::kNotFound, "/crl/<issuer id>/full.crl", {}, {}});
  const auto issuer = use_.service.authority_anywhere(use_.mounts, path.substr(0, slash),
                                                      context.lane().has_value());
  if (!issuer) return refuse(request, issuer.error());
  if (*issuer == nullptr) return http::Response::run_on(http::Lane::kSearch);
  const auto published = use_.service.published_crl(*issuer, *name, context.on_lane());
  if (!published) return refuse(request, published.error());
  if (*published == nullptr) return http::Response::run_on(http::Lane::kCpu);
  const ca::PublishedCrl& crl = **published;
  // The end of the signature tells one CRL from every other, of the same number too.
  const BytesView der = crl.der.view();
  const auto now = validators(der.last(std::min(der.size(), kTag)), crl.modified, crl.next_update,
                              use_.clock.now());
  if (wants_gzip(request, der.size())) return packed(request, context, crl, now);
  auto answer = [&]() -> Result<http::Response> {
    if (http::is_unchanged(request, now)) return http::not_modified(now);
    return http::cacheable(kCrlType, TRY(body_of(crl.der)), now);
  }();
  if (!answer) return refuse(request, answer.error());
  return std::move(*answer).with_header("Vary", "Accept-Encoding");
}

http::Response StatusApi::packed(const http::Request& request, http::Context& context,
                                 const ca::PublishedCrl& crl, http::Validators now) {
  const std::string tag = now.etag;
  now.etag.insert(now.etag.size() - 1, "-gzip");
  if (http::is_unchanged(request, now))
    return http::not_modified(now).with_header("Vary", "Accept-Encoding");
  auto gzip = packed_crls_.find(tag);
  if (!gzip) {
    if (!context.lane()) return http::Response::run_on(http::Lane::kCpu);
    auto made = packed_crls_.make(tag, crl.der.view());
    if (!made) return refuse(request, made.error());
    gzip = *std::move(made);
  }
  return http::cacheable(kCrlType, std::move(gzip), now)
      .with_header("Content-Encoding", "gzip")
      .with_header("Vary", "Accept-Encoding");
}

std::string_view StatusApi::route_name(const http::Request& request) const {
  return request.path.starts_with(kCrl) ? "crl" : "ocsp";
}

http::Response StatusApi::refuse(const http::Request& request, const Error& error) const {
  const unsigned status = status_of(error.code);
  if (status >= 500) {
    use_.log.error("certificate status could not be given out",
                   {{"request", request.request_id}, {"error", error.to_string()}});
  }
  auto response = text(
      status, status >= 500 ? std::string_view("try again later") : std::string_view(error.detail));
  return status == 503 ? std::move(response).with_header("Retry-After", "5") : std::move(response);
}

bool StatusApi::is_opaque(std::string_view raw_path) const {
  return raw_path.starts_with("/ocsp/");
}

}  // namespace chancery::status
