#include "ca/hierarchy.h"

#include <doctest/doctest.h>

#include "asn1/writer.h"
#include "ca/test_authority.h"
#include "policy/authority_request.h"

namespace chancery::ca {
namespace {

access::Grant grant(const TestAuthority& t) { return access::local_operator(t.scope); }

policy::Authorization root_authorization(TestAuthority& t, const AuthorityKey& key,
                                         const std::string& name) {
  policy::AuthorityRequest request;
  request.content.common_name = name;
  request.content.generated_key = key.public_key();
  return std::move(policy::authorize_root(grant(t), request, {}, t.clock.now())->authorization);
}

AuthorityKey new_key(TestAuthority& t, const std::string& name) {
  return t.service->hierarchy()
      .new_key(t.scope, {crypto::KeyAlgorithm::kEcdsaP256, 0}, name)
      .value();
}

AuthorityRecord full_record() {
  AuthorityRecord record;
  record.id = "id";
  record.name = "name";
  record.key_id = "key";
  record.certificate = {1, 2};
  record.chain = {{3}};
  record.urls = {{"http://a"}, {"http://b"}, {"http://c"}, {"http://d"}, true};
  record.created = from_unix(1'700'000'000);
  record.manual_chain = {"id", "other"};
  record.usage = Usage(Usage::kIssuing);
  record.not_after_behavior = NotAfterBehavior::kTruncate;
  record.revocation_scheme = crypto::SignatureScheme::kEcdsaSha384;
  record.revoked = from_unix(1'700'000'001);
  return record;
}

TEST_CASE("an authority's record keeps everything") {
  const Bytes encoded = encode(full_record());
  const AuthorityRecord record = decode_authority(encoded).value();
  CHECK(encode(record) == encoded);
  CHECK(record.urls == full_record().urls);
  CHECK(record.manual_chain == full_record().manual_chain);
  CHECK(record.usage == Usage(Usage::kIssuing));
  CHECK(record.not_after_behavior == NotAfterBehavior::kTruncate);
  CHECK(record.revocation_scheme == crypto::SignatureScheme::kEcdsaSha384);
  CHECK(record.revoked == full_record().revoked);
  AuthorityRecord plain = full_record();
  plain.revocation_scheme.reset();
  plain.revoked.reset();
  CHECK_FALSE(decode_authority(encode(plain)).value().revoked.has_value());
}

TEST_CASE("a record of the first version is one that may do everything") {
  asn1::Writer w;
  w.sequence([&] {
    w.integer(1);
    for (const char* text : {"id", "name"}) w.element(asn1::kUtf8String, std::string_view(text));
    w.boolean(true);
    w.element(asn1::kUtf8String, std::string_view("key"));
    w.octet_string(Bytes{1});
    for (int i = 0; i < 4; ++i) w.sequence([] {});
    w.integer(60);
    w.integer(30);
    w.generalized_time(from_unix(1'700'000'000));
  });
  const AuthorityRecord record = decode_authority(w.view()).value();
  CHECK(record.is_default);
  CHECK(record.usage == Usage::all());
  CHECK(record.not_after_behavior == NotAfterBehavior::kRefuse);
  CHECK(record.urls.empty());
  CHECK_FALSE(record.revoked.has_value());
}

TEST_CASE("stored records are read strictly") {
  const KeyRecord key{"id", "name", {1, 2, 3}, from_unix(1'700'000'000)};
  const Bytes key_der = encode(key);
  CHECK(encode(decode_key(key_der).value()) == key_der);
  const Defaults defaults{"a", "b", true};
  CHECK(decode_defaults(encode(defaults)).value() == defaults);
  CHECK(decode_cluster(encode(Cluster{"p", "a"})).value().aia_path == "a");
  CHECK(decode_urls(encode(full_record().urls)).value() == full_record().urls);
  const auto refuses_changes = [](const Bytes& good, auto decode) {
    Bytes longer = good;
    longer.push_back(0);
    CHECK_FALSE(decode(BytesView(longer)).has_value());
    for (std::size_t size = 0; size < good.size(); ++size) {
      CHECK_FALSE(decode(BytesView(good).first(size)).has_value());
    }
    Bytes other_version = good;
    const std::size_t at = good[1] < 0x80 ? 4 : 5 + (good[1] & 0x7fU) - 1;
    other_version[at] = 9;
    CHECK_FALSE(decode(BytesView(other_version)).has_value());
  };
  refuses_changes(key_der, decode_key);
  refuses_changes(encode(defaults), decode_defaults);
  refuses_changes(encode(Cluster{"p", "a"}), decode_cluster);
  refuses_changes(encode(full_record().urls), decode_urls);
  refuses_changes(encode(full_record()), decode_authority);
}

TEST_CASE("of two that take one name at the same time, one has it") {
  TestAuthority t;
  auto& hierarchy = t.service->hierarchy();
  AuthorityKey first = new_key(t, "k");
  AuthorityKey second = new_key(t, "k");
  auto one = hierarchy.add_key(grant(t), first, "req-1").value();
  auto two = hierarchy.add_key(grant(t), second, "req-2").value();
  Ticket won = one.submit(t.store->committer());
  Ticket lost = two.submit(t.store->committer());
  CHECK(won.wait(t.outside).has_value());
  CHECK(lost.wait(t.outside).error().code == Code::kConflict);
  // Made again, it finds the name taken.
  AuthorityKey third;
  third.record.name = "k";
  third.made = std::move(second.made);
  CHECK(hierarchy.add_key(grant(t), third, "req-3").error().code == Code::kAlreadyExists);
}

TEST_CASE("a key cannot go while an issuer takes it") {
  TestAuthority t;
  auto& hierarchy = t.service->hierarchy();
  AuthorityKey key = new_key(t, "k");
  t.commit(hierarchy.add_key(grant(t), key, "req").value());
  AuthorityKey used = hierarchy.existing_key(t.scope, "k").value();
  auto created =
      hierarchy.create_root(root_authorization(t, used, "Taker"), used, "taker", "req").value();
  auto deleted = hierarchy.delete_key(grant(t), "k", "req").value();
  Ticket takes = created.submit(t.store->committer());
  Ticket goes = deleted.submit(t.store->committer());
  CHECK(takes.wait(t.outside).has_value());
  CHECK(goes.wait(t.outside).error().code == Code::kConflict);
  CHECK(hierarchy.delete_key(grant(t), "k", "req").error().code == Code::kRefused);
}

TEST_CASE("every change of the hierarchy is in the log") {
  TestAuthority t;
  auto& hierarchy = t.service->hierarchy();
  const std::uint64_t before = t.store->log().size();
  AuthorityKey key = new_key(t, "k");
  t.commit(hierarchy.create_root(root_authorization(t, key, "New"), key, "new", "req-1").value());
  t.commit(hierarchy.rename_key(grant(t), "k", "named", "req-2").value());
  t.commit(hierarchy.set_default_issuer(grant(t), "new", true, "req-3").value());
  t.commit(hierarchy.delete_issuer(grant(t), "new", "req-4").value());
  t.commit(hierarchy.delete_key(grant(t), "named", "req-5").value());
  std::vector<record::EventKind> kinds;
  const auto rows = t.store->log().read(before, 100).value();
  for (const record::LogRow& row : rows) {
    kinds.push_back(record::decode(row.entry.event).value().kind);
  }
  using enum record::EventKind;
  CHECK(kinds == std::vector{kCertificateIssued, kAuthorityCreated, kKeyChanged, kSettingsWritten,
                             kAuthorityDeleted, kKeyDeleted});
}

TEST_CASE("a key that was deleted signs nothing more") {
  TestAuthority t;
  auto& hierarchy = t.service->hierarchy();
  AuthorityKey key = new_key(t, "k");
  const auto record = t.commit(hierarchy.add_key(grant(t), key, "req").value());
  const auto deleted = t.commit(hierarchy.delete_key(grant(t), "k", "req").value());
  CHECK(deleted.id == record.id);
  hierarchy.destroy({&deleted.id, 1});
  CHECK(t.keys->find(record.id).error().code == Code::kNotFound);
  CHECK(hierarchy.existing_key(t.scope, record.id).error().code == Code::kNotFound);
}

TEST_CASE("URLs") {
  for (const char* good : {"http://o", "https://a.b:8200/v1/pki/ca?x=1", "ldap://host/cn=x"}) {
    CHECK(is_url(good));
  }
  for (const char* bad : {"", "foo", "http://", "http:///x", "://x", "http://a b", "h{tp://a",
                          "http://{{x}}", "http://a\n", "http://\xc3\xbc"}) {
    CHECK_FALSE(is_url(bad));
  }
  Urls urls;
  urls.ocsp_servers = {"{{cluster_path}}/a/{{issuer_id}}/{{issuer_id}}"};
  urls.templated = true;
  const Urls filled = fill_in(urls, {"https://c", ""}, "id").value();
  CHECK(filled.ocsp_servers.front() == "https://c/a/id/id");
  CHECK_FALSE(filled.templated);
  CHECK_FALSE(fill_in(urls, {}, "id").has_value());
  urls.templated = false;
  CHECK(fill_in(urls, {}, "id").value() == urls);
  CHECK_FALSE(check_urls(urls).has_value());
}

}  // namespace
}  // namespace chancery::ca
