#include <algorithm>

#include "base/text.h"
#include "protocols/vault/authority_fields.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/issuer_answer.h"
#include "protocols/vault/warnings.h"

// What an operator changes of issuers, and of what a mount's issuers have in common.
namespace chancery::vault {
namespace {

using Texts = std::vector<std::string>;

Texts without_blanks(Texts items) {
  std::erase(items, "");
  return items;
}

// A whole write sets every field, to its default where it is not given; a patch only what is given.
enum class Fields : std::uint8_t { kAll, kGiven };

bool wanted(json::FieldReader& fields, std::string_view name, Fields which) {
  return fields.has(name) || which == Fields::kAll;
}

std::optional<Texts> read_urls(json::FieldReader& fields, std::string_view name, Fields which) {
  if (!wanted(fields, name, which)) return std::nullopt;
  return without_blanks(fields.list(name));
}

ca::UrlChange read_url_change(json::FieldReader& fields, std::string_view templating,
                              Fields which) {
  ca::UrlChange change;
  change.issuing_certificates = read_urls(fields, "issuing_certificates", which);
  change.crl_distribution_points = read_urls(fields, "crl_distribution_points", which);
  change.delta_crl_distribution_points = read_urls(fields, "delta_crl_distribution_points", which);
  change.ocsp_servers = read_urls(fields, "ocsp_servers", which);
  if (wanted(fields, templating, which)) change.templated = fields.flag(templating);
  return change;
}

Result<ca::NotAfterBehavior> read_not_after_behavior(json::FieldReader& fields) {
  constexpr std::string_view kField = "leaf_not_after_behavior";
  const std::string text = fields.text(kField, "err");
  if (text == "err") return ca::NotAfterBehavior::kRefuse;
  if (text == "truncate") return ca::NotAfterBehavior::kTruncate;
  if (text != "permit") {
    return std::unexpected(bad_field(kField,
                                     "Unknown value for field `leaf_not_after_behavior`. Possible "
                                     "values are `err`, `truncate`, and `permit`."));
  }
  return std::unexpected(Error{
      Code::kUnsupported,
      "leaf_not_after_behavior cannot be `permit`: no certificate "
      "outlives its issuer; use `err` or `truncate`",
      {},
      {}}.with("field", kField));
}

Result<ca::Usage> read_usage(json::FieldReader& fields) {
  ca::Usage usage;
  const Texts names =
      without_blanks(fields.list("usage", {"issuing-certificates", "crl-signing", "ocsp-signing"}));
  for (const std::string& name : names) {
    if (name == "issuing-certificates") {
      usage.add(ca::Usage::kIssuing);
    } else if (name == "crl-signing") {
      usage.add(ca::Usage::kCrlSigning);
    } else if (name == "ocsp-signing") {
      usage.add(ca::Usage::kOcspSigning);
    } else if (name != "read-only") {
      return std::unexpected(
          bad_field("usage", "Unable to parse specified usages: [" + printable(join(names, " ")) +
                                 "] - valid values are " + to_string(ca::Usage::all())));
    }
  }
  return usage;
}

Result<ca::IssuerChange> read_issuer_change(json::FieldReader& fields, Fields which) {
  ca::IssuerChange change;
  if (wanted(fields, "issuer_name", which)) change.name = fields.text("issuer_name");
  if (wanted(fields, "leaf_not_after_behavior", which)) {
    change.not_after_behavior = TRY(read_not_after_behavior(fields));
  }
  if (wanted(fields, "manual_chain", which)) {
    change.manual_chain = without_blanks(fields.list("manual_chain"));
  }
  if (wanted(fields, "usage", which)) change.usage = TRY(read_usage(fields));
  if (wanted(fields, "revocation_signature_algorithm", which)) {
    const std::string name = fields.text("revocation_signature_algorithm");
    change.revocation_scheme.emplace();
    if (!name.empty()) change.revocation_scheme = TRY(algorithm(name));
  }
  change.urls = read_url_change(fields, "enable_aia_url_templating", which);
  return change;
}

std::string issuance_may_fail(const Error& error) {
  return "issuance may fail: " + error.detail +
         "\n\nConsider setting the cluster-local address if it is not already set.";
}

// What a change of the mount's URLs means for an issuer that has none of its own.
Result<void> check_templates(Call& call, const ca::UrlChange& change) {
  const auto issuers = TRY(call.use.service.authorities(call.scope()));
  const auto affected = std::ranges::find_if(
      issuers, [](const auto& issuer) { return issuer->record().urls.empty(); });
  if (affected == issuers.end()) return {};
  ca::Urls urls = TRY(hierarchy(call).urls(call.scope()));
  ca::apply(change, urls);
  const ca::Cluster cluster = TRY(hierarchy(call).cluster(call.scope()));
  TRY(ca::fill_in(urls, cluster, (*affected)->id()));
  return {};
}

http::Response change(Call& call, Fields which) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  (void)fields.has("issuer_ref");
  const auto wanted_change = read_issuer_change(fields, which);
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  if (!wanted_change) return failed(call, wanted_change.error());
  auto staged = hierarchy(call).change_issuer(*call.grant, call.variable(), *wanted_change,
                                              call.request.request_id);
  if (!staged) {
    const bool from_core = staged.error().detail.starts_with("unable to ");
    return failed(call, from_core ? as_core(staged.error()) : staged.error());
  }
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id,
                       unknown = *unknown](const std::shared_ptr<const ca::Authority>& authority) {
                        std::vector<std::string> warnings;
                        if (!authority->urls()) {
                          warnings.push_back(issuance_may_fail(authority->urls().error()));
                        }
                        warn_of_unknown(warnings, unknown);
                        return issuer_answer(id, *authority, warnings);
                      });
}

http::Response defaults_answer(std::string_view request_id, const ca::Defaults& defaults,
                               const std::vector<std::string>& warnings) {
  Envelope answer(request_id);
  answer.data()
      .begin_object()
      .field("default", defaults.issuer)
      .field("default_follows_latest_issuer", defaults.follow_latest_issuer)
      .end_object();
  return std::move(answer).finish(warnings);
}

http::Response key_default_answer(std::string_view request_id, const ca::Defaults& defaults,
                                  const std::vector<std::string>& warnings) {
  Envelope answer(request_id);
  answer.data().begin_object().field("default", defaults.key).end_object();
  return std::move(answer).finish(warnings);
}

// Vault says "issuer" for keys as well.
Error unresolved(Error error) {
  if (error.code != Code::kNotFound) return error;
  error.code = Code::kInvalidArgument;
  error.detail.insert(0, "Error resolving issuer reference: ");
  return error;
}

http::Response set_default_issuer(Call& call, const std::string& otherwise) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  const std::string ref = fields.text("default", otherwise);
  std::optional<bool> follow;
  if (fields.has("default_follows_latest_issuer")) {
    follow = fields.flag("default_follows_latest_issuer");
  }
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  if (ref.empty() || ref == "default") {
    return failed(call, bad_field("default",
                                  "Invalid issuer specification; must be non-empty and can't be "
                                  "'default'."));
  }
  auto staged =
      hierarchy(call).set_default_issuer(*call.grant, ref, follow, call.request.request_id);
  if (!staged) return failed(call, unresolved(staged.error()));
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id, unknown = *unknown](const ca::Hierarchy::DefaultsSet& set) {
        std::vector<std::string> warnings;
        if (!set.has_key) {
          warnings.emplace_back(
              "This selected default issuer has no key associated with it. Some operations like "
              "issuing certificates and signing CRLs will be unavailable with the requested "
              "default issuer until a key is imported or the default issuer is changed.");
        }
        warn_of_unknown(warnings, unknown);
        return defaults_answer(id, set.defaults, warnings);
      });
}

http::Response urls_answer(std::string_view request_id, const ca::Urls& urls,
                           const std::vector<std::string>& warnings) {
  Envelope answer(request_id);
  json::Writer& out = answer.data().begin_object();
  out.field("crl_distribution_points", urls.crl_distribution_points);
  out.field("delta_crl_distribution_points", urls.delta_crl_distribution_points);
  out.field("enable_templating", urls.templated);
  out.field("issuing_certificates", urls.issuing_certificates);
  out.field("ocsp_servers", urls.ocsp_servers).end_object();
  return std::move(answer).finish(warnings);
}

http::Response cluster_answer(std::string_view request_id, const ca::Cluster& cluster,
                              const std::vector<std::string>& warnings) {
  Envelope answer(request_id);
  answer.data()
      .begin_object()
      .field("aia_path", cluster.aia_path)
      .field("path", cluster.path)
      .end_object();
  return std::move(answer).finish(warnings);
}

}  // namespace

http::Response update_issuer(Call& call) { return change(call, Fields::kAll); }

http::Response patch_issuer(Call& call) { return change(call, Fields::kGiven); }

http::Response delete_issuer(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  auto staged =
      hierarchy(call).delete_issuer(*call.grant, call.variable(), call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id,
       ref = std::string(call.variable())](const ca::Hierarchy::Deleted& deleted) {
        std::vector<std::string> warnings;
        if (deleted.was_default) {
          warnings.push_back("Deleted issuer " + deleted.id + " (via issuer_ref " + ref +
                             "); this was configured as the default issuer. Operations without an "
                             "explicit issuer will not work until a new default is configured.");
        }
        return no_data(id, warnings);
      });
}

http::Response revoke_issuer(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  auto staged =
      hierarchy(call).revoke_issuer(*call.grant, call.variable(), call.request.request_id);
  if (!staged) return failed(call, as_core(staged.error()));
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id](const ca::Hierarchy::IssuerRevoked& revoked) {
        std::vector<std::string> warnings;
        if (!revoked.already && revoked.authority->certificate().is_self_issued()) {
          warnings.emplace_back(
              "This issuer is a self-signed (potentially root) certificate. This means it may not "
              "be considered revoked if there is not an external, cross-signed variant of this "
              "certificate. This issuer's serial number will not appear on its own CRL.");
        }
        if (!revoked.already && !revoked.has_parent) {
          warnings.emplace_back(
              "This issuer lacks another parent issuer within the mount. This means it will not "
              "appear on any other CRLs and may not be considered revoked by clients. Consider "
              "adding this issuer to its issuer's CRL as well if it is not self-signed.");
        }
        return issuer_answer(id, *revoked.authority, warnings);
      });
}

http::Response read_issuers_config(Call& call) {
  const auto defaults = hierarchy(call).defaults(call.scope());
  if (!defaults) return failed(call, defaults.error());
  return defaults_answer(call.request.request_id, *defaults, {});
}

http::Response write_issuers_config(Call& call) { return set_default_issuer(call, {}); }

http::Response replace_root(Call& call) { return set_default_issuer(call, "next"); }

http::Response read_keys_config(Call& call) {
  const auto defaults = hierarchy(call).defaults(call.scope());
  if (!defaults) return failed(call, defaults.error());
  return key_default_answer(call.request.request_id, *defaults, {});
}

http::Response write_keys_config(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  const std::string ref = fields.text("default");
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  if (ref.empty() || ref == "default") {
    return failed(
        call, bad_field("default",
                        "Invalid key specification; must be non-empty and can't be 'default'."));
  }
  auto staged = hierarchy(call).set_default_key(*call.grant, ref, call.request.request_id);
  if (!staged) return failed(call, unresolved(staged.error()));
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id, unknown = *unknown](const ca::Hierarchy::DefaultsSet& set) {
        std::vector<std::string> warnings;
        warn_of_unknown(warnings, unknown);
        return key_default_answer(id, set.defaults, warnings);
      });
}

http::Response read_urls_config(Call& call) {
  const auto urls = hierarchy(call).urls(call.scope());
  if (!urls) return failed(call, urls.error());
  return urls_answer(call.request.request_id, *urls, {});
}

http::Response write_urls_config(Call& call) {
  json::FieldReader fields(call.body);
  const ca::UrlChange change = read_url_change(fields, "enable_templating", Fields::kGiven);
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  std::vector<std::string> warnings;
  if (const auto filled = check_templates(call, change); !filled) {
    warnings.push_back(issuance_may_fail(filled.error()));
  }
  warn_of_unknown(warnings, *unknown);
  auto staged = hierarchy(call).change_urls(*call.grant, change, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id, warnings = std::move(warnings)](
                          const ca::Urls& urls) { return urls_answer(id, urls, warnings); });
}

http::Response read_cluster_config(Call& call) {
  const auto cluster = hierarchy(call).cluster(call.scope());
  if (!cluster) return failed(call, cluster.error());
  return cluster_answer(call.request.request_id, *cluster, {});
}

http::Response write_cluster_config(Call& call) {
  json::FieldReader fields(call.body);
  ca::ClusterChange change;
  if (fields.has("path")) change.path = fields.text("path");
  if (fields.has("aia_path")) change.aia_path = fields.text("aia_path");
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  auto staged = hierarchy(call).change_cluster(*call.grant, change, call.request.request_id);
  if (!staged) return failed(call, as_core(staged.error()));
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id, unknown = *unknown](const ca::Cluster& cluster) {
        std::vector<std::string> warnings;
        warn_of_unknown(warnings, unknown);
        return cluster_answer(id, cluster, warnings);
      });
}

}  // namespace chancery::vault
