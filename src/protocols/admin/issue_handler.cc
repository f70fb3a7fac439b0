#include "asn1/pem.h"
#include "base/secret_bytes.h"
#include "protocols/admin/explanation.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"

namespace chancery::admin {
namespace {

// sort_name puts a name where it belongs by its looks: "https://a", "10.0.0.1", "a.b", "x@a.b".
void sort_name(std::string name, policy::IssueRequest& content) {
  if (name.contains("://")) {
    content.uri_sans.push_back(std::move(name));
  } else if (x509::parse_ip(name)) {
    content.ip_sans.push_back(std::move(name));
  } else {
    content.alt_names.push_back(std::move(name));
  }
}

void read_key(json::FieldReader& fields, enrol::EnrolRequest& request) {
  const std::string csr = fields.text("csr");
  const std::string type = fields.text("key_type");
  const std::int64_t bits = fields.integer("key_bits");
  const bool server_key = fields.flag("server_key", !type.empty());
  if (bits < 0 || bits > 65'536) fields.refuse("key_bits", "out of range");
  if (!csr.empty() && server_key) {
    fields.refuse("csr", "give either a request or ask for a key made by the server, not both");
  } else if (!csr.empty()) {
    request.key = enrol::ClientKey{csr};
  } else if (server_key) {
    request.key = enrol::ServerKey{type, static_cast<unsigned>(bits)};
  } else {
    fields.refuse("csr",
                  "give a PEM certificate request, or a key_type (or server_key) to have the "
                  "key made by the server");
  }
}

Result<enrol::EnrolRequest> read_request(const json::Body& body) {
  json::FieldReader fields(body);
  enrol::EnrolRequest request;
  request.role = fields.text("role");
  request.profile = fields.text("profile");
  if (request.role.empty() == request.profile.empty()) {
    fields.refuse("role", "name either the role or the profile to issue under");
  }
  policy::IssueRequest& content = request.content;
  content.common_name = fields.text("common_name");
  for (std::string& name : fields.list("names")) sort_name(std::move(name), content);
  const seconds ttl = fields.duration("ttl");
  if (ttl.count() > 0) content.ttl = ttl;
  content.not_before = fields.time("not_before");
  content.not_after = fields.time("not_after");
  content.exclude_cn_from_sans = fields.flag("exclude_cn_from_sans");
  read_key(fields, request);
  TRY(finish_strictly(fields));
  return request;
}

Result<void> write_key(json::Writer& out, const crypto::PrivateKey& key) {
  const SecretBytes pkcs8 = TRY(key.to_pkcs8());
  std::string pem = asn1::pem("PRIVATE KEY", pkcs8.view());
  out.field("private_key", pem);
  wipe(pem);
  return {};
}

void write_content(json::Writer& out, const policy::CertificateContent& content) {
  out.field("subject", content.subject.to_string());
  std::vector<std::string> names;
  for (const x509::GeneralName& name : content.names) names.push_back(name.to_string());
  out.field("names", names).field("not_before", rfc3339(content.not_before));
  out.field("not_after", rfc3339(content.not_after));
}

Result<json::Writer> issued_document(const ca::Issued& issued, const enrol::Enrolled& enrolled) {
  json::Writer out(32'768);  // so that a key is written in one place only
  write_issued(out.begin_object(), issued);
  if (enrolled.private_key) {
    out.field("key_type", crypto::to_string(enrolled.private_key->type()));
    TRY(write_key(out, *enrolled.private_key));
  }
  std::vector<std::string> warnings = enrolled.warnings;
  warnings.insert(warnings.end(), issued.warnings.begin(), issued.warnings.end());
  out.field("warnings", warnings).end_object();
  return out;
}

}  // namespace

void write_issued(json::Writer& out, const ca::Issued& issued) {
  const x509::Certificate& certificate = issued.certificate;
  out.field("serial_number", hex(certificate.serial(), ':'));
  out.field("fingerprint_sha256", hex(certificate.fingerprint_sha256()));
  out.field("issuer_id", issued.authority->id());
  out.field("not_before", rfc3339(certificate.not_before()));
  out.field("not_after", rfc3339(certificate.not_after()));
  out.field("certificate", certificate.to_pem()).field("chain", issued.authority->chain_pem());
}

http::Response explanation_answer(const enrol::Enrolment::Explained& explained) {
  const policy::Explanation& explanation = explained.explanation;
  json::Writer out(4096);
  out.begin_object().field("allowed", explanation.allowed());
  out.field("issuer_id", explained.issuer->id()).key("findings").begin_array();
  for (const policy::Finding& one : explanation.findings) {
    out.begin_object().field("rule", one.rule).field("field", one.field);
    out.field("verdict", name(one.verdict));
    if (!one.detail.empty()) out.field("detail", one.detail);
    out.end_object();
  }
  out.end_array();
  if (explanation.content) write_content(out, *explanation.content);
  out.field("warnings", explanation.warnings).end_object();
  return answer(200, std::move(out));
}

http::Response issue_certificate(Call& call) {
  const auto request = read_request(call.body);
  if (!request) return failed(call, request.error());
  const auto thread =
      call.context.on(http::Lane::kCpu) ? enrol::Thread::kCpuLane : enrol::Thread::kReactor;
  auto enrolled =
      call.use.enrolment.enrol(std::move(*call.grant), *request, thread, call.request.request_id);
  if (!enrolled) return failed(call, enrolled.error());
  if (!*enrolled) return http::Response::run_on(http::Lane::kCpu);

  auto held = std::make_shared<enrol::Enrolled>(**std::move(enrolled));
  Ticket ticket = held->issued.submit(call.use.service.store().committer());
  return http::Response::after(
      std::move(ticket),
      [held, &http_request = call.request, &log = call.use.log](const Result<Receipt>& receipt) {
        if (!receipt) return problem(http_request, log, receipt.error());
        auto document = issued_document(held->issued.release(*receipt), *held);
        return document ? answer(201, *std::move(document)).secret()
                        : problem(http_request, log, document.error());
      });
}

http::Response explain_certificate(Call& call) {
  if (!call.context.on(http::Lane::kCpu)) return http::Response::run_on(http::Lane::kCpu);
  const auto request = read_request(call.body);
  if (!request) return failed(call, request.error());
  const auto explained = call.use.enrolment.explain(*call.grant, *request);
  if (!explained) return failed(call, explained.error());
  return explanation_answer(*explained);
}

}  // namespace chancery::admin
