#include "protocols/vault/authority_fields.h"

#include "base/text.h"

namespace chancery::vault {
namespace {

std::vector<std::string> names(json::FieldReader& fields, std::string_view field) {
  std::vector<std::string> items = fields.list(field);
  std::erase(items, "");
  return items;
}

// In Go's words.
std::string why_not_hex(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : text) {
    if (kDigits.contains(to_lower(c))) continue;
    std::string code = hex(as_bytes({&c, 1}));
    for (char& digit : code) digit = digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
    return "encoding/hex: invalid byte: U+00" + code + " '" + printable({&c, 1}) + "'";
  }
  return text.size() % 2 != 0 ? "encoding/hex: odd length hex string" : "too long";
}

// Vault takes a key identifier in hexadecimal, with or without separators.
Bytes read_key_identifier(json::FieldReader& fields) {
  std::string text = fields.text("skid");
  std::erase_if(text, [](char c) { return c == ':' || c == '-'; });
  auto parsed = parse_hex(text);
  if (!parsed || parsed->size() > 64) {
    fields.refuse_with("skid", bad_field("skid", "cannot parse requested SKID value as hex: " +
                                                     why_not_hex(text)));
    return {};
  }
  return *std::move(parsed);
}

void read_subject(json::FieldReader& fields, policy::AuthorityRequest& request) {
  request.ou = names(fields, "ou");
  request.organization = names(fields, "organization");
  request.country = names(fields, "country");
  request.locality = names(fields, "locality");
  request.province = names(fields, "province");
  request.street_address = names(fields, "street_address");
  request.postal_code = names(fields, "postal_code");
}

void read_constraints(json::FieldReader& fields, policy::AuthorityRequest& request) {
  request.max_path_length = fields.integer("max_path_length", -1);
  request.permitted_dns_domains = names(fields, "permitted_dns_domains");
  request.excluded_dns_domains = names(fields, "excluded_dns_domains");
  request.permitted_ip_ranges = names(fields, "permitted_ip_ranges");
  request.excluded_ip_ranges = names(fields, "excluded_ip_ranges");
  request.permitted_email_addresses = names(fields, "permitted_email_addresses");
  request.excluded_email_addresses = names(fields, "excluded_email_addresses");
  request.permitted_uri_domains = names(fields, "permitted_uri_domains");
  request.excluded_uri_domains = names(fields, "excluded_uri_domains");
}

// An unreadable time is refused in Go's words here.
std::optional<TimePoint> read_time(json::FieldReader& fields, std::string_view name) {
  const std::string text = fields.text(name);
  if (text.empty()) return std::nullopt;
  const auto time = parse_rfc3339(text);
  if (time) return *time;
  const std::string shown = "\"" + printable(text) + "\"";
  fields.refuse_with(name, bad_field(name, "parsing time " + shown +
                                               " as \"2006-01-02T15:04:05Z07:00\": cannot parse " +
                                               shown + " as \"2006\""));
  return std::nullopt;
}

void read_content(json::FieldReader& fields, policy::IssueRequest& content) {
  content.common_name = fields.text("common_name");
  content.alt_names = names(fields, "alt_names");
  content.ip_sans = names(fields, "ip_sans");
  content.uri_sans = names(fields, "uri_sans");
  content.other_sans = names(fields, "other_sans");
  content.serial_number = fields.text("serial_number");
  const seconds ttl = fields.duration("ttl");
  if (ttl.count() > 0) content.ttl = ttl;
  content.not_before = read_time(fields, "not_before");
  content.not_after = read_time(fields, "not_after");
  content.exclude_cn_from_sans = fields.flag("exclude_cn_from_sans");
}

}  // namespace

policy::AuthorityRequest read_authority_request(json::FieldReader& fields) {
  policy::AuthorityRequest request;
  read_content(fields, request.content);
  read_subject(fields, request);
  read_constraints(fields, request);
  request.key_usage = names(fields, "key_usage");
  request.ext_key_usage = names(fields, "ext_key_usage");
  request.ext_key_usage_oids = names(fields, "ext_key_usage_oids");
  request.not_before_duration = fields.duration("not_before_duration", seconds{30});
  const std::int64_t bits = fields.integer("signature_bits");
  request.signature_bits = bits == 384 || bits == 512 ? static_cast<unsigned>(bits) : 0;
  request.use_pss = fields.flag("use_pss");
  request.subject_key_id = read_key_identifier(fields);
  return request;
}

Result<KeyChoice> read_key_choice(json::FieldReader& fields, std::string_view kind) {
  KeyChoice choice;
  if (kind == "kms") {
    return std::unexpected(
        bad_field("external_key_ref",
                  R"(must specify "external_key_ref" on "kms"-typed generation requests)"));
  }
  if (kind == "exported") {
    choice.kind = KeyChoice::Kind::kExported;
  } else if (kind == "existing") {
    choice.kind = KeyChoice::Kind::kExisting;
  } else if (kind != "internal") {
    return std::unexpected(bad_field(
        "exported",
        R"(the "exported" path parameter must be "internal", "existing", exported" or "kms")"));
  }
  if (choice.kind == KeyChoice::Kind::kExisting &&
      (fields.has("key_type") || fields.has("key_bits"))) {
    return std::unexpected(bad_field("key_type",
                                     "invalid parameter for the kms/existing path parameter, "
                                     "key_type nor key_bits arguments can be set in this mode"));
  }
  choice.type = fields.text("key_type", "rsa");
  choice.bits = fields.integer("key_bits");
  choice.name = fields.text("key_name");
  choice.ref = fields.text("key_ref", "default");
  return choice;
}

Result<ca::AuthorityKey> chosen_key(Call& call, const KeyChoice& choice) {
  if (choice.kind != KeyChoice::Kind::kExisting) {
    const auto type = TRY(policy::authority_key_type(choice.type, choice.bits));
    return hierarchy(call).new_key(call.scope(), type, choice.name);
  }
  auto key = hierarchy(call).existing_key(call.scope(), choice.ref);
  if (key || key.error().code != Code::kNotFound) return key;
  Error error = std::move(key).error();
  error.code = Code::kInvalidArgument;
  error.detail.insert(0, "failed to lookup public key from existing key: ");
  return std::unexpected(std::move(error));
}

std::string_view urls_warning(bool of_request) {
  constexpr std::string_view kText =
      "This mount hasn't configured any authority information access (AIA) fields; this may make "
      "it harder for systems to find missing certificates in the chain or to validate revocation "
      "status of certificates. Consider updating /config/urls or the newly generated issuer with "
      "this information. Since this certificate is an intermediate, it might be useful to "
      "regenerate this certificate after fixing this problem for the root mount.";
  return of_request ? kText : kText.substr(0, kText.find(" Since"));
}

}  // namespace chancery::vault
