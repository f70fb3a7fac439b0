#include "asn1/reader.h"
#include "base/text.h"
#include "containers/ber.h"
#include "containers/pbe.h"
#include "containers/pkcs12.h"
#include "containers/pkcs12_oids.h"
#include "crypto/password_based.h"

namespace chancery::containers {
namespace {

using asn1::context;
using asn1::context_constructed;
using asn1::Reader;

constexpr unsigned kMaxNesting = 4;  // of SafeContents inside SafeContents
constexpr std::size_t kMaxAttributes = 32;

// What content, and by which forms of the password it can be read.
struct Session {
  const Pkcs12Limits& limits;
  Budget budget;
  SecretBytes utf8;
  SecretBytes utf16;
  std::size_t bags = 0;
  Pkcs12 out;

  [[nodiscard]] Secrets secrets() const { return {utf8.view(), utf16.view()}; }
};

std::unexpected<Error> wrong_password() {
  return fail(Code::kRefused, "the password is wrong, or the file was altered");
}

struct MacData {
  BytesView algorithm;
  crypto::DigestAlgorithm digest = crypto::DigestAlgorithm::kSha1;  // unless it is PBMAC1
  BytesView value;
  BytesView salt;
  std::int64_t iterations = 1;
};

Result<MacData> read_mac_data(Reader& pfx) {
  Reader in = TRY(pfx.enter_sequence());
  Reader info = TRY(in.enter_sequence());
  MacData mac;
  Reader peek = info;
  mac.algorithm = TRY(peek.read_whole(asn1::kSequence));
  if (is_pbmac1(mac.algorithm)) {
    (void)TRY(info.next());
  } else {
    mac.digest = TRY(read_digest(info));
  }
  mac.value = TRY(info.read_octet_string());
  TRY(info.finish());
  mac.salt = TRY(in.read_octet_string());
  if (!in.empty()) mac.iterations = TRY(in.read_int64());
  TRY(in.finish());
  if (mac.salt.size() > 1024) return in.error("salt is over 1024 bytes", Code::kTooLarge);
  return mac;
}

// The two forms that an empty or absent password has in PKCS#12's derivation; else the one.
Result<std::vector<SecretBytes>> utf16_candidates(Password password) {
  std::vector<SecretBytes> out;
  const std::string_view text = password.value_or("");
  if (!password) out.emplace_back();
  out.push_back(TRY(utf16(text, Zero::kTerminated)));
  if (password && text.empty()) out.emplace_back();
  return out;
}

Result<Bytes> compute_mac(const MacData& mac, BytesView content, BytesView password,
                          Budget& budget) {
  const std::uint32_t iterations = TRY(budget.spend(mac.iterations));
  const SecretBytes key =
      TRY(crypto::pkcs12_kdf(mac.digest, crypto::Pkcs12Purpose::kMac, password, mac.salt,
                             iterations, crypto::digest_size(mac.digest)));
  return crypto::hmac(mac.digest, key.view(), content);
}

// check_mac also finds out which form of an empty password the file was written with.
Result<void> check_mac(Session& session, const MacData& mac, BytesView content, Password password) {
  std::vector<SecretBytes> candidates = TRY(utf16_candidates(password));
  if (is_pbmac1(mac.algorithm)) {
    const Bytes value = TRY(pbmac1(mac.algorithm, content, session.utf8.view(), session.budget));
    if (!constant_time_equal(value, mac.value)) return wrong_password();
    session.utf16 = std::move(candidates.front());
    return {};
  }
  for (SecretBytes& candidate : candidates) {
    const Bytes value = TRY(compute_mac(mac, content, candidate.view(), session.budget));
    if (!constant_time_equal(value, mac.value)) continue;
    session.utf16 = std::move(candidate);
    return {};
  }
  return wrong_password();
}

struct Attributes {
  std::string friendly_name;
  Bytes local_key_id;
  bool trusted = false;
};

Result<void> read_attribute(Reader& set, Attributes& out) {
  Reader in = TRY(set.enter_sequence());
  const BytesView id = TRY(in.read_oid());
  Reader values = TRY(in.enter_set());
  TRY(in.finish());
  if (oids::kFriendlyName.is(id)) {
    const BytesView name = TRY(values.read(asn1::kBmpString));
    if (name.size() % 2 != 0 || name.size() > 2048) return values.error("friendlyName is no text");
    out.friendly_name = utf8_of_utf16(name);
  } else if (oids::kLocalKeyId.is(id)) {
    const BytesView key_id = TRY(values.read_octet_string());
    if (key_id.size() > 256) return values.error("localKeyId is too long");
    out.local_key_id = to_bytes(key_id);
  } else if (oids::kTrustedKeyUsage.is(id)) {
    out.trusted = true;
  }
  return {};
}

Result<Attributes> read_attributes(Reader& bag) {
  Attributes out;
  if (bag.empty()) return out;
  Reader set = TRY(bag.enter_set());
  for (std::size_t count = 0; !set.empty(); ++count) {
    if (count == kMaxAttributes) return set.error("bag has over 32 attributes", Code::kTooLarge);
    TRY(read_attribute(set, out));
  }
  return out;
}

Result<void> add_key(Session& session, BytesView pkcs8, Attributes attributes) {
  crypto::PrivateKey key = TRY(crypto::PrivateKey::from_pkcs8(pkcs8));
  session.out.keys.push_back(
      {std::move(key), std::move(attributes.friendly_name), std::move(attributes.local_key_id)});
  return {};
}

Result<SecretBytes> decrypt_bag(Session& session, BytesView algorithm, BytesView ciphertext) {
  auto plain = decrypt(algorithm, ciphertext, session.secrets(), session.budget);
  if (!plain && plain.error().code == Code::kRefused) return wrong_password();
  return plain;
}

Result<void> read_shrouded_key(Session& session, Reader& value, Attributes attributes) {
  Reader in = TRY(value.enter_sequence());
  const BytesView algorithm = TRY(in.read_whole(asn1::kSequence));
  const BytesView ciphertext = TRY(in.read_octet_string());
  TRY(in.finish());
  const SecretBytes plain = TRY(decrypt_bag(session, algorithm, ciphertext));
  return add_key(session, plain.view(), std::move(attributes));
}

Result<void> read_certificate(Session& session, Reader& value, Attributes attributes) {
  Reader in = TRY(value.enter_sequence());
  const BytesView type = TRY(in.read_oid());
  if (!oids::kX509Certificate.is(type)) return {};  // an SDSI certificate
  Reader wrapped = TRY(in.enter(context_constructed(0)));
  TRY(in.finish());
  const BytesView der = TRY(wrapped.read_octet_string());
  TRY(wrapped.finish());
  x509::Certificate certificate = TRY(x509::Certificate::parse(der));
  session.out.certificates.push_back({std::move(certificate), std::move(attributes.friendly_name),
                                      std::move(attributes.local_key_id), attributes.trusted});
  return {};
}

Result<void> read_bags(Session& session, Reader contents, unsigned nesting);

Result<void> read_bag(Session& session, Reader& contents, unsigned nesting) {
  if (session.bags++ == session.limits.bags)
    return contents.error("the file has more bags than are allowed", Code::kTooLarge);
  Reader bag = TRY(contents.enter_sequence());
  const BytesView id = TRY(bag.read_oid());
  Reader value = TRY(bag.enter(context_constructed(0)));
  Attributes attributes = TRY(read_attributes(bag));
  TRY(bag.finish());
  if (oids::kKeyBag.is(id)) {
    const BytesView pkcs8 = TRY(value.read_whole(asn1::kSequence));
    return add_key(session, pkcs8, std::move(attributes));
  }
  if (oids::kShroudedKeyBag.is(id)) return read_shrouded_key(session, value, std::move(attributes));
  if (oids::kCertBag.is(id)) return read_certificate(session, value, std::move(attributes));
  if (oids::kSafeContentsBag.is(id)) {
    const Reader inner = TRY(value.enter_sequence());
    return read_bags(session, inner, nesting + 1);
  }
  return {};  // CRLs and secrets
}

Result<void> read_bags(Session& session, Reader contents, unsigned nesting) {
  if (nesting == kMaxNesting) return contents.error("bags are nested too deeply", Code::kTooLarge);
  while (!contents.empty()) TRY(read_bag(session, contents, nesting));
  return {};
}

Result<void> read_safe_contents(Session& session, BytesView ber) {
  Bytes der = TRY(ber_to_der(ber));
  const Wiped wiped(der);  // it may hold keys in the clear
  Reader outer(der);
  const Reader contents = TRY(outer.enter_sequence());
  TRY(outer.finish());
  return read_bags(session, contents, 0);
}

// [0] IMPLICIT OCTET STRING, whole or in pieces.
Result<Bytes> read_encrypted_content(Reader& in) {
  if (in.next_is(context(0))) return to_bytes(TRY(in.read(context(0))));
  Reader pieces = TRY(in.enter(context_constructed(0)));
  Bytes out;
  while (!pieces.empty()) append(out, TRY(pieces.read_octet_string()));
  return out;
}

Result<void> read_encrypted_data(Session& session, Reader& content) {
  Reader data = TRY(content.enter_sequence());
  if (TRY(data.read_int64()) != 0) return data.error("encrypted data has an unknown version");
  Reader info = TRY(data.enter_sequence());
  const BytesView type = TRY(info.read_oid());
  if (!oids::kData.is(type)) return info.error("encrypted content is not data");
  const BytesView algorithm = TRY(info.read_whole(asn1::kSequence));
  const Bytes ciphertext = TRY(read_encrypted_content(info));
  TRY(info.finish());
  const SecretBytes plain = TRY(decrypt_bag(session, algorithm, ciphertext));
  return read_safe_contents(session, plain.view());
}

Result<void> read_content_info(Session& session, Reader& safe) {
  Reader info = TRY(safe.enter_sequence());
  const BytesView type = TRY(info.read_oid());
  Reader content = TRY(info.enter(context_constructed(0)));
  TRY(info.finish());
  if (oids::kData.is(type)) {
    const BytesView data = TRY(content.read_octet_string());
    TRY(content.finish());
    return read_safe_contents(session, data);
  }
  if (oids::kEncryptedData.is(type)) {
    TRY(read_encrypted_data(session, content));
    return content.finish();
  }
  return info.error("contents encrypted to a public key are not supported", Code::kUnsupported);
}

Result<void> read_authenticated_safe(Session& session, BytesView ber) {
  const Bytes der = TRY(ber_to_der(ber));
  Reader outer(der);
  Reader safe = TRY(outer.enter_sequence());
  TRY(outer.finish());
  while (!safe.empty()) TRY(read_content_info(session, safe));
  return {};
}

Result<BytesView> read_auth_safe_octets(Reader& pfx) {
  Reader info = TRY(pfx.enter_sequence());
  const BytesView type = TRY(info.read_oid());
  if (!oids::kData.is(type)) {
    return info.error("PKCS#12 with a signature instead of a MAC is not supported",
                      Code::kUnsupported);
  }
  Reader content = TRY(info.enter(context_constructed(0)));
  TRY(info.finish());
  const BytesView octets = TRY(content.read_octet_string());
  TRY(content.finish());
  return octets;
}

}  // namespace

Result<Pkcs12> read_pkcs12(BytesView ber, Password password, const Pkcs12Limits& limits) {
  if (ber.size() > limits.size) return fail(Code::kTooLarge, "PKCS#12 file is too large");
  const Bytes der = TRY(ber_to_der(ber));
  Reader outer(der);
  Reader pfx = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(pfx.read_int64()) != 3) return pfx.error("PKCS#12 version is not 3", Code::kUnsupported);
  const BytesView octets = TRY(read_auth_safe_octets(pfx));
  Session session{limits,
                  Budget(limits.iterations),
                  SecretBytes(as_bytes(password.value_or(""))),
                  std::move(TRY(utf16_candidates(password)).front()),
                  0,
                  {}};
  session.out.has_mac = !pfx.empty();
  if (session.out.has_mac) {
    const MacData mac = TRY(read_mac_data(pfx));
    TRY(pfx.finish());
    TRY(check_mac(session, mac, octets, password));
  }
  TRY(read_authenticated_safe(session, octets));
  return std::move(session.out);
}

}  // namespace chancery::containers
