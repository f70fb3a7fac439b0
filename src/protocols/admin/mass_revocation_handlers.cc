#include "ca/mass_revocation.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"

namespace chancery::admin {
namespace {

void write_optional(json::Writer& out, std::string_view name,
                    const std::optional<TimePoint>& time) {
  out.key(name);
  if (time) {
    out.string(rfc3339(*time));
  } else {
    out.null();
  }
}

void write_job(json::Writer& out, const ca::MassJob& job) {
  out.begin_object().field("id", job.id).field("state", ca::name(job.state));
  out.field("dry_run", job.wish.dry_run).field("reason", x509::name(job.wish.revocation.reason));
  write_optional(out, "invalidity_date", job.wish.revocation.invalid_since);
  out.field("everything", job.wish.everything).field("issuer", job.wish.issuer_id);
  out.field("name", job.wish.name).field("name_suffix", job.wish.name_suffix);
  out.field("spki_sha256", job.wish.spki_sha256);
  write_optional(out, "not_after_from", job.wish.not_after_from);
  write_optional(out, "not_after_to", job.wish.not_after_to);
  out.field("started_by", job.by.actor).field("started_at", rfc3339(job.started));
  write_optional(out, "finished_at", job.finished);
  out.field("examined", job.examined).field("revoked", job.revoked);
  out.field("already_revoked", job.already).field("error", job.error).end_object();
}

http::Response job_answer(unsigned status, const ca::MassJob& job) {
  json::Writer out;
  write_job(out, job);
  return answer(status, std::move(out));
}

Result<ca::MassWish> read_wish(Call& call) {
  json::FieldReader fields(call.body);
  ca::MassWish wish;
  wish.revocation = read_revocation_wish(fields);
  wish.dry_run = fields.flag("dry_run");
  wish.everything = fields.flag("everything");
  wish.issuer_id = fields.text("issuer");
  wish.name = fields.text("name");
  wish.name_suffix = fields.text("name_suffix");
  wish.not_after_from = fields.time("not_after_from");
  wish.not_after_to = fields.time("not_after_to");
  const bool with_key = fields.has("spki_sha256") || fields.has("certificate") || fields.has("csr");
  if (with_key) wish.spki_sha256 = TRY(read_named_key(fields));
  TRY(finish_strictly(fields, {"reason", "invalidity_date", "dry_run", "everything", "issuer",
                               "name", "name_suffix", "not_after_from", "not_after_to",
                               "spki_sha256", "certificate", "csr"}));
  if (wish.issuer_id.empty()) return wish;
  // As authorities are named elsewhere: "default", name or id.
  auto authority = call.use.service.authority(call.scope(), wish.issuer_id);
  if (!authority) return std::unexpected(std::move(authority).error().with("field", "issuer"));
  wish.issuer_id = (*authority)->id();
  return wish;
}

}  // namespace

http::Response start_mass_revocation(Call& call) {
  auto wish = read_wish(call);
  if (!wish) return failed(call, wish.error());
  if (!wish->spki_sha256.empty() && !wish->dry_run) {
    // The key is blocked as well, in every mount.
    const auto allowed =
        also_allowed(call, access::Action::kUpdate, call.scope().mount + "blocked-keys");
    if (!allowed) return failed(call, allowed.error());
  }
  auto staged = call.use.service.mass_revocation().start(*call.grant, *std::move(wish),
                                                         call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [](const ca::MassJob& job) { return job_answer(202, job); });
}

http::Response cancel_mass_revocation(Call& call) {
  json::FieldReader fields(call.body);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  auto staged = call.use.service.mass_revocation().cancel(*call.grant, call.variables[0],
                                                          call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [](const ca::MassJob& job) { return job_answer(202, job); });
}

http::Response show_mass_revocation(Call& call) {
  const auto job = call.use.service.mass_revocation().find(call.scope(), call.variables[0]);
  return job ? job_answer(200, *job) : failed(call, job.error());
}

http::Response list_mass_revocations(Call& call) {
  const auto jobs = call.use.service.mass_revocation().list(call.scope());
  if (!jobs) return failed(call, jobs.error());
  json::Writer out(jobs->size() * 600 + 64);
  out.begin_object().key("revocations").begin_array();
  for (const ca::MassJob& job : *jobs) write_job(out, job);
  out.end_array().end_object();
  return answer(200, std::move(out));
}

}  // namespace chancery::admin
