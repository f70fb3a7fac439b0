#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/report.h"
#include "cli/verbs.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

Exit show(const Result<json::object>& settings, const Common& common) {
  if (!settings) return fail_with(settings.error());
  if (common.format != Format::kText) {
    print_value(*settings, common.format);
    return Exit::kOk;
  }
  for (const auto& member : *settings)
    print(std::string(member.key()) + ": " + text_of(member.value()) + "\n");
  return Exit::kOk;
}

// What is not named stays as it is.
Result<json::object> change(const CrlOptions& options, const Common& common) {
  const auto client = TRY(AdminClient::open(common.connection));
  json::object settings = TRY(client.get("/crl-settings"));
  for (const std::string& setting : options.settings) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos)
      return fail(Code::kInvalidArgument, "write name=value, not \"" + setting + "\"");
    const std::string name = setting.substr(0, equals);
    if (!settings.contains(name))
      return fail(Code::kInvalidArgument,
                  "there is no setting \"" + name + "\"; 'crl settings' lists them");
    settings[name] = setting.substr(equals + 1);
  }
  return client.put("/crl-settings", settings);
}

Result<json::object> rotate(const CrlOptions& options, const Common& common) {
  const auto client = TRY(AdminClient::open(common.connection));
  return client.post("/crls/rotate", {{"delta", options.delta}});
}

}  // namespace

Exit crl_settings(const Common& common) {
  const auto get = [&]() -> Result<json::object> {
    const auto client = TRY(AdminClient::open(common.connection));
    return client.get("/crl-settings");
  };
  return show(get(), common);
}

Exit crl_set(const CrlOptions& options, const Common& common) {
  return show(change(options, common), common);
}

Exit crl_rotate(const CrlOptions& options, const Common& common) {
  const auto answer = rotate(options, common);
  if (!answer) return fail_with(answer.error());
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
    return Exit::kOk;
  }
  for (const json::value& row : answer->at("crls").as_array()) {
    const json::object& crl = row.as_object();
    print(text_of(crl.at("authority")) + "  number " + text_of(crl.at("number")) + ", until " +
          text_of(crl.at("next_update")) + "\n");
  }
  return Exit::kOk;
}

}  // namespace chancery::cli
