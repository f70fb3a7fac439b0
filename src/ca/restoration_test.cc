#include "ca/restoration.h"

#include <doctest/doctest.h>

#include "ca/crl_publisher.h"
#include "ca/test_authority.h"

namespace chancery::ca {
namespace {

Restoration sample() {
  Restoration restoration;
  restoration.lost_store_id = "store-1";
  restoration.backup_time = from_unix(1'800'000'000);
  restoration.log_rows = 17;
  restoration.restored_at = from_unix(1'800'003'600);
  return restoration;
}

// As `chancery restore` leaves a store.
void mark_restored(TestAuthority& t) {
  record::WriteSet writes;
  writes.put(restoration_key(), encode(sample()));
  REQUIRE(t.store->committer().submit(std::move(writes)).wait(t.outside).has_value());
}

TEST_CASE("a restoration round-trips") {
  Restoration restoration = sample();
  CHECK_FALSE(decode_restoration(encode(restoration)).value().confirmed());
  restoration.confirmed_at = from_unix(1'800'007'200);
  restoration.confirmed_by = "token:root";
  const Bytes der = encode(restoration);
  const Restoration again = decode_restoration(der).value();
  CHECK(again.confirmed_by == "token:root");
  CHECK(again.log_rows == 17);
  CHECK(encode(again) == der);
  for (std::size_t n = 0; n < der.size(); ++n)
    CHECK_FALSE(decode_restoration(BytesView(der).first(n)).has_value());
}

TEST_CASE("a restored node signs nothing until it is confirmed, and after that for good") {
  TestAuthority t;
  (void)t.issue("before.test");
  CHECK(t.service->confirm_restore(access::local_operator(t.scope), "r").error().code ==
        Code::kNotFound);
  mark_restored(t);
  const auto refused = t.service->issue(t.authorize("a.test"), t.authority, "req");
  CHECK(refused.error().code == Code::kUnavailable);
  CHECK(refused.error().detail.find("chancery restore confirm") != std::string::npos);
  CHECK(t.service->crl(t.authority, &t.outside).error().code == Code::kUnavailable);
  // A gate that is made on such a store knows it as well.
  CHECK(SigningGate(t.store->state()).check().error().code == Code::kUnavailable);
  const std::uint64_t before = t.store->log().size();
  (void)t.commit(t.service->confirm_restore(access::local_operator(t.scope), "r").value());
  CHECK(t.service->may_sign().has_value());
  (void)t.issue("after.test");
  CHECK(t.service->crl(t.authority, &t.outside).has_value());
  const auto event = record::decode(t.store->log().get(before).value().entry.event).value();
  CHECK(event.kind == record::EventKind::kRestoreConfirmed);
  CHECK(event.actor == "operator");
  CHECK(t.service->restoration().value()->confirmed_by == "operator");
  auto again = t.service->confirm_restore(access::local_operator(t.scope), "r").value();
  CHECK(again.writes().entries.empty());
}

TEST_CASE("a restoration that cannot be read keeps the gate shut") {
  TestAuthority t;
  record::WriteSet writes;
  writes.put(restoration_key(), to_bytes("nonsense"));
  REQUIRE(t.store->committer().submit(std::move(writes)).wait(t.outside).has_value());
  CHECK_FALSE(t.service->may_sign().has_value());
  CHECK_FALSE(SigningGate(t.store->state()).check().has_value());
}

TEST_CASE("numbers of CRLs after a restore") {
  const TimePoint at = from_unix(1'800'000'000);
  const std::uint64_t first = crl_number_after_restore(7, at).value();
  CHECK(first == std::uint64_t{1'800'000'000} << 24);
  // A second restore from the same backup, an hour later, is above 16 million CRLs a second.
  CHECK(crl_number_after_restore(7, at + seconds{3600}).value() > first + 3599ULL * 16'000'000);
  // A clock that runs behind does not make it smaller.
  CHECK(crl_number_after_restore(first, from_unix(0)).value() == first + (1ULL << 40));
  CHECK(crl_number_after_restore(UINT64_MAX - 5, at).error().code == Code::kTooLarge);
  CHECK(crl_number_after_restore(0, from_unix(INT64_MAX / 4)).error().code == Code::kTooLarge);
}

}  // namespace
}  // namespace chancery::ca
