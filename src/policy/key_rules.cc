#include "policy/key_rules.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "crypto/weak_key.h"
#include "policy/evaluate.h"
#include "policy/refusal.h"

namespace chancery::policy {
namespace {

using crypto::KeyAlgorithm;

struct KeySize {
  RoleKeyType type;
  unsigned bits;
};

// size_of gives nothing for keys that no role names.
std::optional<KeySize> size_of(crypto::KeyType key) {
  switch (key.algorithm) {
    case KeyAlgorithm::kRsa:
      return KeySize{RoleKeyType::kRsa, key.rsa_bits};
    case KeyAlgorithm::kEcdsaP256:
      return KeySize{RoleKeyType::kEc, 256};
    case KeyAlgorithm::kEcdsaP384:
      return KeySize{RoleKeyType::kEc, 384};
    case KeyAlgorithm::kEcdsaP521:
      return KeySize{RoleKeyType::kEc, 521};
    case KeyAlgorithm::kEd25519:
      return KeySize{RoleKeyType::kEd25519, 0};
    case KeyAlgorithm::kMlDsa44:
      return KeySize{RoleKeyType::kMlDsa, 44};
    case KeyAlgorithm::kMlDsa65:
      return KeySize{RoleKeyType::kMlDsa, 65};
    case KeyAlgorithm::kMlDsa87:
      return KeySize{RoleKeyType::kMlDsa, 87};
    default:
      return std::nullopt;
  }
}

crypto::KeyType key_type(RoleKeyType type, unsigned bits) {
  switch (type) {
    case RoleKeyType::kRsa:
      return {KeyAlgorithm::kRsa, bits};
    case RoleKeyType::kEc:
      return {bits == 521   ? KeyAlgorithm::kEcdsaP521
              : bits == 384 ? KeyAlgorithm::kEcdsaP384
                            : KeyAlgorithm::kEcdsaP256,
              0};
    case RoleKeyType::kEd25519:
      return {KeyAlgorithm::kEd25519, 0};
    case RoleKeyType::kMlDsa:
      return {bits == 87   ? KeyAlgorithm::kMlDsa87
              : bits == 65 ? KeyAlgorithm::kMlDsa65
                           : KeyAlgorithm::kMlDsa44,
              0};
    case RoleKeyType::kAny:
      break;
  }
  CHANCERY_CHECK(false);
}

Result<unsigned> bad_bits(std::string_view what, unsigned bits) {
  return invalid("key_bits", "key_bits",
                 {"unsupported bit length for ", what, " key: ", std::to_string(bits)});
}

// OpenBao also makes P-224; no such key gets past crypto here.
Result<unsigned> resolve_rsa_bits(unsigned bits) {
  if (bits == 0) return 2048;
  if (bits < 2048) {
    return invalid(
        "key_bits", "key_bits",
        {"RSA keys < 2048 bits are unsafe and not supported: got ", std::to_string(bits)});
  }
  const bool offered = bits == 2048 || bits == 3072 || bits == 4096 || bits == 8192;
  return offered ? Result<unsigned>(bits) : bad_bits("RSA", bits);
}

std::string names_of(const std::vector<crypto::KeyType>& keys) {
  std::vector<std::string> names;
  for (const crypto::KeyType key : keys) names.push_back(crypto::to_string(key));
  return join(names, ", ");
}

Result<crypto::KeyType> listed_key(const CompiledProfile& profile, crypto::KeyType type,
                                   std::string_view field) {
  if (std::ranges::find(profile.keys, type) != profile.keys.end()) return type;
  return refused(field, "keys",
                 {"the profile allows keys of the types ", names_of(profile.keys), ", not ",
                  crypto::to_string(type)});
}

Result<void> check_role_key(const Role& role, const crypto::PublicKey& key) {
  if (role.key_type == RoleKeyType::kAny) return {};
  const auto size = size_of(key.type());
  if (!size || size->type != role.key_type) {
    return refused("csr", "key_type", {"role requires keys of type ", name(role.key_type)});
  }
  if (size->type == RoleKeyType::kEd25519 || size->bits >= role.key_bits) return {};
  return refused("csr", "key_bits",
                 {"role requires a minimum of a ", std::to_string(role.key_bits),
                  "-bit key, but CSR's key is ", std::to_string(size->bits), " bits"});
}

Result<crypto::KeyType> role_key_type(const Role& role, std::string_view requested_type,
                                      unsigned requested_bits) {
  if (role.key_type != RoleKeyType::kAny) {
    return key_type(role.key_type, TRY(resolve_key_bits(role.key_type, role.key_bits)));
  }
  if (requested_type.empty()) {
    return invalid(
        "key_type", "key_type",
        {"role key type \"any\" not allowed for issuing certificates without providing key_type "
         "and/or key_bits request parameters"});
  }
  const RoleKeyType type = TRY(parse_role_key_type(requested_type));
  if (type == RoleKeyType::kAny) return invalid("key_type", "key_type", {"unknown key type: any"});
  const auto bits = resolve_key_bits(type, requested_bits != 0 ? requested_bits : role.key_bits);
  if (!bits)
    return invalid("key_bits", "key_bits", {"failed to validate role: ", bits.error().detail});
  return key_type(type, *bits);
}

// The request names a family and perhaps a size; without a size the first listed key of it serves.
Result<crypto::KeyType> profile_key_type(const CompiledProfile& profile,
                                         std::string_view requested_type, unsigned requested_bits) {
  if (requested_type.empty() && requested_bits == 0) return profile.keys.front();
  const RoleKeyType family = TRY(parse_role_key_type(requested_type));
  if (family == RoleKeyType::kAny) return profile.keys.front();
  if (requested_bits == 0) {
    for (const crypto::KeyType listed : profile.keys) {
      const auto size = size_of(listed);
      if (size && size->type == family) return listed;
    }
  }
  const unsigned bits = TRY(resolve_key_bits(family, requested_bits));
  return listed_key(profile, key_type(family, bits), "key_type");
}

}  // namespace

crypto::KeyType key_type_of(RoleKeyType type, unsigned bits) { return key_type(type, bits); }

Result<unsigned> resolve_key_bits(RoleKeyType type, unsigned bits) {
  switch (type) {
    case RoleKeyType::kRsa:
      return resolve_rsa_bits(bits);
    case RoleKeyType::kEc:
      if (bits == 0) return 256;
      return bits == 256 || bits == 384 || bits == 521 ? Result<unsigned>(bits)
                                                       : bad_bits("EC", bits);
    case RoleKeyType::kMlDsa:
      if (bits == 0) return 44;
      return bits == 44 || bits == 65 || bits == 87 ? Result<unsigned>(bits)
                                                    : bad_bits("ML-DSA", bits);
    case RoleKeyType::kEd25519:
    case RoleKeyType::kAny:
      return bits;
  }
  CHANCERY_CHECK(false);
}

Result<void> check_key(const CompiledProfile& profile, const crypto::PublicKey& key) {
  TRY(crypto::check_weak_key(key));
  if (profile.is_role) return check_role_key(profile.rules(), key);
  TRY(listed_key(profile, key.type(), "csr"));
  return {};
}

Result<crypto::KeyType> generated_key_type(const CompiledProfile& profile,
                                           std::string_view requested_type,
                                           unsigned requested_bits) {
  return profile.is_role ? role_key_type(profile.rules(), requested_type, requested_bits)
                         : profile_key_type(profile, requested_type, requested_bits);
}

}  // namespace chancery::policy
