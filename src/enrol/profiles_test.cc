#include "enrol/profiles.h"

#include <doctest/doctest.h>

#include "enrol/test_mount.h"

namespace chancery::enrol {
namespace {

struct Bed {
  TestMount mount;
  Profiles& profiles = mount.enrolment->profiles();

  access::Grant grant() const { return access::local_operator(mount.scope); }

  policy::Profile derive(const std::string& name, std::string_view from) {
    policy::Profile profile = profiles.base(mount.scope, from).value();
    profile.rules.name = name;
    return profile;
  }
  Profiles::Written store(policy::Profile profile, std::optional<std::uint64_t> expected = {}) {
    return mount.commit(profiles.put(grant(), std::move(profile), expected, "req").value());
  }
  Result<std::optional<Enrolled>> enrol(const std::string& profile, const std::string& name) {
    EnrolRequest request;
    request.profile = profile;
    request.content.common_name = name;
    request.key = ServerKey{};
    return mount.enrolment->enrol(grant(), request, Thread::kCpuLane, "req");
  }
};

TEST_CASE("a stored profile is found, issues, is replaced at its version and erased") {
  Bed bed;
  policy::Profile web = bed.derive("web", "tls-server");
  web.rules.allowed_domains = {"example.com"};
  web.rules.allow_subdomains = true;
  CHECK(bed.store(web, 0).version == 1);
  auto enrolled = bed.enrol("web", "www.example.com");
  REQUIRE(enrolled.has_value());
  const auto issued = bed.mount.commit(std::move((*enrolled)->issued));
  CHECK(issued.certificate.not_after() - bed.mount.clock.now() == seconds{90 * 86'400});
  CHECK(bed.enrol("web", "www.example.org").error().code == Code::kRefused);

  web.rules.ttl = seconds{3600};
  CHECK(bed.profiles.put(bed.grant(), web, 0, {}).error().code == Code::kConflict);
  CHECK(bed.profiles.put(bed.grant(), web, 7, {}).error().code == Code::kConflict);
  CHECK(bed.store(web, 1).version == 2);
  const auto found = bed.profiles.find(bed.mount.scope, "web").value();
  CHECK(found->version == 2);
  CHECK_FALSE(found->shipped());
  CHECK(found->profile().rules.ttl == seconds{3600});

  CHECK(bed.profiles.erase(bed.grant(), "web", 1, {}).error().code == Code::kConflict);
  bed.mount.commit(bed.profiles.erase(bed.grant(), "web", 2, {}).value());
  CHECK(bed.profiles.find(bed.mount.scope, "web").value() == nullptr);
  CHECK(bed.profiles.erase(bed.grant(), "web", {}, {}).error().code == Code::kNotFound);
  CHECK(bed.enrol("web", "www.example.com").error().code == Code::kInvalidArgument);
}

TEST_CASE("of two writers that read the same state one wins") {
  Bed bed;
  auto first = bed.profiles.put(bed.grant(), bed.derive("a", "peer"), {}, {}).value();
  auto second = bed.profiles.put(bed.grant(), bed.derive("a", "peer"), {}, {}).value();
  bed.mount.commit(std::move(first));
  const auto receipt = second.submit(bed.mount.store->committer()).wait(bed.mount.outside);
  REQUIRE_FALSE(receipt.has_value());
  CHECK(receipt.error().code != Code::kInternal);
}

TEST_CASE("a profile extends what exists now, and stays when that goes") {
  Bed bed;
  policy::Profile first = bed.derive("first", "tls-server");
  first.rules.ttl = seconds{7200};
  bed.store(first);
  const policy::Profile second = bed.derive("second", "first");
  CHECK(second.rules.ttl == seconds{7200});
  CHECK(second.extends == "first");
  bed.store(second);
  bed.mount.commit(bed.profiles.erase(bed.grant(), "first", {}, {}).value());
  CHECK(bed.profiles.find(bed.mount.scope, "second").value()->profile().rules.ttl == seconds{7200});
  CHECK(bed.profiles.base(bed.mount.scope, "first").error().code == Code::kInvalidArgument);
  CHECK(bed.profiles.base(bed.mount.scope, "").value().keys.empty());
}

TEST_CASE("shipped profiles are listed among the others and cannot be changed") {
  Bed bed;
  bed.store(bed.derive("aaa", "peer"));
  bed.store(bed.derive("zzz", "peer"));
  const auto all = bed.profiles.list(bed.mount.scope, "", 100).value();
  CHECK(all.size() == 12);
  CHECK(all.front() == "aaa");
  CHECK(all.back() == "zzz");
  CHECK(bed.profiles.list(bed.mount.scope, "tls-client", 1).value() ==
        std::vector<std::string>{"tls-server"});
  CHECK(bed.profiles.find(bed.mount.scope, "tls-server").value()->shipped());
  for (const char* name : {"tls-server", "-x", ""}) {
    CAPTURE(name);
    CHECK_FALSE(bed.profiles.put(bed.grant(), bed.derive(name, "peer"), {}, {}).has_value());
    CHECK_FALSE(bed.profiles.erase(bed.grant(), name, {}, {}).has_value());
  }
  CHECK(bed.enrol("tls-server", "www.example.com").error().code == Code::kRefused);
}

}  // namespace
}  // namespace chancery::enrol
