#include "protocols/vault/mount_settings.h"

#include "base/text.h"

namespace chancery::vault {
namespace {

std::unexpected<Error> refuse(std::string detail, std::string_view field) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field));
}

// read_ttl reads a duration; "system" and less than nothing are the system's, "" is no change.
Result<void> read_ttl(json::FieldReader& fields, std::string_view field, SettingsOf of,
                      seconds default_ttl, seconds& ttl) {
  const std::string text = fields.text(field);
  if (text.empty()) return {};
  if (text == "system" || text.starts_with('-')) {
    if (of == SettingsOf::kTuning && field == "max_lease_ttl" && default_ttl.count() > 0 &&
        text != "system") {
      return refuse("backend max lease TTL of -1 would be less than backend default lease TTL of " +
                        std::to_string(default_ttl.count()),
                    field);
    }
    ttl = seconds{0};
    return {};
  }
  const auto parsed = parse_duration(text);
  if (parsed) {
    ttl = *parsed;
    return {};
  }
  const std::string shown = printable(text, 64);
  const std::string what = field == "max_lease_ttl" ? "max" : "default";
  const std::string why = "time: invalid duration \"" + shown + "\"";
  return refuse(
      of == SettingsOf::kTuning ? why : "unable to parse " + what + " TTL of " + shown + ": " + why,
      field);
}

Result<void> check_ttls(const access::Mount& mount, SettingsOf of) {
  if (mount.max_ttl.count() == 0 || mount.default_ttl <= mount.max_ttl) return {};
  if (of == SettingsOf::kNewMount)
    return refuse("given default lease TTL greater than given max lease TTL", "default_lease_ttl");
  return refuse("backend max lease TTL of " + std::to_string(mount.max_ttl.count()) +
                    " would be less than backend default lease TTL of " +
                    std::to_string(mount.default_ttl.count()),
                "default_lease_ttl");
}

Result<void> read_token_type(json::FieldReader& fields, access::Mount& mount) {
  const std::string type = fields.text("token_type");
  if (type.empty()) return {};
  if (mount.kind != access::MountKind::kAuth)
    return refuse("'token_type' can only be modified on auth mounts", "token_type");
  if (type == "batch" || type == "default-batch")
    return refuse("tokens of type service only are supported", "token_type");
  if (type != "default-service" && type != "service")
    return refuse("invalid value for 'token_type'", "token_type");
  mount.token_type = type;
  return {};
}

}  // namespace

Result<void> read_settings(json::FieldReader& fields, SettingsOf of, access::Mount& mount) {
  TRY(read_ttl(fields, "default_lease_ttl", of, {}, mount.default_ttl));
  TRY(read_ttl(fields, "max_lease_ttl", of, mount.default_ttl, mount.max_ttl));
  TRY(check_ttls(mount, of));
  // As in Vault this one is for new mounts alone; here it changes nothing.
  if (of == SettingsOf::kNewMount) mount.force_no_cache = fields.flag("force_no_cache");
  if (fields.has("listing_visibility")) {
    const std::string visibility = fields.text("listing_visibility");
    if (!visibility.empty() && visibility != "hidden" && visibility != "unauth")
      return refuse("invalid listing_visibility " + printable(visibility), "listing_visibility");
    mount.listing_visibility = visibility;
  }
  TRY(read_token_type(fields, mount));
  mount.audit_request_keys = fields.list("audit_non_hmac_request_keys", mount.audit_request_keys);
  mount.audit_response_keys =
      fields.list("audit_non_hmac_response_keys", mount.audit_response_keys);
  mount.request_headers = fields.list("passthrough_request_headers", mount.request_headers);
  mount.response_headers = fields.list("allowed_response_headers", mount.response_headers);
  return {};
}

void write_lists(json::Writer& out, const access::Mount& mount) {
  const auto list = [&](std::string_view name, const std::vector<std::string>& texts) {
    if (!texts.empty()) out.field(name, texts);
  };
  list("allowed_response_headers", mount.response_headers);
  list("audit_non_hmac_request_keys", mount.audit_request_keys);
  list("audit_non_hmac_response_keys", mount.audit_response_keys);
  list("passthrough_request_headers", mount.request_headers);
}

void write_options(json::Writer& out, const access::Mount& mount) {
  out.begin_object();
  for (const auto& [name, value] : mount.options) out.field(name, value);
  out.end_object();
}

}  // namespace chancery::vault
