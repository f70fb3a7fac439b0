#include "x509/path/testing/certificate_spec.h"

#include "x509/oids.h"

namespace chancery::x509::path::testing {
namespace {

Bytes encode_spec(const CertificateSpec& spec) {
  asn1::Writer w;
  w.sequence([&] {
    if (spec.version != 1)
      w.nest(asn1::context_constructed(0), [&] { w.integer(spec.version - 1); });
    w.element(asn1::kInteger, spec.serial);
    w.raw(spec.algorithm);
    w.raw(spec.issuer);
    w.sequence([&] {
      w.time(spec.not_before);
      w.time(spec.not_after);
    });
    w.raw(spec.subject);
    w.raw(spec.spki);
    if (spec.extensions.empty()) return;
    w.nest(asn1::context_constructed(3), [&] {
      w.sequence([&] {
        for (const Bytes& one : spec.extensions) w.raw(one);
      });
    });
  });
  return std::move(w).take();
}

}  // namespace

Bytes encode(const CertificateSpec& spec, const Sign& sign) {
  const Bytes tbs = encode_spec(spec);
  asn1::Writer w;
  w.sequence([&] {
    w.raw(tbs);
    w.raw(spec.algorithm);
    w.bit_string(sign(tbs));
  });
  return std::move(w).take();
}

Sign sign_with(const crypto::PrivateKey& key) {
  return
      [&key](BytesView tbs) { return key.sign(crypto::default_scheme(key.type()), tbs).value(); };
}

Bytes algorithm_of(const crypto::PrivateKey& key) {
  return to_bytes(crypto::algorithm_identifier(crypto::default_scheme(key.type())));
}

Bytes written(const std::function<void(asn1::Writer&)>& write) {
  asn1::Writer w;
  write(w);
  return std::move(w).take();
}

Bytes extension(const asn1::Oid& id, bool critical,
                const std::function<void(asn1::Writer&)>& body) {
  const Bytes value = written(body);
  return written([&](asn1::Writer& w) { write_extension(w, {id, critical, value}); });
}

Bytes policy_mappings(const std::vector<std::pair<asn1::Oid, asn1::Oid>>& mappings) {
  return extension(oids::kPolicyMappings, true, [&](asn1::Writer& w) {
    w.sequence([&] {
      for (const auto& [issuer, subject] : mappings) {
        w.sequence([&] {
          w.oid(issuer.der());
          w.oid(subject.der());
        });
      }
    });
  });
}

Bytes policy_constraints(int require_explicit, int inhibit_mapping) {
  return extension(oids::kPolicyConstraints, true, [&](asn1::Writer& w) {
    w.sequence([&] {
      if (require_explicit >= 0) w.integer(require_explicit, asn1::context(0));
      if (inhibit_mapping >= 0) w.integer(inhibit_mapping, asn1::context(1));
    });
  });
}

Bytes inhibit_any_policy(int skip) {
  return extension(oids::kInhibitAnyPolicy, true, [&](asn1::Writer& w) { w.integer(skip); });
}

}  // namespace chancery::x509::path::testing
