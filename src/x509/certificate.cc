#include "x509/certificate.h"

#include <utility>

#include "asn1/pem.h"
#include "asn1/reader.h"
#include "x509/certificate_builder.h"
#include "x509/tbs_certificate.h"
#include "x509/unsigned_certificate.h"

namespace chancery::x509 {

struct Certificate::State {
  Bytes der;
  Bytes unsigned_tbs;  // what `tbs` looks into when the certificate was made here
  TbsCertificate tbs;
  BytesView signature;
};

Result<Certificate> Certificate::parse(Bytes der) {
  if (der.size() > kMaxCertificateSize) return fail(Code::kTooLarge, "certificate is over 256 KiB");
  auto state = std::make_shared<State>();
  state->der = std::move(der);
  asn1::Reader in(state->der);
  asn1::Reader body = TRY(in.enter_sequence());
  TRY(in.finish());
  state->tbs = TRY(TbsCertificate::read(body));
  const BytesView algorithm = TRY(body.read_whole(asn1::kSequence));
  if (!equal(algorithm, state->tbs.signature_algorithm)) {
    return body.error("signature algorithms inside and outside the signed part differ");
  }
  const asn1::BitString signature = TRY(body.read_bit_string());
  if (signature.unused_bits != 0) return body.error("signature is not whole octets");
  state->signature = signature.bytes;
  TRY(body.finish());
  return Certificate(std::move(state));
}

Result<Certificate> Certificate::parse(BytesView der) {
  if (der.size() > kMaxCertificateSize) return fail(Code::kTooLarge, "certificate is over 256 KiB");
  return parse(to_bytes(der));
}

Result<Certificate> Certificate::from_pem(std::string_view text) {
  return parse(TRY(asn1::parse_one_pem(text, "CERTIFICATE")));
}

Result<std::vector<Certificate>> Certificate::all_from_pem(std::string_view text) {
  std::vector<asn1::PemBlock> blocks = TRY(asn1::parse_pem(text));
  std::vector<Certificate> out;
  for (asn1::PemBlock& block : blocks) {
    if (block.label != "CERTIFICATE")
      return fail(Code::kMalformed, "PEM block is not a CERTIFICATE");
    out.push_back(TRY(parse(std::move(block.der))));
  }
  return out;
}

BytesView Certificate::der() const { return state_->der; }
std::string Certificate::to_pem() const { return asn1::pem("CERTIFICATE", state_->der); }
BytesView Certificate::tbs() const { return state_->tbs.der; }
int Certificate::version() const { return state_->tbs.version; }
BytesView Certificate::serial() const { return state_->tbs.serial; }
const Name& Certificate::issuer() const { return state_->tbs.issuer; }
const Name& Certificate::subject() const { return state_->tbs.subject; }
TimePoint Certificate::not_before() const { return state_->tbs.not_before; }
TimePoint Certificate::not_after() const { return state_->tbs.not_after; }
BytesView Certificate::spki() const { return state_->tbs.spki; }
Result<crypto::PublicKey> Certificate::public_key() const {
  return crypto::PublicKey::from_spki(spki());
}
BytesView Certificate::signature_algorithm() const { return state_->tbs.signature_algorithm; }
Result<crypto::SignatureScheme> Certificate::signature_scheme() const {
  return crypto::parse_algorithm_identifier(signature_algorithm());
}
BytesView Certificate::signature() const { return state_->signature; }
const ExtensionSet& Certificate::extensions() const { return state_->tbs.extensions; }

std::span<const GeneralName> Certificate::subject_alt_names() const {
  const auto& names = extensions().subject_alt_name;
  return names ? std::span<const GeneralName>(*names) : std::span<const GeneralName>();
}

bool Certificate::is_ca() const {
  const auto& constraints = extensions().basic_constraints;
  return constraints && constraints->ca;
}

bool Certificate::is_self_issued() const { return matches(issuer(), subject()); }

Result<UnsignedCertificate> UnsignedCertificate::parse(Bytes tbs) {
  if (tbs.size() > kMaxCertificateSize) return fail(Code::kTooLarge, "certificate is over 256 KiB");
  auto state = std::make_shared<Certificate::State>();
  state->unsigned_tbs = std::move(tbs);
  state->tbs = TRY(TbsCertificate::parse(state->unsigned_tbs));
  return UnsignedCertificate(std::move(state));
}

BytesView UnsignedCertificate::tbs() const { return state_->tbs.der; }
const TbsCertificate& UnsignedCertificate::fields() const { return state_->tbs; }

Result<Certificate> UnsignedCertificate::finish(crypto::SignatureScheme scheme,
                                                BytesView signature) && {
  if (!equal(state_->tbs.signature_algorithm, crypto::algorithm_identifier(scheme))) {
    return fail(Code::kInvalidArgument, "signed with another algorithm than the certificate says");
  }
  state_->der = assemble(tbs(), scheme, signature);
  state_->signature = BytesView(state_->der).last(signature.size());
  return Certificate(std::move(state_));
}

crypto::Sha256 Certificate::fingerprint_sha256() const { return crypto::sha256(der()); }

crypto::Sha1 key_identifier(const crypto::PublicKey& key) { return crypto::sha1(key.key_bits()); }

Result<Bytes> parse_serial(std::string_view text) {
  Bytes serial = TRY(parse_hex(text, true));
  std::size_t zeros = 0;
  while (zeros < serial.size() && serial[zeros] == 0) ++zeros;
  serial.erase(serial.begin(), serial.begin() + static_cast<std::ptrdiff_t>(zeros));
  if (serial.empty()) return fail(Code::kMalformed, "serial number is empty or zero");
  if ((serial.front() & 0x80) != 0) serial.insert(serial.begin(), 0);
  if (serial.size() > kMaxSerialSize)
    return fail(Code::kMalformed, "serial number is over 20 octets");
  return serial;
}

}  // namespace chancery::x509
