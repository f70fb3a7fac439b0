#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/mounts.h"
#include "access/principal.h"
#include "access/row_codec.h"
#include "acme/rows.h"
#include "enrol/expected_version.h"
#include "record/staged.h"
#include "record/state_cache.h"

namespace chancery::access {
class Acl;
}

namespace chancery::acme {

// ProfileChoice is one profile that clients can ask for, and what it stands for here.
struct ProfileChoice {
  std::string name;         // "short-lived": for clients
  std::string rules;        // "profile/tls-server" or "role/web", of the directory's mount
  std::string description;  // for people; meta.profiles

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.name);
    visit(self.rules);
    visit(self.description);
  }
  friend bool operator==(const ProfileChoice&, const ProfileChoice&) = default;
};

// Directory is what one ACME directory offers and asks. The defaults are those of a new one.
struct Directory {
  static constexpr std::int64_t kVersion = 2;

  std::string storage;  // random, given once: rows of a directory never serve another one
  std::string description;
  bool enabled = true;
  std::string mount = "pki/";
  std::string issuer = {};              // "": the profile's
  std::vector<ProfileChoice> profiles;  // the first one counts where a client asks for none
  std::vector<std::string> challenges{"http-01", "dns-01", "tls-alpn-01"};
  bool eab_required = false;
  bool skip_challenges = false;
  bool pre_authorization = true;  // newAuthz
  bool caa = false;
  std::vector<std::string> caa_identities;  // this CA's names in CAA and dns-persist-01 records
  std::string zone;                         // whose resolver and network rules validate
  std::string terms_of_service;
  std::string website;
  std::vector<std::string> hosts;  // names clients reach it by; empty: any
  bool unknown_replaces = false;   // take orders that replace what this account cannot: RFC 9773

  std::uint32_t most_names = 100;  // of an order
  std::uint32_t attempts = 4;      // of a challenge, as far as it can pass later
  seconds order_lifetime{7 * 86'400};
  seconds pending_lifetime{7 * 86'400};
  seconds reuse{86'400};  // how long a valid authorisation serves further orders

  // In an hour; 0: any number.
  std::uint32_t accounts_per_address = 100;
  std::uint32_t orders_per_account = 1000;
  std::uint32_t orders_per_name = 100;
  std::uint32_t failures_per_name = 60;
  // For all accounts together; 0: any number. A domain is the last `domain_labels` labels of a
  // name.
  std::uint32_t certificates_per_domain = 0;
  std::uint32_t domain_labels = 2;
  // After so many failures in a row no order of the account for the name is taken; 0: never.
  std::uint32_t pause_after = 200;
  seconds pause{7 * 86'400};

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    first_fields(self, visit);
    visit(self.certificates_per_domain);
    visit(self.domain_labels);
  }
  // first_fields are those of version 1.
  template <class Self, class Visit>
  static void first_fields(Self& self, Visit& visit) {
    visit(self.storage);
    visit(self.description);
    visit(self.enabled);
    visit(self.mount);
    visit(self.issuer);
    visit(self.profiles);
    visit(self.challenges);
    visit(self.eab_required);
    visit(self.skip_challenges);
    visit(self.pre_authorization);
    visit(self.caa);
    visit(self.caa_identities);
    visit(self.zone);
    visit(self.terms_of_service);
    visit(self.website);
    visit(self.hosts);
    visit(self.unknown_replaces);
    visit(self.most_names);
    visit(self.attempts);
    visit(self.order_lifetime);
    visit(self.pending_lifetime);
    visit(self.reuse);
    visit(self.accounts_per_address);
    visit(self.orders_per_account);
    visit(self.orders_per_name);
    visit(self.failures_per_name);
    visit(self.pause_after);
    visit(self.pause);
  }
};

// LoadedDirectory is a directory as it is now, ready to use. Immutable; thread-safe.
struct LoadedDirectory {
  std::string name;
  Directory row;
  std::uint64_t version = 0;
  std::shared_ptr<const access::Acl> acl;  // what its accounts may do, all of them together

  [[nodiscard]] record::Scope scope() const { return scope_of(row.storage); }
  [[nodiscard]] static record::Scope scope_of(std::string_view storage) {
    return {"root", "acme/" + std::string(storage) + "/"};
  }
  // choice finds a profile by the name that clients use; "" is the first. Null: there is none.
  [[nodiscard]] const ProfileChoice* choice(std::string_view profile) const;
  // offers says whether a challenge type is offered for a name (RFC 8555 section 7.1.4, RFC 8738
  // section 7).
  [[nodiscard]] std::vector<validation::Method> offered(const Name& name) const;

  // own is the grant of an account for its own rows here. Errors: kPermissionDenied.
  [[nodiscard]] Result<access::Grant> own(std::string_view account) const;
  // in_mount is the grant of an account for a path of the directory's mount ("sign/web").
  [[nodiscard]] Result<access::Grant> in_mount(std::string_view account, const record::Scope& mount,
                                               std::string_view path) const;
};

// paths_in_mount are what the accounts of a directory may update in its PKI mount: whoever makes
// such a directory hands out these rights.
[[nodiscard]] std::vector<std::string> paths_in_mount(const Directory& row);

// Directories keeps the directories. Thread-safe. Make it before the store's first commit.
class Directories {
 public:
  Directories(record::Store& store, const access::Mounts& mounts, const Clock& clock,
              Random& random);

  // find returns a directory, or null. Errors: kUnavailable, kDataLoss.
  [[nodiscard]] Result<std::shared_ptr<const LoadedDirectory>> find(std::string_view name);
  // list returns names after `after`, at most `limit`. Not on a reactor.
  [[nodiscard]] Result<std::vector<std::string>> list(std::string_view after,
                                                      std::size_t limit) const;
  // mount_scope is where a directory's certificates are issued. Errors: kUnavailable (no such
  // mount).
  [[nodiscard]] Result<record::Scope> mount_scope(const LoadedDirectory& directory) const;

  struct Written {
    std::string name;
    Directory row;
    std::uint64_t version = 0;
  };
  // preview says what put would store, and its errors.
  [[nodiscard]] Result<Written> preview(std::string_view name, Directory wanted,
                                        enrol::ExpectedVersion expected);
  // put stages a new directory or the replacement of one, whose rows stay. Errors: kInvalidArgument
  // with the field; those of enrol::expect.
  [[nodiscard]] Result<record::Staged<Written>> put(const access::Grant& grant,
                                                    std::string_view name, Directory wanted,
                                                    enrol::ExpectedVersion expected,
                                                    std::string_view request_id);
  // erase stages the end of a directory with everything in it; the sweep takes the rows. Errors:
  // kNotFound, those of enrol::expect.
  [[nodiscard]] Result<record::Staged<std::string>> erase(const access::Grant& grant,
                                                          std::string_view name,
                                                          enrol::ExpectedVersion expected,
                                                          std::string_view request_id);

 private:
  struct Prepared {
    Written written;
    record::WriteSet writes;
  };
  [[nodiscard]] Result<Prepared> prepare(std::string_view name, Directory wanted,
                                         enrol::ExpectedVersion expected);

  record::Store& store_;
  const access::Mounts& mounts_;
  const Clock& clock_;
  Random& random_;
  record::StateCache<LoadedDirectory> cache_;
};

[[nodiscard]] record::StateKey directory_key(std::string_view name);

}  // namespace chancery::acme
