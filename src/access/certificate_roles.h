#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/certificate_crls.h"
#include "access/certificate_status.h"
#include "access/rows.h"
#include "access/token_settings.h"
#include "x509/certificate.h"

namespace chancery::access {

// CertificateRole is a role that is logged in with by a TLS client certificate.
struct CertificateRole {
  static constexpr std::int64_t kVersion = 2;
  static constexpr auto kKind = record::StateKind::kCertificateRole;
  static constexpr auto kWritten = record::EventKind::kCertificateRoleWritten;
  static constexpr auto kDeleted = record::EventKind::kCertificateRoleDeleted;

  std::string certificate;  // PEM: authorities that are trusted, or the client's certificate itself
  std::string display_name;
  // Globs of which one has to match; an empty list asks for nothing.
  std::vector<std::string> names;  // common name, DNS or e-mail name
  std::vector<std::string> common_names;
  std::vector<std::string> dns_names;
  std::vector<std::string> emails;
  std::vector<std::string> uris;
  std::vector<std::string> units;
  // "1.2.3.4:glob", all of which have to match the text of that extension; "hex:1.2.3.4:glob" holds
  // against all of its value, in hex.
  std::vector<std::string> extensions;
  std::vector<std::string> metadata_extensions;  // whose text goes into the token's metadata
  TokenSettings token;
  OcspRules ocsp;

  template <class Self, class Visit>
  static void later_fields(Self& self, Visit& visit) {
    visit(self.ocsp);
  }
  // vault_fields shows `visit` all but the token's settings, by their names in Vault's API.
  template <class Self, class Visit>
  static void vault_fields(Self& self, Visit&& visit) {
    visit("allowed_common_names", self.common_names);
    visit("allowed_dns_sans", self.dns_names);
    visit("allowed_email_sans", self.emails);
    visit("allowed_metadata_extensions", self.metadata_extensions);
    visit("allowed_names", self.names);
    visit("allowed_organizational_units", self.units);
    visit("allowed_uri_sans", self.uris);
    visit("required_extensions", self.extensions);
    visit("certificate", self.certificate);
    visit("display_name", self.display_name);
    visit("ocsp_ca_certificates", self.ocsp.ca_certificates);
    visit("ocsp_enabled", self.ocsp.enabled);
    visit("ocsp_fail_open", self.ocsp.fail_open);
    visit("ocsp_query_all_servers", self.ocsp.query_all_servers);
    visit("ocsp_servers_override", self.ocsp.servers);
  }
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.certificate);
    visit(self.display_name);
    visit(self.names);
    visit(self.common_names);
    visit(self.dns_names);
    visit(self.emails);
    visit(self.uris);
    visit(self.units);
    visit(self.extensions);
    visit(self.metadata_extensions);
    TokenSettings::fields(self.token, visit);
  }
};

// CertificateConfig is what holds for a whole certificate mount.
struct CertificateConfig {
  static constexpr std::int64_t kVersion = 1;
  static constexpr auto kKind = record::StateKind::kSettings;
  static constexpr auto kWritten = record::EventKind::kSettingsWritten;
  static constexpr auto kDeleted = record::EventKind::kSettingsWritten;
  static constexpr std::string_view kName = "certificate-login";

  // Tokens are renewed without the certificate that they were given for.
  bool disable_binding = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.disable_binding);
  }
};

// ClientCertificate is what a client proved to have the key of, and what it sent along with it.
struct ClientCertificate {
  BytesView certificate;  // DER; empty: it showed none
  std::span<const Bytes> intermediates;
};

// CertificateRoles keeps the roles of all certificate mounts, and lets their holders in.
// Thread-safe. Make it before the store's first commit.
class CertificateRoles {
 public:
  // How many roles a login without a name is tried with.
  static constexpr std::size_t kMostTried = 1000;
  // For how many of them OCSP servers are asked in one login.
  static constexpr unsigned kMostRolesAsked = 4;

  CertificateRoles(record::Store& store, Tokens& tokens, const Clock& clock)
      : tokens_(tokens),
        clock_(clock),
        rows_(store, clock),
        configs_(store, clock),
        crls_(store, clock) {}

  [[nodiscard]] Rows<CertificateRole>& rows() { return rows_; }
  // configs has a row of the name CertificateConfig::kName for each mount that is configured.
  [[nodiscard]] Rows<CertificateConfig>& configs() { return configs_; }

  [[nodiscard]] CertificateCrls& crls() { return crls_; }

  // put stages a role, new or changed; names are lower case. Errors in Vault's words:
  // kInvalidArgument.
  using Change = std::function<Result<void>(CertificateRole&, Rows<CertificateRole>::State)>;
  [[nodiscard]] Result<record::Staged<CertificateRole>> put(const Grant& grant,
                                                            const record::Scope& scope,
                                                            std::string_view name,
                                                            const Change& change,
                                                            std::string_view request_id);

  // log_in stages a token for the holder of a certificate, which TLS proved: under the role `name`,
  // or, when that is empty, the first in byte order that takes it. The path to the role's
  // authorities, over what the client sent along, is validated as for a TLS client, and none of it
  // may be revoked. On the cpu lane, since it verifies signatures; on the outbound lane where
  // asks_network says so. Errors in Vault's words: kInvalidArgument, kUnauthenticated.
  [[nodiscard]] Result<record::Staged<Tokens::Made>> log_in(const Login& login,
                                                            const ClientCertificate& client,
                                                            std::string_view name,
                                                            const OnLane& on_lane);

  // check_renewal wants whoever renews a token of a certificate mount to hold the certificate that
  // it was given for, and its role to take that still. On the same lanes. Errors in Vault's words:
  // kInvalidArgument.
  [[nodiscard]] Result<void> check_renewal(const Mount& mount, const Token& token,
                                           const ClientCertificate& client, const OnLane& on_lane);

  // asks_network says whether a login under `name` (empty: any), or the renewal of a token, may
  // ask others by OCSP. Not on a reactor.
  [[nodiscard]] Result<bool> asks_network(const record::Scope& scope, std::string_view name);
  [[nodiscard]] Result<bool> asks_network(const record::Scope& scope, const Token& token);

 private:
  struct Presented;
  // Judgement is what a role says of a certificate: taken, or why not.
  struct Judgement {
    enum class Kind : std::uint8_t { kTaken, kUntrusted, kConstraints } kind = Kind::kUntrusted;
    std::string why;  // of kConstraints, where there is more to say
  };
  [[nodiscard]] Result<Judgement> judge(const CertificateRole& role, Presented& presented);
  [[nodiscard]] Result<std::vector<std::string>> names(const record::Scope& scope,
                                                       std::string_view name) const;

  Tokens& tokens_;
  const Clock& clock_;
  Rows<CertificateRole> rows_;
  Rows<CertificateConfig> configs_;
  CertificateCrls crls_;
};

}  // namespace chancery::access
