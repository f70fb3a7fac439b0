#include "server/mount_sweep.h"

#include <doctest/doctest.h>

#include "enrol/test_mount.h"

namespace chancery::server {
namespace {

using access::MountKind;

struct World {
  enrol::TestMount base;
  FakeClock& clock = base.clock;
  record::Store* store = base.store.get();
  access::Methods& methods = *base.methods;
  const OnLane& outside = base.outside;
  const access::Grant grant = access::local_operator({});
  MountSweep sweep{methods, base.service->hierarchy(), store->committer(), clock, base.log};

  template <class T>
  T commit(Result<record::Staged<T>> staged) {
    REQUIRE(staged.has_value());
    const auto receipt = staged->submit(store->committer()).wait(outside);
    REQUIRE(receipt.has_value());
    return staged->release(*receipt);
  }
  access::Mounts::Entry enable(const std::string& path) {
    access::Mount wanted;
    wanted.kind = MountKind::kAuth;
    wanted.path = path;
    wanted.type = "approle";
    return commit(methods.mounts.create(grant, std::move(wanted), "r"));
  }
  void add_secrets(const access::Mounts::Entry& mount, unsigned count) {
    const auto role = commit(methods.approles.put(
        grant, mount->scope(), "web",
        [](access::AppRole& r, access::Rows<access::AppRole>::State) -> Result<void> {
          r.secret_id_ttl = seconds{60};
          return {};
        },
        "r"));
    for (unsigned i = 0; i < count; ++i)
      commit(methods.approles.make_secret(grant, mount->scope(), "web", role, {}, "r"));
  }
  std::size_t secrets(const access::Mounts::Entry& mount) {
    REQUIRE(store->committer().submit({}).wait(outside).has_value());
    return store->state().list(record::StateKind::kSecretId, mount->scope(), {}, 10'000)->size();
  }
};

TEST_CASE("dead secrets of every mount go, living ones stay") {
  World world;
  const auto one = world.enable("one");
  const auto two = world.enable("two");
  world.add_secrets(one, 1500);
  world.add_secrets(two, 10);
  world.sweep.tend();
  CHECK(world.secrets(one) == 1500);
  for (int i = 0; i < 5; ++i) world.sweep.tend();  // the end of the first round
  world.clock.advance(seconds{600});
  world.add_secrets(two, 5);
  for (int i = 0; i < 5; ++i) world.sweep.tend();
  CHECK(world.secrets(one) == 0);
  CHECK(world.secrets(two) == 5);
}

TEST_CASE("the keys of a removed mount are destroyed, those of others are not") {
  World world;
  access::Mount wanted;
  wanted.kind = MountKind::kSecret;
  wanted.path = "gone";
  wanted.type = "pki";
  const auto gone = world.commit(world.methods.mounts.create(world.grant, std::move(wanted), "r"));
  auto& hierarchy = world.base.service->hierarchy();
  const auto grant = access::local_operator(gone->scope());
  auto key = hierarchy.new_key(gone->scope(), {crypto::KeyAlgorithm::kEcdsaP256, 0}, "k").value();
  const std::string id = world.commit(hierarchy.add_key(grant, key, "r")).id;
  const auto own = hierarchy.keys(world.base.scope).value();
  REQUIRE_FALSE(own.empty());
  world.sweep.tend();
  CHECK(world.base.keys->find(id).has_value());
  world.commit(world.methods.mounts.remove(world.grant, MountKind::kSecret, "gone", "r"));
  for (int i = 0; i < 4; ++i) {
    world.sweep.tend();
    REQUIRE(world.store->committer().submit({}).wait(world.outside).has_value());
  }
  CHECK(world.base.keys->find(id).error().code == Code::kNotFound);
  CHECK(hierarchy.keys(gone->scope()).value().empty());
  CHECK(world.base.keys->find(own.front().id).has_value());
  CHECK(world.store->state().list(record::StateKind::kRemovedMount, {}, {}, 1)->empty());
}

TEST_CASE("what removed mounts left goes") {
  World world;
  const auto mount = world.enable("one");
  world.add_secrets(mount, 1200);
  world.commit(world.methods.mounts.remove(world.grant, MountKind::kAuth, "one", "r"));
  for (int i = 0; i < 12; ++i) {
    world.sweep.tend();
    REQUIRE(world.store->committer().submit({}).wait(world.outside).has_value());
  }
  CHECK(world.secrets(mount) == 0);
  CHECK(world.store->state().list(record::StateKind::kRemovedMount, {}, {}, 1)->empty());
}

}  // namespace
}  // namespace chancery::server
