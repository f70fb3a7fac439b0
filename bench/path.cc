// path_bench measures the validation of a chain of three certificates (target, intermediate,
// anchor; all parsed) against the two signature checks in it, in alternation and in CPU time:
//   path_bench [seconds]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "cpu_time.h"
#include "crypto/private_key.h"
#include "x509/certificate_builder.h"
#include "x509/oids.h"
#include "x509/path/validate.h"

namespace {

using namespace chancery;
using namespace chancery::x509;

constexpr TimePoint kFrom = from_unix(1'767'225'600);
constexpr TimePoint kTo = from_unix(1'798'761'600);
constexpr TimePoint kNow = from_unix(1'780'272'000);

struct Authority {
  crypto::PrivateKey key;
  Name name;
};

Certificate issue(const Authority& issuer, const crypto::PublicKey& key, const Name& subject,
                  bool ca) {
  static std::uint8_t serial = 0;
  const Bytes number{0x01, ++serial};
  const crypto::Sha1 subject_id = key_identifier(key);
  const crypto::Sha1 issuer_id = key_identifier(issuer.key.public_key());
  const std::vector<asn1::Oid> usages{oids::kServerAuth, oids::kClientAuth};
  const std::vector<GeneralName> names{GeneralName::dns("www.example.test").value()};
  TbsFields fields;
  fields.serial = number;
  fields.scheme = crypto::default_scheme(issuer.key.type());
  fields.issuer = issuer.name.der();
  fields.subject = subject.der();
  fields.not_before = kFrom;
  fields.not_after = kTo;
  fields.spki = key.spki();
  fields.subject_key_id = subject_id;
  fields.authority_key_id = issuer_id;
  if (ca) {
    fields.key_usage = KeyUsage{KeyUsageBit::kKeyCertSign, KeyUsageBit::kCrlSign};
    fields.basic_constraints = BasicConstraints{true, {}};
  } else {
    fields.key_usage = KeyUsage{KeyUsageBit::kDigitalSignature};
    fields.extended_key_usage = usages;
    fields.subject_alt_names = names;
  }
  const Bytes tbs = encode_tbs(fields).value();
  const Bytes signature = issuer.key.sign(fields.scheme, tbs).value();
  return Certificate::parse(assemble(tbs, fields.scheme, signature)).value();
}

// What no validation can do without: both issuers' keys read, both signatures checked.
bool check_signatures(const Certificate& target, const Certificate& inter,
                      const Certificate& root) {
  const auto inter_key = inter.public_key();
  const auto root_key = root.public_key();
  return inter_key && root_key &&
         inter_key->verify(*target.signature_scheme(), target.tbs(), target.signature()) &&
         root_key->verify(*inter.signature_scheme(), inter.tbs(), inter.signature());
}

void measure(const char* type, double seconds) {
  const auto make_key = [&] {
    return crypto::PrivateKey::generate(crypto::parse_key_type(type).value()).value();
  };
  const Authority root{make_key(), Name::parse("CN=Root,O=Example").value()};
  const Authority inter{make_key(), Name::parse("CN=Issuing,O=Example").value()};
  const crypto::PrivateKey leaf_key = make_key();
  const Certificate root_certificate = issue(root, root.key.public_key(), root.name, true);
  const Certificate inter_certificate = issue(root, inter.key.public_key(), inter.name, true);
  const Certificate target =
      issue(inter, leaf_key.public_key(), Name::parse("CN=www.example.test").value(), false);
  path::TrustStore trust;
  trust.add(root_certificate);
  path::CertificatePool pool;
  pool.add(inter_certificate);
  const path::CertificateSource* const source = &pool;
  path::Options options;
  options.time = kNow;
  options.host = "www.example.test";

  std::vector<std::int64_t> whole;
  std::vector<std::int64_t> floor;
  const std::int64_t end =
      bench::thread_cpu_ns() + static_cast<std::int64_t>(seconds * 1'000'000'000);
  while (bench::thread_cpu_ns() < end) {
    const std::int64_t a = bench::thread_cpu_ns();
    const bool valid = path::validate(target, trust, std::span(&source, 1), options).valid;
    const std::int64_t b = bench::thread_cpu_ns();
    const bool checked = check_signatures(target, inter_certificate, root_certificate);
    const std::int64_t c = bench::thread_cpu_ns();
    if (!valid || !checked) {
      std::fprintf(stderr, "the chain is not valid\n");
      std::exit(1);
    }
    whole.push_back(b - a);
    floor.push_back(c - b);
  }
  const auto median = [](std::vector<std::int64_t>& times) {
    std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
    return static_cast<double>(times[times.size() / 2]) / 1000;
  };
  const double validation = median(whole);
  const double signatures = median(floor);
  std::printf("%-10s validation %7.1f us, two signature checks %7.1f us, ratio %.2f (%zu runs)\n",
              type, validation, signatures, validation / signatures, whole.size());
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  for (const char* type : {"ec-p256", "ec-p384", "rsa-2048", "ed25519"}) measure(type, seconds);
}
