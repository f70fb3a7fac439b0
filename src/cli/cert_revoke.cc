#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "cli/admin_client.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "os/file.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;
constexpr std::size_t kMaxFile = 1024 * 1024;
constexpr std::chrono::milliseconds kPoll{200};

// What goes with every revocation.
json::object reason_of(const RevokeOptions& options) {
  json::object body{{"reason", options.hold ? "certificateHold" : options.reason}};
  if (!options.invalid_since.empty()) body["invalidity_date"] = options.invalid_since;
  return body;
}

Result<void> check(const RevokeOptions& options) {
  const int ways = !options.serial.empty() + !options.certificate.empty() + options.many();
  if (ways != 1) {
    return fail(Code::kInvalidArgument,
                "name one certificate by its serial or by --certificate, or many by --key, "
                "--sha256, --all-of-issuer, --name, --name-suffix, --expires-before or --all");
  }
  if (options.dry_run && !options.many())
    return fail(Code::kInvalidArgument, "--dry-run goes with what selects many certificates");
  if (options.hold && options.reason != "unspecified")
    return fail(Code::kInvalidArgument, "--hold is a reason of its own");
  return {};
}

Result<json::object> revoke_one(const AdminClient& client, const RevokeOptions& options) {
  json::object body = reason_of(options);
  if (options.certificate.empty())
    return client.post("/certificates/" + encode_query(options.serial) + "/revoke", body);
  const Bytes pem = TRY(os::read_file(options.certificate, kMaxFile));
  body["certificate"] = std::string(as_text(pem));
  return client.post("/unknown-certificates/revoke", body);
}

Result<json::object> selection(const RevokeOptions& options) {
  json::object body = reason_of(options);
  body["dry_run"] = options.dry_run;
  if (options.all) body["everything"] = true;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) body[name] = value;
  };
  add("issuer", options.issuer);
  add("name", options.name);
  add("name_suffix", options.name_suffix);
  add("spki_sha256", options.sha256);
  add("not_after_to", options.expires_before);
  if (options.key.empty()) return body;
  const Bytes content = TRY(os::read_file(options.key, kMaxFile));
  const std::string text(as_text(content));
  const bool request = text.find("CERTIFICATE REQUEST-----") != std::string::npos;
  body[request ? "csr" : "certificate"] = text;
  return body;
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value& value = object.at(name);
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

bool under_way(const json::object& job) {
  const std::string state = text_of(job, "state");
  return state == "running" || state == "cancelling";
}

Result<json::object> revoke_many(const AdminClient& client, const RevokeOptions& options) {
  const json::object body = TRY(selection(options));
  json::object job = TRY(client.post("/revocations", body));
  Progress progress("revoking", 0);
  while (!options.no_wait && under_way(job)) {
    std::this_thread::sleep_for(kPoll);
    job = TRY(client.get("/revocations/" + encode_query(text_of(job, "id"))));
    progress.update(static_cast<std::uint64_t>(job.at("examined").as_int64()));
  }
  return job;
}

void print_job(const json::object& job) {
  const bool dry_run = job.at("dry_run").as_bool();
  print(text_of(job, "id") + "  " + text_of(job, "state") + "  " + text_of(job, "started_at") +
        (dry_run ? "  would revoke " : "  revoked ") + text_of(job, "revoked") + " of " +
        text_of(job, "examined") + ", " + text_of(job, "already_revoked") + " were before" +
        (text_of(job, "error").empty() ? "" : "; " + text_of(job, "error")) + "\n");
}

Exit show_job(const Result<json::object>& job, const Common& common) {
  if (!job) return fail_with(job.error());
  if (common.format == Format::kText) {
    print_job(*job);
  } else {
    print_value(*job, common.format);
  }
  return text_of(*job, "state") == "failed" ? Exit::kFailed : Exit::kOk;
}

}  // namespace

Exit cert_revoke(const RevokeOptions& options, const Common& common) {
  if (const auto usable = check(options); !usable) return fail_with(usable.error());
  const auto client = AdminClient::open(common.connection);
  if (!client) return fail_with(client.error());
  if (options.many()) return show_job(revoke_many(*client, options), common);
  const auto answer = revoke_one(*client, options);
  if (!answer) return fail_with(answer.error());
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
    return Exit::kOk;
  }
  const auto& revocation = answer->at("revocation").as_object();
  const bool before = answer->at("already_revoked").as_bool();
  const std::string name =
      options.serial.empty() ? text_of(*answer, "serial_number") : options.serial;
  print(std::string(before ? "Was revoked before: " : "Revoked ") + name + " at " +
        text_of(revocation, "revoked_at") + ", " + text_of(revocation, "reason") + "\n");
  return Exit::kOk;
}

Exit cert_release(const std::string& serial, const Common& common) {
  const auto release = [&]() -> Result<json::object> {
    const auto client = TRY(AdminClient::open(common.connection));
    return client.post("/certificates/" + encode_query(serial) + "/release", {});
  };
  const auto answer = release();
  if (!answer) return fail_with(answer.error());
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
  } else {
    print("Released " + serial + ", on hold since " + text_of(*answer, "held_since") + "\n");
  }
  return Exit::kOk;
}

Exit revocation_show(const std::string& id, const Common& common) {
  const auto get = [&]() -> Result<json::object> {
    const auto client = TRY(AdminClient::open(common.connection));
    return client.get("/revocations/" + encode_query(id));
  };
  return show_job(get(), common);
}

Exit revocation_cancel(const std::string& id, const Common& common) {
  const auto cancel = [&]() -> Result<json::object> {
    const auto client = TRY(AdminClient::open(common.connection));
    return client.post("/revocations/" + encode_query(id) + "/cancel", {});
  };
  return show_job(cancel(), common);
}

Exit revocation_list(const Common& common) {
  const auto get = [&]() -> Result<json::object> {
    const auto client = TRY(AdminClient::open(common.connection));
    return client.get("/revocations");
  };
  const auto answer = get();
  if (!answer) return fail_with(answer.error());
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
    return Exit::kOk;
  }
  for (const json::value& job : answer->at("revocations").as_array()) print_job(job.as_object());
  return Exit::kOk;
}

}  // namespace chancery::cli
