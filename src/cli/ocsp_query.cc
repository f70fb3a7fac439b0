#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "cli/admin_client.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "crypto/system_random.h"
#include "net/http_client.h"
#include "os/file.h"
#include "x509/ocsp.h"
#include "x509/oids.h"
#include "x509/verify.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;
constexpr std::chrono::seconds kTimeout{15};
constexpr std::size_t kNonce = 32;  // RFC 9654 section 2.1
constexpr seconds kSkew{300};

struct Pair {
  x509::Certificate certificate;
  x509::Certificate issuer;
};

Result<std::vector<x509::Certificate>> read(const std::string& file) {
  const Bytes pem = TRY(os::read_file(file));
  return x509::Certificate::all_from_pem(as_text(pem));
}

Result<Pair> read_pair(const OcspOptions& options) {
  auto certificates = TRY(read(options.file));
  x509::Certificate certificate = certificates.front();
  if (!options.issuer.empty()) certificates = TRY(read(options.issuer));
  for (const x509::Certificate& candidate : certificates) {
    const bool itself = equal(candidate.der(), certificate.der()) && certificates.size() > 1;
    if (!itself && x509::verify_signed_by(certificate, candidate))
      return Pair{std::move(certificate), candidate};
  }
  return fail(Code::kInvalidArgument,
              "none of the certificates issued this one: name its issuer with --issuer");
}

Result<std::string> url_of(const OcspOptions& options, const x509::Certificate& certificate) {
  if (!options.url.empty()) return options.url;
  if (const auto& access = certificate.extensions().authority_info_access) {
    for (const x509::AccessDescription& description : *access) {
      if (description.method == x509::oids::kOcsp &&
          description.location.kind() == x509::GeneralName::Kind::kUri)
        return std::string(description.location.text());
    }
  }
  return fail(Code::kInvalidArgument, "the certificate names no OCSP responder: say --url");
}

Result<x509::OcspResponse> ask(const OcspOptions& options, const std::string& url,
                               BytesView request) {
  net::HttpRequest http;
  http.url = url;
  http.timeout = kTimeout;
  http.max_response = x509::kMaxOcspResponseSize;
  if (options.get) {
    http.url += (url.ends_with('/') ? "" : "/") + encode_query(base64(request));
  } else {
    http.method = "POST";
    http.headers = {{"Content-Type", "application/ocsp-request"}};
    http.body = std::string(as_text(request));
  }
  const auto answer = TRY(net::send(http, OnLane::outside_server()));
  auto response = x509::OcspResponse::parse(to_bytes(as_bytes(answer.body)));
  if (!response) {
    return fail(Code::kMalformed, url + " answered status " + std::to_string(answer.status) +
                                      " and no OCSP response: " + response.error().to_string());
  }
  return response;
}

// Who signed the answer: the issuer, or a delegate that it certified for this (RFC 6960 section
// 4.2.2.2). Errors: kRefused.
Result<std::string> signer_of(const x509::OcspResponse& response, const x509::Certificate& issuer,
                              TimePoint now) {
  const auto issuer_key = TRY(issuer.public_key());
  if (response.verify_signature(issuer_key)) return "the issuer itself";
  for (const BytesView der : response.certificates) {
    const auto delegate = x509::Certificate::parse(to_bytes(der));
    if (!delegate || !x509::verify_signed_by(*delegate, issuer)) continue;
    const auto& purposes = delegate->extensions().extended_key_usage;
    const bool may =
        purposes && std::ranges::find(*purposes, x509::oids::kOcspSigning) != purposes->end();
    if (!may || now < delegate->not_before() || now > delegate->not_after()) continue;
    const auto key = TRY(delegate->public_key());
    if (response.verify_signature(key)) {
      return "a delegate of the issuer, " + delegate->subject().to_string() + ", until " +
             rfc3339(delegate->not_after());
    }
  }
  return fail(Code::kRefused, "the answer is signed neither by the issuer nor by its delegate");
}

Result<json::object> explain(const x509::OcspResponse& response, const Pair& pair,
                             BytesView nonce) {
  if (response.status != x509::OcspStatus::kSuccessful)
    return fail(Code::kRefused, "the responder says " + std::string(x509::name(response.status)));
  const TimePoint now = SystemClock().now();
  json::object out;
  out["signed_by"] = TRY(signer_of(response, pair.issuer, now));
  const bool same = response.nonce && equal(*response.nonce, nonce);
  if (response.nonce && !same) return fail(Code::kRefused, "the answer has another nonce");
  out["nonce"] = nonce.empty() ? "not asked for" : same ? "repeated" : "left out";
  for (const x509::OcspResponse::Entry& entry : response.entries) {
    if (!equal(entry.id.serial, pair.certificate.serial())) continue;
    if (!x509::issuer_hashes(pair.issuer.subject(), TRY(pair.issuer.public_key()))
             .matches(entry.id))
      continue;
    if (entry.this_update > now + kSkew)
      return fail(Code::kRefused, "the answer is from the future: " + rfc3339(entry.this_update));
    if (entry.next_update && *entry.next_update + kSkew < now)
      return fail(Code::kRefused, "the answer expired at " + rfc3339(*entry.next_update));
    out["status"] = entry.status == x509::CertStatus::kGood      ? "good"
                    : entry.status == x509::CertStatus::kRevoked ? "revoked"
                                                                 : "unknown";
    out["this_update"] = rfc3339(entry.this_update);
    if (entry.next_update) out["next_update"] = rfc3339(*entry.next_update);
    if (entry.status == x509::CertStatus::kRevoked) {
      out["revoked_at"] = rfc3339(entry.revoked_at);
      out["reason"] = x509::name(entry.reason.value_or(x509::ReasonCode::kUnspecified));
    }
    return out;
  }
  return fail(Code::kRefused, "the answer is about other certificates");
}

Result<json::object> query(const OcspOptions& options) {
  const Pair pair = TRY(read_pair(options));
  const std::string url = TRY(url_of(options, pair.certificate));
  const auto hash =
      options.sha1 ? crypto::DigestAlgorithm::kSha1 : crypto::DigestAlgorithm::kSha256;
  const auto issuer_key = TRY(pair.issuer.public_key());
  const Bytes id =
      x509::encode_cert_id(hash, pair.issuer.subject(), issuer_key, pair.certificate.serial());
  Bytes nonce(options.no_nonce || options.get ? 0 : kNonce);
  crypto::SystemRandom random;
  random.fill(nonce);
  const Bytes request = x509::encode_ocsp_request(std::span(&id, 1), nonce);
  const auto response = TRY(ask(options, url, request));
  json::object out = TRY(explain(response, pair, nonce));
  out["url"] = url;
  return out;
}

}  // namespace

Exit ocsp_query(const OcspOptions& options, const Common& common) {
  const auto answer = query(options);
  if (!answer) return fail_with(answer.error());
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
  } else {
    for (const auto name : {"status", "revoked_at", "reason", "this_update", "next_update",
                            "signed_by", "nonce", "url"}) {
      if (const json::value* value = answer->if_contains(name))
        print(std::string(name) + ": " + std::string(value->as_string()) + "\n");
    }
  }
  return answer->at("status").as_string() == "good" ? Exit::kOk : Exit::kFailed;
}

}  // namespace chancery::cli
