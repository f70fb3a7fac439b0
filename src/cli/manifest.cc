#include "cli/manifest.h"
#include "cli/standard_input.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cstdio>
#include <filesystem>

#include "base/text.h"
#include "cli/yaml_reader.h"
#include "os/file.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;
using Kind = YamlValue::Kind;

// A new kind of object is a row here and a resource of the API.
constexpr ObjectKind kKinds[] = {
    {"Profile", "profiles"},
    {"Role", "roles"},
    {"AcmeDirectory", "acme-directories"},
};

constexpr std::size_t kMaxFiles = 1000;

json::value to_json(const YamlValue& value) {
  switch (value.kind) {
    case Kind::kNull:
      return nullptr;
    case Kind::kBool:
      return value.text.front() == 't' || value.text.front() == 'T';
    case Kind::kInteger: {
      std::int64_t number = 0;
      (void)std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
      return number;
    }
    case Kind::kText:
      return json::string(value.text);
    case Kind::kList: {
      json::array array;
      for (const YamlValue& item : value.items) array.push_back(to_json(item));
      return array;
    }
    case Kind::kMap: {
      json::object object;
      for (const YamlValue::Member& member : value.members) {
        object.emplace(member.name, to_json(member.value));
      }
      return object;
    }
  }
  return nullptr;
}

std::unexpected<Error> wrong(std::string detail, int line) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("line", std::to_string(line)));
}

Result<void> check_keys(const YamlValue& document) {
  static const std::vector<std::string_view> kKeys{"kind", "name", "spec"};
  for (const YamlValue::Member& member : document.members) {
    if (std::ranges::find(kKeys, member.name) != kKeys.end()) continue;
    std::string detail = "unknown key \"" + printable(member.name, 64) + "\"";
    if (const auto near = nearest(member.name, kKeys); !near.empty()) {
      detail += "; did you mean \"" + std::string(near) + "\"?";
    } else {
      detail += "; an object has kind, name and spec";
    }
    return wrong(std::move(detail), member.line);
  }
  return {};
}

Result<Manifest> read_manifest(const YamlValue& document) {
  if (document.kind != Kind::kMap) {
    return wrong("expected an object with kind, name and spec", document.line);
  }
  TRY(check_keys(document));
  Manifest manifest;
  manifest.line = document.line;
  const YamlValue* kind = document.find("kind");
  if (kind == nullptr || kind->kind != Kind::kText) {
    return wrong("the kind is missing: Profile or Role", document.line);
  }
  auto found = find_kind(kind->text);
  if (!found) return wrong(found.error().detail, kind->line);
  manifest.kind = *found;
  const YamlValue* name = document.find("name");
  if (name == nullptr) return wrong("the object's name is missing", document.line);
  if (auto good = check_object_name(name->text); !good) {
    return wrong(good.error().detail, name->line);
  }
  manifest.name = name->text;
  const YamlValue* spec = document.find("spec");
  if (spec == nullptr || spec->kind == Kind::kNull) return manifest;
  if (spec->kind != Kind::kMap) return wrong("the spec must be a map of fields", spec->line);
  for (const YamlValue::Member& member : spec->members) {
    manifest.lines.emplace_back(member.name, member.line);
  }
  manifest.spec = to_json(*spec).as_object();
  return manifest;
}

Result<std::vector<std::string>> files_of(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (path == "-" || !fs::is_directory(path, error)) return std::vector{path};
  std::vector<std::string> files;
  const auto names = TRY(os::list_directory(path));
  for (const std::string& name : names) {
    const std::string extension = fs::path(name).extension();
    if (extension == ".yaml" || extension == ".yml") files.push_back(path + "/" + name);
    if (files.size() > kMaxFiles) return fail(Code::kTooLarge, "over 1000 files in " + path);
  }
  std::ranges::sort(files);
  return files;
}

Result<std::vector<Manifest>> load_file(const std::string& file) {
  if (file == "-") {
    const SecretBytes text = TRY(read_standard_input(kMaxYamlBytes));
    return read_manifests(as_text(text.view()), "standard input");
  }
  const Bytes content = TRY(os::read_file(file, kMaxYamlBytes));
  return read_manifests(as_text(content), file);
}

Result<void> check_unique(const std::vector<Manifest>& manifests) {
  std::vector<std::pair<std::string_view, std::string_view>> seen;
  for (const Manifest& manifest : manifests) seen.emplace_back(manifest.kind->name, manifest.name);
  std::ranges::sort(seen);
  const auto twice = std::ranges::adjacent_find(seen);
  if (twice == seen.end()) return {};
  return fail(Code::kInvalidArgument,
              std::string(twice->first) + " " + printable(twice->second) + " is given twice");
}

}  // namespace

Result<const ObjectKind*> find_kind(std::string_view text) {
  std::vector<std::string_view> names;
  for (const ObjectKind& kind : kKinds) {
    if (equal_ignoring_case(text, kind.name) || equal_ignoring_case(text, kind.plural)) {
      return &kind;
    }
    names.push_back(kind.name);
    names.push_back(kind.plural);
  }
  const std::string_view near = nearest(text, names);
  return fail(Code::kInvalidArgument,
              "unknown kind \"" + printable(text, 64) + "\"; " +
                  (near.empty() ? std::string("there are Profile and Role")
                                : "did you mean \"" + std::string(near) + "\"?"));
}

Result<void> check_object_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (!name.empty() && name.size() <= 255 && std::ranges::all_of(name, plain)) return {};
  return fail(Code::kInvalidArgument,
              "a name has letters, digits, '_', '-' and '.', 255 at most, unlike \"" +
                  printable(name, 64) + "\"");
}

Error Manifest::at(Error error) const {
  int where = line;
  for (const Context& context : error.where) {
    if (context.key != "field") continue;
    const auto found = std::ranges::find(lines, context.value, &std::pair<std::string, int>::first);
    if (found != lines.end()) where = found->second;
  }
  return std::move(error)
      .with("object", std::string(kind->name) + "/" + name)
      .with("file", file)
      .with("line", std::to_string(where));
}

Result<std::vector<Manifest>> read_manifests(std::string_view text, const std::string& file) {
  auto documents = read_yaml(text);
  if (!documents) return std::unexpected(std::move(documents).error().with("file", file));
  std::vector<Manifest> manifests;
  for (const YamlValue& document : *documents) {
    auto manifest = read_manifest(document);
    if (!manifest) return std::unexpected(std::move(manifest).error().with("file", file));
    manifest->file = file;
    manifests.push_back(*std::move(manifest));
  }
  return manifests;
}

Result<std::vector<Manifest>> load_manifests(const std::vector<std::string>& paths) {
  std::vector<Manifest> all;
  for (const std::string& path : paths) {
    const auto files = TRY(files_of(path));
    for (const std::string& file : files) {
      auto manifests = TRY(load_file(file));
      std::ranges::move(manifests, std::back_inserter(all));
    }
  }
  TRY(check_unique(all));
  return all;
}

std::vector<Difference> differences(const json::object& before, const json::object& after) {
  std::vector<Difference> found;
  for (const auto& [field, value] : after) {
    const json::value* old = before.if_contains(field);
    if (old != nullptr && *old == value) continue;
    found.push_back({field, old == nullptr ? "" : json::serialize(*old), json::serialize(value)});
  }
  for (const auto& [field, value] : before) {
    if (!after.contains(field)) found.push_back({field, json::serialize(value), ""});
  }
  return found;
}

}  // namespace chancery::cli
