#include "acme_test_server/hierarchy.h"

#include <array>

#include "base/uuid.h"
#include "ca/hierarchy.h"
#include "policy/evaluate.h"
#include "x509/oids.h"

namespace chancery::acme_test {
namespace {

constexpr seconds kDay{86'400};
constexpr seconds kLifetime = kDay * 365 * 30;

template <class T>
Result<T> commit(ca::Service& ca, Result<ca::Staged<T>> staged) {
  if (!staged) return std::unexpected(std::move(staged).error());
  const Receipt receipt =
      TRY(staged->submit(ca.store().committer()).wait(OnLane::outside_server()));
  return staged->release(receipt);
}

std::string draw_name(Random& random) {
  std::array<std::uint8_t, 3> octets{};
  random.fill(octets);
  return hex(octets);
}

// Chains are told in the order of these.
std::string issuing_id(unsigned number) {
  const std::array<std::uint8_t, 1> octet{static_cast<std::uint8_t>(number)};
  return "00000000-0000-4000-8000-0000000000" + hex(octet);
}

Result<x509::Name> ca_name(const std::string& common_name) {
  x509::NameBuilder builder;
  TRY(builder.add(x509::oids::kOrganization, "For tests only"));
  TRY(builder.add(x509::oids::kCommonName, common_name));
  return builder.build();
}

// Maker has what all of its steps need.
struct Maker {
  ca::Service& ca;
  keys::KeyStore& keys;
  const record::Scope& scope;
  const Config& config;
  const Clock& clock;
  Random& random;

  Result<std::shared_ptr<const ca::Authority>> root(const std::string& name) {
    const auto signer = TRY(keys.generate(config.key_type));
    const policy::CaRequest request{"root-ca",
                                    TRY(ca_name("Chancery Test Root CA " + name)),
                                    signer->public_key(),
                                    kLifetime,
                                    std::nullopt,
                                    std::nullopt};
    auto authorization =
        TRY(policy::authorize_ca(access::local_operator(scope), request, nullptr, clock.now()));
    ca::AuthorityRecord record;
    record.id = make_uuid(random);
    record.name = "root-" + name;
    const auto made =
        TRY(commit(ca, ca.create_root(std::move(authorization), signer, std::move(record))));
    return made.authority;
  }

  // An authority below `parent`, `depth` levels under the root: each ends a day before the one
  // above.
  Result<std::shared_ptr<const ca::Authority>> below(const ca::Authority& parent, int depth,
                                                     const keys::Signer& signer,
                                                     const x509::Name& subject, std::string id,
                                                     std::string name) {
    const policy::CaRequest request{"issuing-ca",        subject,
                                    signer.public_key(), kLifetime - kDay * depth,
                                    std::nullopt,        std::nullopt};
    const auto issuer = TRY(ca.authority(scope, parent.id()));
    const policy::IssuerFacts facts = issuer->facts({});
    auto authorization =
        TRY(policy::authorize_ca(access::local_operator(scope), request, &facts, clock.now()));
    const auto issued = TRY(commit(ca, ca.issue(std::move(authorization), issuer, {})));
    ca::AuthorityRecord record;
    record.id = std::move(id);
    record.name = std::move(name);
    record.key_id = signer.key_id();
    record.certificate = to_bytes(issued.certificate.der());
    record.chain = {issuer->record().certificate};
    for (const Bytes& above : issuer->record().chain) record.chain.push_back(above);
    if (!config.ocsp_url.empty()) record.urls.ocsp_servers = {config.ocsp_url};
    const auto added =
        TRY(commit(ca, ca.add_authority(access::local_operator(scope), std::move(record))));
    return TRY(ca.authority(scope, added.id));
  }
};

}  // namespace

Result<std::vector<Chain>> make_hierarchy(ca::Service& ca, keys::KeyStore& keys,
                                          const record::Scope& scope, const Config& config,
                                          const Environment& environment, const Clock& clock,
                                          Random& random) {
  Maker maker{ca, keys, scope, config, clock, random};
  const auto signer = TRY(keys.generate(config.key_type));
  const x509::Name subject = TRY(ca_name("Chancery Test Intermediate CA " + draw_name(random)));
  std::vector<Chain> chains;
  for (unsigned i = 0; i <= environment.alternate_roots; ++i) {
    const std::string name = draw_name(random) + "-" + std::to_string(i);
    const auto root = TRY(maker.root(name));
    auto parent = root;
    const int length = static_cast<int>(environment.chain_length);
    for (int depth = 1; depth < length; ++depth) {
      const std::string number = name + "-" + std::to_string(depth);
      const auto between = TRY(keys.generate(config.key_type));
      const auto own_name = TRY(ca_name("Chancery Test Intermediate CA " + number));
      parent = TRY(
          maker.below(*parent, depth, *between, own_name, make_uuid(random), "between-" + number));
    }
    const auto issuing = TRY(maker.below(*parent, length, *signer, subject, issuing_id(i),
                                         "issuing-" + std::to_string(i)));
    chains.push_back({root->certificate(), root->record().key_id, issuing->certificate(),
                      std::string(signer->key_id())});
  }
  TRY(commit(ca, ca.hierarchy().set_default_issuer(access::local_operator(scope), issuing_id(0),
                                                   std::nullopt, {})));
  return chains;
}

}  // namespace chancery::acme_test
