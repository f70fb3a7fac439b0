#include "cli/inspect_reader.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "asn1/pem.h"
#include "asn1/tag.h"
#include "base/text.h"
#include "containers/jks.h"
#include "containers/pkcs12.h"
#include "containers/pkcs7.h"

namespace chancery::cli {
namespace {

constexpr std::size_t kMaxBlocks = 10'000;
constexpr std::array<std::uint8_t, 4> kJksMagic{0xfe, 0xed, 0xfe, 0xed};

using Items = std::vector<Item>;

struct Context {
  TimePoint now;
  const AskPassword& ask;
  containers::Pkcs12Limits limits;
};

enum class Shape : std::uint8_t {
  kUnknown,
  kCertificate,
  kRequest,
  kCrl,
  kOcspResponse,
  kPkcs7,
  kPkcs12,
  kPublicKey,
  kPkcs8Key,
  kRsaKey,
  kEcKey,
  kEncryptedKey,
};

// The tags of the elements inside one, at most five of them.
using Tags = std::array<std::uint8_t, 5>;
Tags tags_in(BytesView content) {
  Tags tags{};
  asn1::Reader in(content);
  for (std::uint8_t& tag : tags) {
    if (in.empty()) break;
    const auto element = in.next();
    if (!element) break;
    tag = element->tag;
  }
  return tags;
}

bool is_time(std::uint8_t tag) { return tag == asn1::kUtcTime || tag == asn1::kGeneralizedTime; }

// A signed object begins with what is signed; its fields say which of three it is.
Shape signed_shape(BytesView tbs) {
  const Tags tags = tags_in(tbs);
  if (tags[0] == 0xa0) return Shape::kCertificate;
  if (tags[0] == asn1::kSequence) return Shape::kCrl;
  if (is_time(tags[3])) return Shape::kCrl;
  return tags[3] == asn1::kSequence ? Shape::kCertificate : Shape::kRequest;
}

Shape sequence_shape(BytesView content) {
  const Tags tags = tags_in(content);
  asn1::Reader in(content);
  const auto first = in.next();
  if (!first) return Shape::kUnknown;
  switch (first->tag) {
    case asn1::kObjectIdentifier:
      return Shape::kPkcs7;
    case asn1::kEnumerated:
      return Shape::kOcspResponse;
    case asn1::kInteger:
      if (tags[1] == asn1::kOctetString) return Shape::kEcKey;
      if (tags[1] == asn1::kInteger) return Shape::kRsaKey;
      if (tags[2] == asn1::kOctetString) return Shape::kPkcs8Key;
      return first->content.size() == 1 && first->content[0] == 3 ? Shape::kPkcs12
                                                                  : Shape::kUnknown;
    case asn1::kSequence:
      if (tags[1] == asn1::kOctetString) return Shape::kEncryptedKey;
      if (tags[1] == asn1::kBitString) return Shape::kPublicKey;
      return tags[2] == asn1::kBitString ? signed_shape(first->content) : Shape::kUnknown;
    default:
      return Shape::kUnknown;
  }
}

// PKCS#12 of old programs is BER; everything else must be DER.
bool is_ber_container(BytesView bytes) {
  return bytes.size() > 4 && bytes[0] == asn1::kSequence && bytes[1] == 0x80;
}

Shape shape_of(BytesView bytes) {
  if (is_ber_container(bytes))
    return bytes[2] == asn1::kObjectIdentifier ? Shape::kPkcs7 : Shape::kPkcs12;
  asn1::Reader in(bytes);
  const auto whole = in.next();
  return whole && whole->tag == asn1::kSequence ? sequence_shape(whole->content) : Shape::kUnknown;
}

// RSA and EC keys in their own forms are read through their PEM form.
Result<Item> traditional_key(std::string_view label, BytesView der) {
  std::string text = asn1::pem(label, der);
  auto key = crypto::PrivateKey::from_pem(text);
  wipe(text);
  if (!key) return std::unexpected(key.error());
  return describe(*key);
}

Item encrypted_key() {
  return {"Encrypted private key",
          row("Content", "not shown: the key is encrypted"),
          {},
          {{"kind", "encrypted_private_key"}}};
}

Result<Items> pkcs7_items(BytesView der, TimePoint now) {
  const auto content = TRY(containers::read_pkcs7(der));
  Items items;
  for (const auto& certificate : content.certificates) items.push_back(describe(certificate, now));
  for (const auto& crl : content.crls) items.push_back(describe(crl, now));
  return items;
}

void name_item(Item& item, std::string_view name) {
  if (name.empty()) return;
  item.title += " \"" + printable(name) + "\"";
  item.value["name"] = name;
}

Result<containers::Pkcs12> open_pkcs12(BytesView der, const Context& context) {
  auto content = containers::read_pkcs12(der, std::nullopt, context.limits);
  if (content || content.error().code != Code::kRefused) return content;
  const SecretBytes password = TRY(context.ask());
  return containers::read_pkcs12(der, as_text(password.view()), context.limits);
}

Result<Items> pkcs12_items(BytesView der, const Context& context) {
  const auto content = TRY(open_pkcs12(der, context));
  Items items;
  for (const auto& key : content.keys) {
    items.push_back(describe(key.key));
    name_item(items.back(), key.friendly_name);
  }
  for (const auto& certificate : content.certificates) {
    items.push_back(describe(certificate.certificate, context.now));
    name_item(items.back(), certificate.friendly_name);
  }
  if (!content.has_mac && !items.empty())
    items.front().warnings.emplace_back("the container has no MAC: nothing says it is unaltered");
  return items;
}

Result<Items> jks_items(BytesView file, const Context& context) {
  const SecretBytes password = TRY(context.ask());
  const auto content = TRY(containers::read_jks(file, as_text(password.view())));
  Items items;
  for (const auto& key : content.keys) {
    items.push_back(describe(key.key));
    name_item(items.back(), key.alias);
    for (const auto& certificate : key.chain) {
      items.push_back(describe(certificate, context.now));
      name_item(items.back(), key.alias);
    }
  }
  for (const auto& trusted : content.trusted) {
    items.push_back(describe(trusted.certificate, context.now));
    name_item(items.back(), trusted.alias);
  }
  if (!items.empty())
    items.front().warnings.emplace_back(
        "JKS protects its keys with SHA-1 without iterations; PKCS#12 is what Java uses today");
  return items;
}

Result<Items> one(Result<Item> item) {
  if (!item) return std::unexpected(std::move(item).error());
  Items items;
  items.push_back(*std::move(item));
  return items;
}

Result<Items> pkcs8_items(BytesView der) {
  const auto key = TRY(crypto::PrivateKey::from_pkcs8(der));
  return one(describe(key));
}

Result<Items> der_items(BytesView bytes, Shape shape, const Context& context) {
  switch (shape) {
    case Shape::kCertificate:
      return one(describe(TRY(x509::Certificate::parse(bytes)), context.now));
    case Shape::kRequest:
      return one(describe(TRY(x509::CertificationRequest::parse(bytes))));
    case Shape::kCrl:
      return one(describe(TRY(x509::CertificateList::parse(bytes)), context.now));
    case Shape::kOcspResponse:
      return one(describe(TRY(x509::OcspResponse::parse(to_bytes(bytes))), context.now));
    case Shape::kPkcs7:
      return pkcs7_items(bytes, context.now);
    case Shape::kPkcs12:
      return pkcs12_items(bytes, context);
    case Shape::kPublicKey:
      return one(describe(TRY(crypto::PublicKey::from_spki(bytes))));
    case Shape::kPkcs8Key:
      return pkcs8_items(bytes);
    case Shape::kRsaKey:
      return one(traditional_key("RSA PRIVATE KEY", bytes));
    case Shape::kEcKey:
      return one(traditional_key("EC PRIVATE KEY", bytes));
    case Shape::kEncryptedKey:
      return one(encrypted_key());
    case Shape::kUnknown:
      break;
  }
  return fail(Code::kUnsupported,
              "neither PEM nor a certificate, request, CRL, OCSP response, key, PKCS#7, PKCS#12 or "
              "JKS file");
}

bool wants_shape(std::string_view label) {
  constexpr std::array<std::string_view, 14> kLabels{"CERTIFICATE",
                                                     "X509 CERTIFICATE",
                                                     "CERTIFICATE REQUEST",
                                                     "NEW CERTIFICATE REQUEST",
                                                     "X509 CRL",
                                                     "PKCS7",
                                                     "CMS",
                                                     "PKCS12",
                                                     "PUBLIC KEY",
                                                     "PRIVATE KEY",
                                                     "RSA PRIVATE KEY",
                                                     "EC PRIVATE KEY",
                                                     "ENCRYPTED PRIVATE KEY",
                                                     "OCSP RESPONSE"};
  return std::ranges::find(kLabels, label) != kLabels.end();
}

Item unreadable(std::string_view label, const Error& error) {
  const std::string shown = printable(label, 64);
  return {"PEM block \"" + shown + "\"",
          {},
          {"cannot be read: " + error.to_string()},
          {{"kind", "unreadable"}, {"label", shown}}};
}

Items block_items(const asn1::PemBlock& block, const Context& context) {
  if (!wants_shape(block.label)) {
    const std::string shown = printable(block.label, 64);
    Items items;
    items.push_back({"PEM block \"" + shown + "\"",
                     row("Content", std::to_string(block.der.size()) + " bytes, not looked into"),
                     {},
                     {{"kind", "other"}, {"label", shown}, {"size", block.der.size()}}});
    return items;
  }
  auto items = der_items(block.der, shape_of(block.der), context);
  if (items) return *std::move(items);
  Items failed;
  failed.push_back(unreadable(block.label, items.error()));
  return failed;
}

Result<Items> pem_items(std::string_view text, Context context) {
  const std::vector<asn1::PemBlock> blocks = TRY(asn1::parse_pem(text, kMaxBlocks));
  // However many containers there are, together they cost what one may.
  const auto containers = std::ranges::count_if(
      blocks, [](const auto& block) { return shape_of(block.der) == Shape::kPkcs12; });
  context.limits.iterations /= static_cast<std::uint64_t>(std::max<std::ptrdiff_t>(containers, 1));
  Items items;
  for (const asn1::PemBlock& block : blocks) {
    Items found = block_items(block, context);
    for (Item& item : found) items.push_back(std::move(item));
  }
  return items;
}

}  // namespace

Result<Items> inspect_bytes(BytesView content, TimePoint now, const AskPassword& ask,
                            const containers::Pkcs12Limits& limits) {
  if (content.empty()) return fail(Code::kMalformed, "there is nothing in it");
  const Context context{now, ask, limits};
  if (as_text(content).find("-----BEGIN ") != std::string_view::npos)
    return pem_items(as_text(content), context);
  if (content.size() > kJksMagic.size() && equal(content.first(kJksMagic.size()), kJksMagic))
    return jks_items(content, context);
  return der_items(content, shape_of(content), context);
}

}  // namespace chancery::cli
