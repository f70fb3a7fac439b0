#include <algorithm>

#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"

namespace chancery::admin {
namespace {

void write_restore(json::Writer& out, const std::optional<ca::Restoration>& restoration) {
  out.begin_object();
  if (!restoration) {
    out.field("state", "none").end_object();
    return;
  }
  out.field("state", restoration->confirmed() ? "confirmed" : "unconfirmed");
  out.field("lost_store_id", restoration->lost_store_id);
  out.field("backup_time", rfc3339(restoration->backup_time));
  out.field("log_rows", restoration->log_rows);
  out.field("restored_at", rfc3339(restoration->restored_at));
  if (restoration->confirmed_at) {
    out.field("confirmed_at", rfc3339(*restoration->confirmed_at));
    out.field("confirmed_by", restoration->confirmed_by);
  }
  out.end_object();
}

}  // namespace

http::Response stream_backup(Call& call) {
  json::FieldReader fields(call.body);
  const std::int64_t after = fields.integer("after");
  if (after < 0) fields.refuse("after", "it cannot be negative");
  BackupWish wish{static_cast<std::uint64_t>(std::max<std::int64_t>(0, after)),
                  fields.text("store_id")};
  if (wish.after > 0 && wish.store_id.empty())
    fields.refuse("store_id", "it is needed with \"after\"");
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  if (!call.options.backup)
    return failed(call, {Code::kUnsupported, "this server makes no backups", {}, {}});
  auto source = call.options.backup(wish, *call.context.on_lane());
  if (!source) return failed(call, source.error());
  call.use.log.info("backup begins", {{"by", call.grant->actor()},
                                      {"after", wish.after},
                                      {"request_id", call.request.request_id}});
  return http::Response(200, "application/octet-stream", *std::move(source))
      .with_header("Cache-Control", "no-store");
}

http::Response show_restore(Call& call) {
  const auto restoration = call.use.service.restoration();
  if (!restoration) return failed(call, restoration.error());
  json::Writer out;
  write_restore(out, *restoration);
  return answer(200, std::move(out));
}

http::Response confirm_restore(Call& call) {
  json::FieldReader fields(call.body);
  if (!fields.flag("old_node_is_gone")) {
    fields.refuse("old_node_is_gone",
                  "it must be true: two nodes that sign with one key contradict each other");
  }
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  auto staged = call.use.service.confirm_restore(*call.grant, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const ca::Restoration& restoration) {
    json::Writer out;
    write_restore(out, restoration);
    return answer(200, std::move(out));
  });
}

}  // namespace chancery::admin
