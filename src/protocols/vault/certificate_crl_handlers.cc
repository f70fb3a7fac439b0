#include "access/decimal.h"
#include "base/text.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/page.h"
#include "protocols/vault/warnings.h"

// auth/cert/crls.

namespace chancery::vault {
namespace {

using access::CertificateCrl;

Error no_such_crl(std::string_view name) {
  return Error{Code::kInvalidArgument, "no such CRL " + printable(name), {}, {}}.with("field",
                                                                                      "name");
}

access::CertificateCrls& crls(const Call& call) { return call.use.methods.certificates.crls(); }

}  // namespace

http::Response list_certificate_crls(Call& call) {
  const auto page = read_page(call.body, access::CertificateCrls::kMost);
  if (!page) return failed(call, field_error(page.error()));
  const auto names = crls(call).rows().list(call.scope(), page->after, page->limit);
  if (!names) return failed(call, names.error());
  return names_answer(call.request.request_id, *names);
}

http::Response read_certificate_crl(Call& call) {
  const std::string name = to_lower(call.variable());
  const auto row = crls(call).rows().find(call.scope(), name);
  if (!row) return failed(call, row.error());
  if (!*row) return failed(call, no_such_crl(name));
  const auto list = x509::CertificateList::parse(BytesView((*row)->list));
  if (!list) return failed(call, list.error());
  Envelope answer(call.request.request_id, 512 + 2 * (*row)->list.size());
  json::Writer& out = answer.data().begin_object();
  if (!(*row)->url.empty()) {
    out.key("cdp").begin_object().field("url", (*row)->url);
    out.field("valid_until", rfc3339(list->next_update().value_or(TimePoint{}))).end_object();
  }
  out.key("serials").begin_object();
  for (const x509::CrlEntry& entry : list->entries())
    out.key(access::decimal(entry.serial)).begin_object().end_object();
  out.end_object().end_object();
  return std::move(answer).finish();
}

http::Response write_certificate_crl(Call& call) {
  json::FieldReader fields(call.body);
  const std::string text = fields.text("crl");
  const std::string url = fields.text("url");
  static_cast<void>(fields.text("name"));
  if (const auto rest = fields.finish(); !rest) return failed(call, field_error(rest.error()));
  if (text.empty() && url.empty()) {
    return failed(
        call, Error{Code::kInvalidArgument, "one of 'crl' or 'url' must be provided", {}, {}}.with(
                  "field", "crl"));
  }
  // Reading a list takes long, and fetching one longer.
  const auto lane = text.empty() ? http::Lane::kOutbound : http::Lane::kCpu;
  if (!call.context.on(lane)) return http::Response::run_on(lane);
  const std::string& id = call.request.request_id;
  auto staged = text.empty() ? crls(call).fetch(*call.grant, call.scope(), call.variable(), url, id,
                                                *call.context.on_lane())
                             : crls(call).put(*call.grant, call.scope(), call.variable(), text, id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const CertificateCrl&) { return no_content(); });
}

http::Response delete_certificate_crl(Call& call) {
  const std::string name = to_lower(call.variable());
  const auto row = crls(call).rows().find(call.scope(), name);
  if (!row) return failed(call, row.error());
  if (!*row) return failed(call, no_such_crl(name));
  auto staged = crls(call).rows().erase(*call.grant, call.scope(), name, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](bool) { return no_content(); });
}

}  // namespace chancery::vault
