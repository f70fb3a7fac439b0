#include "ca/status_settings.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "ca/test_authority.h"
#include "x509/crl.h"
#include "x509/ocsp.h"

namespace chancery::ca {
namespace {

std::string refusal(const StatusSettings& settings) {
  const auto checked = check_status_settings(settings);
  return checked ? "" : checked.error().detail;
}

Span span(std::string_view text) { return parse_span(text).value(); }

// What a mount publishes under settings of its own.
struct Mount : TestAuthority {
  template <class Change>
  void set(Change change) {
    auto settings = service->status_settings().find(scope).value();
    change(settings);
    commit(
        service->status_settings().put(access::local_operator(scope), settings, "req-s").value());
  }

  x509::CertificateList crl(CrlKind kind = CrlKind::kComplete) {
    const auto published = service->published_crl(authority, kind, &outside).value();
    auto list = x509::CertificateList::parse(published->der.view()).value();
    CHECK(list.verify_signature(authority->public_key()).has_value());
    CHECK(list.is_delta() == (kind == CrlKind::kDelta));
    CHECK(list.this_update() == floor<seconds>(published->this_update));
    CHECK(number(list) == published->number);
    return list;
  }

  static std::uint64_t number(const x509::CertificateList& list) {
    std::uint64_t value = 0;
    const BytesView octets = list.number().value();
    for (const std::uint8_t octet : octets) value = value << 8 | octet;
    return value;
  }

  // The number of the complete CRL that a delta CRL adds to.
  static std::uint64_t base(const x509::CertificateList& list) {
    for (const x509::Extension& extension : list.extensions()) {
      if (!(extension.id == x509::oids::kDeltaCrlIndicator)) continue;
      CHECK(extension.critical);
      return extension.value.back();
    }
    return 0;
  }

  Bytes revoke_one() {
    const Issued issued = issue("www.example.test");
    commit(service
               ->revoke(access::local_operator(scope), issued.certificate.serial(),
                        x509::ReasonCode::kSuperseded, "req-r")
               .value());
    return to_bytes(issued.certificate.serial());
  }
};

void automatic(StatusSettings& settings) {
  settings.auto_rebuild = true;
  settings.delta_enabled = true;
}

TEST_CASE("status settings: one encoding, strictly read") {
  StatusSettings settings;
  settings.crl_validity = span("3d");
  settings.auto_rebuild = true;
  settings.delta_interval = span("1h30m");
  const Bytes der = encode(settings);
  CHECK(decode_status_settings(der).value() == settings);
  for (std::size_t size = 0; size < der.size(); ++size)
    CHECK_FALSE(decode_status_settings(BytesView(der).first(size)).has_value());
  Bytes more = der;
  more.push_back(0);
  CHECK_FALSE(decode_status_settings(more).has_value());
  CHECK_FALSE(parse_span(std::string(65, '1')).has_value());
}

TEST_CASE("status settings that contradict themselves say so") {
  StatusSettings settings;
  CHECK(refusal(settings).empty());
  settings.crl_validity = span("0");
  CHECK(refusal(settings) == "expiry must be greater than 0");
  settings.crl_validity = span("8760001h");
  CHECK(refusal(settings) == "expiry must not be over 8760000h");
  settings = {};
  settings.ocsp_validity = span("-3h");
  CHECK(refusal(settings) == "ocsp_expiry must be greater than or equal to 0 got: -3h0m0s");
  settings.ocsp_validity = span("8760001h");
  CHECK(refusal(settings) == "ocsp_expiry must not be over 8760000h");
  settings = {};
  settings.delta_enabled = true;
  CHECK(refusal(settings) ==
        "Delta CRLs cannot be enabled when auto rebuilding is disabled as the complete CRL is "
        "always regenerated!");
  settings.auto_rebuild = true;
  CHECK(refusal(settings).empty());
  settings.delta_interval = span("72h");
  CHECK(refusal(settings) ==
        "CRL delta rebuild window (72h) must be strictly shorter than CRL expiry (72h) value when "
        "delta CRLs are enabled");
  settings.grace_period = span("4d");
  CHECK(refusal(settings) ==
        "CRL auto-rebuilding grace period (4d) must be strictly shorter than CRL expiry (72h) "
        "value when auto-rebuilding of CRLs is enabled");
}

TEST_CASE("of two writers of settings one wins") {
  Mount t;
  auto& store = t.service->status_settings();
  auto first = store.put(access::local_operator(t.scope), {}, "1").value();
  auto second = store.put(access::local_operator(t.scope), {}, "2").value();
  t.commit(std::move(first));
  CHECK(second.submit(t.store->committer()).wait(t.outside).error().code == Code::kConflict);
}

TEST_CASE("a CRL follows the settings at once") {
  Mount t;
  t.revoke_one();
  const auto first = t.crl();
  t.set([](StatusSettings& s) { s.crl_validity = span("24h"); });
  const auto shorter = t.crl();
  CHECK(*shorter.next_update() - shorter.this_update() == seconds{24 * 3600});
  CHECK(Mount::number(shorter) == Mount::number(first) + 1);
  t.set([](StatusSettings& s) { s.crl_disabled = true; });
  const auto disabled = t.crl();
  CHECK(disabled.entry_count() == 0);
  t.revoke_one();
  CHECK(Mount::number(t.crl()) == Mount::number(disabled));
  t.set([](StatusSettings& s) { s.crl_disabled = false; });
  CHECK(t.crl().entry_count() == 2);
}

TEST_CASE("automatic rebuilding: the complete CRL waits for its grace period, the delta does not") {
  Mount t;
  t.set(automatic);
  const Bytes before = t.revoke_one();
  const auto complete = t.crl();
  CHECK(complete.entry_count() == 1);
  const Bytes after = t.revoke_one();
  CHECK(t.crl().der().size() == complete.der().size());
  CHECK(Mount::number(t.crl()) == Mount::number(complete));

  const auto delta = t.crl(CrlKind::kDelta);
  CHECK(Mount::base(delta) == Mount::number(complete));
  CHECK(Mount::number(delta) == Mount::number(complete) + 1);
  CHECK(delta.entry_count() == 1);
  CHECK(delta.find(after).has_value());
  CHECK_FALSE(delta.find(before).has_value());
  CHECK(Mount::number(t.crl()) == Mount::number(complete));

  // Within the interval the delta stays; after it, the next request has what came since.
  t.revoke_one();
  CHECK(t.crl(CrlKind::kDelta).entry_count() == 1);
  t.clock.advance(seconds{15 * 60});
  const auto second = t.crl(CrlKind::kDelta);
  CHECK(second.entry_count() == 2);
  CHECK(Mount::number(second) == Mount::number(delta) + 1);
  CHECK(Mount::base(second) == Mount::number(complete));

  t.clock.advance(seconds{60 * 3600});  // 72 h less the grace period of 12 h
  const auto next = t.crl();
  CHECK(next.entry_count() == 3);
  CHECK(Mount::number(next) == Mount::number(second) + 1);
  const auto empty = t.crl(CrlKind::kDelta);
  CHECK(empty.entry_count() == 0);
  CHECK(Mount::base(empty) == Mount::number(next));
}

TEST_CASE("automatic rebuilding goes on after a start with what was published") {
  Mount t;
  t.set(automatic);
  t.revoke_one();
  const auto complete = t.crl();
  t.revoke_one();
  const auto delta = t.crl(CrlKind::kDelta);
  const auto before = std::move(t.service);  // the store goes on telling it of commits
  t.service = std::make_unique<Service>(Dependencies{*t.store, *t.keys, t.clock, t.random, t.log});
  CHECK(Mount::number(t.crl()) == Mount::number(complete));
  CHECK(t.crl().entry_count() == 1);
  CHECK(t.crl().this_update() == complete.this_update());
  const auto again = t.crl(CrlKind::kDelta);
  CHECK(Mount::number(again) == Mount::number(delta) + 1);
  CHECK(again.entry_count() == 1);
  // What is not in it after the start must not pass for being in it without the automatism.
  t.set([](StatusSettings& s) { s.delta_enabled = s.auto_rebuild = false; });
  CHECK(t.crl().entry_count() == 2);
}

TEST_CASE("rotation makes a new CRL whatever is there") {
  Mount t;
  t.set(automatic);
  const auto first = t.crl();
  CHECK(t.service->rotate_crls(t.scope, CrlKind::kComplete, t.outside).has_value());
  CHECK(Mount::number(t.crl()) == Mount::number(first) + 1);
  CHECK(t.service->rotate_crls(t.scope, CrlKind::kDelta, t.outside).has_value());
  CHECK(t.service->rotate_crls(t.scope, CrlKind::kDelta, t.outside).has_value());
  CHECK(Mount::number(t.crl(CrlKind::kDelta)) == Mount::number(first) + 3);
  CHECK(Mount::number(t.crl()) == Mount::number(first) + 1);
}

TEST_CASE("a lost entry file does not make a delta CRL forget") {
  Mount t;
  t.set(automatic);
  t.revoke_one();
  const auto complete = t.crl();
  CHECK(t.store->files().remove("crl-" + t.authority->id()).has_value());
  t.revoke_one();
  const auto delta = t.crl(CrlKind::kDelta);
  CHECK(Mount::base(delta) > Mount::number(complete));
  CHECK(delta.entry_count() == 0);
  CHECK(t.crl().entry_count() == 2);
}

TEST_CASE("OCSP follows the settings") {
  Mount t;
  const Issued issued = t.issue("www.example.test");
  const Bytes id =
      x509::encode_cert_id(crypto::DigestAlgorithm::kSha256, t.authority->certificate().subject(),
                           t.authority->public_key(), issued.certificate.serial());
  const Bytes request = x509::encode_ocsp_request(std::span(&id, 1), {});
  const auto ask = [&] {
    return x509::OcspResponse::parse(*t.service->ocsp(t.scope, request).der).value();
  };
  CHECK(*ask().entries.at(0).next_update == ask().entries.at(0).this_update + seconds{12 * 3600});
  t.set([](StatusSettings& s) { s.ocsp_validity = span("1h"); });
  CHECK(*ask().entries.at(0).next_update == ask().entries.at(0).this_update + seconds{3600});
  t.set([](StatusSettings& s) { s.ocsp_validity = span("0"); });
  CHECK_FALSE(ask().entries.at(0).next_update.has_value());
  t.set([](StatusSettings& s) { s.ocsp_disabled = true; });
  CHECK(ask().status == x509::OcspStatus::kUnauthorized);
}

TEST_CASE("expired certificates are revoked where the mount allows it") {
  Mount t;
  const Issued issued = t.issue("www.example.test");
  t.clock.advance(seconds{7200});
  const auto attempt = [&] {
    return t.service->revoke(access::local_operator(t.scope), issued.certificate.serial(),
                             x509::ReasonCode::kUnspecified, "r");
  };
  CHECK(attempt().error().code == Code::kRefused);
  t.set([](StatusSettings& s) { s.may_revoke_expired = true; });
  CHECK_FALSE(t.commit(attempt().value()).already);
  CHECK(t.crl().entry_count() == 1);
}

TEST_CASE("a certificate that is not stored is revoked by itself, and stored with that") {
  Mount t;
  const Issued issued = t.issue("www.example.test", true);
  const auto& certificate = issued.certificate;
  CHECK(t.service
            ->revoke(access::local_operator(t.scope), certificate.serial(),
                     x509::ReasonCode::kUnspecified, "r")
            .error()
            .code == Code::kNotFound);
  const auto attempt = [&](const x509::Certificate& subject) {
    return t.service->revoke_certificate(access::local_operator(t.scope), subject,
                                         x509::ReasonCode::kKeyCompromise, "r");
  };
  CHECK_FALSE(t.commit(attempt(certificate).value()).already);
  CHECK(t.commit(attempt(certificate).value()).already);
  CHECK(t.crl().find(certificate.serial()).has_value());
  const auto stored = t.service->find(t.scope, certificate.serial()).value();
  CHECK(equal(stored.der, certificate.der()));
  CHECK(stored.revocation.has_value());
  CHECK(t.service->list_revoked(t.scope, {}, 10).value() ==
        std::vector<Bytes>{to_bytes(certificate.serial())});

  Mount other;
  CHECK(attempt(other.issue("a.test").certificate).error().code == Code::kRefused);
  CHECK(attempt(t.authority->certificate()).error().detail ==
        "adding issuer (id: " + t.authority->id() + ") to its own CRL is not allowed");
}

TEST_CASE("revoked certificates are listed in order, a page at a time") {
  Mount t;
  std::vector<Bytes> all;
  for (int i = 0; i < 5; ++i) all.push_back(t.revoke_one());
  // Rows of an issuer that is no longer there count as well.
  Bytes foreign(19, 0x00);
  foreign[0] = 0x01;
  record::WriteSet writes;
  writes.put(revocation_key(t.scope, "00000000-gone", foreign),
             encode(Revocation{t.clock.now(), x509::ReasonCode::kUnspecified, {}}));
  CHECK(t.store->committer().submit(std::move(writes)).wait(t.outside).has_value());
  all.push_back(foreign);
  std::ranges::sort(all);
  CHECK(t.service->list_revoked(t.scope, {}, 100).value() == all);
  std::vector<Bytes> paged;
  for (;;) {
    const Bytes after = paged.empty() ? Bytes{} : paged.back();
    const auto page = t.service->list_revoked(t.scope, after, 2).value();
    CHECK(page.size() <= 2);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
  }
  CHECK(paged == all);
}

TEST_CASE("the state of a CRL: every version, one encoding each, strictly read") {
  const auto at = [](std::int64_t seconds) { return from_unix(seconds); };
  CrlState full{7, at(1), at(2), {}, 99};
  full.disabled = true;
  full.generation = 3;
  full.tidied_below = 4;
  full.delta_number = 9;
  CrlState holds{7, at(1), at(2), {}, 99};
  holds.held = {0x30};
  CrlState inherits{7, at(1), at(2), {}};
  inherits.inherited = {0x30};
  for (const CrlState& state : {CrlState{7, at(1), at(2), {}}, CrlState{7, at(1), at(2), {}, 0},
                                CrlState{7, at(1), at(2), {0x30}}, full, holds, inherits}) {
    const Bytes der = encode(state);
    const auto back = decode_crl_state(der).value();
    CHECK(encode(back) == der);
    CHECK(back.entries == state.entries);
    CHECK(back.last_number() == state.last_number());
    CHECK(back.tidied_below == state.tidied_below);
    CHECK(back.held == state.held);
    CHECK(back.inherited == state.inherited);
    for (std::size_t size = 0; size < der.size(); ++size)
      CHECK_FALSE(decode_crl_state(BytesView(der).first(size)).has_value());
  }
  full.delta_number = 7;
  CHECK_FALSE(decode_crl_state(encode(full)).has_value());
}

}  // namespace
}  // namespace chancery::ca
