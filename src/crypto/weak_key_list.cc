#include "crypto/weak_key_list.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "asn1/reader.h"
#include "base/text.h"

namespace chancery::crypto {
namespace {

template <std::size_t N>
std::array<std::uint8_t, N> array_of(BytesView octets) {
  std::array<std::uint8_t, N> out{};
  std::ranges::copy(octets.first(N), out.begin());
  return out;
}

template <class Hash>
void merge(std::vector<Hash>& all, const std::vector<Hash>& more) {
  all.insert(all.end(), more.begin(), more.end());
  std::ranges::sort(all);
  const auto repeated = std::ranges::unique(all);
  all.erase(repeated.begin(), repeated.end());
}

// What `openssl rsa -modulus` prints of the key, which is what Debian's lists are made of.
std::string printed_modulus(BytesView key_bits) {
  asn1::Reader outer(key_bits);
  const BytesView modulus = outer.enter_sequence().value().read_unsigned().value();
  std::string digits = hex(modulus);
  std::ranges::transform(digits, digits.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return "Modulus=" + digits + "\n";
}

}  // namespace

Result<void> WeakKeyList::add(std::string_view text) {
  if (text.size() > kMaxWeakKeyListBytes)
    return fail(Code::kTooLarge, "list of weak keys is over 256 MiB");
  std::vector<ModulusHash> moduli;
  std::vector<Sha256> keys;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const auto octets = parse_hex(line);
    if (octets && octets->size() == ModulusHash{}.size()) {
      moduli.push_back(array_of<10>(*octets));
    } else if (octets && octets->size() == Sha256{}.size()) {
      keys.push_back(array_of<32>(*octets));
    } else {
      return std::unexpected(Error{
          Code::kMalformed,
          "a line of a list of weak keys is neither 20 hexadecimal digits (of the SHA-1 of a "
          "modulus) nor 64 (SHA-256 of a SubjectPublicKeyInfo)",
          {},
          {}}.with("line", std::to_string(number)));
    }
  }
  merge(moduli_, moduli);
  merge(keys_, keys);
  return {};
}

bool WeakKeyList::contains(const PublicKey& key) const {
  if (!keys_.empty() && std::ranges::binary_search(keys_, sha256(key.spki()))) return true;
  if (moduli_.empty() || key.type().algorithm != KeyAlgorithm::kRsa) return false;
  const Sha1 whole = sha1(as_bytes(printed_modulus(key.key_bits())));
  return std::ranges::binary_search(moduli_, array_of<10>(BytesView(whole).subspan(10)));
}

Result<void> check_weak_key_list(const WeakKeyList& list, const PublicKey& key) {
  if (!list.contains(key)) return {};
  return std::unexpected(Error{
      Code::kRefused,
      "the key is weak: it is on a list of keys whose private half is known",
      {},
      {}}.with("rule", "weak_key"));
}

}  // namespace chancery::crypto
