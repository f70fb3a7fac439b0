#include "crypto/weak_key.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "asn1/reader.h"
#include "crypto/library.h"
#include "crypto/signature_scheme.h"

namespace chancery::crypto {
namespace {

using Prefix = std::array<std::uint8_t, 16>;

struct TestKey {
  KeyType type;
  Prefix prefix;  // of the modulus, or of the point behind its first byte
};

// RFC 9500 sections 2.1 and 2.3.
constexpr std::array<TestKey, 5> kTestKeys = {{
    {{KeyAlgorithm::kRsa, 2048},
     {0xb0, 0xf9, 0xe8, 0x19, 0x43, 0xa7, 0xae, 0x98, 0x92, 0xaa, 0xde, 0x17, 0xca, 0x7c, 0x40,
      0xf8}},
    {{KeyAlgorithm::kRsa, 4096},
     {0xb3, 0x8b, 0x49, 0x60, 0xe6, 0x3b, 0xe6, 0xa8, 0xdb, 0xa8, 0x9a, 0x82, 0x97, 0x8e, 0xf1,
      0xf6}},
    {{KeyAlgorithm::kEcdsaP256, 0},
     {0x42, 0x25, 0x48, 0xf8, 0x8f, 0xb7, 0x82, 0xff, 0xb5, 0xec, 0xa3, 0x74, 0x44, 0x52, 0xc7,
      0x2a}},
    {{KeyAlgorithm::kEcdsaP384, 0},
     {0x5b, 0x09, 0x01, 0xb8, 0x85, 0x23, 0x29, 0x6e, 0xb9, 0x19, 0xd5, 0x0f, 0xfa, 0x1a, 0x9c,
      0xb3}},
    {{KeyAlgorithm::kEcdsaP521, 0},
     {0x01, 0xd0, 0xfd, 0x72, 0x57, 0xa8, 0x4c, 0x74, 0x7f, 0x56, 0x25, 0x75, 0xc0, 0x73, 0x85,
      0xdb}},
}};

bool is_test_key(KeyType type, BytesView number) {
  return std::ranges::any_of(kTestKeys, [&](const TestKey& key) {
    return key.type == type && equal(number.first(key.prefix.size()), key.prefix);
  });
}

constexpr unsigned kSmallFactorBound = 752;
constexpr unsigned kLastRocaPrime = 167;

constexpr bool is_prime(unsigned number) {
  for (unsigned divisor = 2; divisor * divisor <= number; ++divisor) {
    if (number % divisor == 0) return false;
  }
  return number > 1;
}

// One remainder of the modulus by a product of small primes gives those by each of them.
struct PrimeGroup {
  std::uint64_t product = 1;
  std::vector<unsigned> primes;
};

const std::vector<PrimeGroup>& prime_groups() {
  static const std::vector<PrimeGroup> kGroups = [] {
    std::vector<PrimeGroup> groups(1);
    for (unsigned prime = 3; prime < kSmallFactorBound; prime += 2) {
      if (!is_prime(prime)) continue;
      if (groups.back().product > UINT64_MAX / prime) groups.emplace_back();
      groups.back().product *= prime;
      groups.back().primes.push_back(prime);
    }
    return groups;
  }();
  return kGroups;
}

// Residues of the powers of 65537 modulo each prime up to 167, as bits.
using ResidueSet = std::array<bool, kLastRocaPrime + 1>;

const std::array<ResidueSet, kLastRocaPrime + 1>& roca_residues() {
  static const auto* const kSets = [] {
    auto* sets = new std::array<ResidueSet, kLastRocaPrime + 1>{};
    for (unsigned prime = 3; prime <= kLastRocaPrime; prime += 2) {
      unsigned power = 1;
      do {
        (*sets)[prime][power] = true;
        power = power * (65537 % prime) % prime;
      } while (is_prime(prime) && power != 1);
    }
    return sets;
  }();
  return *kSets;
}

enum class SmallPrimes : std::uint8_t { kSound, kSmallFactor, kRoca };

// The factors that the faulty library makes are powers of 65537 modulo the product of the first
// primes, so the modulus is one, too, modulo each of them. Of sound moduli one in 2^150 looks so.
SmallPrimes check_small_primes(const BIGNUM* modulus) {
  bool roca = true;
  for (const PrimeGroup& group : prime_groups()) {
    const std::uint64_t rest = BN_mod_word(modulus, group.product);
    for (const unsigned prime : group.primes) {
      const std::uint64_t residue = rest % prime;
      if (residue == 0) return SmallPrimes::kSmallFactor;
      if (roca && prime <= kLastRocaPrime) roca = roca_residues()[prime][residue];
    }
  }
  return roca ? SmallPrimes::kRoca : SmallPrimes::kSound;
}

// square_root is the largest number whose square is not over `number` (Newton's iteration from
// above).
BnPtr square_root(const BIGNUM* number, BN_CTX* context) {
  BnPtr root{BN_new()};
  const BnPtr next{BN_new()};
  CHANCERY_CHECK(root != nullptr && next != nullptr);
  CHANCERY_CHECK(BN_set_bit(root.get(), (BN_num_bits(number) + 1) / 2) == 1);
  while (true) {
    CHANCERY_CHECK(BN_div(next.get(), nullptr, number, root.get(), context) == 1 &&
                   BN_add(next.get(), next.get(), root.get()) == 1 &&
                   BN_rshift1(next.get(), next.get()) == 1);
    if (BN_cmp(next.get(), root.get()) >= 0) return root;
    BN_swap(root.get(), next.get());
  }
}

bool is_square(const BIGNUM* number, BN_CTX* context) {
  const BnPtr root = square_root(number, context);
  const BnPtr square{BN_new()};
  CHANCERY_CHECK(square != nullptr && BN_sqr(square.get(), root.get(), context) == 1);
  return BN_cmp(square.get(), number) == 0;
}

// Which residues squares leave modulo some numbers without a common factor.
struct SquareResidues {
  std::uint64_t word;
  std::vector<bool> set;
};

const std::array<SquareResidues, 3>& square_residues() {
  static const auto kAll = [] {
    std::array<SquareResidues, 3> all = {{{576, {}}, {715, {}}, {931, {}}}};
    for (SquareResidues& each : all) {
      each.set.resize(each.word);
      for (std::uint64_t i = 0; i < each.word; ++i) each.set[i * i % each.word] = true;
    }
    return all;
  }();
  return kAll;
}

// SquareFilter tells of most numbers (a + step)² - n that they are no squares, by their residues
// alone.
class SquareFilter {
 public:
  SquareFilter(const BIGNUM* a, const BIGNUM* n) {
    for (std::size_t i = 0; i < residues_.size(); ++i) {
      a_[i] = BN_mod_word(a, residues_[i].word);
      n_[i] = BN_mod_word(n, residues_[i].word);
    }
  }
  [[nodiscard]] bool may_be_square(std::uint64_t step) const {
    for (std::size_t i = 0; i < residues_.size(); ++i) {
      const std::uint64_t word = residues_[i].word;
      const std::uint64_t sum = (a_[i] + step) % word;
      if (!residues_[i].set[(sum * sum + word - n_[i]) % word]) return false;
    }
    return true;
  }

 private:
  const std::array<SquareResidues, 3>& residues_ = square_residues();
  std::array<std::uint64_t, 3> a_{};
  std::array<std::uint64_t, 3> n_{};
};

constexpr std::uint64_t kFermatSteps = 100;

// n = a² - b² with a just over √n when its factors a - b and a + b are close.
bool has_close_factors(const BIGNUM* modulus) {
  const BnCtxPtr context{BN_CTX_new()};
  CHANCERY_CHECK(context != nullptr);
  const BnPtr a = square_root(modulus, context.get());
  const SquareFilter filter(a.get(), modulus);
  const BnPtr sum{BN_new()};
  const BnPtr rest{BN_new()};
  CHANCERY_CHECK(sum != nullptr && rest != nullptr);
  for (std::uint64_t step = 0; step <= kFermatSteps; ++step) {
    if (!filter.may_be_square(step)) continue;
    CHANCERY_CHECK(BN_copy(sum.get(), a.get()) != nullptr && BN_add_word(sum.get(), step) == 1 &&
                   BN_sqr(rest.get(), sum.get(), context.get()) == 1 &&
                   BN_sub(rest.get(), rest.get(), modulus) == 1);
    if (!BN_is_negative(rest.get()) && is_square(rest.get(), context.get())) return true;
  }
  return false;
}

std::unexpected<Error> weak(std::string_view reason) {
  return std::unexpected(
      Error{Code::kRefused, "the key is weak: " + std::string(reason), {}, {}}.with("rule",
                                                                                    "weak_key"));
}

Result<void> check_rsa(KeyType type, BytesView key_bits) {
  asn1::Reader outer(key_bits);
  asn1::Reader numbers = TRY(outer.enter_sequence());
  const BytesView magnitude = TRY(numbers.read_unsigned());
  if (is_test_key(type, magnitude)) return weak("RFC 9500 publishes its private half");
  const BnPtr modulus{BN_bin2bn(magnitude.data(), static_cast<int>(magnitude.size()), nullptr)};
  CHANCERY_CHECK(modulus != nullptr);
  switch (check_small_primes(modulus.get())) {
    case SmallPrimes::kSmallFactor:
      return weak("its modulus has a factor below 752");
    case SmallPrimes::kRoca:
      return weak("it was made by the faulty library of CVE-2017-15361 (ROCA)");
    case SmallPrimes::kSound:
      break;
  }
  if (has_close_factors(modulus.get())) return weak("the two factors of its modulus are too close");
  return {};
}

}  // namespace

Result<void> check_weak_key(const PublicKey& key) {
  const KeyType type = key.type();
  if (type.algorithm == KeyAlgorithm::kRsa) return check_rsa(type, key.key_bits());
  if (is_ec(type.algorithm) && is_test_key(type, key.key_bits().subspan(1)))
    return weak("RFC 9500 publishes its private half");
  return {};
}

}  // namespace chancery::crypto
