#include "x509/crl.h"

#include <utility>

#include "asn1/reader.h"
#include "x509/certificate.h"
#include "x509/oids.h"

namespace chancery::x509 {
namespace {

using asn1::Reader;

constexpr std::size_t kMaxCrlSize = asn1::kMaxElementSize;

Result<void> read_entry_extension(CrlEntry& entry, Reader& list) {
  const Extension extension = TRY(read_extension(list));
  if (extension.id == oids::kReasonCode) {
    if (entry.reason) return list.error("CRL entry has two reasons");
    entry.reason = TRY(read_reason_code(extension.value));
  } else if (extension.id == oids::kInvalidityDate) {
    if (entry.invalid_since) return list.error("CRL entry has two invalidity dates");
    entry.invalid_since = TRY(read_invalidity_date(extension.value));
  } else if (extension.critical) {
    return list.error("CRL entry has an unknown critical extension", Code::kUnsupported);
  }
  return {};
}

Result<CrlEntry> read_entry(Reader& list) {
  CrlEntry entry;
  Reader peek = list;
  entry.der = TRY(peek.read_whole(asn1::kSequence));
  Reader in = TRY(list.enter_sequence());
  entry.serial = TRY(in.read_integer());
  entry.revoked_at = TRY(in.read_time());
  if (!in.empty()) {
    Reader extensions = TRY(in.enter_sequence());
    if (extensions.empty()) return extensions.error("list of CRL entry extensions is empty");
    entry.extensions = extensions.rest();
    while (!extensions.empty()) TRY(read_entry_extension(entry, extensions));
  }
  TRY(in.finish());
  return entry;
}

bool is_known_list_extension(const asn1::Oid& id) {
  return id == oids::kAuthorityKeyIdentifier || id == oids::kCrlNumber ||
         id == oids::kIssuingDistributionPoint || id == oids::kDeltaCrlIndicator ||
         id == oids::kFreshestCrl;
}

}  // namespace

CrlEntries::Iterator::Iterator(BytesView rest) : rest_(rest) { ++*this; }

CrlEntries::Iterator& CrlEntries::Iterator::operator++() {
  entry_ = {};
  if (rest_.empty()) return *this;
  Reader in(rest_);
  auto entry = read_entry(in);
  CHANCERY_CHECK(entry.has_value());  // parse has read it before
  entry_ = *entry;
  rest_ = in.rest();
  return *this;
}

struct CertificateList::State {
  Bytes der;
  BytesView tbs;
  int version = 1;
  BytesView inner_algorithm;
  Name issuer;
  TimePoint this_update;
  std::optional<TimePoint> next_update;
  BytesView entries;
  std::size_t entry_count = 0;
  std::vector<Extension> extensions;
  std::optional<BytesView> number;
  std::optional<BytesView> authority_key_id;
  bool is_delta = false;
  std::optional<CrlScope> scope;
  BytesView signature_algorithm;
  BytesView signature;

  Result<void> read_tbs(Reader& in);
  Result<void> read_entries(Reader& in);
  Result<void> read_extensions(Reader& in);
};

Result<void> CertificateList::State::read_entries(Reader& in) {
  if (!in.next_is(asn1::kSequence)) return {};
  Reader list = TRY(in.enter_sequence());
  if (list.empty()) return list.error("list of revoked certificates is empty instead of absent");
  entries = list.rest();
  while (!list.empty()) {
    const CrlEntry entry = TRY(read_entry(list));
    if (version == 1 && !entry.extensions.empty())
      return list.error("extensions in a version 1 CRL");
    ++entry_count;
  }
  return {};
}

Result<void> CertificateList::State::read_extensions(Reader& in) {
  if (in.empty()) return {};
  if (version == 1) return in.error("extensions in a version 1 CRL");
  Reader wrapped = TRY(in.enter(asn1::context_constructed(0)));
  extensions = TRY(read_extension_list(wrapped));
  TRY(wrapped.finish());
  for (const Extension& extension : extensions) {
    if (extension.critical && !is_known_list_extension(extension.id)) {
      return in.error("CRL has an unknown critical extension", Code::kUnsupported);
    }
    if (extension.id == oids::kCrlNumber) number = TRY(read_crl_number(extension.value));
    if (extension.id == oids::kAuthorityKeyIdentifier) {
      authority_key_id = TRY(read_authority_key_id(extension.value)).key_id;
    }
    if (extension.id == oids::kDeltaCrlIndicator) is_delta = true;
    if (extension.id == oids::kIssuingDistributionPoint)
      scope = TRY(read_issuing_distribution_point(extension.value));
  }
  return {};
}

Result<void> CertificateList::State::read_tbs(Reader& in) {
  if (in.next_is(asn1::kInteger)) {
    if (TRY(in.read_int64()) != 1) return in.error("version of the CRL is neither 1 nor 2");
    version = 2;
  }
  inner_algorithm = TRY(in.read_whole(asn1::kSequence));
  const BytesView name = TRY(in.read_whole(asn1::kSequence));
  issuer = TRY(Name::from_der(name));
  this_update = TRY(in.read_time());
  if (in.next_is(asn1::kUtcTime) || in.next_is(asn1::kGeneralizedTime))
    next_update = TRY(in.read_time());
  TRY(read_entries(in));
  TRY(read_extensions(in));
  return in.finish();
}

Result<CertificateList> CertificateList::parse(Bytes der) {
  if (der.size() > kMaxCrlSize) return fail(Code::kTooLarge, "CRL is over 256 MiB");
  auto state = std::make_shared<State>();
  state->der = std::move(der);
  Reader in(state->der);
  Reader body = TRY(in.enter_sequence());
  TRY(in.finish());
  Reader peek = body;
  state->tbs = TRY(peek.read_whole(asn1::kSequence));
  Reader tbs = TRY(body.enter_sequence());
  TRY(state->read_tbs(tbs));
  state->signature_algorithm = TRY(body.read_whole(asn1::kSequence));
  if (!equal(state->signature_algorithm, state->inner_algorithm)) {
    return body.error("signature algorithms inside and outside the signed part differ");
  }
  const asn1::BitString signature = TRY(body.read_bit_string());
  if (signature.unused_bits != 0) return body.error("signature is not whole octets");
  state->signature = signature.bytes;
  TRY(body.finish());
  return CertificateList(std::move(state));
}

Result<CertificateList> CertificateList::parse(BytesView der) {
  if (der.size() > kMaxCrlSize) return fail(Code::kTooLarge, "CRL is over 256 MiB");
  return parse(to_bytes(der));
}

BytesView CertificateList::der() const { return state_->der; }
BytesView CertificateList::tbs() const { return state_->tbs; }
const Name& CertificateList::issuer() const { return state_->issuer; }
TimePoint CertificateList::this_update() const { return state_->this_update; }
std::optional<TimePoint> CertificateList::next_update() const { return state_->next_update; }
std::optional<BytesView> CertificateList::number() const { return state_->number; }
std::optional<BytesView> CertificateList::authority_key_id() const {
  return state_->authority_key_id;
}
bool CertificateList::is_delta() const { return state_->is_delta; }
const std::optional<CrlScope>& CertificateList::scope() const { return state_->scope; }
const std::vector<Extension>& CertificateList::extensions() const { return state_->extensions; }
std::size_t CertificateList::entry_count() const { return state_->entry_count; }
CrlEntries CertificateList::entries() const { return CrlEntries(state_->entries); }
BytesView CertificateList::signature_algorithm() const { return state_->signature_algorithm; }
BytesView CertificateList::signature() const { return state_->signature; }

std::optional<CrlEntry> CertificateList::find(BytesView serial) const {
  Reader list(state_->entries);
  while (!list.empty()) {
    Reader peek = list;
    auto entry = list.enter_sequence();
    CHANCERY_CHECK(entry.has_value());
    const auto found = entry->read_integer();
    if (found && equal(*found, serial)) return read_entry(peek).value();
  }
  return std::nullopt;
}

Result<void> CertificateList::verify_signature(const crypto::PublicKey& issuer_key) const {
  const crypto::SignatureScheme scheme =
      TRY(crypto::parse_algorithm_identifier(state_->signature_algorithm));
  return issuer_key.verify(scheme, state_->tbs, state_->signature);
}

}  // namespace chancery::x509
