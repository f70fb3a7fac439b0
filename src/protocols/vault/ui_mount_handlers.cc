#include "access/acl.h"
#include "base/text.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/mount_answer.h"
#include "protocols/vault/mount_settings.h"

// sys/internal/ui/mounts: what a user interface, and the command line before some of its verbs, may
// know of mounts. These paths need no policy: whoever may do anything in a mount sees it.

namespace chancery::vault {
namespace {

using access::Mount;
using access::MountKind;

// The caller, who may be nobody. Errors: kUnauthenticated (a token that is no good).
Result<std::shared_ptr<const access::Acl>> caller_acl(const Call& call) {
  const std::string_view token = presented_token(call.request);
  if (token.empty()) return nullptr;
  const auto caller = TRY(call.use.tokens.authenticate(token, call.request.peer_address));
  if (!call.use.tokens.find(token))  // used up
    return fail(Code::kUnauthenticated, "permission denied");
  return caller.principal.acl;
}

void write_visible(json::Writer& out, const Call& call, const access::Acl* acl, MountKind kind) {
  out.begin_object();
  for (const auto& mount : call.use.methods.mounts.list(kind)) {
    const bool open = acl == nullptr && mount->listing_visibility == "unauth";
    if (!open && (acl == nullptr || !acl->reaches(mount->full_path()))) continue;
    out.key(mount->path).begin_object();
    if (open) {
      out.field("description", mount->description).key("options");
      write_options(out, *mount);
      out.field("type", mount->type);
    } else {
      write_mount(out, *mount, call.options.version);
    }
    out.end_object();
  }
  out.end_object();
}

}  // namespace

http::Response ui_mounts(Call& call) {
  const auto acl = caller_acl(call);
  if (!acl) return failed(call, acl.error());
  Envelope answer(call.request.request_id);
  json::Writer& out = answer.data().begin_object().key("auth");
  write_visible(out, call, acl->get(), MountKind::kAuth);
  out.key("secret");
  write_visible(out, call, acl->get(), MountKind::kSecret);
  out.end_object();
  return std::move(answer).finish();
}

http::Response ui_mount(Call& call) {
  const auto acl = caller_acl(call);
  if (!acl) return failed(call, acl.error());
  if (*acl == nullptr) return failed(call, {Code::kUnauthenticated, "permission denied", {}, {}});
  std::string_view path = call.variable();
  constexpr std::string_view kAuth = "auth/";
  const bool auth = path.starts_with(kAuth);
  if (auth) path.remove_prefix(kAuth.size());
  const auto mount =
      call.use.methods.mounts.match(auth ? MountKind::kAuth : MountKind::kSecret, path);
  if (!mount || !(*acl)->reaches(mount->full_path())) {
    return failed(call, {Code::kPermissionDenied,
                         "preflight capability check returned 403, please ensure client's policies "
                         "grant access to path \"" +
                             printable(call.variable()) + "/\"",
                         {},
                         {}});
  }
  Envelope answer(call.request.request_id);
  json::Writer& out = answer.data().begin_object();
  write_mount(out, *mount, call.options.version);
  out.field("path", mount->path).end_object();
  return std::move(answer).finish();
}

}  // namespace chancery::vault
