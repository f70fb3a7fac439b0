#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "record/event.h"

namespace chancery::access {

class Acl;

// Principal is who asks, once it is proven. Value.
struct Principal {
  std::string tenant = "root";
  std::string display_name;           // "root", "approle-ci": for people and for the audit trail
  std::string accessor;               // public handle of the token, safe to show
  std::vector<std::string> policies;  // "root" means everything
  std::shared_ptr<const Acl> acl;     // what the policies allow together; null: nothing
};

// What a principal wants to do with a resource: Vault's capabilities, which every other policy
// language compiles into as well.
enum class Action : std::uint8_t { kCreate, kRead, kUpdate, kPatch, kDelete, kList, kScan, kSudo };
[[nodiscard]] std::string_view name(Action action);

// Parameter is one that a request sends along, which a policy can allow or deny.
struct Parameter {
  std::string_view name;
  std::string_view
      value;  // "true", "12.5", or the text itself; of a list its items, each on its own
};

// Resource is what is acted on: the path within the tenant ("pki/issue/web"; with a slash at the
// end when it is listed), in the one canonical form that requests and policies share, and whose it
// is.
struct Resource {
  record::Scope scope;
  std::string path;
  std::span<const Parameter> parameters = {};
  bool needs_sudo = false;  // only a policy with "sudo" opens this path
};

class Grant;

// allow is the one decision of the whole program: may `principal` do `action` to `resource`?
// Nothing is allowed unless a policy says so. Errors: kPermissionDenied.
[[nodiscard]] Result<Grant> allow(const Principal& principal, Action action,
                                  const Resource& resource);

// Grant is the proof that allow said yes. Move-only; only allow and local_operator make one.
class [[nodiscard]] Grant {
 public:
  Grant(Grant&&) noexcept = default;
  Grant& operator=(Grant&&) noexcept = default;
  Grant(const Grant&) = delete;
  Grant& operator=(const Grant&) = delete;

  [[nodiscard]] const std::string& actor() const { return actor_; }
  [[nodiscard]] const record::Scope& scope() const { return scope_; }

 private:
  friend Result<Grant> allow(const Principal&, Action, const Resource&);
  friend Grant local_operator(const record::Scope&);
  friend Grant system_grant(const record::Scope&);
  Grant(std::string actor, record::Scope scope)
      : actor_(std::move(actor)), scope_(std::move(scope)) {}

  std::string actor_;  // "token:root"
  record::Scope scope_;
};

// local_operator is the grant of a person at the command line of the machine that holds store and
// keys (init, ceremonies): the file system has already decided. Never reachable from a request.
[[nodiscard]] Grant local_operator(const record::Scope& scope);
// The actor of system_grant's; no request's begins like it and ends there.
inline constexpr std::string_view kSystemActor = "system";
// system_grant is the program's own, for what it does unasked: its TLS certificate, a CRL that is
// due.
[[nodiscard]] Grant system_grant(const record::Scope& scope);

}  // namespace chancery::access
