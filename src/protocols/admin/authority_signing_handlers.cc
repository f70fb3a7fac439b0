#include "asn1/pem.h"
#include "base/text.h"
#include "ca/hierarchy.h"
#include "enrol/bundle.h"
#include "enrol/client_request.h"
#include "enrol/verbatim.h"
#include "policy/authority_request.h"
#include "protocols/admin/explanation.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"

// Certificate requests for authorities to come, certificates for them, and what is brought here.

namespace chancery::admin {
namespace {

ca::Hierarchy& hierarchy(const Call& call) { return call.use.service.hierarchy(); }

bool needs_lane(const Call& call) { return !call.context.on(http::Lane::kCpu); }

// read_subject reads what a CA certificate is to say.
policy::AuthorityRequest read_subject(json::FieldReader& fields) {
  policy::AuthorityRequest request;
  request.content.common_name = fields.text("common_name");
  request.organization = fields.list("organization");
  request.country = fields.list("country");
  const seconds ttl = fields.duration("ttl");
  if (ttl.count() > 0) request.content.ttl = ttl;
  request.max_path_length = fields.integer("max_path_length", -1);
  return request;
}

struct RequestOrder {
  policy::AuthorityRequest request;
  std::string key_type;
  std::int64_t key_bits = 0;
  std::string key;  // one of the mount, instead of a new one
};

Result<RequestOrder> read_request_order(const json::Body& body) {
  json::FieldReader fields(body);
  RequestOrder order;
  order.request = read_subject(fields);
  if (order.request.content.common_name.empty())
    fields.refuse("common_name", "an authority has a name");
  order.key = fields.text("key");
  if (!order.key.empty() && (fields.has("key_type") || fields.has("key_bits")))
    fields.refuse("key_type", "the key that is there has its own type");
  order.key_type = fields.text("key_type", "ec");
  order.key_bits = fields.integer("key_bits");
  TRY(finish_strictly(fields));
  return order;
}

Result<ca::AuthorityKey> key_for(const Call& call, const RequestOrder& order) {
  if (!order.key.empty()) return hierarchy(call).existing_key(call.scope(), order.key);
  const auto type = TRY(policy::authority_key_type(order.key_type, order.key_bits));
  return hierarchy(call).new_key(call.scope(), type, {});
}

// SigningOrder is a request of an authority to be, or one that is to be signed as it is.
struct SigningOrder {
  policy::AuthorityRequest request;
  std::string csr;
};

SigningOrder read_signing_order(json::FieldReader& fields) {
  SigningOrder order;
  order.request = read_subject(fields);
  order.request.use_csr_values = fields.flag("use_csr_values");
  order.csr = fields.text("csr");
  if (order.csr.empty()) fields.refuse("csr", "give a certificate request in PEM");
  if (order.request.content.common_name.empty() && !order.request.use_csr_values)
    fields.refuse("common_name", "name the authority, or set use_csr_values");
  return order;
}

void write_ids(json::Writer& out, const ca::Hierarchy::Imported& imported) {
  out.begin_object().field("authorities", imported.issuers).field("keys", imported.keys);
  out.field("existing_authorities", imported.existing_issuers);
  out.field("existing_keys", imported.existing_keys).key("key_of").begin_object();
  for (const auto& [authority, key] : imported.mapping) out.field(authority, key);
  out.end_object().end_object();
}

}  // namespace

http::Response request_authority(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  auto order = read_request_order(call.body);
  if (!order) return failed(call, order.error());
  auto key = key_for(call, *order);
  if (!key) return failed(call, key.error());
  order->request.content.generated_key = key->public_key();
  std::vector<std::string> warnings;
  const auto content =
      policy::requested_content(order->request, call.use.enrolment.roles().limits(call.scope()),
                                call.use.clock.now(), warnings);
  if (!content) return failed(call, content.error());
  auto staged =
      hierarchy(call).request(*call.grant, *key, *content, false, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(
      call, *std::move(staged), [warnings](const ca::Hierarchy::Requested& requested) {
        json::Writer out(2048);
        out.begin_object().field("csr", asn1::pem("CERTIFICATE REQUEST", requested.csr));
        out.field("key_id", requested.key.id).field("warnings", warnings).end_object();
        return answer(201, std::move(out));
      });
}

http::Response sign_authority(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  SigningOrder order = read_signing_order(fields);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const auto authority =
      enrol::issuing_authority(call.use.service, call.scope(), call.variables[0]);
  if (!authority) return failed(call, authority.error());
  const auto csr = enrol::read_request(order.csr);
  if (!csr) return failed(call, csr.error());
  if (const auto proven = enrol::prove_possession(*csr); !proven)
    return failed(call, proven.error());
  order.request.content.csr = &*csr;
  auto decision = policy::authorize_intermediate(
      *std::move(call.grant), order.request,
      (*authority)->facts(call.use.enrolment.roles().limits(call.scope())), call.use.clock.now());
  if (!decision) return failed(call, decision.error());
  auto staged = call.use.service.issue(std::move(decision->authorization), *authority,
                                       call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [warnings = std::move(decision->warnings)](const ca::Issued& issued) {
                        json::Writer out(8192);
                        write_issued(out.begin_object(), issued);
                        std::vector<std::string> all = warnings;
                        all.insert(all.end(), issued.warnings.begin(), issued.warnings.end());
                        out.field("warnings", all).end_object();
                        return answer(201, std::move(out));
                      });
}

http::Response import_authorities(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  const std::string pem = fields.text("pem");
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const auto bundle = enrol::read_bundle(pem, "pem");
  if (!bundle) return failed(call, bundle.error());
  auto staged = hierarchy(call).import_bundle(*call.grant, bundle->certificates, bundle->keys,
                                              call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const ca::Hierarchy::Imported& imported) {
    json::Writer out(1024);
    write_ids(out, imported);
    return answer(200, std::move(out));
  });
}

http::Response explain_authority(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  SigningOrder order = read_signing_order(fields);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const auto explained = call.use.enrolment.explain_signing(
      call.scope(), call.variables[0], order.csr,
      [&](const x509::CertificationRequest& csr, const policy::IssuerFacts& issuer) {
        order.request.content.csr = &csr;
        return policy::explain_intermediate(*call.grant, order.request, issuer,
                                            call.use.clock.now());
      });
  return explained ? explanation_answer(*explained) : failed(call, explained.error());
}

http::Response explain_verbatim(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  const std::string csr_pem = fields.text("csr");
  if (csr_pem.empty()) fields.refuse("csr", "give a certificate request in PEM");
  const std::string role_name = fields.text("role");
  const seconds ttl = fields.duration("ttl");
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const auto role = enrol::verbatim_role(call.use.enrolment.roles(), call.scope(), role_name);
  if (!role) return failed(call, role.error());
  const auto explained = call.use.enrolment.explain_signing(
      call.scope(), call.variables[0], csr_pem,
      [&](const x509::CertificationRequest& csr, const policy::IssuerFacts& issuer) {
        policy::IssueRequest request;
        request.csr = &csr;
        if (ttl.count() > 0) request.ttl = ttl;
        return policy::explain_verbatim(*role, request, issuer, call.use.clock.now());
      });
  return explained ? explanation_answer(*explained) : failed(call, explained.error());
}

}  // namespace chancery::admin
