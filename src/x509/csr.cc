#include "x509/csr.h"

#include <algorithm>
#include <utility>

#include "asn1/pem.h"
#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"
#include "x509/charset.h"
#include "x509/oids.h"

namespace chancery::x509 {
namespace {

using asn1::Reader;
using asn1::Writer;

// Microsoft's older attribute for the same thing (szOID_CERT_EXTENSIONS).
constexpr asn1::Oid kMicrosoftExtensionRequest("1.3.6.1.4.1.311.2.1.14");

template <class T>
Result<T> in_field(Result<T> result, std::string_view field) {
  if (result) return result;
  return std::unexpected(std::move(result).error().with("field", field));
}

}  // namespace

struct CertificationRequest::State {
  Bytes der;
  BytesView info;
  Name subject;
  std::optional<crypto::PublicKey> public_key;
  bool has_extension_request = false;
  ExtensionSet extensions;
  std::optional<BytesView> challenge_password;
  BytesView signature_algorithm;
  BytesView signature;

  Result<void> read_info(Reader& in);
  Result<void> read_attributes(Reader& in);
  Result<void> read_attribute(const asn1::Oid& type, Reader values);
};

Result<void> CertificationRequest::State::read_attribute(const asn1::Oid& type, Reader values) {
  if (type == oids::kExtensionRequest || type == kMicrosoftExtensionRequest) {
    if (has_extension_request) return values.error("request asks for extensions twice");
    has_extension_request = true;
    extensions = TRY(read_extensions(values));
    return values.finish();
  }
  if (type == oids::kChallengePassword) {
    const asn1::Element password = TRY(values.next());
    if (!string_to_utf8(password.tag, password.content))
      return values.error("challenge password is not a text");
    challenge_password = password.whole;
    return values.finish();
  }
  return {};
}

// Some devices leave the empty attributes out, against RFC 2986; that is accepted.
Result<void> CertificationRequest::State::read_attributes(Reader& in) {
  if (in.empty()) return {};
  Reader list = TRY(in.enter(asn1::context_constructed(0)));
  std::vector<asn1::Oid> seen;
  while (!list.empty()) {
    if (seen.size() == kMaxRequestAttributes)
      return list.error("more than 32 attributes", Code::kTooLarge);
    Reader attribute = TRY(list.enter_sequence());
    const BytesView content = TRY(attribute.read_oid());
    const asn1::Oid type = TRY(asn1::Oid::from_der(content));
    if (std::ranges::find(seen, type) != seen.end())
      return list.error("request attribute appears twice");
    seen.push_back(type);
    const Reader values = TRY(attribute.enter_set());
    TRY(attribute.finish());
    if (auto read = read_attribute(type, values); !read)
      return in_field(std::move(read), type.to_string());
  }
  return {};
}

Result<void> CertificationRequest::State::read_info(Reader& in) {
  const std::int64_t version = TRY(in_field(in.read_int64(), "version"));
  if (version != 0) return in.error("version of the certification request is not 1");
  const BytesView name = TRY(in_field(in.read_whole(asn1::kSequence), "subject"));
  subject = TRY(in_field(Name::from_der(name), "subject"));
  const BytesView spki = TRY(in_field(in.read_whole(asn1::kSequence), "subjectPublicKeyInfo"));
  public_key = TRY(in_field(crypto::PublicKey::from_spki(spki), "subjectPublicKeyInfo"));
  TRY(in_field(read_attributes(in), "attributes"));
  return in.finish();
}

Result<CertificationRequest> CertificationRequest::parse(Bytes der) {
  if (der.size() > kMaxRequestSize)
    return fail(Code::kTooLarge, "certification request is over 256 KiB");
  auto state = std::make_shared<State>();
  state->der = std::move(der);
  Reader in(state->der);
  Reader body = TRY(in.enter_sequence());
  TRY(in.finish());
  Reader peek = body;
  state->info = TRY(peek.read_whole(asn1::kSequence));
  Reader info = TRY(body.enter_sequence());
  TRY(state->read_info(info));
  state->signature_algorithm = TRY(body.read_whole(asn1::kSequence));
  const asn1::BitString signature = TRY(body.read_bit_string());
  if (signature.unused_bits != 0) return body.error("signature is not whole octets");
  state->signature = signature.bytes;
  TRY(body.finish());
  return CertificationRequest(std::move(state));
}

Result<CertificationRequest> CertificationRequest::parse(BytesView der) {
  if (der.size() > kMaxRequestSize)
    return fail(Code::kTooLarge, "certification request is over 256 KiB");
  return parse(to_bytes(der));
}

Result<CertificationRequest> CertificationRequest::from_pem(std::string_view text) {
  std::vector<asn1::PemBlock> blocks = TRY(asn1::parse_pem(text));
  if (blocks.size() != 1 ||
      (blocks[0].label != "CERTIFICATE REQUEST" && blocks[0].label != "NEW CERTIFICATE REQUEST")) {
    return fail(Code::kMalformed, "PEM is not exactly one CERTIFICATE REQUEST");
  }
  return parse(std::move(blocks[0].der));
}

Result<void> CertificationRequest::verify_signature() const {
  const crypto::KeyType type = state_->public_key->type();
  if (!crypto::can_sign(type.algorithm)) {
    return fail(Code::kRefused, crypto::to_string(type) +
                                    " keys sign nothing: a certification request cannot prove "
                                    "possession of one (RFC 4211 section 4 has other ways)");
  }
  const crypto::SignatureScheme scheme =
      TRY(crypto::parse_algorithm_identifier(state_->signature_algorithm));
  return state_->public_key->verify(scheme, state_->info, state_->signature);
}

BytesView CertificationRequest::der() const { return state_->der; }
std::string CertificationRequest::to_pem() const {
  return asn1::pem("CERTIFICATE REQUEST", state_->der);
}
BytesView CertificationRequest::info() const { return state_->info; }
const Name& CertificationRequest::subject() const { return state_->subject; }
BytesView CertificationRequest::spki() const { return state_->public_key->spki(); }
const crypto::PublicKey& CertificationRequest::public_key() const { return *state_->public_key; }
BytesView CertificationRequest::signature_algorithm() const { return state_->signature_algorithm; }
BytesView CertificationRequest::signature() const { return state_->signature; }
const ExtensionSet& CertificationRequest::extensions() const { return state_->extensions; }
std::optional<BytesView> CertificationRequest::challenge_password() const {
  return state_->challenge_password;
}

std::span<const GeneralName> CertificationRequest::subject_alt_names() const {
  const auto& names = state_->extensions.subject_alt_name;
  return names ? std::span<const GeneralName>(*names) : std::span<const GeneralName>();
}

namespace {

void write_requested_extensions(Writer& w, const RequestFields& f) {
  if (f.key_usage && !f.key_usage->empty()) write_key_usage(w, *f.key_usage);
  if (!f.extended_key_usage.empty()) write_extended_key_usage(w, f.extended_key_usage);
  if (f.basic_constraints) write_basic_constraints(w, *f.basic_constraints);
  if (!f.subject_alt_names.empty()) write_subject_alt_name(w, f.subject_alt_names);
  for (const Extension& extension : f.more) write_extension(w, extension);
}

template <class Value>
Bytes encode_attribute(const asn1::Oid& type, Value&& value) {
  Writer w(256);
  w.sequence([&] {
    w.oid(type.der());
    w.nest(asn1::kSet, [&] { value(w); });
  });
  return std::move(w).take();
}

std::vector<Bytes> encode_attributes(const RequestFields& f) {
  std::vector<Bytes> out;
  if (!f.challenge_password.empty()) {
    const std::uint8_t tag =
        is_printable_string(f.challenge_password) ? asn1::kPrintableString : asn1::kUtf8String;
    out.push_back(encode_attribute(oids::kChallengePassword,
                                   [&](Writer& w) { w.element(tag, f.challenge_password); }));
  }
  Writer extensions;
  write_requested_extensions(extensions, f);
  if (extensions.size() != 0) {
    out.push_back(encode_attribute(oids::kExtensionRequest, [&](Writer& w) {
      w.element(asn1::kSequence, extensions.view());
    }));
  }
  std::ranges::sort(out);  // SET OF: ascending (X.690 section 11.6)
  return out;
}

}  // namespace

Result<Bytes> encode_request_info(const RequestFields& fields) {
  if (fields.subject.size() < 2) return fail(Code::kInvalidArgument, "subject name is missing");
  if (!is_valid_utf8(fields.challenge_password))
    return fail(Code::kInvalidArgument, "challenge password is not UTF-8");
  if (fields.spki.size() < 2) return fail(Code::kInvalidArgument, "public key is missing");
  const std::vector<Bytes> attributes = encode_attributes(fields);
  Writer w(fields.subject.size() + fields.spki.size() + 512);
  w.sequence([&] {
    w.integer(0);
    w.raw(fields.subject);
    w.raw(fields.spki);
    w.nest(asn1::context_constructed(0), [&] {
      for (const Bytes& attribute : attributes) w.raw(attribute);
    });
  });
  return std::move(w).take();
}

}  // namespace chancery::x509
