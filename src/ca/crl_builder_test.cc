#include "ca/crl_builder.h"

#include <doctest/doctest.h>

#include "ca/test_authority.h"
#include "x509/crl.h"

namespace chancery::ca {
namespace {

// Files that have no space, or none for what is written behind the first megabyte.
class FullFiles final : public record::DerivedFiles {
 public:
  explicit FullFiles(bool at_once) : at_once_(at_once) {}
  Result<Content> open(std::string_view /*name*/) const override { return Content{}; }
  Result<Content> open_again(std::string_view /*name*/, std::uint64_t /*seen*/) const override {
    return Content{};
  }
  Result<void> append(std::string_view /*name*/, BytesView /*bytes*/,
                      std::uint64_t /*covers*/) override {
    return {};
  }
  Result<void> remove(std::string_view /*name*/) override { return {}; }
  Result<std::unique_ptr<record::ScratchFile>> scratch() override {
    if (at_once_) return fail(Code::kStorageFull, "full");
    return std::make_unique<Full>();
  }

 private:
  struct Full final : record::ScratchFile {
    Result<void> write(std::uint64_t offset, BytesView bytes) override {
      if (offset + bytes.size() > 1'000'000) return fail(Code::kStorageFull, "full");
      return {};
    }
    Result<BytesView> map() override { return BytesView{}; }
    [[nodiscard]] int descriptor() const override { return -1; }
  };
  bool at_once_;
};

Bytes many_entries(std::uint32_t count) {
  Bytes entries;
  for (std::uint32_t i = 0; i < count; ++i) {
    Bytes serial(16, 0x11);
    for (std::size_t at = 0; at < 4; ++at)
      serial[12 + at] = static_cast<std::uint8_t>(i >> (8 * (3 - at)));
    append(entries,
           x509::encode_crl_entry(serial, from_unix(1'800'000'000), x509::ReasonCode::kSuperseded));
  }
  return entries;
}

PublishedCrl build(TestAuthority& t, record::DerivedFiles& files, BytesView entries,
                   const Shard& shard = {}) {
  PublishedCrl crl;
  crl.number = 7;
  crl.this_update = t.clock.now();
  crl.next_update = t.clock.now() + seconds{3600};
  CrlParts parts;
  parts.entries = {entries, {}};
  parts.shard = shard;
  REQUIRE(build_crl(files, *t.authority, parts, crl).has_value());
  CHECK(crl.der.view().size() == crl.der.size());
  const auto list = x509::CertificateList::parse(crl.der.view()).value();
  CHECK(list.verify_signature(t.authority->public_key()).has_value());
  CHECK(list.entry_count() == crl.count);
  for (const x509::CrlEntry& entry : list.entries()) {
    if (!shard.contains(entry.serial)) FAIL("an entry of another shard");
  }
  return crl;
}

TEST_CASE("a large CRL lies in a file, a small one in memory") {
  TestAuthority t;
  const Bytes entries = many_entries(40'000);
  const PublishedCrl large = build(t, t.store->files(), entries);
  CHECK(large.count == 40'000);
  REQUIRE(large.der.file() != nullptr);
  CHECK(large.der.memory() == nullptr);
  const PublishedCrl copy = large;
  CHECK(equal(copy.der.view(), large.der.view()));
  const PublishedCrl half = build(t, t.store->files(), entries, {2, 1});
  CHECK(half.count == 20'000);
  CHECK(half.der.memory() != nullptr);
  CHECK(build(t, t.store->files(), {}).count == 0);
  const Bytes more = many_entries(80'000);
  CHECK(build(t, t.store->files(), more, {2, 0}).der.file() != nullptr);
}

TEST_CASE("where there is no space for a file, a large CRL is made in memory") {
  TestAuthority t;
  const Bytes entries = many_entries(40'000);
  for (const bool at_once : {true, false}) {
    FullFiles files(at_once);
    const PublishedCrl crl = build(t, files, entries);
    CHECK(crl.count == 40'000);
    CHECK(crl.der.memory() != nullptr);
  }
}

TEST_CASE("entries that are none are found before anything is signed") {
  TestAuthority t;
  PublishedCrl crl;
  CrlParts parts;
  const Bytes torn{0x30, 0x05, 0x02};
  parts.entries = {torn, {}};
  CHECK_FALSE(build_crl(t.store->files(), *t.authority, parts, crl).has_value());
  CHECK(crl.der.size() == 0);
}

}  // namespace
}  // namespace chancery::ca
