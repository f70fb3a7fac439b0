#include "asn1/pem.h"
#include "base/text.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"

namespace chancery::admin {
namespace {

constexpr std::size_t kDefaultPage = 100;
constexpr std::size_t kLargestPage = 1000;
constexpr std::size_t kFingerprintDigits = 64;

using Revocation = std::optional<ca::Revocation>;

std::string_view status_of(const record::CertificateRow& row, const Revocation& revocation,
                           TimePoint now) {
  if (revocation) return "revoked";
  return row.not_after < now ? "expired" : "valid";
}

void write_revocation(json::Writer& out, const ca::Revocation& revocation) {
  out.begin_object().field("revoked_at", rfc3339(revocation.revoked_at));
  out.field("reason", x509::name(revocation.reason));
  if (revocation.invalid_since) out.field("invalidity_date", rfc3339(*revocation.invalid_since));
  out.end_object();
}

// write_row writes the members that lists and single certificates share.
void write_row(json::Writer& out, const record::CertificateRow& row, const Revocation& revocation,
               TimePoint now) {
  out.field("serial_number", hex(row.serial, ':'));
  out.field("fingerprint_sha256", hex(row.fingerprint)).field("issuer_id", row.issuer_id);
  out.field("role", row.profile).field("subject", row.subject);
  out.field("common_name", row.common_name).field("names", row.names);
  out.field("key_type", row.key_type).field("not_before", rfc3339(row.not_before));
  out.field("not_after", rfc3339(row.not_after)).field("status", status_of(row, revocation, now));
  out.key("revocation");
  if (revocation) {
    write_revocation(out, *revocation);
  } else {
    out.null();
  }
  out.field("log_index", row.log_index);
}

// parse_fingerprint reads 64 digits, with or without separators; nothing when it is no fingerprint.
std::optional<crypto::Sha256> parse_fingerprint(std::string_view text) {
  const auto octets = parse_hex(text, true);
  if (!octets || octets->size() * 2 != kFingerprintDigits) return std::nullopt;
  crypto::Sha256 fingerprint{};
  std::ranges::copy(*octets, fingerprint.begin());
  return fingerprint;
}

Error not_found(std::string_view id) {
  return Error{Code::kNotFound, "no certificate " + printable(id), {}, {}}.with("field", "id");
}

// find takes a serial number or a fingerprint.
Result<ca::StoredCertificate> find(const Call& call, std::string_view id) {
  ca::Service& service = call.use.service;
  if (const auto fingerprint = parse_fingerprint(id)) {
    const auto row = TRY(service.store().index().find_by_fingerprint(*fingerprint));
    if (!row || row->scope != call.scope()) return std::unexpected(not_found(id));
    return service.find(call.scope(), row->serial);
  }
  const auto serial = x509::parse_serial(id);
  if (!serial) return std::unexpected(not_found(id));
  auto stored = service.find(call.scope(), *serial);
  if (!stored && stored.error().code == Code::kNotFound) return std::unexpected(not_found(id));
  return stored;
}

struct Search {
  record::CertificateQuery query;
  std::optional<std::uint64_t> before;
  std::size_t limit = kDefaultPage;
};

void read_serial(json::FieldReader& fields, record::CertificateQuery& query) {
  const std::string text = fields.text("serial");
  if (text.empty()) return;
  auto serial = x509::parse_serial(text);
  if (serial) {
    query.serial = *std::move(serial);
  } else {
    fields.refuse("serial", "not a serial number in hexadecimal");
  }
}

void read_fingerprint(json::FieldReader& fields, record::CertificateQuery& query) {
  const std::string text = fields.text("fingerprint");
  if (text.empty()) return;
  query.fingerprint = parse_fingerprint(text);
  if (!query.fingerprint) fields.refuse("fingerprint", "not a SHA-256 digest in hexadecimal");
}

std::optional<std::string> read_text(json::FieldReader& fields, std::string_view name) {
  std::string text = fields.text(name);
  if (text.empty()) return std::nullopt;
  return text;
}

Result<Search> read_search(Call& call) {
  json::FieldReader fields(call.body);
  Search search;
  record::CertificateQuery& query = search.query;
  query.scope = call.scope();
  query.issuer_id = read_text(fields, "issuer");
  query.name = read_text(fields, "name");
  query.name_suffix = read_text(fields, "name_suffix");
  read_serial(fields, query);
  read_fingerprint(fields, query);
  query.not_after_from = fields.time("not_after_from");
  query.not_after_to = fields.time("not_after_to");
  search.limit = read_limit(fields, kDefaultPage, kLargestPage);
  if (fields.has("before")) {
    const std::int64_t before = fields.integer("before");
    if (before < 0) fields.refuse("before", "not a log index");
    search.before = static_cast<std::uint64_t>(before);
  }
  TRY(finish_strictly(fields));
  return search;
}

// An issuer may be given as authorities are elsewhere: "default", name or id.
void resolve_issuer(Call& call, record::CertificateQuery& query) {
  if (!query.issuer_id) return;
  const auto authority = call.use.service.authority(call.scope(), *query.issuer_id);
  if (authority) query.issuer_id = (*authority)->id();
}

}  // namespace

http::Response search_certificates(Call& call) {
  auto search = read_search(call);
  if (!search) return failed(call, search.error());
  resolve_issuer(call, search->query);
  const auto page =
      call.use.service.store().index().search(search->query, search->before, search->limit);
  if (!page) return failed(call, page.error());

  json::Writer out(page->rows.size() * 700 + 128);
  out.begin_object().key("certificates").begin_array();
  for (const record::CertificateRow& row : page->rows) {
    const auto revocation = call.use.service.revocation(row.scope, row.issuer_id, row.serial);
    if (!revocation) return failed(call, revocation.error());
    out.begin_object();
    write_row(out, row, *revocation, call.use.clock.now());
    out.end_object();
  }
  out.end_array().key("next");
  if (page->next) {
    out.number(static_cast<std::int64_t>(*page->next));
  } else {
    out.null();
  }
  out.end_object();
  return answer(200, std::move(out));
}

http::Response show_certificate(Call& call) {
  const auto stored = find(call, call.variables[0]);
  if (!stored) return failed(call, stored.error());
  json::Writer out(4096);
  out.begin_object();
  write_row(out, stored->row, stored->revocation, call.use.clock.now());
  out.key("certificate");
  if (stored->der.empty()) {
    out.null();  // a role with no_store keeps the record only
  } else {
    out.string(asn1::pem("CERTIFICATE", stored->der));
  }
  out.end_object();
  return answer(200, std::move(out));
}

ca::RevocationWish read_revocation_wish(json::FieldReader& fields) {
  ca::RevocationWish wish;
  const std::string word = fields.text("reason", "unspecified");
  const auto reason = x509::reason_code(word);
  if (!reason || *reason == x509::ReasonCode::kRemoveFromCrl) {
    fields.refuse("reason", "unknown reason \"" + printable(word, 64) + "\"");
  } else {
    wish.reason = *reason;
  }
  wish.invalid_since = fields.time("invalidity_date");
  return wish;
}

namespace {

http::Response revoked(Call& call, ca::Staged<ca::Service::Revoked> staged, std::string serial) {
  return after_commit(call, std::move(staged),
                      [serial = std::move(serial)](const ca::Service::Revoked& revoked) {
                        json::Writer out;
                        out.begin_object().field("serial_number", serial);
                        out.field("already_revoked", revoked.already).key("revocation");
                        write_revocation(out, revoked.revocation);
                        out.end_object();
                        return answer(200, std::move(out));
                      });
}

}  // namespace

http::Response revoke_certificate(Call& call) {
  json::FieldReader fields(call.body);
  const ca::RevocationWish wish = read_revocation_wish(fields);
  if (const auto read = finish_strictly(fields, {"reason", "invalidity_date"}); !read)
    return failed(call, read.error());
  const auto serial = x509::parse_serial(call.variables[0]);
  if (!serial) return failed(call, not_found(call.variables[0]));
  auto staged = call.use.service.revoke(*call.grant, *serial, wish, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return revoked(call, *std::move(staged), hex(*serial, ':'));
}

http::Response revoke_unknown_certificate(Call& call) {
  json::FieldReader fields(call.body);
  const ca::RevocationWish wish = read_revocation_wish(fields);
  const std::string pem = fields.text("certificate");
  if (const auto read = finish_strictly(fields, {"certificate", "reason", "invalidity_date"});
      !read)
    return failed(call, read.error());
  const auto certificate = x509::Certificate::from_pem(pem);
  if (!certificate) {
    return failed(call, Error{Code::kInvalidArgument, certificate.error().to_string(), {}, {}}.with(
                            "field", "certificate"));
  }
  auto staged =
      call.use.service.revoke_certificate(*call.grant, *certificate, wish, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return revoked(call, *std::move(staged), hex(certificate->serial(), ':'));
}

http::Response release_certificate(Call& call) {
  json::FieldReader fields(call.body);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const auto serial = x509::parse_serial(call.variables[0]);
  if (!serial) return failed(call, not_found(call.variables[0]));
  auto staged = call.use.service.release(*call.grant, *serial, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [serial = hex(*serial, ':')](const ca::Revocation& hold) {
                        json::Writer out;
                        out.begin_object().field("serial_number", serial);
                        out.field("held_since", rfc3339(hold.revoked_at)).end_object();
                        return answer(200, std::move(out));
                      });
}

}  // namespace chancery::admin
