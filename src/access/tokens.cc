#include "access/tokens.h"

#include <array>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace chancery::access {
namespace {

constexpr std::string_view kPrefix = "chs.";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMaxSecretSize = 512;
constexpr std::size_t kMaxPolicies = 256;

std::string random_hex(Random& random, std::size_t size) {
  Bytes bytes(size);
  random.fill(bytes);
  return hex(bytes);
}

Result<std::string> read_text(asn1::Reader& reader) {
  const std::string_view text = as_text(TRY(reader.read(asn1::kUtf8String)));
  if (!is_valid_utf8(text)) return reader.error("token text is not UTF-8");
  return std::string(text);
}

}  // namespace

Bytes encode(const Token& token) {
  asn1::Writer w;
  w.sequence([&] {
    w.integer(1);
    w.element(asn1::kUtf8String, token.accessor);
    w.element(asn1::kUtf8String, token.display_name);
    w.sequence([&] {
      for (const std::string& policy : token.policies) w.element(asn1::kUtf8String, policy);
    });
    w.generalized_time(token.created);
    if (token.expires) w.generalized_time(*token.expires);
    w.element(asn1::kUtf8String, token.path);
  });
  return std::move(w).take();
}

Result<Token> decode_token(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != 1)
    return reader.error("token has an unknown version", Code::kUnsupported);
  Token token;
  token.accessor = TRY(read_text(reader));
  token.display_name = TRY(read_text(reader));
  asn1::Reader policies = TRY(reader.enter_sequence());
  while (!policies.empty()) {
    if (token.policies.size() == kMaxPolicies)
      return policies.error("token has too many policies", Code::kTooLarge);
    token.policies.push_back(TRY(read_text(policies)));
  }
  token.created = TRY(reader.read_generalized_time());
  if (reader.next_is(asn1::kGeneralizedTime)) token.expires = TRY(reader.read_generalized_time());
  token.path = TRY(read_text(reader));
  TRY(reader.finish());
  return token;
}

record::StateKey token_key(std::string_view secret) {
  return {record::StateKind::kToken, {}, hex(crypto::sha256(as_bytes(secret)))};
}

NewToken make_root_token(TimePoint now, Random& random) {
  SecretBytes bytes(kSecretBytes);
  random.fill(bytes.mutable_view());
  NewToken made;
  made.secret = std::string(kPrefix) + base64(bytes.view(), Base64::kUrl);
  made.token = {random_hex(random, 12), "root", {"root"}, now, std::nullopt, "auth/token/root"};
  made.key = token_key(made.secret);
  return made;
}

Tokens::Tokens(const record::StateReader& reader, record::Committer& committer,
               std::size_t cache_capacity)
    : cache_(
          record::StateKind::kToken, reader,
          [](const record::StateRow& row) { return decode_token(row.value); }, cache_capacity) {
  committer.observe(cache_);
}

Result<Authenticated> Tokens::authenticate(std::string_view secret, TimePoint now) {
  if (secret.empty() || secret.size() > kMaxSecretSize)
    return fail(Code::kUnauthenticated, "permission denied");
  auto token = TRY(cache_.find(token_key(secret)));
  if (!token || (token->expires && *token->expires <= now))
    return fail(Code::kUnauthenticated, "permission denied");
  return Authenticated{{"root", token->display_name, token->accessor, token->policies},
                       std::move(token)};
}

}  // namespace chancery::access
