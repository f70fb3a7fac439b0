#include <algorithm>

#include "asn1/pem.h"
#include "base/text.h"
#include "ca/crl_signer.h"
#include "protocols/json/field_reader.h"
#include "protocols/json/go_duration.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/issuer.h"
#include "protocols/vault/revocation_list.h"
#include "protocols/vault/warnings.h"

// CRLs that somebody else puts together, signed with an issuer's key.

namespace chancery::vault {
namespace {

constexpr std::size_t kMostCrls = 64;

enum class Format : std::uint8_t { kPem, kDer };

Error bad(std::string_view field, std::string detail) {
  return Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field);
}

// What both endpoints have in common.
Result<Format> read_order(json::FieldReader& fields, ca::CrlOrder& order) {
  const std::int64_t number = fields.integer("crl_number");
  if (number < 0) {
    fields.refuse_with("crl_number",
                       bad("crl_number", "crl_number parameter must be 0 or greater"));
  }
  const std::int64_t base = fields.integer("delta_crl_base_number", -1);
  order.number = static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
  if (base >= 0) order.delta_base = static_cast<std::uint64_t>(base);
  const std::string next = fields.text("next_update", "72h");
  const auto validity = parse_duration(next);
  if (!validity) {
    fields.refuse_with("next_update", bad("next_update", "invalid value for next_update: " +
                                                             json::go_duration_error(next)));
  } else if (validity->count() <= 0) {
    fields.refuse_with("next_update", bad("next_update", "next_update must be greater than zero"));
  } else {
    order.validity = *validity;
  }
  const std::string format = fields.text("format", "pem");
  if (format == "pem") return Format::kPem;
  if (format == "der") return Format::kDer;
  return std::unexpected(bad("format", "unknown format value of " + printable(format, 64)));
}

http::Response answer_signed(Call& call, const ca::Authority& authority, const ca::CrlOrder& order,
                             Format format, const std::vector<std::string>& unknown) {
  auto staged = call.use.service.sign_crl(*call.grant, authority, order, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  std::vector<std::string> warnings;
  warn_of_unknown(warnings, unknown);
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id, format, warnings](const Bytes& der) {
                        Envelope answer(id, 256 + 2 * der.size());
                        answer.data().begin_object();
                        answer.data().field("crl", format == Format::kDer
                                                       ? base64(der)
                                                       : asn1::pem("X509 CRL", der));
                        answer.data().end_object();
                        return std::move(answer).finish(warnings);
                      });
}

Result<x509::CertificateList> read_crl(std::string_view text, std::size_t index) {
  const std::string where = "failed decoding crl " + std::to_string(index) + ": ";
  const auto blocks = asn1::parse_pem(text);
  if (!blocks || blocks->size() != 1)
    return std::unexpected(bad("crls", where + "invalid crl; should be one PEM block only"));
  auto list = x509::CertificateList::parse(BytesView(blocks->front().der));
  if (!list) return std::unexpected(bad("crls", where + list.error().detail));
  return list;
}

}  // namespace

http::Response resign_crls(Call& call) {
  if (!call.context.lane()) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  ca::CrlOrder order;
  const auto format = read_order(fields, order);
  const auto texts = fields.list("crls");
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  if (!format) return failed(call, format.error());
  const auto authority = issuer_of(call);
  if (!authority) {
    return failed(call, bad("issuer_ref",
                            "failed to resolve issuer issuer_ref: " + authority.error().detail));
  }
  if (texts.size() > kMostCrls)
    return failed(call, Error{Code::kTooLarge, "there are over 64 CRLs", {}, {}});
  std::vector<x509::CertificateList> lists;
  for (const std::string& text : texts) {
    auto list = read_crl(text, lists.size());
    if (!list) return failed(call, list.error());
    lists.push_back(*std::move(list));
  }
  const auto count = ca::merge_entries(**authority, lists, order.entries);
  if (!count) return failed(call, count.error());
  order.count = *count;
  return answer_signed(call, **authority, order, *format, *unknown);
}

http::Response sign_revocation_list(Call& call) {
  if (!call.context.lane()) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  ca::CrlOrder order;
  const auto format = read_order(fields, order);
  (void)fields.has("revoked_certs");
  (void)fields.has("extensions");
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  if (!format) return failed(call, format.error());
  const auto authority = issuer_of(call);
  if (!authority) return failed(call, authority.error());
  // The body again, with what is nested in it; it was read strictly before.
  auto list = read_revocation_list(call.request.body);
  if (!list) return failed(call, list.error());
  order.entries = std::move(list->entries);
  order.count = list->count;
  order.extensions = std::move(list->extensions);
  return answer_signed(call, **authority, order, *format, *unknown);
}

}  // namespace chancery::vault
