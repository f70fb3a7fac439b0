#include "protocols/admin/handlers.h"

namespace chancery::admin {

http::Response reload(Call& call) {
  if (!call.options.reload) {
    return failed(call, {Code::kUnsupported, "this server has no configuration to reload", {}, {}});
  }
  const auto changed = call.options.reload();
  if (!changed) return failed(call, changed.error());
  json::Writer out(256);
  out.begin_object().field("changed", *changed).end_object();
  return answer(200, std::move(out));
}

}  // namespace chancery::admin
