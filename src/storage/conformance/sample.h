#pragma once

// What the conformance suite writes: small certificates that parse, and write sets around them.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "asn1/writer.h"
#include "record/event.h"
#include "storage/managed_store.h"
#include "x509/extensions.h"
#include "x509/general_name.h"
#include "x509/name.h"

namespace chancery::storage::conformance {

// StoreUnderTest is how an engine takes part.
struct StoreUnderTest {
  // open returns a store; each call a new, empty one.
  std::function<std::unique_ptr<ManagedStore>()> open;
  // settle returns when the index has put every row where it stays (nothing for an engine without
  // stages).
  std::function<void(ManagedStore&)> settle = [](ManagedStore&) {};
  // Sets that the concurrent tests write; lower for slow builds.
  unsigned scale = 1;
};

inline TimePoint day(int n) {
  return from_unix(1'767'225'600) + seconds{86'400} * n;
}  // 2026-01-01 + n

struct Sample {
  Bytes serial;
  std::string common_name = "host.example.com";
  std::vector<std::string> dns = {"host.example.com"};
  TimePoint not_before = day(0);
  TimePoint not_after = day(90);
};

// chancery_serial has Chancery's own form: cell, expiry month, 16 octets.
inline Bytes chancery_serial(std::uint32_t number, TimePoint not_after) {
  const CivilTime civil = to_civil(not_after);
  const auto month = static_cast<unsigned>((civil.year - 1970) * 12) + civil.month - 1;
  Bytes serial = {0x01, static_cast<std::uint8_t>(month >> 8), static_cast<std::uint8_t>(month)};
  // Spread like random numbers: a multiplicative hash in front.
  const std::uint64_t spread = (number + 1) * 0x9e3779b97f4a7c15ULL;
  for (int i = 7; i >= 0; --i) serial.push_back(static_cast<std::uint8_t>(spread >> (8 * i)));
  for (int i = 7; i >= 0; --i)
    serial.push_back(static_cast<std::uint8_t>(std::uint64_t{number} >> (8 * i)));
  return serial;
}

inline Bytes certificate_der(const Sample& sample, std::size_t signature_size = 70) {
  static const Bytes spki = parse_hex(  // the P-256 generator
                                "3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c"
                                "4247f8bce6e563a440f277037d81"
                                "2deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b"
                                "315ececbb6406837bf51f5")
                                .value();
  static const Bytes algorithm =
      parse_hex("300a06082a8648ce3d040302").value();  // ecdsa-with-SHA256
  static const asn1::Oid common_name("2.5.4.3");
  x509::NameBuilder issuer;
  issuer.add(common_name, "Conformance CA").value();
  x509::NameBuilder subject;
  if (!sample.common_name.empty()) subject.add(common_name, sample.common_name).value();
  std::vector<x509::GeneralName> names;
  for (const std::string& name : sample.dns) names.push_back(x509::GeneralName::dns(name).value());
  asn1::Writer w;
  w.sequence([&] {
    w.sequence([&] {
      w.nest(asn1::context_constructed(0), [&] { w.integer(2); });
      w.element(asn1::kInteger, sample.serial);
      w.raw(algorithm);
      w.raw(issuer.build().der());
      w.sequence([&] {
        w.time(sample.not_before);
        w.time(sample.not_after);
      });
      w.raw(subject.build().der());
      w.raw(spki);
      if (!names.empty()) {
        w.nest(asn1::context_constructed(3),
               [&] { w.sequence([&] { x509::write_subject_alt_name(w, names); }); });
      }
    });
    w.raw(algorithm);
    w.bit_string(Bytes(signature_size, 0x5a));
  });
  return std::move(w).take();
}

inline const record::Scope kScope{"root", "pki/"};

inline record::StateKey key(std::string id, record::StateKind kind = record::StateKind::kRole,
                            record::Scope scope = kScope) {
  return {kind, std::move(scope), std::move(id)};
}

inline record::Event event(record::EventKind kind, std::string subject,
                           record::Scope scope = kScope) {
  record::Event event;
  event.kind = kind;
  event.time = day(0);
  event.scope = std::move(scope);
  event.actor = "token:conformance";
  event.request_id = "r-1";
  event.subject = std::move(subject);
  event.details = {{"issuer", "issuer-1"}, {"role", "web"}};
  return event;
}

inline void add_certificate(record::WriteSet& set, const Sample& sample,
                            const record::Scope& scope = kScope, std::string issuer = "issuer-1") {
  record::Event issued = event(record::EventKind::kCertificateIssued, hex(sample.serial), scope);
  issued.details[0].value = std::move(issuer);
  set.append(issued, certificate_der(sample));
}

// numbered makes the n-th of many certificates: its own serial and name, expiring over four months.
inline Sample numbered(std::uint32_t n) {
  Sample sample;
  const std::string host = "h" + std::to_string(n);
  sample.not_after = day(30 + static_cast<int>(n % 4) * 31);
  sample.serial = chancery_serial(n, sample.not_after);
  sample.common_name = host + ".example.com";
  sample.dns = {host + ".example.com", host + (n % 10 == 0 ? ".rare.test" : ".common.test")};
  return sample;
}

inline record::WriteSet issue(const Sample& sample, const record::Scope& scope = kScope,
                              std::string issuer = "issuer-1") {
  record::WriteSet set;
  add_certificate(set, sample, scope, std::move(issuer));
  return set;
}

inline Result<Receipt> commit(ManagedStore& store, record::WriteSet set) {
  return store.committer().submit(std::move(set)).wait(OnLane::outside_server());
}

// commit_all submits every set before it waits for the first, so that they share flushes.
inline std::vector<Result<Receipt>> commit_all(ManagedStore& store,
                                               std::vector<record::WriteSet> sets) {
  std::vector<Ticket> tickets;
  for (record::WriteSet& set : sets) tickets.push_back(store.committer().submit(std::move(set)));
  std::vector<Result<Receipt>> results;
  for (const Ticket& ticket : tickets) results.push_back(ticket.wait(OnLane::outside_server()));
  return results;
}

}  // namespace chancery::storage::conformance
