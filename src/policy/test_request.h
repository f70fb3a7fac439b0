#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "base/text.h"
#include "crypto/private_key.h"
#include "policy/evaluate.h"
#include "policy/role_fields.h"
#include "x509/certificate_builder.h"

// What the tests of this folder share: roles out of one line of text, requests, keys.
namespace chancery::policy::test {

inline const TimePoint kNow = parse_rfc3339("2026-11-21T10:00:00Z").value();

inline void set_field(Role& role, std::string_view name, std::string_view value) {
  for (const RoleField& field : role_fields()) {
    if (field.name != name) continue;
    if (const auto* flag = std::get_if<bool Role::*>(&field.place)) {
      role.** flag = value != "false";
    } else if (const auto* number = std::get_if<unsigned Role::*>(&field.place)) {
      role.** number = static_cast<unsigned>(std::stoul(std::string(value)));
    } else if (const auto* duration = std::get_if<seconds Role::*>(&field.place)) {
      role.** duration = parse_duration(value).value();
    } else if (const auto* text = std::get_if<std::string Role::*>(&field.place)) {
      role.** text = value;
    } else if (const auto* type = std::get_if<RoleKeyType Role::*>(&field.place)) {
      role.** type = parse_role_key_type(value).value();
    } else if (const auto* bound = std::get_if<NotBeforeBound Role::*>(&field.place)) {
      role.** bound = parse_not_before_bound(value).value();
    } else if (const auto* list = std::get_if<std::vector<std::string> Role::*>(&field.place)) {
      (role.**list).clear();
      if (value.empty()) return;
      for (const std::string_view element : split(value, ',')) (role.**list).emplace_back(element);
    }
    return;
  }
  FAIL("no such field: " << name);
}

// role_of reads "allowed_domains=a.com,b.com allow_subdomains !allow_localhost"; the key type is
// EC.
inline Role role_of(std::string_view line) {
  Role role;
  role.name = "web";
  role.key_type = RoleKeyType::kEc;
  role.key_bits = 256;
  for (std::string_view word : split(line, ' ')) {
    if (word.empty()) continue;
    const std::size_t equals = word.find('=');
    if (word.front() == '!') {
      set_field(role, word.substr(1), "false");
    } else if (equals == std::string_view::npos) {
      set_field(role, word, "true");
    } else {
      set_field(role, word.substr(0, equals), word.substr(equals + 1));
    }
  }
  return role;
}

inline const crypto::PublicKey& key_of(std::string_view type) {
  static std::map<std::string, crypto::PrivateKey, std::less<>> keys;
  auto found = keys.find(type);
  if (found == keys.end()) {
    const crypto::KeyType parsed = crypto::parse_key_type(type).value();
    found = keys.emplace(type, crypto::PrivateKey::generate(parsed).value()).first;
  }
  return found->second.public_key();
}

// RFC 9500 publishes this key's private half.
inline crypto::PublicKey weak_key() {
  return crypto::PublicKey::from_spki(
             parse_hex("3059301306072a8648ce3d020106082a8648ce3d030107034200"
                       "04422548f88fb782ffb5eca3744452c72a1e558fbd6f73be5e48e93232cc45c5b1"
                       "6c4cd10c4cb8d5b8a17139e94882c8992572993425f41419ab7e90a42a494272")
                 .value())
      .value();
}

inline access::Grant grant() { return access::local_operator({"root", "pki/"}); }

inline IssuerFacts issuer() {
  return {"issuer", parse_rfc3339("2027-11-21T10:00:00Z").value(), {}};
}

inline IssueRequest request_for(std::string_view common_name) {
  IssueRequest request;
  request.common_name = common_name;
  request.generated_key = key_of("p256");
  return request;
}

// csr_of makes a request whose signature nobody checks here: csr_of("CN=a.com", {"DNS:b.com"}).
inline x509::CertificationRequest csr_of(std::string_view subject,
                                         const std::vector<std::string>& names = {},
                                         std::string_view key = "p256",
                                         std::optional<x509::BasicConstraints> constraints = {}) {
  const x509::Name name = subject.empty() ? x509::Name{} : x509::Name::parse(subject).value();
  std::vector<x509::GeneralName> general_names;
  for (const std::string& text : names)
    general_names.push_back(x509::GeneralName::parse(text).value());
  x509::RequestFields fields;
  fields.subject = name.der();
  fields.spki = key_of(key).spki();
  fields.subject_alt_names = general_names;
  fields.basic_constraints = constraints;
  const Bytes info = x509::encode_request_info(fields).value();
  const Bytes signature{0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01};
  return x509::CertificationRequest::parse(
             x509::assemble(info, crypto::SignatureScheme::kEcdsaSha256, signature))
      .value();
}

inline IssueRequest request_for(const x509::CertificationRequest& csr) {
  IssueRequest request;
  request.csr = &csr;
  return request;
}

inline std::string where(const Error& error, std::string_view key) {
  for (const Context& context : error.where) {
    if (context.key == key) return context.value;
  }
  return {};
}

inline std::string names_of(const CertificateContent& content) {
  std::vector<std::string> texts;
  for (const x509::GeneralName& name : content.names) texts.push_back(name.to_string());
  return join(texts, " ");
}

inline Result<Decision> decide(const Role& role, const IssueRequest& request) {
  return evaluate(grant(), role, request, issuer(), kNow);
}

// outcome is the error's detail, or "ok" and the names.
inline std::string outcome(const Role& role, const IssueRequest& request) {
  const auto decision = decide(role, request);
  if (!decision) return decision.error().detail;
  const std::string names = names_of(decision->authorization.content());
  return names.empty() ? "ok" : "ok " + names;
}

}  // namespace chancery::policy::test
