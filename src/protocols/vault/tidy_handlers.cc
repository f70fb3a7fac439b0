#include <array>
#include <initializer_list>

#include "base/text.h"
#include "ca/tidier.h"
#include "crypto/digest.h"
#include "protocols/json/field_reader.h"
#include "protocols/json/go_duration.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/warnings.h"

namespace chancery::vault {
namespace {

constexpr std::string_view kOperations =
    "Enable at least one tidy operation to be run (tidy_cert_store / tidy_revoked_certs / "
    "tidy_invalid_certs / tidy_revoked_cert_issuer_associations / tidy_expired_issuers / "
    "tidy_move_legacy_ca_bundle / tidy_acme).";

struct FlagField {
  std::string_view name;
  bool ca::TidyWish::* place;
};
constexpr std::array kFlags{
    FlagField{"tidy_acme", &ca::TidyWish::acme},
    FlagField{"tidy_cert_store", &ca::TidyWish::cert_store},
    FlagField{"tidy_expired_issuers", &ca::TidyWish::expired_issuers},
    FlagField{"tidy_invalid_certs", &ca::TidyWish::invalid_certs},
    FlagField{"tidy_move_legacy_ca_bundle", &ca::TidyWish::move_legacy_ca_bundle},
    FlagField{"tidy_revoked_cert_issuer_associations",
              &ca::TidyWish::revoked_cert_issuer_associations},
    FlagField{"tidy_revoked_certs", &ca::TidyWish::revoked_certs}};

struct SpanField {
  std::string_view name;
  seconds ca::TidyWish::* place;
  std::string_view zero_once;  // what is said of zero to a tidy
  std::string_view zero_auto;  // and to automatic tidying
};
constexpr std::array kSpans{
    SpanField{"safety_buffer", &ca::TidyWish::safety_buffer,
              "safety_buffer must be greater than zero",
              "given safety_buffer must be at least one second; got: 0"},
    SpanField{"issuer_safety_buffer", &ca::TidyWish::issuer_safety_buffer,
              "issuer_safety_buffer must be greater than zero",
              "given safety_buffer must be at least one second; got: 0"},
    SpanField{"acme_account_safety_buffer", &ca::TidyWish::acme_account_safety_buffer,
              "acme_account_safety_buffer must be greater than zero",
              "given acme_account_safety_buffer must be at least one second; got: 0"},
    SpanField{"revoked_safety_buffer", &ca::TidyWish::revoked_safety_buffer,
              "revokedSafetyBuffer must be greater than zero",
              "revoked_safety_buffer must be at least one second; got: 0"}};

constexpr std::int64_t kLeastPage = 5;

// Which of the two endpoints a wish comes by: their words differ.
enum class By : std::uint8_t { kOnce, kAuto };

void refuse(json::FieldReader& fields, std::string_view name, std::string text) {
  fields.refuse_with(name,
                     Error{Code::kInvalidArgument, std::move(text), {}, {}}.with("field", name));
}

void read_pause(json::FieldReader& fields, ca::TidyWish& wish, By by) {
  if (!fields.has("pause_duration")) return;
  const std::string text = fields.text("pause_duration");
  if (text.empty()) {
    wish.pause = seconds{0};
    return;
  }
  const auto parsed = parse_duration(text);
  if (!parsed) {
    const std::string_view what = by == By::kOnce ? "Error parsing pause_duration: "
                                                  : "unable to parse given pause_duration: ";
    refuse(fields, "pause_duration", std::string(what) + json::go_duration_error(text));
  } else if (parsed->count() < 0) {
    refuse(fields, "pause_duration", "received invalid, negative pause_duration");
  } else {
    wish.pause = *parsed;
  }
}

void read_page_size(json::FieldReader& fields, ca::TidyWish& wish, By by) {
  const std::int64_t size = fields.integer("page_size", wish.page_size);
  const bool whole = by == By::kOnce && size == 0;
  if (!whole && (size < kLeastPage || size > UINT32_MAX)) {
    refuse(
        fields, "page_size",
        by == By::kOnce ? "page_size must be greater than five" : "page_size must be at least 5");
    return;
  }
  wish.page_size = static_cast<std::uint32_t>(size);
}

void read_wish(json::FieldReader& fields, ca::TidyWish& wish, By by) {
  // Without a length of its own, revocations have that of certificates.
  const bool same =
      !fields.has("revoked_safety_buffer") && (by == By::kOnce || fields.has("safety_buffer"));
  for (const SpanField& field : kSpans) {
    wish.*field.place = fields.duration(field.name, wish.*field.place);
    if ((wish.*field.place).count() > 0) continue;
    refuse(fields, field.name, std::string(by == By::kOnce ? field.zero_once : field.zero_auto));
  }
  if (same) wish.revoked_safety_buffer = wish.safety_buffer;
  read_pause(fields, wish, by);
  read_page_size(fields, wish, by);
  for (const FlagField& field : kFlags)
    wish.*field.place = fields.flag(field.name, wish.*field.place);
}

void write_wish(json::Writer& out, const ca::TidyWish& wish) {
  for (const SpanField& field : kSpans) out.field(field.name, (wish.*field.place).count());
  for (const FlagField& field : kFlags) out.field(field.name, wish.*field.place);
  out.field("page_size", wish.page_size);
  out.field("pause_duration", format_duration(wish.pause));
}

void write_automatic(json::Writer& out, const ca::AutoTidy& settings) {
  out.begin_object();
  out.field("enabled", settings.enabled);
  out.field("interval_duration", settings.interval.count());
  out.field("maintain_stored_certificate_counts", settings.maintain_counts);
  out.field("publish_stored_certificate_count_metrics", settings.publish_counts);
  write_wish(out, settings.wish);
  out.end_object();
}

// The mount's id, which is the same at each start.
std::string backend_uuid(const record::Scope& scope) {
  std::string id =
      hex(BytesView(crypto::sha256(as_bytes(scope.tenant + '\0' + scope.mount))).first(16));
  for (const std::size_t at : {8UZ, 13UZ, 18UZ, 23UZ}) id.insert(at, 1, '-');
  return id;
}

std::string_view name(ca::TidyState state) {
  switch (state) {
    case ca::TidyState::kInactive:
      return "Inactive";
    case ca::TidyState::kRunning:
      return "Running";
    case ca::TidyState::kCancelling:
      return "Cancelling";
    case ca::TidyState::kCancelled:
      return "Cancelled";
    case ca::TidyState::kFinished:
      return "Finished";
    case ca::TidyState::kFailed:
      return "Error";
  }
  return "Inactive";
}

void write_nulls(json::Writer& out, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) out.key(name).null();
}

void write_time(json::Writer& out, std::string_view name, std::optional<TimePoint> time) {
  time ? out.field(name, rfc3339(*time)) : out.key(name).null();
}

void write_progress(json::Writer& out, const ca::TidyStatus& status) {
  if (status.state == ca::TidyState::kInactive) {
    for (const SpanField& field : kSpans) out.key(field.name).null();
    for (const FlagField& field : kFlags) out.key(field.name).null();
    write_nulls(out, {"acme_account_deleted_count", "acme_account_revoked_count",
                      "acme_orders_deleted_count", "cert_store_deleted_count", "error", "message",
                      "missing_issuer_cert_count", "page_size", "pause_duration",
                      "revoked_cert_deleted_count", "time_finished", "time_started",
                      "total_acme_account_count"});
    return;
  }
  write_wish(out, status.wish);
  // Nothing of these is ever removed: docs/decisions/0030-tidy.md.
  for (const std::string_view none :
       {"acme_account_deleted_count", "acme_account_revoked_count", "acme_orders_deleted_count",
        "cert_store_deleted_count", "missing_issuer_cert_count", "total_acme_account_count"})
    out.field(none, 0);
  out.field("revoked_cert_deleted_count", status.revocations_removed);
  status.error.empty() ? out.key("error").null() : out.field("error", status.error);
  if (status.finished && status.state != ca::TidyState::kCancelled) {
    out.key("message").null();
  } else {
    out.field("message", "Tidying revoked certificates: total revoked certs checked: " +
                             std::to_string(status.revocations_read));
  }
  write_time(out, "time_started", status.started);
  write_time(out, "time_finished", status.finished);
}

http::Response answer_status(Call& call, const std::vector<std::string>& warnings) {
  ca::Tidier& tidier = call.use.service.tidier();
  const auto last = tidier.last_finished(call.scope());
  if (!last) return failed(call, last.error());
  const ca::TidyStatus status = tidier.status(call.scope());
  Envelope answer(call.request.request_id, 2048);
  json::Writer& out = answer.data().begin_object();
  write_progress(out, status);
  write_nulls(out, {"current_cert_store_count", "current_revoked_cert_count"});
  out.field("internal_backend_uuid", backend_uuid(call.scope()));
  if (*last) write_time(out, "last_auto_tidy_finished", **last);
  out.field("state", name(status.state)).end_object();
  return std::move(answer).finish(warnings);
}

}  // namespace

http::Response tidy(Call& call) {
  json::FieldReader fields(call.body);
  ca::TidyWish wish;
  read_wish(fields, wish, By::kOnce);
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  const std::string& id = call.request.request_id;
  const auto answer = [&id, unknown = *unknown](unsigned status, std::string text) {
    std::vector<std::string> warnings{std::move(text)};
    warn_of_unknown(warnings, unknown);
    http::Response response = no_data(id, warnings);
    response.set_status(status);
    return response;
  };
  if (wish.asks_for_nothing()) {
    return answer(
        202, "Manual tidy requested but no tidy operations were set. " + std::string(kOperations));
  }
  auto staged = call.use.service.tidier().start(*call.grant, wish, id);
  if (!staged && staged.error().code == Code::kAlreadyExists)
    return answer(200, staged.error().detail);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [answer](const ca::TidyWish&) {
    return answer(202,
                  "Tidy operation successfully started. Any information from the operation will be "
                  "printed to OpenBao's server logs.");
  });
}

http::Response tidy_status(Call& call) { return answer_status(call, {}); }

http::Response tidy_cancel(Call& call) {
  if (call.use.service.tidier().cancel(call.scope())) return answer_status(call, {});
  return no_data(call.request.request_id,
                 {"Tidy operation cannot be cancelled as none is currently running."});
}

http::Response read_auto_tidy(Call& call) {
  const auto settings = call.use.service.tidier().settings(call.scope());
  if (!settings) return failed(call, settings.error());
  Envelope answer(call.request.request_id);
  write_automatic(answer.data(), *settings);
  return std::move(answer).finish();
}

namespace {

// read_automatic changes what the request names.
void read_automatic(json::FieldReader& fields, ca::AutoTidy& settings) {
  settings.enabled = fields.flag("enabled", settings.enabled);
  settings.interval = fields.duration("interval_duration", settings.interval);
  settings.maintain_counts =
      fields.flag("maintain_stored_certificate_counts", settings.maintain_counts);
  settings.publish_counts =
      fields.flag("publish_stored_certificate_count_metrics", settings.publish_counts);
  read_wish(fields, settings.wish, By::kAuto);
  if (settings.enabled && settings.wish.asks_for_nothing()) {
    refuse(fields, "enabled",
           "Auto-tidy enabled but no tidy operations were requested. " + std::string(kOperations));
  }
  if (settings.publish_counts && !settings.maintain_counts) {
    refuse(fields, "publish_stored_certificate_count_metrics",
           "Can not publish a running storage metrics count to metrics without first maintaining "
           "that count.  Enable `maintain_stored_certificate_counts` to enable "
           "`publish_stored_certificate_count_metrics`.");
  }
}

}  // namespace

http::Response write_auto_tidy(Call& call) {
  std::vector<std::string> warnings;
  const auto change = [&](ca::AutoTidy& settings) -> Result<void> {
    json::FieldReader fields(call.body);
    read_automatic(fields, settings);
    const auto unknown = fields.finish();
    if (!unknown) return std::unexpected(field_error(unknown.error()));
    warn_of_unknown(warnings, *unknown);
    return {};
  };
  auto staged = call.use.service.tidier().set(*call.grant, change, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id, warnings](const ca::AutoTidy& written) {
                        Envelope answer(id);
                        write_automatic(answer.data(), written);
                        return std::move(answer).finish(warnings);
                      });
}

}  // namespace chancery::vault
