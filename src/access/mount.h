#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "record/event.h"
#include "record/write_set.h"

namespace chancery::access {

// Where a mount stands: secrets engines below the root, authentication methods below "auth/".
enum class MountKind : std::uint8_t { kSecret, kAuth };

// Mount is an engine or an authentication method at a path. Its rows have the scope `storage`,
// which is given once: moving a mount changes its path alone.
struct Mount {
  static constexpr std::int64_t kVersion = 1;

  MountKind kind = MountKind::kSecret;  // with `path`, the row's key
  std::string path;                     // "pki/": with a slash at the end, without "auth/"
  std::string type;                     // "pki", "approle"
  std::string accessor;                 // "pki_1a2b3c4d"
  std::string uuid;
  std::string storage;  // record::Scope::mount of everything in it
  std::string description;
  seconds default_ttl{0};  // 0: the system's
  seconds max_ttl{0};      // 0: the system's
  bool force_no_cache = false;
  bool local = false;
  bool seal_wrap = false;
  std::string listing_visibility;  // "", "hidden", "unauth"
  std::string token_type;          // of an authentication method: "default-service", "service"
  std::vector<std::string> audit_request_keys;
  std::vector<std::string> audit_response_keys;
  std::vector<std::string> request_headers;
  std::vector<std::string> response_headers;
  std::vector<std::pair<std::string, std::string>> options;

  [[nodiscard]] record::Scope scope() const { return {"root", storage}; }
  // full_path has the "auth/" of authentication methods.
  [[nodiscard]] std::string full_path() const;

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.type);
    visit(self.accessor);
    visit(self.uuid);
    visit(self.storage);
    visit(self.description);
    visit(self.default_ttl);
    visit(self.max_ttl);
    visit(self.force_no_cache);
    visit(self.local);
    visit(self.seal_wrap);
    visit(self.listing_visibility);
    visit(self.token_type);
    visit(self.audit_request_keys);
    visit(self.audit_response_keys);
    visit(self.request_headers);
    visit(self.response_headers);
    visit(self.options);
  }
};

[[nodiscard]] record::StateKey mount_key(MountKind kind, std::string_view path);
// decode_mount reads a row of kMount. Errors: kDataLoss.
[[nodiscard]] Result<Mount> decode_mount(std::string_view id, BytesView value);

}  // namespace chancery::access
