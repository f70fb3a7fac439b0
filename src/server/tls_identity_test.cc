#include "server/tls_identity.h"

#include "base/metrics.h"
#include "enrol/test_mount.h"
#include "x509/certificate.h"

namespace chancery::server {
namespace {

constexpr seconds kDay{86'400};

// What the log of the store, the metrics and the listener's context show of an OwnCertificate.
struct TestIdentity {
  TestIdentity() { REQUIRE(own.install(own.make({"localhost", "127.0.0.1"}).value()).has_value()); }

  [[nodiscard]] std::uint64_t installed() {
    return metrics.counter("chancery_tls_certificate_installed_total", "").value();
  }
  [[nodiscard]] std::uint64_t failures() {
    return metrics.counter("chancery_tls_certificate_renewal_failures_total", "").value();
  }
  [[nodiscard]] std::int64_t expiry() {
    return metrics.gauge("chancery_tls_certificate_expiry_timestamp_seconds", "").value();
  }

  enrol::TestMount mount;
  FakeClock& clock = mount.clock;
  Metrics metrics;
  OwnCertificate own{*mount.service, mount.clock, metrics, mount.log};
};

TEST_CASE("the certificate is renewed at two thirds of its lifetime, once") {
  TestIdentity identity;
  const auto context = identity.own.context();
  const std::int64_t first_end = identity.expiry();
  CHECK(first_end == to_unix(identity.clock.now() + 90 * kDay));

  identity.clock.advance(60 * kDay - seconds{1});
  identity.own.tend();
  CHECK(identity.installed() == 1);

  identity.clock.advance(seconds{1});
  identity.own.tend();
  CHECK(identity.installed() == 2);
  CHECK(identity.expiry() == first_end + (60 * kDay).count());
  CHECK(identity.own.context() == context);  // the listener keeps what it has

  identity.own.tend();
  CHECK(identity.installed() == 2);
  CHECK(identity.failures() == 0);
}

TEST_CASE("every certificate is recorded like any other") {
  TestIdentity identity;
  const auto before = identity.mount.store->log().size();
  identity.clock.advance(61 * kDay);
  identity.own.tend();
  CHECK(identity.mount.store->log().size() == before + 1);
}

TEST_CASE("another default authority issues the certificate anew") {
  TestIdentity identity;
  auto& service = *identity.mount.service;
  const auto present = service.authority(identity.mount.scope, "default").value();
  ca::AuthorityRecord other = present->record();
  other.id = "00000000-3333-4333-8333-333333333333";
  other.name = "next";
  identity.mount.commit(
      service.add_authority(access::local_operator(identity.mount.scope), other).value());
  REQUIRE(service.authority(identity.mount.scope, "default").value()->id() == other.id);
  identity.own.tend();
  CHECK(identity.installed() == 2);
  identity.own.tend();
  CHECK(identity.installed() == 2);
}

TEST_CASE("near the authority's end nothing is issued that lasts no longer") {
  TestIdentity identity;
  const auto authority = identity.mount.service->authority(identity.mount.scope, "default").value();
  identity.clock.set(authority->certificate().not_after() - 30 * kDay);
  identity.own.tend();
  CHECK(identity.installed() == 2);
  CHECK(identity.expiry() == to_unix(authority->certificate().not_after()));
  identity.clock.advance(29 * kDay);
  identity.own.tend();
  CHECK(identity.installed() == 2);
  CHECK(identity.failures() == 0);
}

TEST_CASE("a failed renewal is counted and tried again, less and less often") {
  TestIdentity identity;
  const auto authority = identity.mount.service->authority(identity.mount.scope, "default").value();
  // An authority past its end can issue nothing.
  identity.clock.set(authority->certificate().not_after() + kDay);
  identity.own.tend();
  CHECK(identity.failures() == 1);
  identity.own.tend();
  CHECK(identity.failures() == 1);

  std::uint64_t expected = 1;
  for (const int wait : {60, 120, 240, 480, 960, 1920, 3600, 3600}) {
    CAPTURE(wait);
    identity.clock.advance(seconds{wait - 1});
    identity.own.tend();
    CHECK(identity.failures() == expected);
    identity.clock.advance(seconds{1});
    identity.own.tend();
    CHECK(identity.failures() == ++expected);
  }
  CHECK(identity.installed() == 1);
}

TEST_CASE("names that cannot be certified leave everything as it is") {
  TestIdentity identity;
  CHECK_FALSE(identity.own.make({"not a name"}).has_value());
  CHECK(identity.installed() == 1);
}

}  // namespace
}  // namespace chancery::server
