#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "crypto/digest.h"
#include "crypto/private_key.h"
#include "crypto/symmetric.h"
#include "crypto/system_random.h"
#include "crypto/weak_key.h"

namespace chancery::crypto {
namespace {

const Bytes& message() {
  static const Bytes text(300, 0x5a);  // about a CertificationRequestInfo
  return text;
}

struct Signed {
  Bytes spki;
  Bytes signature;
};

// What a CA sees: every request brings a key it has never seen before.
std::vector<Signed> make_requests(KeyType type, std::size_t count) {
  std::vector<Signed> requests;
  for (std::size_t i = 0; i < count; ++i) {
    const PrivateKey key = PrivateKey::generate(type).value();
    requests.push_back(
        {to_bytes(key.public_key().spki()), key.sign(default_scheme(type), message()).value()});
  }
  return requests;
}

void verify_with_fresh_key(benchmark::State& state, KeyType type) {
  const std::vector<Signed> requests =
      make_requests(type, type.algorithm == KeyAlgorithm::kRsa ? 4 : 64);
  std::size_t at = 0;
  for (auto _ : state) {
    const Signed& request = requests[at++ % requests.size()];
    const auto key = PublicKey::from_spki(request.spki);
    const auto verified = key->verify(default_scheme(type), message(), request.signature);
    if (!verified) state.SkipWithError("signature does not verify");
  }
}

void verify_with_known_key(benchmark::State& state, KeyType type) {
  const Signed request = make_requests(type, 1).front();
  const PublicKey key = PublicKey::from_spki(request.spki).value();
  for (auto _ : state) {
    const auto verified = key.verify(default_scheme(type), message(), request.signature);
    if (!verified) state.SkipWithError("signature does not verify");
  }
}

void parse_spki(benchmark::State& state, KeyType type) {
  const Bytes spki = to_bytes(PrivateKey::generate(type).value().public_key().spki());
  for (auto _ : state) benchmark::DoNotOptimize(PublicKey::from_spki(spki));
}

void sign(benchmark::State& state, KeyType type) {
  const PrivateKey key = PrivateKey::generate(type).value();
  for (auto _ : state) benchmark::DoNotOptimize(key.sign(default_scheme(type), message()));
}

void generate(benchmark::State& state, KeyType type) {
  for (auto _ : state) benchmark::DoNotOptimize(PrivateKey::generate(type));
}

void weak_key(benchmark::State& state, KeyType type) {
  const PrivateKey key = PrivateKey::generate(type).value();
  for (auto _ : state) benchmark::DoNotOptimize(check_weak_key(key.public_key()));
}

constexpr KeyType kP256{KeyAlgorithm::kEcdsaP256, 0};
constexpr KeyType kP384{KeyAlgorithm::kEcdsaP384, 0};
constexpr KeyType kRsa2048{KeyAlgorithm::kRsa, 2048};
constexpr KeyType kEd25519{KeyAlgorithm::kEd25519, 0};
constexpr KeyType kMlDsa65{KeyAlgorithm::kMlDsa65, 0};
constexpr KeyType kP521{KeyAlgorithm::kEcdsaP521, 0};
constexpr KeyType kEd448{KeyAlgorithm::kEd448, 0};
constexpr KeyType kSlhDsa128s{KeyAlgorithm::kSlhDsaSha2128s, 0};
constexpr KeyType kSlhDsa128f{KeyAlgorithm::kSlhDsaSha2128f, 0};

BENCHMARK_CAPTURE(parse_spki, p256, kP256)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(verify_with_fresh_key, p256, kP256)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(verify_with_known_key, p256, kP256)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(verify_with_fresh_key, p384, kP384)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(verify_with_fresh_key, rsa2048, kRsa2048)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(verify_with_fresh_key, ed25519, kEd25519)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(verify_with_fresh_key, ml_dsa_65, kMlDsa65)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(verify_with_known_key, slh_dsa_128s, kSlhDsa128s)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(verify_with_known_key, slh_dsa_128f, kSlhDsa128f)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(sign, p521, kP521)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(sign, ed448, kEd448)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(sign, slh_dsa_128s, kSlhDsa128s)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(sign, slh_dsa_128f, kSlhDsa128f)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(sign, p256, kP256)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(sign, p384, kP384)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(sign, rsa2048, kRsa2048)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(sign, ed25519, kEd25519)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(sign, ml_dsa_65, kMlDsa65)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(weak_key, p256, kP256)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(weak_key, rsa2048, kRsa2048)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(generate, p256, kP256)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(generate, ed25519, kEd25519)->Unit(benchmark::kMicrosecond);

void sha256_of_tree_node(benchmark::State& state) {
  const Bytes node(65, 0x01);
  for (auto _ : state) benchmark::DoNotOptimize(sha256(node));
}
BENCHMARK(sha256_of_tree_node);

void hmac_sha256(benchmark::State& state) {
  const Bytes key(32, 0x01);
  for (auto _ : state) benchmark::DoNotOptimize(hmac(DigestAlgorithm::kSha256, key, key));
}
BENCHMARK(hmac_sha256);

void random_16_bytes(benchmark::State& state) {
  SystemRandom random;
  std::array<std::uint8_t, 16> out{};
  for (auto _ : state) {
    random.fill(out);
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(random_16_bytes);

void seal_1_kib(benchmark::State& state) {
  const Bytes key(kAesKeySize, 0x01);
  const Bytes plaintext(1024, 0x02);
  for (auto _ : state) benchmark::DoNotOptimize(aes256_gcm_seal(key, plaintext, {}));
}
BENCHMARK(seal_1_kib);

}  // namespace
}  // namespace chancery::crypto
