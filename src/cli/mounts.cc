#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/issuance.h"
#include "cli/report.h"
#include "cli/verbs.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;

std::string place(const MountOptions& options) {
  return options.auth ? "/auth-methods" : "/mounts";
}

void print_mount(const json::object& mount) {
  print(text_of(mount, "path") + "  " + text_of(mount, "type") + "  " +
        json::serialize(mount.at("default_lease_ttl")) + " s, at most " +
        json::serialize(mount.at("max_lease_ttl")) + " s  " + text_of(mount, "description") + "\n");
}

json::object body_of(const MountOptions& options) {
  json::object body{{"path", options.path}};
  if (!options.type.empty()) body["type"] = options.type;
  if (!options.description.empty()) body["description"] = options.description;
  if (!options.default_ttl.empty()) body["default_lease_ttl"] = options.default_ttl;
  if (!options.max_ttl.empty()) body["max_lease_ttl"] = options.max_ttl;
  return body;
}

Result<json::object> send(const MountOptions& options, const Common& common,
                          std::string_view what) {
  const auto client = TRY(AdminClient::open(common.connection));
  return client.post(place(options) + std::string(what), body_of(options));
}

Exit tell(const Result<json::object>& mount, const Common& common, std::string_view done) {
  if (!mount) return fail_with(mount.error());
  if (common.format != Format::kText) {
    print_value(*mount, common.format);
  } else {
    print(std::string(done) + " " + text_of(*mount, "path") + "\n");
  }
  return Exit::kOk;
}

Result<json::object> list(const MountOptions& options, const Common& common) {
  return TRY(AdminClient::open(common.connection)).get(place(options));
}

}  // namespace

Exit mount_list(const MountOptions& options, const Common& common) {
  const auto answer = list(options, common);
  if (!answer) return fail_with(answer.error());
  const json::value& mounts = answer->at("mounts");
  if (common.format != Format::kText) {
    print_value(mounts, common.format);
    return Exit::kOk;
  }
  for (const json::value& mount : mounts.as_array()) print_mount(mount.as_object());
  return Exit::kOk;
}

Exit mount_enable(const MountOptions& options, const Common& common) {
  return tell(send(options, common, ""), common, "Enabled");
}

Exit mount_tune(const MountOptions& options, const Common& common) {
  return tell(send(options, common, "/tune"), common, "Changed");
}

Exit mount_disable(const MountOptions& options, const Common& common) {
  return tell(send(options, common, "/disable"), common, "Disabled");
}

}  // namespace chancery::cli
