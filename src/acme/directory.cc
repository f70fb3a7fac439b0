#include "acme/directory.h"

#include <algorithm>
#include <set>

#include "access/acl.h"
#include "access/grant_event.h"
#include "access/policy.h"
#include "acme/names.h"
#include "base/text.h"
#include "enrol/roles.h"

namespace chancery::acme {
namespace {

constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxItems = 64;
constexpr seconds kMaxLifetime{400LL * 86'400};

std::unexpected<Error> bad(std::string_view field, std::string detail) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field));
}

// "role/web" stands for the path "sign/web", "profile/x" for "sign-profile/x", as everywhere.
std::string signing_path(std::string_view rules) {
  const std::size_t slash = rules.find('/');
  const std::string_view name = rules.substr(slash + 1);
  return (rules.starts_with("role/") ? "sign/" : "sign-profile/") + std::string(name);
}

// What the accounts of a directory may do is a policy like any other; nothing else lets them in.
Result<std::shared_ptr<const access::Acl>> compile(std::string_view name, const Directory& row) {
  const auto rule = [](const std::string& path) {
    return "path \"" + path + "\" { capabilities = [\"update\"] }\n";
  };
  std::string text = rule("acme/" + std::string(name) + "/account");
  for (const std::string& path : paths_in_mount(row)) text += rule(path);
  const auto policy = std::make_shared<const access::Policy>(
      TRY(access::parse_policy("acme-" + std::string(name), text)));
  return access::Acl::compile({&policy, 1});
}

}  // namespace

std::vector<std::string> paths_in_mount(const Directory& row) {
  const std::string mount = row.mount.ends_with('/') ? row.mount : row.mount + "/";
  std::vector<std::string> paths{mount + "revoke"};
  for (const ProfileChoice& choice : row.profiles)
    paths.push_back(mount + signing_path(choice.rules));
  return paths;
}

namespace {

// A row as it was written before there were limits of domains.
struct FirstDirectory {
  static constexpr std::int64_t kVersion = 1;

  Directory row;

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    Directory::first_fields(self.row, visit);
  }
};

Result<Directory> decode(BytesView row) {
  auto present = access::decode_row<Directory>(row);
  if (present || present.error().code != Code::kUnsupported) return present;
  return TRY(access::decode_row<FirstDirectory>(row)).row;
}

Result<LoadedDirectory> load(const record::StateRow& row) {
  LoadedDirectory loaded;
  loaded.name = row.key.id;
  loaded.row = TRY(decode(row.value));
  loaded.version = row.version;
  loaded.acl = TRY(compile(loaded.name, loaded.row));
  return loaded;
}

Result<void> check_profiles(const Directory& row) {
  if (row.profiles.empty()) {
    return bad("profiles",
               "say under which profile or role certificates are issued: name=profile/<name>");
  }
  if (row.profiles.size() > kMaxItems) return bad("profiles", "there can be 64 profiles");
  std::set<std::string_view> seen;
  for (const ProfileChoice& choice : row.profiles) {
    if (!enrol::is_role_name(choice.name))
      return bad("profiles", printable(choice.name, 64) + " cannot be the name of a profile");
    if (!seen.insert(choice.name).second)
      return bad("profiles", choice.name + " stands twice among the profiles");
    const std::string_view rules = choice.rules;
    const bool known = rules.starts_with("role/") || rules.starts_with("profile/");
    if (!known || !enrol::is_role_name(rules.substr(rules.find('/') + 1))) {
      return bad("profiles", "a profile of a directory is \"profile/<name>\" or \"role/<name>\": " +
                                 printable(rules, 64));
    }
    if (choice.description.size() > kMaxText) return bad("profiles", "a description is too long");
  }
  return {};
}

Result<void> check_challenges(const Directory& row) {
  if (row.challenges.empty() && !row.skip_challenges)
    return bad("challenges", "without a challenge type nobody can get a certificate");
  if (row.skip_challenges && !row.eab_required) {
    return bad("skip_challenges",
               "without challenges and without bindings anybody could have any name: set "
               "eab_required, too");
  }
  std::set<std::string_view> seen;
  for (const std::string& text : row.challenges) {
    if (!validation::parse_method(text)) {
      return bad("challenges",
                 "the challenge types are http-01, dns-01, tls-alpn-01, "
                 "dns-account-01 and dns-persist-01: " +
                     printable(text, 64));
    }
    if (!seen.insert(text).second) return bad("challenges", text + " stands twice");
  }
  const bool needs_identity = row.caa || seen.contains("dns-persist-01");
  if (needs_identity && row.caa_identities.empty()) {
    return bad("caa_identities",
               "CAA and dns-persist-01 need the name by which records call this CA");
  }
  for (const std::string& text : row.caa_identities) {
    const auto name = read_name("dns", text);
    if (!name || name->text() != text || name->wildcard)
      return bad("caa_identities", printable(text, 64) + " is no host name in lower case");
  }
  return {};
}

bool is_url(std::string_view text) {
  const bool scheme = text.starts_with("https://") || text.starts_with("http://");
  return scheme && text.size() <= kMaxText && std::ranges::all_of(text, [](char c) {
           return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>';
         });
}

Result<void> check_texts(const Directory& row) {
  if (row.description.size() > kMaxText || !is_valid_utf8(row.description))
    return bad("description", "it is too long or not UTF-8");
  if (!row.terms_of_service.empty() && !is_url(row.terms_of_service))
    return bad("terms_of_service", "it is the URL of a document");
  if (!row.website.empty() && !is_url(row.website)) return bad("website", "it is a URL");
  if (row.hosts.size() > kMaxItems) return bad("hosts", "there can be 64 hosts");
  for (const std::string& host : row.hosts) {
    if (host.empty() || host.size() > 300 || host.contains('/') || to_lower(host) != host)
      return bad("hosts", "a host is a name in lower case, with a port if it is not 443");
  }
  if (row.zone.size() > 255) return bad("zone", "it is too long");
  return {};
}

Result<void> check_numbers(const Directory& row) {
  if (row.most_names < 1 || row.most_names > 1000)
    return bad("most_names", "an order can have 1 to 1000 names at most");
  if (row.attempts < 1 || row.attempts > 20)
    return bad("attempts", "there can be 1 to 20 attempts");
  if (row.domain_labels < 1 || row.domain_labels > 16)
    return bad("domain_labels", "a domain has 1 to 16 labels");
  const auto lifetime = [](seconds value) { return value >= seconds{60} && value <= kMaxLifetime; };
  if (!lifetime(row.order_lifetime)) return bad("order_lifetime", "it can be 1 minute to 400 days");
  if (!lifetime(row.pending_lifetime))
    return bad("pending_lifetime", "it can be 1 minute to 400 days");
  if (row.reuse < seconds{60} || row.reuse > kMaxLifetime)
    return bad("reuse", "it can be 1 minute to 400 days");
  if (row.pause < seconds{60} || row.pause > kMaxLifetime)
    return bad("pause", "it can be 1 minute to 400 days");
  return {};
}

}  // namespace

record::StateKey directory_key(std::string_view name) {
  return {record::StateKind::kAcmeDirectory, {"root", {}}, std::string(name)};
}

const ProfileChoice* LoadedDirectory::choice(std::string_view profile) const {
  if (profile.empty()) return &row.profiles.front();
  const auto found = std::ranges::find(row.profiles, profile, &ProfileChoice::name);
  return found == row.profiles.end() ? nullptr : &*found;
}

std::vector<validation::Method> LoadedDirectory::offered(const Name& asked) const {
  using enum validation::Method;
  std::vector<validation::Method> methods;
  for (const std::string& text : row.challenges) {
    const auto method = validation::parse_method(text);
    if (!method) continue;
    const bool by_dns = *method == kDns01 || *method == kDnsAccount01 || *method == kDnsPersist01;
    if (asked.is_ip() && by_dns) continue;
    if (asked.wildcard && !by_dns) continue;
    methods.push_back(*method);
  }
  return methods;
}

Result<access::Grant> LoadedDirectory::own(std::string_view account) const {
  access::Principal principal;
  principal.display_name = "acme:" + name + "/" + std::string(account);
  principal.acl = acl;
  return access::allow(principal, access::Action::kUpdate, {scope(), "acme/" + name + "/account"});
}

Result<access::Grant> LoadedDirectory::in_mount(std::string_view account,
                                                const record::Scope& mount,
                                                std::string_view path) const {
  access::Principal principal;
  principal.display_name = "acme:" + name + "/" + std::string(account);
  principal.acl = acl;
  return access::allow(principal, access::Action::kUpdate, {mount, row.mount + std::string(path)});
}

Directories::Directories(record::Store& store, const access::Mounts& mounts, const Clock& clock,
                         Random& random)
    : store_(store),
      mounts_(mounts),
      clock_(clock),
      random_(random),
      cache_(record::StateKind::kAcmeDirectory, store.state(), load, 1024) {
  store.committer().observe(cache_);
}

Result<std::shared_ptr<const LoadedDirectory>> Directories::find(std::string_view name) {
  return cache_.find(directory_key(name));
}

Result<std::vector<std::string>> Directories::list(std::string_view after,
                                                   std::size_t limit) const {
  auto rows = TRY(store_.state().list(record::StateKind::kAcmeDirectory, directory_key({}).scope,
                                      after, limit));
  std::vector<std::string> names;
  for (record::StateRow& row : rows) names.push_back(std::move(row.key.id));
  return names;
}

Result<record::Scope> Directories::mount_scope(const LoadedDirectory& directory) const {
  const auto mount = mounts_.find(access::MountKind::kSecret, directory.row.mount);
  if (mount && mount->type == "pki") return mount->scope();
  return fail(Code::kUnavailable, "the directory's mount " + directory.row.mount + " is not there");
}

Result<Directories::Prepared> Directories::prepare(std::string_view name, Directory wanted,
                                                   enrol::ExpectedVersion expected) {
  if (!enrol::is_role_name(name)) {
    return bad("name", "a directory's name has letters, digits, '_', and '-' and '.' inside");
  }
  if (!wanted.mount.ends_with('/')) wanted.mount += '/';
  const auto mount = mounts_.find(access::MountKind::kSecret, wanted.mount);
  if (!mount || mount->type != "pki")
    return bad("mount", "there is no PKI mount " + printable(wanted.mount, 64));
  TRY(check_profiles(wanted));
  TRY(check_challenges(wanted));
  TRY(check_texts(wanted));
  TRY(check_numbers(wanted));
  Prepared prepared;
  const record::StateKey key = directory_key(name);
  const auto present = TRY(store_.state().get(key));
  TRY(enrol::expect(prepared.writes, key, present, expected, "directory"));
  wanted.storage = present ? TRY(decode(present->value)).storage : draw_id(random_);
  TRY(compile(name, wanted));
  prepared.written = {std::string(name), std::move(wanted), present ? present->version + 1 : 1};
  return prepared;
}

Result<Directories::Written> Directories::preview(std::string_view name, Directory wanted,
                                                  enrol::ExpectedVersion expected) {
  return TRY(prepare(name, std::move(wanted), expected)).written;
}

Result<record::Staged<Directories::Written>> Directories::put(const access::Grant& grant,
                                                              std::string_view name,
                                                              Directory wanted,
                                                              enrol::ExpectedVersion expected,
                                                              std::string_view request_id) {
  Prepared prepared = TRY(prepare(name, std::move(wanted), expected));
  const Directory& row = prepared.written.row;
  auto event = access::grant_event(grant, record::EventKind::kAcmeDirectoryWritten, name,
                                   request_id, clock_.now());
  event.scope = LoadedDirectory::scope_of(row.storage);
  event.details = {{"mount", row.mount}, {"profile", row.profiles.front().rules}};
  prepared.writes.append(event);
  prepared.writes.put(directory_key(name), access::encode_row(row));
  return record::Staged<Written>(std::move(prepared.written), std::move(prepared.writes));
}

Result<record::Staged<std::string>> Directories::erase(const access::Grant& grant,
                                                       std::string_view name,
                                                       enrol::ExpectedVersion expected,
                                                       std::string_view request_id) {
  const record::StateKey key = directory_key(name);
  const auto present = TRY(store_.state().get(key));
  if (!present) {
    return std::unexpected(
        Error{Code::kNotFound, "no directory " + printable(name, 64), {}, {}}.with("field",
                                                                                   "name"));
  }
  record::WriteSet writes;
  TRY(enrol::expect(writes, key, present, expected, "directory"));
  const Directory row = TRY(decode(present->value));
  writes.erase(key);
  writes.put({record::StateKind::kAcmeRemovedDirectory, {"root", {}}, row.storage}, {});
  auto event = access::grant_event(grant, record::EventKind::kAcmeDirectoryDeleted, name,
                                   request_id, clock_.now());
  event.scope = LoadedDirectory::scope_of(row.storage);
  writes.append(event);
  return record::Staged<std::string>(std::string(name), std::move(writes));
}

}  // namespace chancery::acme
