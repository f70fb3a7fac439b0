#include "enrol/bundle.h"

#include "asn1/pem.h"
#include "base/text.h"
#include "crypto/weak_key.h"

namespace chancery::enrol {
namespace {

constexpr std::size_t kLeastSize = 75;  // shorter texts are no PEM but, as a rule, a path

std::unexpected<Error> in_field(Error error, std::string_view field, std::size_t block) {
  if (error.code == Code::kNotFound) error.code = Code::kMalformed;
  error.detail =
      "failed to parse PEM block " + std::to_string(block) + ": " + std::move(error.detail);
  return std::unexpected(std::move(error).with("field", field));
}

Result<crypto::PrivateKey> read_key(const asn1::PemBlock& block) {
  if (block.label == "PRIVATE KEY") return crypto::PrivateKey::from_pkcs8(block.der);
  std::string text = asn1::pem(block.label, block.der);
  auto key = crypto::PrivateKey::from_pem(text);
  wipe(text);
  return key;
}

Result<void> take(const asn1::PemBlock& block, Bundle& bundle) {
  if (block.label == "CERTIFICATE" || block.label == "X509 CERTIFICATE" ||
      block.label == "TRUSTED CERTIFICATE") {
    bundle.certificates.push_back(TRY(x509::Certificate::parse(BytesView(block.der))));
    return {};
  }
  if (block.label == "EC PARAMETERS") return {};
  if (!block.label.ends_with("PRIVATE KEY")) {
    return fail(Code::kUnsupported, printable(block.label) + " is neither certificate nor key");
  }
  auto key = TRY(read_key(block));
  TRY(crypto::check_weak_key(key.public_key()));
  bundle.keys.push_back(std::move(key));
  return {};
}

}  // namespace

Result<Bundle> read_bundle(std::string_view pem, std::string_view field) {
  if (pem.size() < kLeastSize) {
    return std::unexpected(Error{
        Code::kInvalidArgument,
        "provided data for import was too short; perhaps a path was passed to the API rather "
        "than the contents of a PEM file",
        {},
        {}}.with("field", field));
  }
  auto blocks = asn1::parse_pem(pem);
  if (!blocks) return in_field(std::move(blocks).error(), field, 0);
  Bundle bundle;
  for (std::size_t i = 0; i < blocks->size(); ++i) {
    if (auto taken = take((*blocks)[i], bundle); !taken) return in_field(taken.error(), field, i);
  }
  return bundle;
}

}  // namespace chancery::enrol
