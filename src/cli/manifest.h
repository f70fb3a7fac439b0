#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace chancery::cli {

// ObjectKind is one row of the table of what apply, get and delete know.
struct ObjectKind {
  std::string_view name;    // "Profile"
  std::string_view plural;  // "profiles": the path in the API, and the member of its list
};
// find_kind takes "Profile", "profile" or "profiles". Errors: kInvalidArgument with the nearest.
[[nodiscard]] Result<const ObjectKind*> find_kind(std::string_view text);

// check_object_name refuses what no object can be called, so that it is no path to elsewhere.
// Errors: kInvalidArgument.
[[nodiscard]] Result<void> check_object_name(std::string_view name);

// Manifest is one document: an object as it shall be.
struct Manifest {
  const ObjectKind* kind = nullptr;
  std::string name;
  boost::json::object spec;
  std::string file;
  int line = 1;                                    // where it begins
  std::vector<std::pair<std::string, int>> lines;  // of the spec's fields

  // at adds file and line to an error: those of the field it is about, where there is one.
  [[nodiscard]] Error at(Error error) const;
};

// read_manifests reads one YAML text; `file` is for messages. Errors: those of read_yaml, and
// kInvalidArgument (unknown kind or key, name missing), with file and line in Error::where.
[[nodiscard]] Result<std::vector<Manifest>> read_manifests(std::string_view text,
                                                           const std::string& file);
// load_manifests reads files, directories (their *.yaml and *.yml, sorted) and "-", which is
// standard input. Errors: as above; kInvalidArgument where one object stands twice.
[[nodiscard]] Result<std::vector<Manifest>> load_manifests(const std::vector<std::string>& paths);

// Difference is one field that is not as it shall be.
struct Difference {
  std::string field;
  std::string before;  // as JSON; "" where there is none
  std::string after;
};
[[nodiscard]] std::vector<Difference> differences(const boost::json::object& before,
                                                  const boost::json::object& after);

}  // namespace chancery::cli
