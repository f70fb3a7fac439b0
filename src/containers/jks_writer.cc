#include <algorithm>
#include <set>

#include "asn1/writer.h"
#include "base/text.h"
#include "containers/jks.h"
#include "containers/jks_format.h"
#include "containers/jks_protection.h"
#include "containers/password.h"

namespace chancery::containers {
namespace {

constexpr std::size_t kMaxAlias = 1024;

void put_number(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put_text(Bytes& out, std::string_view text) {
  put_number(out, text.size(), 2);
  append(out, as_bytes(text));
}

void put_block(Bytes& out, BytesView block) {
  put_number(out, block.size(), 4);
  append(out, block);
}

void put_certificate(Bytes& out, const x509::Certificate& certificate) {
  put_text(out, kJksCertificateType);
  put_block(out, certificate.der());
}

void put_entry_head(Bytes& out, std::uint32_t kind, std::string_view alias, TimePoint created) {
  put_number(out, kind, 4);
  put_text(out, to_lower(alias));
  put_number(out, static_cast<std::uint64_t>(std::max<std::int64_t>(to_unix(created), 0)) * 1000,
             8);
}

Bytes protect(BytesView pkcs8, BytesView password, Random& random) {
  const Bytes sealed = seal_jks_key(pkcs8, password, random);
  asn1::Writer w(sealed.size() + 64);
  w.sequence([&] {
    w.sequence([&] {
      w.oid(kJksKeyProtector.der());
      w.null();
    });
    w.octet_string(sealed);
  });
  return std::move(w).take();
}

// Java writes characters beyond the first plane as two surrogates of three bytes each.
bool is_alias(std::string_view alias) {
  return !alias.empty() && alias.size() <= kMaxAlias && is_valid_utf8(alias) &&
         std::ranges::none_of(
             alias, [](char c) { return c == 0 || static_cast<unsigned char>(c) >= 0xf0; });
}

Result<void> check(const Jks& content) {
  if (content.keys.size() + content.trusted.size() > kMaxJksEntries)
    return fail(Code::kInvalidArgument, "a JKS file has at most 1000 entries");
  std::set<std::string, std::less<>> seen;
  const auto check_alias = [&](std::string_view alias) -> Result<void> {
    if (!is_alias(alias))
      return fail(Code::kInvalidArgument, "alias is empty, too long or has other characters");
    if (!seen.insert(to_lower(alias)).second)
      return fail(Code::kInvalidArgument, "alias \"" + printable(alias) + "\" appears twice");
    return {};
  };
  for (const Jks::Key& key : content.keys) {
    TRY(check_alias(key.alias));
    if (key.chain.size() > kMaxJksChain)
      return fail(Code::kInvalidArgument, "a chain has at most 100 certificates");
  }
  for (const Jks::Trusted& trusted : content.trusted) TRY(check_alias(trusted.alias));
  return {};
}

}  // namespace

Result<Bytes> write_jks(const Jks& content, std::string_view password, Random& random) {
  if (password.empty()) return fail(Code::kInvalidArgument, "a JKS file needs a password");
  const SecretBytes secret = TRY(utf16(password, Zero::kWithout));
  TRY(check(content));
  Bytes out;
  put_number(out, kJksMagic, 4);
  put_number(out, kJksVersion, 4);
  put_number(out, content.keys.size() + content.trusted.size(), 4);
  for (const Jks::Key& key : content.keys) {
    put_entry_head(out, kJksKeyEntry, key.alias, key.created);
    const SecretBytes pkcs8 = TRY(key.key.to_pkcs8());
    put_block(out, protect(pkcs8.view(), secret.view(), random));
    put_number(out, key.chain.size(), 4);
    for (const x509::Certificate& certificate : key.chain) put_certificate(out, certificate);
  }
  for (const Jks::Trusted& trusted : content.trusted) {
    put_entry_head(out, kJksTrustedEntry, trusted.alias, trusted.created);
    put_certificate(out, trusted.certificate);
  }
  append(out, jks_digest(secret.view(), out));
  return out;
}

}  // namespace chancery::containers
