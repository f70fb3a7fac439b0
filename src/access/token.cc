#include "access/token.h"

#include <algorithm>

#include "access/policy.h"
#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace chancery::access {
namespace {

constexpr std::int64_t kVersion = 3;
constexpr std::size_t kMaxPolicies = 256;
constexpr std::size_t kMaxMetadata = 256;
constexpr std::size_t kMaxCidrs = 256;

Result<std::string> read_text(asn1::Reader& reader) {
  const std::string_view text = as_text(TRY(reader.read(asn1::kUtf8String)));
  if (!is_valid_utf8(text)) return reader.error("token text is not UTF-8");
  return std::string(text);
}

Result<std::vector<std::string>> read_texts(asn1::Reader& reader, std::size_t limit) {
  std::vector<std::string> out;
  asn1::Reader list = TRY(reader.enter_sequence());
  while (!list.empty()) {
    if (out.size() == limit) return list.error("token list is too long", Code::kTooLarge);
    auto text = TRY(read_text(list));
    out.push_back(std::move(text));
  }
  return out;
}

Result<seconds> read_seconds(asn1::Reader& reader) {
  const std::int64_t count = TRY(reader.read_int64());
  if (count < 0) return reader.error("token has a negative time");
  return seconds{count};
}

Result<std::optional<TimePoint>> read_optional_time(asn1::Reader& reader) {
  if (!reader.next_is(asn1::kGeneralizedTime)) return std::nullopt;
  const TimePoint time = TRY(reader.read_generalized_time());
  return time;
}

void write_texts(asn1::Writer& w, const std::vector<std::string>& texts) {
  w.sequence([&] {
    for (const std::string& text : texts) w.element(asn1::kUtf8String, text);
  });
}

Result<void> read_second_version(asn1::Reader& reader, Token& token) {
  asn1::Reader metadata = TRY(reader.enter_sequence());
  while (!metadata.empty()) {
    if (token.metadata.size() == kMaxMetadata)
      return metadata.error("token has too much metadata", Code::kTooLarge);
    asn1::Reader pair = TRY(metadata.enter_sequence());
    auto name = TRY(read_text(pair));
    auto value = TRY(read_text(pair));
    TRY(pair.finish());
    token.metadata.emplace_back(std::move(name), std::move(value));
  }
  token.parent = TRY(read_text(reader));
  token.ttl = TRY(read_seconds(reader));
  token.explicit_max_ttl = TRY(read_seconds(reader));
  token.period = TRY(read_seconds(reader));
  token.renewed = TRY(read_optional_time(reader));
  const std::int64_t uses = TRY(reader.read_int64());
  if (uses < 0 || uses > UINT32_MAX) return reader.error("token uses are out of range");
  token.uses = static_cast<std::uint32_t>(uses);
  token.renewable = TRY(reader.read_boolean());
  token.released = TRY(reader.read_boolean());
  token.role = TRY(read_text(reader));
  token.bound_cidrs = TRY(read_texts(reader, kMaxCidrs));
  return {};
}

}  // namespace

bool Token::is_root() const { return std::ranges::find(policies, kRootPolicy) != policies.end(); }

Bytes encode(const Token& token) {
  asn1::Writer w;
  w.sequence([&] {
    w.integer(kVersion);
    w.element(asn1::kUtf8String, token.accessor);
    w.element(asn1::kUtf8String, token.display_name);
    write_texts(w, token.policies);
    w.generalized_time(token.created);
    if (token.expires) w.generalized_time(*token.expires);
    w.element(asn1::kUtf8String, token.path);
    w.sequence([&] {
      for (const auto& [name, value] : token.metadata) {
        w.sequence([&] {
          w.element(asn1::kUtf8String, name);
          w.element(asn1::kUtf8String, value);
        });
      }
    });
    w.element(asn1::kUtf8String, token.parent);
    w.integer(token.ttl.count());
    w.integer(token.explicit_max_ttl.count());
    w.integer(token.period.count());
    if (token.renewed) w.generalized_time(*token.renewed);
    w.integer(token.uses);
    w.boolean(token.renewable);
    w.boolean(token.released);
    w.element(asn1::kUtf8String, token.role);
    write_texts(w, token.bound_cidrs);
    w.integer(token.max_ttl.count());
    w.element(asn1::kUtf8String, token.source);
  });
  return std::move(w).take();
}

Result<Token> decode_token(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  const std::int64_t version = TRY(reader.read_int64());
  if (version < 1 || version > kVersion)
    return reader.error("token has an unknown version", Code::kUnsupported);
  Token token;
  token.accessor = TRY(read_text(reader));
  token.display_name = TRY(read_text(reader));
  token.policies = TRY(read_texts(reader, kMaxPolicies));
  token.created = TRY(reader.read_generalized_time());
  token.expires = TRY(read_optional_time(reader));
  token.path = TRY(read_text(reader));
  if (version >= 2) TRY(read_second_version(reader, token));
  if (version >= 3) {
    token.max_ttl = TRY(read_seconds(reader));
    token.source = TRY(read_text(reader));
  }
  TRY(reader.finish());
  return token;
}

record::StateKey token_row(std::string_view id) {
  return {record::StateKind::kToken, {}, std::string(id)};
}

record::StateKey token_key(std::string_view secret) {
  return token_row(hex(crypto::sha256(as_bytes(secret))));
}

record::StateKey accessor_key(std::string_view accessor) {
  return {record::StateKind::kAccessor, {}, std::string(accessor)};
}

record::StateKey uses_key(std::string_view id) {
  return {record::StateKind::kCounter, {}, "token-uses:" + std::string(id)};
}

}  // namespace chancery::access
