#include "asn1/reader.h"
#include "asn1/writer.h"
#include "x509/ocsp.h"
#include "x509/ocsp_parts.h"
#include "x509/oids.h"

namespace chancery::x509 {
namespace {

using asn1::context_constructed;
using asn1::Reader;
using asn1::Writer;

Result<std::optional<crypto::DigestAlgorithm>> read_hash_algorithm(Reader& list) {
  Reader in = TRY(list.enter_sequence());
  const BytesView id = TRY(in.read_oid());
  if (in.next_is(asn1::kNull)) TRY(in.read_null());
  if (oids::kSha1.is(id)) {
    TRY(in.finish());
    return crypto::DigestAlgorithm::kSha1;
  }
  if (oids::kSha256.is(id)) {
    TRY(in.finish());
    return crypto::DigestAlgorithm::kSha256;
  }
  return std::nullopt;
}

// Request ::= SEQUENCE { reqCert, singleRequestExtensions [0] EXPLICIT OPTIONAL }
Result<CertId> read_request(Reader& list) {
  Reader in = TRY(list.enter_sequence());
  const CertId id = TRY(read_cert_id(in));
  if (in.next_is(context_constructed(0))) {
    Reader wrapped = TRY(in.enter(context_constructed(0)));
    const std::vector<Extension> extensions = TRY(read_extension_list(wrapped));
    for (const Extension& extension : extensions) {
      if (extension.critical)
        return in.error("OCSP request has an unknown critical extension", Code::kUnsupported);
    }
    TRY(wrapped.finish());
  }
  TRY(in.finish());
  return id;
}

Result<void> read_requests(OcspRequest& request, Reader& in, std::size_t max_ids) {
  Reader list = TRY(in.enter_sequence());
  if (list.empty()) return list.error("OCSP request names no certificate");
  request.cert_ids.reserve(1);
  while (!list.empty()) {
    if (request.cert_ids.size() == max_ids) {
      return list.error("OCSP request names more than " + std::to_string(max_ids) + " certificates",
                        Code::kTooLarge);
    }
    request.cert_ids.push_back(TRY(read_request(list)));
  }
  return {};
}

Result<void> read_request_extensions(OcspRequest& request, Reader& in) {
  if (!in.next_is(context_constructed(2))) return {};
  Reader wrapped = TRY(in.enter(context_constructed(2)));
  const std::vector<Extension> extensions = TRY(read_extension_list(wrapped));
  for (const Extension& extension : extensions) {
    if (extension.id == oids::kOcspNonce) {
      request.nonce = TRY(read_nonce(extension.value));
    } else if (extension.critical) {
      return in.error("OCSP request has an unknown critical extension", Code::kUnsupported);
    }
  }
  return wrapped.finish();
}

Result<void> read_tbs_request(OcspRequest& request, Reader& in, std::size_t max_ids) {
  if (in.next_is(context_constructed(0))) {
    Reader wrapped = TRY(in.enter(context_constructed(0)));
    const std::int64_t version = TRY(wrapped.read_int64());
    if (version != 0) return in.error("version of the OCSP request is not 1");
    TRY(wrapped.finish());
  }
  if (in.next_is(context_constructed(1))) {
    Reader wrapped = TRY(in.enter(context_constructed(1)));
    (void)TRY(read_general_name(wrapped));
    TRY(wrapped.finish());
  }
  TRY(read_requests(request, in, max_ids));
  TRY(read_request_extensions(request, in));
  return in.finish();
}

}  // namespace

Result<CertId> read_cert_id(Reader& in) {
  CertId id;
  Reader peek = in;
  id.der = TRY(peek.read_whole(asn1::kSequence));
  Reader body = TRY(in.enter_sequence());
  id.hash = TRY(read_hash_algorithm(body));
  id.issuer_name_hash = TRY(body.read_octet_string());
  id.issuer_key_hash = TRY(body.read_octet_string());
  id.serial = TRY(body.read_integer());
  TRY(body.finish());
  if (id.hash) {
    const std::size_t size = crypto::digest_size(*id.hash);
    if (id.issuer_name_hash.size() != size || id.issuer_key_hash.size() != size) {
      return body.error("CertID has a hash of a wrong size");
    }
  }
  return id;
}

Result<BytesView> read_nonce(BytesView value) {
  Reader in(value);
  const BytesView nonce = TRY(in.read_octet_string());
  TRY(in.finish());
  if (nonce.empty() || nonce.size() > kMaxOcspNonceSize)
    return in.error("OCSP nonce is not 1..128 octets");
  return nonce;
}

bool IssuerHashes::matches(const CertId& id) const {
  if (id.hash == crypto::DigestAlgorithm::kSha1) {
    return equal(id.issuer_key_hash, key_sha1) && equal(id.issuer_name_hash, name_sha1);
  }
  if (id.hash == crypto::DigestAlgorithm::kSha256) {
    return equal(id.issuer_key_hash, key_sha256) && equal(id.issuer_name_hash, name_sha256);
  }
  return false;
}

IssuerHashes issuer_hashes(const Name& subject, const crypto::PublicKey& key) {
  return {crypto::sha1(subject.der()), crypto::sha1(key.key_bits()), crypto::sha256(subject.der()),
          crypto::sha256(key.key_bits())};
}

Result<OcspRequest> OcspRequest::parse(BytesView der, std::size_t max_ids) {
  if (der.size() > kMaxOcspRequestSize) return fail(Code::kTooLarge, "OCSP request is over 64 KiB");
  Reader in(der);
  Reader body = TRY(in.enter_sequence());
  TRY(in.finish());
  Reader tbs = TRY(body.enter_sequence());
  OcspRequest request;
  TRY(read_tbs_request(request, tbs, max_ids));
  (void)TRY(body.read_optional(context_constructed(0)));  // the signature
  TRY(body.finish());
  return request;
}

Bytes encode_cert_id(crypto::DigestAlgorithm hash, const Name& issuer,
                     const crypto::PublicKey& issuer_key, BytesView serial) {
  const asn1::Oid& id = hash == crypto::DigestAlgorithm::kSha1 ? oids::kSha1 : oids::kSha256;
  Writer w(128);
  w.sequence([&] {
    w.sequence([&] {
      w.oid(id.der());
      w.null();
    });
    w.octet_string(crypto::digest(hash, issuer.der()));
    w.octet_string(crypto::digest(hash, issuer_key.key_bits()));
    w.element(asn1::kInteger, serial);
  });
  return std::move(w).take();
}

Bytes encode_ocsp_request(std::span<const Bytes> cert_ids, BytesView nonce) {
  Writer w(256);
  w.sequence([&] {
    w.sequence([&] {
      w.sequence([&] {
        for (const Bytes& id : cert_ids) w.element(asn1::kSequence, id);
      });
      if (!nonce.empty()) {
        w.nest(context_constructed(2), [&] { w.sequence([&] { write_nonce(w, nonce); }); });
      }
    });
  });
  return std::move(w).take();
}

}  // namespace chancery::x509
