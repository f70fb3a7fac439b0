#include <doctest/doctest.h>

#include <algorithm>
#include <barrier>
#include <set>
#include <thread>

#include "ca/hierarchy.h"
#include "ca/test_authority.h"
#include "x509/ocsp.h"
#include "x509/verify.h"

namespace chancery::ca {
namespace {

Bytes request_for(TestAuthority& t, BytesView serial, BytesView nonce = {},
                  crypto::DigestAlgorithm hash = crypto::DigestAlgorithm::kSha1) {
  const Bytes id = x509::encode_cert_id(hash, t.authority->certificate().subject(),
                                        t.authority->public_key(), serial);
  return x509::encode_ocsp_request(std::span(&id, 1), nonce);
}

x509::OcspResponse read(const OcspAnswer& answer) {
  auto response = x509::OcspResponse::parse(*answer.der).value();
  CHECK(response.status == x509::OcspStatus::kSuccessful);
  return response;
}

void configure(TestAuthority& t, auto change) {
  StatusSettings settings = t.service->status_settings().find(t.scope).value();
  change(settings);
  t.commit(t.service->status_settings()
               .put(access::local_operator(t.scope), std::move(settings), "req-s")
               .value());
}

void revoke(TestAuthority& t, BytesView serial) {
  t.commit(t.service
               ->revoke(access::local_operator(t.scope), serial, x509::ReasonCode::kKeyCompromise,
                        "req-2")
               .value());
}

TEST_CASE("an answer is given again until a commit or the clock ends it") {
  TestAuthority t;
  const Issued issued = t.issue("www.example.test");
  const BytesView serial = issued.certificate.serial();
  const Bytes request = request_for(t, serial);
  const OcspAnswer first = t.service->ocsp(t.scope, request);
  CHECK(first.this_update == t.clock.now());
  CHECK(first.next_update == t.clock.now() + seconds{12 * 3600});
  CHECK(t.service->ocsp(t.scope, request).der == first.der);
  // The other hash is another answer, and a nonce is always answered anew.
  const Bytes sha256 = request_for(t, serial, {}, crypto::DigestAlgorithm::kSha256);
  CHECK(t.service->ocsp(t.scope, sha256).der != first.der);
  const Bytes nonce{1, 2, 3, 4, 5, 6, 7, 8};
  const OcspAnswer fresh = t.service->ocsp(t.scope, request_for(t, serial, nonce));
  CHECK(fresh.der != first.der);
  CHECK_FALSE(fresh.this_update.has_value());
  CHECK(equal(read(fresh).nonce.value(), nonce));

  t.clock.advance(seconds{299});
  CHECK(t.service->ocsp(t.scope, request).der == first.der);
  t.clock.advance(seconds{1});
  const OcspAnswer second = t.service->ocsp(t.scope, request);
  CHECK(second.der != first.der);
  t.clock.advance(seconds{-60});  // nobody gets an answer from the future
  CHECK(t.service->ocsp(t.scope, request).der != second.der);

  revoke(t, serial);
  CHECK(read(t.service->ocsp(t.scope, request)).entries.at(0).status == x509::CertStatus::kRevoked);
  CHECK(read(t.service->ocsp(t.scope, sha256)).entries.at(0).status == x509::CertStatus::kRevoked);
}

TEST_CASE("of many who ask at once for an answer, one has it signed") {
  TestAuthority t;
  const Issued issued = t.issue("www.example.test");
  const Bytes request = request_for(t, issued.certificate.serial());
  // What all threads got, asking together.
  const auto ask = [&] {
    constexpr std::size_t kThreads = 8;
    std::barrier together(kThreads);
    std::vector<std::shared_ptr<const Bytes>> answers(kThreads);
    std::vector<std::jthread> threads;
    for (auto& answer : answers) {
      threads.emplace_back([&] {
        together.arrive_and_wait();
        answer = t.service->ocsp(t.scope, request).der;
      });
    }
    threads.clear();
    return std::set(answers.begin(), answers.end());
  };
  const auto first = ask();
  CHECK(first.size() == 1);
  const auto kept = *first.begin();
  t.clock.advance(seconds{301});
  // The answer before still holds, so nobody waits for the new one.
  auto second = ask();
  second.erase(kept);
  CHECK(second.size() == 1);
  CHECK(t.service->ocsp(t.scope, request).der == *second.begin());
  // A revocation ends both.
  revoke(t, issued.certificate.serial());
  const auto third = ask();
  CHECK(third.size() == 1);
  CHECK_FALSE(third.contains(*second.begin()));
  const auto answer = x509::OcspResponse::parse(**third.begin()).value();
  CHECK(answer.entries.at(0).status == x509::CertStatus::kRevoked);
}

TEST_CASE("an authority says for itself who signs its answers") {
  TestAuthority t;
  const Issued issued = t.issue("www.example.test");
  const Bytes nonce{1, 2, 3, 4};
  const Bytes request = request_for(t, issued.certificate.serial(), nonce);
  const auto delegates = [&] {
    return read(t.service->ocsp(t.scope, request)).certificates.size();
  };
  const auto set = [&](std::optional<bool> on, std::optional<seconds> validity) {
    IssuerChange change;
    change.ocsp_delegated = on;
    change.delegate_validity = validity;
    auto staged = t.service->hierarchy().change_issuer(access::local_operator(t.scope),
                                                       t.authority->id(), change, "req-o");
    if (!staged) return staged.error().code;
    t.commit(*std::move(staged));
    t.service->tend_ocsp(t.scope, t.outside);
    return Code::kInternal;
  };
  set(true, seconds{7200});
  CHECK(delegates() == 1);
  const auto response = read(t.service->ocsp(t.scope, request));
  const auto certificate = x509::Certificate::parse(to_bytes(response.certificates.at(0))).value();
  CHECK(certificate.not_after() == t.clock.now() + seconds{7200});
  set(false, std::nullopt);
  CHECK(delegates() == 0);
  configure(t, [](StatusSettings& s) { s.ocsp_delegated = true; });
  t.service->tend_ocsp(t.scope, t.outside);
  CHECK(delegates() == 0);  // its own word goes before the mount's
  set(std::nullopt, std::nullopt);
  CHECK(delegates() == 1);
  CHECK(set(true, seconds{60}) == Code::kInvalidArgument);
  // As it is stored.
  AuthorityRecord record = t.service->authority(t.scope, "default").value()->record();
  for (const std::optional<bool> on : {std::optional<bool>(), std::optional(true)}) {
    for (const auto validity : {std::optional<seconds>(), std::optional(seconds{7200})}) {
      record.ocsp_delegated = on;
      record.delegate_validity = validity;
      const auto again = decode_authority(encode(record)).value();
      CHECK(again.ocsp_delegated == on);
      CHECK(again.delegate_validity == validity);
    }
  }
}

TEST_CASE("an answer given again needs no lane, whatever key signed it") {
  TestAuthority t({crypto::KeyAlgorithm::kMlDsa65, 0});
  const Issued issued = t.issue("www.example.test");
  const Bytes request = request_for(t, issued.certificate.serial());
  CHECK(t.service->ocsp(t.scope, request, false).der == nullptr);
  const OcspAnswer answer = t.service->ocsp(t.scope, request);
  CHECK(read(answer).verify_signature(t.authority->public_key()).has_value());
  CHECK(t.service->ocsp(t.scope, request, false).der == answer.der);
}

TEST_CASE("the settings say what becomes of serials that were never issued") {
  TestAuthority t;
  const Bytes unissued{0x01, 0x02, 0x03};
  const Bytes request = request_for(t, unissued);
  configure(t, [](StatusSettings& s) { s.ocsp_unissued = UnissuedAnswer::kRevoked; });
  const OcspAnswer revoked = t.service->ocsp(t.scope, request);
  const auto entry = read(revoked).entries.at(0);
  CHECK(entry.status == x509::CertStatus::kRevoked);
  CHECK(entry.reason == x509::ReasonCode::kCertificateHold);
  CHECK(to_unix(entry.revoked_at) == 0);
  CHECK_FALSE(revoked.this_update.has_value());
  // id-pkix-ocsp-extended-revoke, 1.3.6.1.5.5.7.48.1.9
  const Bytes oid{0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x09};
  CHECK(as_text(*revoked.der).contains(as_text(oid)));
  configure(t, [](StatusSettings& s) { s.ocsp_unissued = UnissuedAnswer::kGood; });
  CHECK(read(t.service->ocsp(t.scope, request)).entries.at(0).status == x509::CertStatus::kGood);
  configure(t, [](StatusSettings& s) { s.ocsp_unissued = UnissuedAnswer::kUnknown; });
  const OcspAnswer unknown = t.service->ocsp(t.scope, request);
  CHECK(read(unknown).entries.at(0).status == x509::CertStatus::kUnknown);
  CHECK_FALSE(as_text(*unknown.der).contains(as_text(oid)));
}

TEST_CASE("a delegated responder is made, used, replaced and given up by itself") {
  TestAuthority t;
  const Issued issued = t.issue("www.example.test");
  const Bytes nonce{1, 2, 3, 4};
  const Bytes request = request_for(t, issued.certificate.serial(), nonce);
  const auto certificate_of = [&]() -> std::optional<x509::Certificate> {
    const auto response = read(t.service->ocsp(t.scope, request));
    if (response.certificates.empty()) {
      CHECK(response.verify_signature(t.authority->public_key()).has_value());
      return std::nullopt;
    }
    auto certificate = x509::Certificate::parse(to_bytes(response.certificates.at(0))).value();
    CHECK(response.verify_signature(certificate.public_key().value()).has_value());
    CHECK(x509::verify_signed_by(certificate, t.authority->certificate()));
    return certificate;
  };
  t.service->tend_ocsp(t.scope, t.outside);
  CHECK_FALSE(certificate_of().has_value());

  configure(t, [](StatusSettings& s) {
    s.ocsp_delegated = true;
    s.delegate_validity = parse_span("2h").value();
  });
  CHECK_FALSE(certificate_of().has_value());  // until there is one, the authority answers
  t.service->tend_ocsp(t.scope, t.outside);
  const auto first = certificate_of().value();
  CHECK(first.extensions().extended_key_usage.value() ==
        std::vector<asn1::Oid>{x509::oids::kOcspSigning});
  CHECK(first.extensions().find(asn1::Oid("1.3.6.1.5.5.7.48.1.5")) != nullptr);  // nocheck
  CHECK(first.not_after() == t.clock.now() + seconds{7200});
  CHECK(t.service->find(t.scope, first.serial()).value().row.profile == "ocsp-responder");

  t.clock.advance(seconds{3599});
  t.service->tend_ocsp(t.scope, t.outside);
  CHECK(equal(certificate_of().value().serial(), first.serial()));
  t.clock.advance(seconds{1});
  t.service->tend_ocsp(t.scope, t.outside);
  CHECK_FALSE(equal(certificate_of().value().serial(), first.serial()));
  // Nobody tended it in time: the authority answers.
  t.clock.advance(seconds{7200});
  CHECK_FALSE(certificate_of().has_value());
  t.service->tend_ocsp(t.scope, t.outside);
  CHECK(certificate_of().has_value());
  configure(t, [](StatusSettings& s) { s.ocsp_delegated = false; });
  t.service->tend_ocsp(t.scope, t.outside);
  CHECK_FALSE(certificate_of().has_value());
}

TEST_CASE("a request finds the mount whose authority it is about") {
  TestAuthority t;
  const Issued issued = t.issue("www.example.test");
  const Bytes request = request_for(t, issued.certificate.serial());
  const record::Scope other{"root", "other/"};
  std::vector<record::Scope> scopes{other, t.scope};
  const MountTable mounts{
      [&] { return scopes; },
      [&](const record::Scope& scope) { return std::ranges::find(scopes, scope) != scopes.end(); }};
  // Nobody reads all mounts where that may not be.
  CHECK(t.service->ocsp_anywhere(mounts, request, false).der == nullptr);
  CHECK(read(t.service->ocsp_anywhere(mounts, request)).entries.at(0).status ==
        x509::CertStatus::kGood);
  CHECK(t.service->ocsp_anywhere(mounts, as_bytes("x")).status ==
        x509::OcspStatus::kMalformedRequest);
  CHECK(t.service->authority_anywhere(mounts, t.authority->id()).value()->id() ==
        t.authority->id());
  scopes = {other};
  CHECK(t.service->ocsp_anywhere(mounts, request).status == x509::OcspStatus::kUnauthorized);
  CHECK(t.service->authority_anywhere(mounts, t.authority->id()).error().code == Code::kNotFound);
}

}  // namespace
}  // namespace chancery::ca
