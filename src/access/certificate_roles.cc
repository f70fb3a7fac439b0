#include "access/certificate_roles.h"

#include <algorithm>

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

bool has_extensions(const CertificateRole& role, const x509::Certificate& certificate) {
  return std::ranges::all_of(role.extensions, [&](const std::string& wanted) {
    const std::size_t colon = wanted.find(':');
    const auto text = text_of(certificate, std::string_view(wanted).substr(0, colon));
    return colon != std::string::npos && text && glob_match(wanted.substr(colon + 1), *text);
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

// decimal writes a serial number in the base that Vault's metadata has it in.
std::string decimal(BytesView octets) {
  Bytes rest = to_bytes(octets);
  std::string digits;
  while (std::ranges::any_of(rest, [](std::uint8_t octet) { return octet != 0; })) {
    unsigned remainder = 0;
    for (std::uint8_t& octet : rest) {
      const unsigned value = remainder * 256 + octet;
      octet = static_cast<std::uint8_t>(value / 10);
      remainder = value % 10;
    }
    digits.insert(digits.begin(), static_cast<char>('0' + remainder));
  }
  return digits;
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

CertificateRoles::Verdict CertificateRoles::judge(const CertificateRole& role,
                                                  const x509::Certificate& certificate) const {
  const auto trusted = x509::Certificate::all_from_pem(role.certificate);
  if (!trusted) return Verdict::kUntrusted;
  x509::path::TrustStore anchors;
  for (const x509::Certificate& one : *trusted) anchors.add(one);
  x509::path::Options options;
  options.time = clock_.now();
  options.purpose = x509::path::Purpose::kClient;
  if (!x509::path::validate(certificate, anchors, {}, options).valid) return Verdict::kUntrusted;
  return fits(role, certificate) ? Verdict::kTaken : Verdict::kConstraints;
}

Result<void> CertificateRoles::check_renewal(const Mount& mount, const Token& token,
                                             BytesView certificate) {
  const auto config = TRY(configs_.find(mount.scope(), CertificateConfig::kName));
  if (config && config->disable_binding) return {};
  if (certificate.empty()) return refuse("no client certificate found", "certificate");
  const auto presented = x509::Certificate::parse(certificate);
  const auto name =
      std::ranges::find(token.metadata, "cert_name", &std::pair<std::string, std::string>::first);
  if (presented && name != token.metadata.end()) {
    const auto role = TRY(rows_.find(mount.scope(), name->second));
    if (role && metadata_of(*role, name->second, *presented) == token.metadata &&
        judge(*role, *presented) == Verdict::kTaken)
      return {};
  }
  return refuse("client identity during renewal not matching client identity used during login",
                "certificate");
}

Result<record::Staged<Tokens::Made>> CertificateRoles::log_in(const Login& login,
                                                              BytesView certificate,
                                                              std::string_view name) {
  if (certificate.empty()) return refuse("no client certificate found", "certificate");
  const auto presented = x509::Certificate::parse(certificate);
  if (!presented) return refuse("client certificate could not be parsed", "certificate");
  const record::Scope scope = login.mount.scope();
  std::vector<std::string> names{to_lower(name)};
  if (name.empty()) names = TRY(rows_.list(scope, {}, kMostTried));
  Verdict best = Verdict::kUntrusted;
  for (const std::string& one : names) {
    const auto role = TRY(rows_.find(scope, one));
    if (!role) continue;
    const Verdict verdict = judge(*role, *presented);
    if (verdict == Verdict::kConstraints) best = verdict;
    if (verdict != Verdict::kTaken) continue;
    if (!is_within(role->token.bound_cidrs, login.peer_address))
      return fail(Code::kUnauthenticated, "permission denied");
    TRY(no_root(role->token));
    Tokens::Order order = login_order(login, role->token, role->display_name, "login");
    order.metadata = metadata_of(*role, one, *presented);
    auto staged = tokens_.login(std::move(order), login.request_id);
    require_present(staged.writes(), Rows<CertificateRole>::key(scope, one));
    return staged;
  }
  if (best == Verdict::kConstraints)
    return refuse("no chain matching all constraints could be found for this login certificate",
                  "certificate");
  return refuse("invalid certificate or no client certificate supplied", "certificate");
}

}  // namespace chancery::access
