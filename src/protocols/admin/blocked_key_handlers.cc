#include "ca/blocked_keys.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"
#include "x509/certificate.h"
#include "x509/csr.h"

namespace chancery::admin {
namespace {

constexpr std::size_t kDefaultPage = 100;
constexpr std::size_t kLargestPage = 1000;

const ca::BlockedKeys& list_of(const Call& call) { return call.use.service.blocked_keys(); }

void write_key(json::Writer& out, const ca::BlockedKey& key) {
  out.field("spki_sha256", key.spki_sha256).field("reason", key.reason);
  out.field("blocked_at", rfc3339(key.blocked_at)).field("blocked_by", key.actor);
}

std::unexpected<Error> bad(std::string_view field, std::string detail) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field));
}

}  // namespace

// The key that a request names in one of three ways. The list is an administrator's: a certificate
// need not be ours, and a request need not prove that somebody has the key.
Result<std::string> read_named_key(json::FieldReader& fields) {
  const std::string digits = fields.text("spki_sha256");
  const std::string certificate = fields.text("certificate");
  const std::string csr = fields.text("csr");
  if (!digits.empty() + !certificate.empty() + !csr.empty() != 1) {
    return bad("spki_sha256", "name the key by one of spki_sha256, certificate and csr");
  }
  if (!digits.empty()) return ca::read_spki_fingerprint(digits);
  if (!certificate.empty()) {
    const auto chain = x509::Certificate::all_from_pem(certificate);
    if (!chain) return bad("certificate", chain.error().to_string());
    return ca::spki_fingerprint(chain->front().spki());
  }
  const auto parsed = x509::CertificationRequest::from_pem(csr);
  if (!parsed) return bad("csr", parsed.error().to_string());
  return ca::spki_fingerprint(parsed->spki());
}

http::Response list_blocked_keys(Call& call) {
  json::FieldReader fields(call.body);
  const std::string after = fields.text("after");
  const std::size_t limit = read_limit(fields, kDefaultPage, kLargestPage);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  auto keys = list_of(call).list(call.scope(), after, limit + 1);
  if (!keys) return failed(call, keys.error());
  const bool more = keys->size() > limit;
  if (more) keys->pop_back();
  json::Writer out;
  out.begin_object().key("blocked_keys").begin_array();
  for (const ca::BlockedKey& key : *keys) {
    out.begin_object();
    write_key(out, key);
    out.end_object();
  }
  out.end_array().key("next");
  if (more) {
    out.string(keys->back().spki_sha256);
  } else {
    out.null();
  }
  out.end_object();
  return answer(200, std::move(out));
}

http::Response show_blocked_key(Call& call) {
  const auto digits = ca::read_spki_fingerprint(call.variables[0]);
  if (!digits) return failed(call, digits.error());
  const auto key = list_of(call).find(call.scope(), *digits);
  if (!key) return failed(call, key.error());
  if (!*key) {
    return failed(call, Error{Code::kNotFound, "this key is not blocked", {}, {}}.with(
                            "field", "spki_sha256"));
  }
  json::Writer out;
  out.begin_object();
  write_key(out, **key);
  out.end_object();
  return answer(200, std::move(out));
}

http::Response block_key(Call& call) {
  json::FieldReader fields(call.body);
  const std::string reason = fields.text("reason");
  auto key = read_named_key(fields);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  if (!key) return failed(call, key.error());
  auto staged = list_of(call).block(*call.grant, *std::move(key), reason, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const ca::BlockedKeys::Blocked& blocked) {
    json::Writer out;
    out.begin_object();
    write_key(out, blocked.key);
    out.field("already_blocked", blocked.already).end_object();
    return answer(200, std::move(out));
  });
}

http::Response unblock_key(Call& call) {
  json::FieldReader fields(call.body);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const auto digits = ca::read_spki_fingerprint(call.variables[0]);
  if (!digits) return failed(call, digits.error());
  auto staged = list_of(call).unblock(*call.grant, *digits, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [](const std::string&) { return http::Response::empty(204); });
}

}  // namespace chancery::admin
