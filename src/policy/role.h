#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace chancery::policy {

// How a role bounds a requested notBefore (OpenBao's not_before_bound).
enum class NotBeforeBound : std::uint8_t { kPermit, kDuration, kForbid };

// RoleKeyType as Vault's roles name it.
enum class RoleKeyType : std::uint8_t { kRsa, kEc, kEd25519, kMlDsa, kAny };

// parse_role_key_type reads "rsa", "ec", "ed25519", "mldsa", "any"; parse_not_before_bound
// "permit", "duration", "forbid"; name is the reverse. Errors: kInvalidArgument with Vault's text.
[[nodiscard]] Result<RoleKeyType> parse_role_key_type(std::string_view text);
[[nodiscard]] Result<NotBeforeBound> parse_not_before_bound(std::string_view text);
[[nodiscard]] std::string_view name(RoleKeyType type);
[[nodiscard]] std::string_view name(NotBeforeBound bound);

// Role is what a Vault/OpenBao PKI role says: who may be named, for how long, with which keys and
// usages. The defaults are Vault's. Names of fields are those of the API, so that a refusal can
// name the field.
struct Role {
  std::string name;

  std::string issuer_ref = "default";
  seconds ttl{0};      // 0: the mount's default
  seconds max_ttl{0};  // 0: the mount's maximum
  seconds not_before_duration{30};
  std::string not_before;  // RFC 3339; "": the request's, or now less not_before_duration
  NotBeforeBound not_before_bound = NotBeforeBound::kPermit;
  std::string not_after;  // RFC 3339; "": the request's, or now plus ttl
  // How a requested not_after is bounded: "permit" (by the issuer only), "ttl-limited", "forbid",
  // or the latest moment in RFC 3339.
  std::string not_after_bound = "permit";

  bool allow_localhost = true;
  std::vector<std::string> allowed_domains;
  bool allow_bare_domains = false;
  bool allow_subdomains = false;
  bool allow_glob_domains = false;
  bool allow_wildcard_certificates = true;
  bool allow_any_name = false;
  bool enforce_hostnames = true;
  bool allow_ip_sans = true;
  std::vector<std::string> allowed_ip_sans_cidr;
  std::vector<std::string> allowed_uri_sans;    // globs; empty forbids URI names
  std::vector<std::string> allowed_other_sans;  // "<oid>;UTF8:<glob>" or "*"; empty forbids them
  std::vector<std::string> allowed_serial_numbers;  // globs for the subject's serialNumber
  std::vector<std::string> allowed_user_ids;
  bool require_cn = true;
  std::vector<std::string> cn_validations{"email", "hostname"};
  bool use_csr_common_name = true;
  bool use_csr_sans = true;

  RoleKeyType key_type = RoleKeyType::kRsa;
  // What a new key has and the least a request's key may have: 2048, 3072 or 4096 for RSA, 256 or
  // 384 for EC, 44, 65 or 87 for ML-DSA. 0 is the type's default and what check_role replaces.
  unsigned key_bits = 2048;
  unsigned signature_bits = 0;  // of the issuer's signature: 256, 384, 512; 0: its key decides
  bool use_pss = false;

  bool server_flag = true;
  bool client_flag = true;
  bool code_signing_flag = false;
  bool email_protection_flag = false;
  std::vector<std::string> key_usage{"DigitalSignature", "KeyAgreement", "KeyEncipherment"};
  std::vector<std::string> ext_key_usage;
  std::vector<std::string> ext_key_usage_oids;
  bool basic_constraints_valid_for_non_ca = false;
  std::vector<std::string> policy_identifiers;  // OIDs, or JSON objects {"oid", "notice", "cps"}

  std::vector<std::string> ou;
  std::vector<std::string> organization;
  std::vector<std::string> country;
  std::vector<std::string> locality;
  std::vector<std::string> province;
  std::vector<std::string> street_address;
  std::vector<std::string> postal_code;

  bool generate_lease = false;
  bool no_store = false;
};

// Limits are what the mount adds to a role.
struct Limits {
  seconds default_ttl{768 * 3600};
  seconds max_ttl{768 * 3600};
};

// check_role validates a role before it is stored and resolves what depends on other fields:
// key_bits, issuer_ref "", cn_validations, the network addresses of allowed_ip_sans_cidr, no_store
// forcing generate_lease off. Returns warnings to hand to the client. Whether issuer_ref exists is
// not looked at. Errors: kInvalidArgument with Vault's text and the field in Error::where.
[[nodiscard]] Result<std::vector<std::string>> check_role(Role& role, const Limits& limits);

// Codec of the stored role: a JSON object with the API's field names, defaults included. parse_role
// ignores nothing: an unknown key is kDataLoss, since only this program writes roles.
[[nodiscard]] Bytes encode(const Role& role);
[[nodiscard]] Result<Role> parse_role(BytesView json);

}  // namespace chancery::policy
