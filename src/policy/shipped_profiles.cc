#include <algorithm>
#include <array>

#include "policy/profile.h"

namespace chancery::policy {
namespace {

using Texts = std::vector<std::string>;

constexpr seconds days(int count) { return seconds{86'400} * count; }

const Texts kSigningKeys{"ec-p256", "ec-p384", "rsa-3072", "rsa-4096", "ed25519"};
// Browsers and mail readers: Ed25519 is not known to all of them.
const Texts kCommonKeys{"ec-p256", "ec-p384", "rsa-2048", "rsa-3072", "rsa-4096"};

// shape is what all shipped profiles are made by; names are left for whoever derives.
Profile shape(std::string name, std::string description, Texts purposes, Texts keys, seconds ttl,
              seconds max_ttl) {
  Profile profile;
  profile.rules.name = std::move(name);
  profile.description = std::move(description);
  profile.rules.ext_key_usage = std::move(purposes);
  profile.keys = std::move(keys);
  profile.rules.ttl = ttl;
  profile.rules.max_ttl = max_ttl;
  return profile;
}

// For subjects that are people, companies or services rather than hosts: their names must be
// listed in allowed_common_names.
Profile for_named(Profile profile) {
  profile.rules.cn_validations = {"disabled"};
  profile.rules.enforce_hostnames = false;
  return profile;
}

Profile tls_server() {
  Profile profile = shape("tls-server", "TLS servers: host names checked by the client (RFC 9525)",
                          {"ServerAuth"}, kCommonKeys, days(90), days(398));
  profile.rules.require_cn = false;
  return profile;
}

Profile tls_client() {
  Profile profile = shape("tls-client", "TLS clients that prove who they are to a server",
                          {"ClientAuth"}, kSigningKeys, days(90), days(398));
  profile.rules.require_cn = false;
  return profile;
}

Profile peer() {
  Profile profile =
      shape("peer", "Members of a cluster or mesh: TLS server and client with one certificate",
            {"ServerAuth", "ClientAuth"}, kSigningKeys, days(30), days(398));
  profile.rules.require_cn = false;
  return profile;
}

Profile smime() {
  Profile profile = shape("smime", "S/MIME: signed and encrypted mail (RFC 8550)",
                          {"EmailProtection"}, kCommonKeys, days(365), days(825));
  // What the key cannot do is left out: encipherment is RSA's, agreement that of elliptic curves.
  profile.rules.key_usage = {"DigitalSignature", "KeyEncipherment", "KeyAgreement"};
  profile.rules.require_cn = false;
  return profile;
}

Profile code_signing() {
  return for_named(shape("code-signing", "Signatures over programs and packages", {"CodeSigning"},
                         {"rsa-3072", "rsa-4096", "ec-p256", "ec-p384"}, days(365), days(460)));
}

Profile document_signing() {
  Profile profile = for_named(shape("document-signing", "Signatures over documents (RFC 9336)", {},
                                    kSigningKeys, days(365), days(1095)));
  profile.rules.ext_key_usage_oids = {"1.3.6.1.5.5.7.3.36"};
  profile.rules.key_usage = {"DigitalSignature", "ContentCommitment"};
  return profile;
}

Profile ocsp_responder() {
  Profile profile =
      for_named(shape("ocsp-responder", "Delegated OCSP responders (RFC 6960 section 4.2.2.2)",
                      {"OcspSigning"}, kCommonKeys, days(14), days(30)));
  // Nobody can ask a responder about itself, so its certificates live briefly and say so.
  profile.ocsp_no_check = true;
  profile.ocsp_urls = false;
  return profile;
}

Profile timestamping() {
  Profile profile = for_named(
      shape("timestamping", "Time-stamping authorities (RFC 3161 section 2.3)", {"TimeStamping"},
            {"rsa-3072", "rsa-4096", "ec-p256", "ec-p384"}, days(365), days(4018)));
  profile.ext_key_usage_critical = true;
  return profile;
}

Profile device() {
  Profile profile = for_named(
      shape("device", "Devices that prove who they are by TLS or 802.1X, with nobody logging in",
            {"ClientAuth"}, {"ec-p256", "ec-p384", "rsa-2048", "rsa-3072", "ed25519"}, days(365),
            days(1095)));
  profile.rules.require_cn = false;
  return profile;
}

Profile sub_ca() {
  Profile profile =
      for_named(shape("sub-ca", "Authorities below this one, which certify no further authority",
                      {}, {"ec-p384", "ec-p256", "rsa-4096", "rsa-3072", "ml-dsa-65", "ml-dsa-87"},
                      days(1095), days(3653)));
  profile.ca = true;
  profile.rules.key_usage = {"DigitalSignature", "CertSign", "CRLSign"};
  return profile;
}

}  // namespace

std::span<const Profile> shipped_profiles() {
  static const std::array kShipped{code_signing(),   device(),       document_signing(),
                                   ocsp_responder(), peer(),         smime(),
                                   sub_ca(),         timestamping(), tls_client(),
                                   tls_server()};  // in byte order, as lists are
  return kShipped;
}

const Profile* shipped_profile(std::string_view name) {
  const auto all = shipped_profiles();
  const auto found =
      std::ranges::find_if(all, [&](const Profile& profile) { return profile.rules.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace chancery::policy
