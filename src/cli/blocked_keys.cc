#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "os/file.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;
constexpr std::size_t kMaxFile = 1024 * 1024;
constexpr std::size_t kPage = 500;

// What names the key to the server: a fingerprint, or the file's one certificate or request.
Result<json::object> named_key(const BlockedKeyOptions& options) {
  if (options.file.empty()) return json::object{{"spki_sha256", options.sha256}};
  const Bytes content = TRY(os::read_file(options.file, kMaxFile));
  const std::string text(as_text(content));
  const bool request = text.find("CERTIFICATE REQUEST-----") != std::string::npos;
  return json::object{{request ? "csr" : "certificate", text}};
}

Result<json::object> block(const BlockedKeyOptions& options, const Common& common) {
  if (options.file.empty() == options.sha256.empty()) {
    return fail(Code::kInvalidArgument, "name the key by a file or by --sha256");
  }
  json::object body = TRY(named_key(options));
  body["reason"] = options.reason;
  const auto client = TRY(AdminClient::open(common.connection));
  return client.post("/blocked-keys", body);
}

Result<json::array> list(const Common& common) {
  const auto client = TRY(AdminClient::open(common.connection));
  json::array keys;
  std::string after;
  while (true) {
    json::object answer = TRY(client.get("/blocked-keys?limit=" + std::to_string(kPage) + after));
    for (auto& key : answer.at("blocked_keys").as_array()) keys.push_back(std::move(key));
    const json::value& next = answer.at("next");
    if (next.is_null()) return keys;
    after = "&after=" + encode_query(std::string(next.as_string()));
  }
}

Result<void> unblock(const BlockedKeyOptions& options, const Common& common) {
  const auto client = TRY(AdminClient::open(common.connection));
  return client.remove("/blocked-keys/" + encode_query(options.sha256));
}

std::string text_of(const json::object& key, std::string_view name) {
  return std::string(key.at(name).as_string());
}

}  // namespace

Exit key_block(const BlockedKeyOptions& options, const Common& common) {
  const auto answer = block(options, common);
  if (!answer) return fail_with(answer.error());
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
    return Exit::kOk;
  }
  const bool before = answer->at("already_blocked").as_bool();
  print(std::string(before ? "Was blocked before: " : "Blocked ") +
        text_of(*answer, "spki_sha256") + ": " + text_of(*answer, "reason") + "\n");
  return Exit::kOk;
}

Exit key_blocked(const Common& common) {
  const auto keys = list(common);
  if (!keys) return fail_with(keys.error());
  if (common.format != Format::kText) {
    print_value(*keys, common.format);
    return Exit::kOk;
  }
  for (const json::value& row : *keys) {
    const json::object& key = row.as_object();
    print(text_of(key, "spki_sha256") + "  " + text_of(key, "blocked_at") + "  " +
          text_of(key, "blocked_by") + "  " + text_of(key, "reason") + "\n");
  }
  if (keys->empty()) print("No key is blocked.\n");
  return Exit::kOk;
}

Exit key_unblock(const BlockedKeyOptions& options, const Common& common) {
  const auto done = unblock(options, common);
  if (!done) return fail_with(done.error());
  print("Unblocked " + options.sha256 + "\n");
  return Exit::kOk;
}

}  // namespace chancery::cli
