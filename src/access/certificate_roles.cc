#include "access/certificate_roles.h"

#include <algorithm>

#include "access/decimal.h"
#include "access/networks.h"
#include "access/no_root.h"
#include "base/text.h"
#include "x509/oids.h"
#include "x509/path/validate.h"

namespace chancery::access {
namespace {

using Kind = x509::GeneralName::Kind;

std::unexpected<Error> refuse(std::string_view detail, std::string_view field) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with("field", field));
}

bool any_matches(const std::vector<std::string>& globs, const std::vector<std::string>& texts) {
  if (globs.empty()) return true;
  return std::ranges::any_of(globs, [&](const std::string& glob) {
    return std::ranges::any_of(texts,
                               [&](const std::string& text) { return glob_match(glob, text); });
  });
}

std::vector<std::string> names_of(const x509::Certificate& certificate, Kind kind) {
  std::vector<std::string> out;
  for (const x509::GeneralName& name : certificate.subject_alt_names()) {
    if (name.kind() == kind) out.emplace_back(name.text());
  }
  return out;
}

// text_of is the text of an extension that is one string.
std::optional<std::string> text_of(const x509::Certificate& certificate, std::string_view oid) {
  const auto wanted = asn1::Oid::parse(oid);
  if (!wanted) return std::nullopt;
  for (const x509::Extension& extension : certificate.extensions().all) {
    if (extension.id != *wanted) continue;
    asn1::Reader reader(extension.value);
    const auto element = reader.next();
    if (!element || !reader.empty()) return std::nullopt;
    const bool is_text = element->tag == asn1::kUtf8String ||
                         element->tag == asn1::kPrintableString || element->tag == asn1::kIa5String;
    if (!is_text || !is_valid_utf8(as_text(element->content))) return std::nullopt;
    return std::string(as_text(element->content));
  }
  return std::nullopt;
}

// hex_of is the whole value of an extension in hex.
std::optional<std::string> hex_of(const x509::Certificate& certificate, std::string_view oid) {
  const auto wanted = asn1::Oid::parse(oid);
  if (!wanted) return std::nullopt;
  for (const x509::Extension& extension : certificate.extensions().all) {
    if (extension.id == *wanted) return hex(extension.value);
  }
  return std::nullopt;
}

bool has_extensions(const CertificateRole& role, const x509::Certificate& certificate) {
  constexpr std::string_view kHex = "hex:";
  return std::ranges::all_of(role.extensions, [&](std::string_view wanted) {
    const bool whole = wanted.starts_with(kHex);
    if (whole) wanted.remove_prefix(kHex.size());
    const std::size_t colon = wanted.find(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view oid = wanted.substr(0, colon);
    const std::string glob(wanted.substr(colon + 1));
    const auto text = whole ? hex_of(certificate, oid) : text_of(certificate, oid);
    return text && glob_match(whole ? to_lower(glob) : glob, *text);
  });
}

bool fits(const CertificateRole& role, const x509::Certificate& certificate) {
  const auto common_names = certificate.subject().all(x509::oids::kCommonName);
  const auto dns = names_of(certificate, Kind::kDns);
  const auto emails = names_of(certificate, Kind::kEmail);
  std::vector<std::string> all = common_names;
  all.insert(all.end(), dns.begin(), dns.end());
  all.insert(all.end(), emails.begin(), emails.end());
  return any_matches(role.names, all) && any_matches(role.common_names, common_names) &&
         any_matches(role.dns_names, dns) && any_matches(role.emails, emails) &&
         any_matches(role.uris, names_of(certificate, Kind::kUri)) &&
         any_matches(role.units, certificate.subject().all(x509::oids::kOrganizationalUnit)) &&
         has_extensions(role, certificate);
}

std::vector<std::pair<std::string, std::string>> metadata_of(const CertificateRole& role,
                                                             std::string_view name,
                                                             const x509::Certificate& certificate) {
  const auto key = [](std::optional<BytesView> id) { return id ? hex(*id, ':') : std::string(); };
  const auto& authority = certificate.extensions().authority_key_id;
  std::vector<std::pair<std::string, std::string>> out{
      {"authority_key_id", key(authority ? authority->key_id : std::nullopt)},
      {"cert_name", std::string(name)},
      {"common_name", certificate.subject().first(x509::oids::kCommonName).value_or("")},
      {"serial_number", decimal(certificate.serial())},
      {"subject_key_id", key(certificate.subject_key_id())}};
  for (const std::string& oid : role.metadata_extensions) {
    std::string field = oid;
    std::ranges::replace(field, '.', '-');
    if (auto text = text_of(certificate, oid)) out.emplace_back(std::move(field), *std::move(text));
  }
  std::ranges::sort(out);
  return out;
}

Result<void> check_role(const CertificateRole& role) {
  if (trim(role.certificate).empty() || !x509::Certificate::all_from_pem(role.certificate))
    return refuse("failed to parse certificate", "certificate");
  const std::string& responders = role.ocsp.ca_certificates;
  if (!responders.empty() && !x509::Certificate::all_from_pem(responders))
    return refuse("failed to parse ocsp_ca_certificates", "ocsp_ca_certificates");
  for (const std::string& server : role.ocsp.servers) {
    if (!server.starts_with("http://") && !server.starts_with("https://"))
      return refuse("an OCSP server is asked by http or https: " + printable(server, 200),
                    "ocsp_servers_override");
  }
  return check(role.token);
}

}  // namespace

Result<record::Staged<CertificateRole>> CertificateRoles::put(const Grant& grant,
                                                              const record::Scope& scope,
                                                              std::string_view name,
                                                              const Change& change,
                                                              std::string_view request_id) {
  const std::string lower = to_lower(name);
  return rows_.put(
      grant, scope, lower,
      [&](CertificateRole& role, Rows<CertificateRole>::State state,
          record::WriteSet&) -> Result<void> {
        if (state == Rows<CertificateRole>::State::kNew) role.display_name = lower;
        TRY(change(role, state));
        return check_role(role);
      },
      request_id);
}

// Presented is what a login or a renewal is judged by.
struct CertificateRoles::Presented {
  x509::Certificate certificate;
  x509::path::CertificatePool intermediates;
  record::Scope scope;  // of the mount
  const OnLane& on_lane;
  // The mount's CRLs, read when a role takes the certificate as far as it itself says: a stranger's
  // is not worth reading them.
  std::optional<std::vector<x509::CertificateList>> crls = {};
  unsigned roles_asked = 0;  // for how many roles OCSP servers were asked
};

namespace {

// What cannot be parsed helps to find no path, and does no harm.
x509::path::CertificatePool pool_of(std::span<const Bytes> ders) {
  x509::path::CertificatePool pool;
  for (const Bytes& der : ders) {
    if (auto one = x509::Certificate::parse(BytesView(der))) pool.add(*std::move(one));
  }
  return pool;
}

}  // namespace

Result<CertificateRoles::Judgement> CertificateRoles::judge(const CertificateRole& role,
                                                            Presented& presented) {
  using enum Judgement::Kind;
  const auto trusted = x509::Certificate::all_from_pem(role.certificate);
  if (!trusted) return Judgement{kUntrusted, {}};
  x509::path::TrustStore anchors;
  for (const x509::Certificate& one : *trusted) anchors.add(one);
  x509::path::Options options;
  options.time = clock_.now();
  options.purpose = x509::path::Purpose::kClient;
  const x509::path::CertificateSource* const source = &presented.intermediates;
  const x509::Certificate& certificate = presented.certificate;
  auto report = x509::path::validate(certificate, anchors, {&source, 1}, options);
  if (!report.valid) return Judgement{kUntrusted, {}};
  if (!fits(role, certificate)) return Judgement{kConstraints, {}};

  if (!presented.crls) presented.crls = TRY(crls_.all(presented.scope));
  const std::vector<x509::CertificateList>& crls = *presented.crls;
  if (!crls.empty()) {
    // Of several paths one is looked for in which nothing is revoked.
    options.revocation.mode = x509::path::RevocationMode::kIfAvailable;
    options.revocation.crls = crls;
    report = x509::path::validate(certificate, anchors, {&source, 1}, options);
    if (!report.valid || listed_as_revoked(report.path, crls, options.time))
      return Judgement{kConstraints, "it is revoked"};
  }
  // Of a certificate that is trusted by itself nobody knows the issuer, so nobody can be asked.
  if (!role.ocsp.enabled || report.path.size() < 2) return Judgement{kTaken, {}};
  // Nobody has many servers asked by logging in without a name.
  if (presented.roles_asked++ == kMostRolesAsked)
    return Judgement{kConstraints, "too many roles ask by OCSP: name one"};
  const auto asked =
      ask_ocsp(report.path, role.ocsp, crls, crls_.source(), options.time, presented.on_lane);
  if (!asked) return Judgement{kConstraints, asked.error().detail};
  return Judgement{kTaken, {}};
}

namespace {

std::string role_of(const Token& token) {
  const auto name =
      std::ranges::find(token.metadata, "cert_name", &std::pair<std::string, std::string>::first);
  return name == token.metadata.end() ? std::string() : name->second;
}

}  // namespace

Result<void> CertificateRoles::check_renewal(const Mount& mount, const Token& token,
                                             const ClientCertificate& client,
                                             const OnLane& on_lane) {
  const auto config = TRY(configs_.find(mount.scope(), CertificateConfig::kName));
  if (config && config->disable_binding) return {};
  if (client.certificate.empty()) return refuse("no client certificate found", "certificate");
  auto certificate = x509::Certificate::parse(client.certificate);
  const std::string name = role_of(token);
  const auto role = TRY(rows_.find(mount.scope(), name));
  if (certificate && role && metadata_of(*role, name, *certificate) == token.metadata) {
    Presented presented{*std::move(certificate), pool_of(client.intermediates), mount.scope(),
                        on_lane};
    if (TRY(judge(*role, presented)).kind == Judgement::Kind::kTaken) return {};
  }
  return refuse("client identity during renewal not matching client identity used during login",
                "certificate");
}

Result<std::vector<std::string>> CertificateRoles::names(const record::Scope& scope,
                                                         std::string_view name) const {
  if (!name.empty()) return std::vector{to_lower(name)};
  return rows_.list(scope, {}, kMostTried);
}

Result<bool> CertificateRoles::asks_network(const record::Scope& scope, std::string_view name) {
  const auto all = TRY(names(scope, name));
  for (const std::string& one : all) {
    const auto role = TRY(rows_.find(scope, one));
    if (role && role->ocsp.enabled) return true;
  }
  return false;
}

Result<bool> CertificateRoles::asks_network(const record::Scope& scope, const Token& token) {
  const std::string name = role_of(token);
  if (name.empty()) return false;
  return asks_network(scope, name);
}

Result<record::Staged<Tokens::Made>> CertificateRoles::log_in(const Login& login,
                                                              const ClientCertificate& client,
                                                              std::string_view name,
                                                              const OnLane& on_lane) {
  if (client.certificate.empty()) return refuse("no client certificate found", "certificate");
  auto certificate = x509::Certificate::parse(client.certificate);
  if (!certificate) return refuse("client certificate could not be parsed", "certificate");
  const record::Scope scope = login.mount.scope();
  Presented presented{*std::move(certificate), pool_of(client.intermediates), scope, on_lane};
  const auto all = TRY(names(scope, name));
  Judgement best;
  for (const std::string& one : all) {
    const auto role = TRY(rows_.find(scope, one));
    if (!role) continue;
    Judgement judgement = TRY(judge(*role, presented));
    if (judgement.kind == Judgement::Kind::kConstraints) best = std::move(judgement);
    if (judgement.kind != Judgement::Kind::kTaken) continue;
    if (!is_within(role->token.bound_cidrs, login.peer_address))
      return fail(Code::kUnauthenticated, "permission denied");
    TRY(no_root(role->token));
    Tokens::Order order = login_order(login, role->token, role->display_name, "login");
    order.metadata = metadata_of(*role, one, presented.certificate);
    auto staged = tokens_.login(std::move(order), login.request_id);
    require_present(staged.writes(), Rows<CertificateRole>::key(scope, one));
    return staged;
  }
  if (best.kind == Judgement::Kind::kConstraints) {
    return refuse("no chain matching all constraints could be found for this login certificate" +
                      (best.why.empty() ? "" : ": " + best.why),
                  "certificate");
  }
  return refuse("invalid certificate or no client certificate supplied", "certificate");
}

}  // namespace chancery::access
