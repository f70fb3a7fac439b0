#include <algorithm>

#include "asn1/pem.h"
#include "ca/crl_watch.h"
#include "protocols/admin/crl_import.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"
#include "x509/crl.h"

namespace chancery::admin {
namespace {

void write_crl(json::Writer& out, const ca::CrlReport& report, TimePoint now) {
  out.begin_object().field("authority", report.authority->id());
  out.field("authority_name", report.authority->record().name);
  out.field("crl", ca::file_name(report.name)).field("health", ca::name(report.health));
  out.field("reason", report.reason);
  out.field("imported", report.authority->signer() == nullptr);
  if (report.crl) {
    out.field("number", static_cast<std::int64_t>(report.crl->number));
    out.field("this_update", rfc3339(report.crl->this_update));
    out.field("next_update", rfc3339(report.crl->next_update));
    out.field("age_seconds", (now - report.crl->this_update).count());
    out.field("size", static_cast<std::int64_t>(report.crl->der.size()));
    out.field("entries", static_cast<std::int64_t>(report.crl->count));
  }
  out.end_object();
}

}  // namespace

Result<Bytes> read_crl_import(json::FieldReader& fields) {
  const std::string text = fields.text("crl");
  TRY(finish_strictly(fields, {"crl"}));
  const auto bad = [](const Error& error) {
    return std::unexpected(
        Error{Code::kInvalidArgument, "crl is no CRL in PEM: " + error.detail, {}, {}}.with("field",
                                                                                            "crl"));
  };
  auto der = asn1::parse_one_pem(text, "X509 CRL");
  if (!der) return bad(der.error());
  if (const auto parsed = x509::CertificateList::parse(BytesView(*der)); !parsed)
    return bad(parsed.error());
  return *std::move(der);
}

http::Response list_crls(Call& call) {
  if (call.context.on_lane() == nullptr) return http::Response::run_on(http::Lane::kCpu);
  auto& watch = call.use.service.crl_watch();
  const auto crls = watch.look(call.scope(), *call.context.on_lane());
  if (!crls) return failed(call, crls.error());
  const auto responders = watch.responders(call.scope());
  if (!responders) return failed(call, responders.error());
  json::Writer out(crls->size() * 400 + 256);
  out.begin_object().key("crls").begin_array();
  for (const ca::CrlReport& report : *crls) write_crl(out, report, call.use.clock.now());
  out.end_array().key("responders").begin_array();
  for (const ca::ResponderReport& report : *responders) {
    out.begin_object().field("authority", report.authority->id());
    out.field("authority_name", report.authority->record().name);
    out.field("health", ca::name(report.health)).field("reason", report.reason).end_object();
  }
  out.end_array().end_object();
  return answer(200, std::move(out));
}

http::Response show_crl(Call& call) {
  if (call.context.on_lane() == nullptr) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  const std::string which = fields.text("crl", "full");
  if (const auto read = finish_strictly(fields, {"crl"}); !read) return failed(call, read.error());
  const auto authority = call.use.service.authority(call.scope(), call.variables[0]);
  if (!authority) return failed(call, authority.error());
  const auto reports = call.use.service.crl_watch().look(call.scope(), *call.context.on_lane());
  if (!reports) return failed(call, reports.error());
  const auto found = std::ranges::find_if(*reports, [&](const ca::CrlReport& report) {
    return report.authority->id() == (*authority)->id() && ca::file_name(report.name) == which;
  });
  if (found == reports->end() || !found->crl) {
    return failed(call,
                  {Code::kNotFound,
                   found == reports->end() ? "this authority publishes no such CRL" : found->reason,
                   {},
                   {}});
  }
  json::Writer out(2 * found->crl->der.size() + 512);
  out.begin_object().key("report");
  write_crl(out, *found, call.use.clock.now());
  out.field("pem", asn1::pem("X509 CRL", found->crl->der.view())).end_object();
  return answer(200, std::move(out));
}

http::Response import_crl(Call& call) {
  json::FieldReader fields(call.body);
  auto der = read_crl_import(fields);
  if (!der) return failed(call, der.error());
  const auto authority = call.use.service.authority(call.scope(), call.variables[0]);
  if (!authority) return failed(call, authority.error());
  auto staged = call.use.service.import_crl(*call.grant, **authority, *std::move(der));
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [id = (*authority)->id()](const Bytes& imported) {
    json::Writer out;
    out.begin_object().field("authority", id);
    out.field("size", static_cast<std::int64_t>(imported.size())).end_object();
    return answer(200, std::move(out));
  });
}

}  // namespace chancery::admin
