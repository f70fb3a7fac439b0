#include "x509/path/signatures.h"

#include <algorithm>
#include <array>

#include "asn1/reader.h"

namespace chancery::x509::path {
namespace {

using asn1::Oid;

// Signature algorithms with a broken or short hash; naming them helps more than "unsupported".
struct WeakAlgorithm {
  Oid id;
  std::string_view name;
};

constexpr std::array kWeak{
    WeakAlgorithm{Oid("1.2.840.113549.1.1.2"), "RSA with MD2"},
    WeakAlgorithm{Oid("1.2.840.113549.1.1.3"), "RSA with MD4"},
    WeakAlgorithm{Oid("1.2.840.113549.1.1.4"), "RSA with MD5"},
    WeakAlgorithm{Oid("1.2.840.113549.1.1.5"), "RSA with SHA-1"},
    WeakAlgorithm{Oid("1.3.14.3.2.29"), "RSA with SHA-1"},
    WeakAlgorithm{Oid("1.2.840.10040.4.3"), "DSA with SHA-1"},
    WeakAlgorithm{Oid("1.2.840.10045.4.1"), "ECDSA with SHA-1"},
};

SignatureChecks::Fault algorithm_fault(const Certificate& child, const Error& error) {
  asn1::Reader in(child.signature_algorithm());
  if (auto sequence = in.enter_sequence()) {
    if (const auto id = sequence->read_oid()) {
      const auto* const weak =
          std::ranges::find_if(kWeak, [&](const WeakAlgorithm& known) { return known.id.is(*id); });
      if (weak != kWeak.end()) {
        return {Rule::kSignatureAlgorithmWeak,
                "signature algorithm is too weak: " + std::string(weak->name)};
      }
    }
  }
  return {Rule::kSignatureAlgorithmUnsupported, error.to_string()};
}

}  // namespace

const SignatureChecks::Key& SignatureChecks::key(const Certificate& certificate) {
  const Address address = certificate.der().data();
  const auto known = keys_.find(address);
  if (known != keys_.end()) return known->second.key;
  auto parsed = certificate.public_key();
  Key key = std::unexpected(Fault{});
  if (parsed) {
    key = *std::move(parsed);
  } else {
    key = std::unexpected(
        Fault{parsed.error().code == Code::kRefused ? Rule::kKeyWeak : Rule::kKeyUnsupported,
              parsed.error().to_string(), true});
  }
  return keys_.emplace(address, KnownKey{certificate, std::move(key)}).first->second.key;
}

std::optional<SignatureChecks::Fault> SignatureChecks::verify(const Certificate& child,
                                                              const Certificate& issuer) {
  const auto scheme = child.signature_scheme();
  if (!scheme) return algorithm_fault(child, scheme.error());
  const Key& issuer_key = key(issuer);
  if (!issuer_key) return issuer_key.error();
  if (!budget_.spend_signature_check()) {
    return Fault{*budget_.exhausted(), "signature was not checked: a budget is used up"};
  }
  const auto verified = issuer_key->verify(*scheme, child.tbs(), child.signature());
  if (verified) return std::nullopt;
  return Fault{Rule::kSignatureInvalid, verified.error().to_string()};
}

const std::optional<SignatureChecks::Fault>& SignatureChecks::check(const Certificate& child,
                                                                    const Certificate& issuer) {
  const std::pair pair(child.der().data(), issuer.der().data());
  const auto known = outcomes_.find(pair);
  if (known != outcomes_.end()) return known->second.fault;
  (void)key(issuer);  // keeps the issuer's address taken
  return outcomes_.emplace(pair, Outcome{child, verify(child, issuer)}).first->second.fault;
}

}  // namespace chancery::x509::path
