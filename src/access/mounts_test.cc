#include "access/mounts.h"

#include "access/row_codec.h"
#include "access/test_world.h"

namespace chancery::access {
namespace {

using enum MountKind;

std::string refusal(const auto& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().detail;
}

Mount pki_at(std::string path) {
  Mount mount;
  mount.path = std::move(path);
  mount.type = "pki";
  return mount;
}

TEST_CASE("a store begins with the first mounts and keeps its table") {
  MethodsWorld world;
  const auto first = world.methods.mounts.match(kSecret, "pki/issue/web");
  REQUIRE(first != nullptr);
  CHECK(first->storage == "pki/");
  CHECK(world.methods.mounts.match(kAuth, "token/lookup-self")->type == "token");
  world.enable(kSecret, "a/b/c", "pki");
  world.commit(world.methods.mounts.remove(world.grant, kSecret, "pki", "req"));
  // What is opened again is read from the rows; the first mounts are not made anew.
  CHECK(world.methods.mounts.open(world.outside).has_value());
  REQUIRE(world.methods.mounts.list(kSecret).size() == 1);
  CHECK(world.methods.mounts.list(kSecret).front()->path == "a/b/c/");
}

TEST_CASE("paths lead to the mount they are in") {
  MethodsWorld world;
  const Mounts& mounts = world.methods.mounts;
  const auto deep = world.enable(kSecret, "a/b/c/", "pki");
  CHECK(deep->accessor.starts_with("pki_"));
  CHECK(deep->storage.starts_with(deep->accessor));
  for (const char* path : {"a/b/c", "a/b/c/", "a/b/c/issue/web"})
    CHECK(mounts.match(kSecret, path)->path == "a/b/c/");
  for (const char* path : {"a/b", "a", "a/b/cd", "", "/", "b/c"})
    CHECK(mounts.match(kSecret, path) == nullptr);
  CHECK(mounts.match(kAuth, "a/b/c") == nullptr);
  for (unsigned i = 0; i < 1000; ++i) world.enable(kSecret, "many/" + std::to_string(i), "pki");
  CHECK(mounts.match(kSecret, "many/999/roles")->path == "many/999/");
  CHECK(mounts.list(kSecret).size() == 1002);
}

TEST_CASE("no mount stands in another or where the program itself does") {
  MethodsWorld world;
  Mounts& mounts = world.methods.mounts;
  world.enable(kSecret, "a/b", "pki");
  const auto why = [&](std::string path) {
    return refusal(mounts.create(world.grant, pki_at(std::move(path)), "req"));
  };
  CHECK(why("pki") == "path is already in use at pki/");
  CHECK(why("a") == "path is already in use at a/b/");
  CHECK(why("a/b/c") == "path is already in use at a/b/");
  CHECK(why("sys/x") == "cannot mount \"sys/x/\"");
  CHECK(why("auth") == "cannot mount \"auth/\"");
  for (const char* path : {"", "/", "a//b", "x/../y", "x/./y", "x*", "x\ny", "\xff"}) {
    CAPTURE(path);
    CHECK_FALSE(mounts.create(world.grant, pki_at(path), "req").has_value());
  }
  CHECK_FALSE(mounts.create(world.grant, pki_at(std::string(300, 'x')), "req").has_value());
}

TEST_CASE("of two changes that read the same table one happens") {
  MethodsWorld world;
  Mounts& mounts = world.methods.mounts;
  auto one = mounts.create(world.grant, pki_at("x"), "req");
  auto two = mounts.create(world.grant, pki_at("x/y"), "req");
  REQUIRE(one.has_value());
  REQUIRE(two.has_value());
  CHECK(one->submit(world.store->committer()).wait(world.outside).has_value());
  const auto late = two->submit(world.store->committer()).wait(world.outside);
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().code == Code::kConflict);
}

TEST_CASE("a mount moves with everything in it") {
  MethodsWorld world;
  Mounts& mounts = world.methods.mounts;
  const auto before = world.enable(kSecret, "one", "pki");
  const auto after = world.commit(mounts.move(world.grant, kSecret, "one", "two/x", "req"));
  CHECK(after->storage == before->storage);
  CHECK(mounts.match(kSecret, "one/roles") == nullptr);
  CHECK(mounts.match(kSecret, "two/x/roles")->accessor == before->accessor);
  CHECK(mounts.by_storage(before->storage)->path == "two/x/");
  const auto why = [&](std::string_view from, std::string_view to) {
    return refusal(mounts.move(world.grant, kSecret, from, to, "req"));
  };
  CHECK(why("one", "three") == "no matching mount at \"one/\"");
  CHECK(why("pki", "two/x/y") == "path already in use at \"two/x/\"");
  CHECK(why("pki", "two") == "path already in use at \"two/x/\"");
  CHECK(why("sys", "x") == "cannot remount \"sys/\"");
  CHECK(why("pki", "sys/x") == "cannot remount to destination sys/x/");
}

TEST_CASE("settings are tuned, and bound the times of a mount") {
  MethodsWorld world;
  Mounts& mounts = world.methods.mounts;
  world.commit(mounts.tune(
      world.grant, kSecret, "pki",
      [](Mount& mount) -> Result<void> {
        mount.max_ttl = seconds{60};
        return {};
      },
      "req"));
  CHECK(mounts.ttl_limits("pki/").max_ttl == seconds{60});
  CHECK(mounts.ttl_limits("pki/").default_ttl == seconds{768LL * 3600});
  const auto kept = world.store->state().get(mount_key(kSecret, "pki/")).value();
  CHECK(decode_mount(kept->key.id, kept->value)->max_ttl == seconds{60});
  CHECK(refusal(mounts.tune(
            world.grant, kSecret, "nope", [](Mount&) -> Result<void> { return {}; }, "req")) ==
        "no mount entry found");
}

TEST_CASE("a removed mount is out of use at once, and its rows go later, page by page") {
  MethodsWorld world;
  Mounts& mounts = world.methods.mounts;
  const auto mount = world.enable(kAuth, "up", "userpass");
  record::WriteSet rows;
  for (unsigned i = 0; i < 25; ++i)
    rows.put({record::StateKind::kUser, mount->scope(), "u" + std::to_string(i)}, Bytes{1});
  REQUIRE(world.submit(std::move(rows)).has_value());
  const auto staged = mounts.remove(world.grant, kAuth, "up", "req");
  REQUIRE(staged.has_value());
  world.commit(mounts.remove(world.grant, kAuth, "up", "req"));
  CHECK(mounts.match(kAuth, "up/login/x") == nullptr);
  // The same path is another mount from now on.
  CHECK(world.enable(kAuth, "up", "userpass")->storage != mount->storage);
  std::size_t rounds = 0;
  while (true) {
    auto swept = mounts.sweep(10);
    REQUIRE(swept.has_value());
    if (swept->removed == 0) break;
    CHECK(swept->removed <= 10);
    ++rounds;
    REQUIRE(world.submit(std::move(swept->writes)).has_value());
  }
  CHECK(rounds == 4);
  CHECK(world.store->state().list(record::StateKind::kUser, mount->scope(), {}, 5)->empty());
  CHECK_FALSE(world.commit(mounts.remove(world.grant, kAuth, "nope", "req")));
  CHECK(refusal(mounts.remove(world.grant, kAuth, "token", "req")) ==
        "token credential backend cannot be disabled");
}

TEST_CASE("rows are read strictly") {
  Mount mount = pki_at("x/");
  mount.options = {{"a", "b"}};
  mount.audit_request_keys = {"k"};
  const Bytes good = encode_row(mount);
  CHECK(encode_row(decode_row<Mount>(good).value()) == good);
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(decode_row<Mount>(BytesView(good).first(size)).has_value());
  Bytes longer = good;
  longer.push_back(0);
  CHECK_FALSE(decode_row<Mount>(longer).has_value());
  // Whatever one octet more or less says, what decodes is what encoding writes.
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes changed = good;
    changed[at] ^= 0x01;
    if (const auto read = decode_row<Mount>(changed)) CHECK(encode_row(*read) == changed);
  }
  CHECK_FALSE(decode_mount("other x/", good).has_value());
}

}  // namespace
}  // namespace chancery::access
