#include "protocols/acme/documents.h"

#include <algorithm>

namespace chancery::acme {
namespace {

void write_name(json::Writer& out, const Name& name, std::string_view value) {
  out.begin_object().field("type", name.is_ip() ? "ip" : "dns").field("value", value).end_object();
}

void write_fault(json::Writer& out, const Fault& fault) {
  if (!fault) return;
  out.key("error").begin_object();
  out.field("type", std::string(kProblemPrefix) + fault.type).field("detail", fault.detail);
  out.field("status", status_of(fault.type)).end_object();
}

std::string challenge_url(const Call& call, std::string_view id, const Challenge& challenge) {
  return call.url("chall/" + std::string(id) + "/" +
                  std::string(validation::name(challenge.kind())));
}

void write_challenge(json::Writer& out, const Call& call, std::string_view id,
                     const Challenge& challenge) {
  out.begin_object();
  out.field("type", validation::name(challenge.kind()));
  out.field("url", challenge_url(call, id, challenge));
  out.field("status", name(challenge.state()));
  if (challenge.kind() == validation::Method::kDnsPersist01) {
    out.field("accounturi", call.account->row.url);
    out.field("issuer-domain-names", call.directory->row.caa_identities);
  } else {
    out.field("token", challenge.token);
  }
  if (challenge.validated) out.field("validated", rfc3339(*challenge.validated));
  write_fault(out, challenge.error);
  out.end_object();
}

// Of an authorisation that is decided only the challenge that decided it (RFC 8555 section 7.1.4).
bool is_shown(const Authorization& row, const Challenge& challenge) {
  if (row.stored() == Status::kValid) return challenge.state() == Status::kValid;
  if (row.stored() == Status::kInvalid) return challenge.state() == Status::kInvalid;
  return true;
}

bool is_processing(const Authorization& row) {
  return std::ranges::any_of(
      row.challenges, [](const Challenge& one) { return one.state() == Status::kProcessing; });
}

http::Response with_retry(const Call& call, http::Response response, Conduct::Object object) {
  const std::string wait = call.acme.use.conduct.retry_after(object);
  if (wait.empty()) return response;
  return std::move(response).with_header("Retry-After", wait);
}

}  // namespace

std::string order_url(const Call& call, std::string_view id) {
  return call.url("order/" + std::string(id));
}

std::string authorization_url(const Call& call, std::string_view id) {
  return call.url("authz/" + std::string(id));
}

http::Response account_answer(const Call& call, unsigned status, const LoadedAccount& account) {
  json::Writer out;
  out.begin_object();
  out.field("status", account.row.valid() ? "valid" : "deactivated");
  out.field("contact", account.row.contacts);
  if (!account.row.agreed_terms.empty()) {
    out.field("termsOfServiceAgreed",
              account.row.agreed_terms == call.directory->row.terms_of_service);
  }
  const std::string url = call.account_url(account.id);
  out.field("orders", url + "/orders").end_object();
  return answer(status, std::move(out)).with_header("Location", url);
}

http::Response order_answer(const Call& call, unsigned status, const OrderView& view) {
  const Order& order = view.row.value;
  json::Writer out;
  out.begin_object();
  out.field("status", name(view.status)).field("expires", rfc3339(order.expires));
  out.key("identifiers").begin_array();
  for (const Name& one : order.names) write_name(out, one, one.text());
  out.end_array();
  if (order.not_before) out.field("notBefore", rfc3339(*order.not_before));
  if (order.not_after) out.field("notAfter", rfc3339(*order.not_after));
  if (!order.profile.empty()) out.field("profile", order.profile);
  if (!order.replaces.empty()) out.field("replaces", order.replaces);
  write_fault(out, view.error);
  out.key("authorizations").begin_array();
  for (const std::string& id : order.authorizations) out.string(authorization_url(call, id));
  out.end_array();
  const std::string url = order_url(call, view.id);
  out.field("finalize", url + "/finalize");
  if (view.status == Status::kValid) out.field("certificate", call.url("cert/" + view.id));
  out.end_object();
  auto response = answer(status, std::move(out)).with_header("Location", url);
  if (view.status != Status::kProcessing) return response;
  return with_retry(call, std::move(response), Conduct::Object::kOrder);
}

http::Response authorization_answer(const Call& call, unsigned status,
                                    const AuthorizationView& view) {
  const Authorization& row = view.row.value;
  json::Writer out;
  out.begin_object();
  out.key("identifier");
  write_name(out, row.name, row.name.value);
  out.field("status", name(view.status)).field("expires", rfc3339(row.expires));
  out.key("challenges").begin_array();
  for (const Challenge& one : row.challenges) {
    if (is_shown(row, one)) write_challenge(out, call, view.id, one);
  }
  out.end_array();
  if (row.name.wildcard) out.field("wildcard", true);
  out.end_object();
  auto response = answer(status, std::move(out));
  if (status == 201)
    response = std::move(response).with_header("Location", authorization_url(call, view.id));
  if (!is_processing(row)) return response;
  return with_retry(call, std::move(response), Conduct::Object::kAuthorization);
}

http::Response challenge_answer(const Call& call, const AuthorizationView& view,
                                std::size_t index) {
  const Challenge& challenge = view.row.value.challenges.at(index);
  json::Writer out;
  write_challenge(out, call, view.id, challenge);
  auto response = answer(200, std::move(out))
                      .with_header("Link", "<" + authorization_url(call, view.id) + ">;rel=\"up\"");
  if (challenge.state() != Status::kProcessing) return response;
  return with_retry(call, std::move(response), Conduct::Object::kAuthorization);
}

}  // namespace chancery::acme
