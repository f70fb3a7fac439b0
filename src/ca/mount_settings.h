#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ca/authority.h"
#include "record/store.h"

namespace chancery::ca {

// Defaults say which issuer and key are meant where nobody names one. The row also orders the
// changes of a mount's issuers and keys: each of them requires its version and writes it again, so
// that names stay unique and nothing is used that another change takes away.
struct Defaults {
  std::string issuer;  // id; empty: none
  std::string key;
  bool follow_latest_issuer = false;

  friend bool operator==(const Defaults&, const Defaults&) = default;
};

// Cluster is where clients reach this mount, for templates of URLs.
struct Cluster {
  std::string path;
  std::string aia_path;
};

// Codecs of the stored rows: DER, refusing what encode would not write. The versions are all 1.
//
//   Defaults ::= SEQUENCE { version INTEGER, issuer, key UTF8String, followLatest BOOLEAN }
//   Cluster ::= SEQUENCE { version INTEGER, path, aiaPath UTF8String }
//   Urls ::= SEQUENCE { version INTEGER, caIssuers, crls, ocsp, deltaCrls SEQUENCE OF UTF8String,
//     templated BOOLEAN }
[[nodiscard]] Bytes encode(const Defaults& defaults);
[[nodiscard]] Result<Defaults> decode_defaults(BytesView der);
[[nodiscard]] Bytes encode(const Cluster& cluster);
[[nodiscard]] Result<Cluster> decode_cluster(BytesView der);
[[nodiscard]] Bytes encode(const Urls& urls);
[[nodiscard]] Result<Urls> decode_urls(BytesView der);

[[nodiscard]] record::StateKey defaults_key(const record::Scope& scope);
[[nodiscard]] record::StateKey cluster_key(const record::Scope& scope);
[[nodiscard]] record::StateKey urls_key(const record::Scope& scope);

// read_urls and read_cluster give what is stored, or empty ones.
[[nodiscard]] Result<Urls> read_urls(const record::StateReader& reader, const record::Scope& scope);
[[nodiscard]] Result<Cluster> read_cluster(const record::StateReader& reader,
                                           const record::Scope& scope);

// fill_in replaces {{issuer_id}}, {{cluster_path}} and {{cluster_aia_path}} in templated URLs;
// others it returns as they are. In URLs of CRLs and delta CRLs {{crl_shard_16}} (any power of two
// up to 256) stays for each certificate to be filled in. Errors: kInvalidArgument (a path that is
// not set, or what comes out is no URL), in the words of Vault's warnings.
[[nodiscard]] Result<Urls> fill_in(const Urls& urls, const Cluster& cluster,
                                   std::string_view issuer_id);

// check_urls wants each to be a URL that a certificate can say; templated ones are not looked at.
// Errors: kInvalidArgument in Vault's words, with the field.
[[nodiscard]] Result<void> check_urls(const Urls& urls);
// is_url: absolute, ASCII, with a host.
[[nodiscard]] bool is_url(std::string_view text);

}  // namespace chancery::ca
