#include <boost/json.hpp>

#include "base/text.h"
#include "cli/admin_client.h"
#include "cli/manifest.h"
#include "cli/report.h"
#include "cli/verbs.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;

std::string path_of(const ObjectKind& kind, std::string_view name) {
  return "/" + std::string(kind.plural) + "/" + encode_query(name);
}

std::string shown(const ObjectKind& kind, std::string_view name) {
  return to_lower(kind.name) + "/" + printable(name, 255);
}

// What the server says about an object is no part of it.
json::object spec_of(json::object object) {
  for (const char* said : {"name", "version", "shipped", "warnings"}) object.erase(said);
  return object;
}

// Absent objects are nothing.
Result<std::optional<json::object>> find(const AdminClient& client, const std::string& path) {
  auto found = client.get(path);
  if (found) return *std::move(found);
  if (found.error().code == Code::kNotFound) return std::nullopt;
  return std::unexpected(std::move(found).error());
}

// What another one changed in between is not overwritten.
std::string condition(const std::optional<json::object>& present) {
  if (!present) return "If-None-Match: *";
  const std::int64_t version = present->at("version").as_int64();
  return version == 0 ? "" : "If-Match: \"" + std::to_string(version) + "\"";
}

void tell(const Manifest& manifest, std::string_view what, const std::vector<Difference>& changes,
          bool is_new) {
  std::string text = shown(*manifest.kind, manifest.name) + " " + std::string(what) + "\n";
  for (const Difference& change : changes) {
    text += "  " + change.field + ": ";
    if (!is_new) text += (change.before.empty() ? "(absent)" : change.before) + " -> ";
    text += (change.after.empty() ? "(absent)" : change.after) + "\n";
  }
  print(text);
}

Result<void> apply_one(const AdminClient& client, const Manifest& manifest, bool dry_run) {
  const std::string path = path_of(*manifest.kind, manifest.name);
  // The server resolves what is left out, so that like is compared with like.
  const json::object wanted = TRY(client.put(path + "?dry_run=true", manifest.spec));
  const auto present = TRY(find(client, path));
  const auto changes = differences(present ? spec_of(*present) : json::object{}, spec_of(wanted));
  if (present && changes.empty()) {
    tell(manifest, "unchanged", {}, false);
    return {};
  }
  if (dry_run) {
    tell(manifest, present ? "would be changed" : "would be created", changes, !present);
    return {};
  }
  const json::object done = TRY(client.put(path, manifest.spec, condition(present)));
  tell(manifest, present ? "changed" : "created", present ? changes : std::vector<Difference>{},
       !present);
  if (const auto* warnings = done.if_contains("warnings")) {
    for (const json::value& warning : warnings->as_array()) {
      warn(shown(*manifest.kind, manifest.name) + ": " + std::string(warning.as_string()));
    }
  }
  return {};
}

Result<void> apply_all(const ApplyOptions& options, const Common& common) {
  const auto manifests = TRY(load_manifests(options.files));
  const auto client = TRY(AdminClient::open(common.connection));
  for (const Manifest& manifest : manifests) {
    auto applied = apply_one(client, manifest, options.dry_run);
    if (!applied) return std::unexpected(manifest.at(std::move(applied).error()));
  }
  if (manifests.empty()) warn("there is no object in what was given");
  return {};
}

std::string name_of(const json::value& item) {
  return std::string(item.is_string() ? item.get_string()
                                      : item.as_object().at("name").as_string());
}

bool is_shipped(const json::value& item) {
  return item.is_object() && item.get_object().contains("shipped") &&
         item.get_object().at("shipped").as_bool();
}

Result<json::array> list_all(const AdminClient& client, const ObjectKind& kind) {
  json::array items;
  std::string after;
  for (;;) {
    json::object page = TRY(client.get("/" + std::string(kind.plural) + "?limit=1000" + after));
    for (json::value& item : page.at(kind.plural).as_array()) items.push_back(std::move(item));
    const json::value& next = page.at("next");
    if (!next.is_string()) return items;
    after = "&after=" + encode_query(std::string_view(next.get_string()));
  }
}

json::object manifest_of(const ObjectKind& kind, json::object object) {
  json::object manifest;
  manifest.emplace("kind", kind.name);
  manifest.emplace("name", object.at("name"));
  manifest.emplace("spec", spec_of(std::move(object)));
  return manifest;
}

Result<void> print_one(const AdminClient& client, const ObjectKind& kind, const std::string& name,
                       Format format) {
  json::object object = TRY(client.get(path_of(kind, name)));
  const bool shipped = object.contains("shipped") && object.at("shipped").as_bool();
  if (shipped && format != Format::kJson) {
    print("# Part of the program: extend it, it cannot be applied under this name.\n");
  }
  print_value(manifest_of(kind, std::move(object)),
              format == Format::kText ? Format::kYaml : format);
  return {};
}

void print_table(const json::array& items) {
  for (const json::value& item : items) {
    print(name_of(item) + (is_shipped(item) ? "  (shipped)" : "") + "\n");
  }
}

// Shipped objects are no configuration: what is printed can be applied again.
Result<void> print_all(const AdminClient& client, const ObjectKind& kind, Format format) {
  const json::array items = TRY(list_all(client, kind));
  if (format == Format::kText) {
    print_table(items);
    return {};
  }
  json::array manifests;
  for (const json::value& item : items) {
    if (is_shipped(item)) continue;
    json::object object = TRY(client.get(path_of(kind, name_of(item))));
    manifests.push_back(manifest_of(kind, std::move(object)));
  }
  if (format == Format::kJson) {
    print_value(manifests, format);
    return {};
  }
  for (const json::value& manifest : manifests) {
    print("---\n");
    print_value(manifest, format);
  }
  return {};
}

Result<void> get_all(const ObjectOptions& options, const Common& common) {
  const ObjectKind* kind = TRY(find_kind(options.kind));
  if (!options.name.empty()) TRY(check_object_name(options.name));
  const auto client = TRY(AdminClient::open(common.connection));
  return options.name.empty() ? print_all(client, *kind, common.format)
                              : print_one(client, *kind, options.name, common.format);
}

Result<void> delete_one(const AdminClient& client, const ObjectKind& kind,
                        const std::string& name) {
  const std::string path = path_of(kind, name);
  // The API counts a role that is not there as deleted; a person wants to know.
  TRY(client.get(path));
  TRY(client.remove(path));
  print(shown(kind, name) + " deleted\n");
  return {};
}

Result<void> delete_all(const ObjectOptions& options, const Common& common) {
  if (options.files.empty()) {
    const ObjectKind* kind = TRY(find_kind(options.kind));
    TRY(check_object_name(options.name));
    const auto client = TRY(AdminClient::open(common.connection));
    return delete_one(client, *kind, options.name);
  }
  const auto manifests = TRY(load_manifests(options.files));
  const auto client = TRY(AdminClient::open(common.connection));
  for (const Manifest& manifest : manifests) {
    auto deleted = delete_one(client, *manifest.kind, manifest.name);
    if (!deleted) return std::unexpected(manifest.at(std::move(deleted).error()));
  }
  return {};
}

Exit exit_of(const Result<void>& done) { return done ? Exit::kOk : fail_with(done.error()); }

}  // namespace

Exit apply(const ApplyOptions& options, const Common& common) {
  return exit_of(apply_all(options, common));
}

Exit get_objects(const ObjectOptions& options, const Common& common) {
  return exit_of(get_all(options, common));
}

Exit delete_objects(const ObjectOptions& options, const Common& common) {
  if (options.files.empty() == (options.kind.empty() || options.name.empty())) {
    warn("give either a kind and a name, or files");
    return Exit::kUsage;
  }
  return exit_of(delete_all(options, common));
}

}  // namespace chancery::cli
