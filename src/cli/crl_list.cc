#include <boost/json.hpp>

#include "asn1/pem.h"
#include "cli/admin_client.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "os/file.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;
constexpr std::size_t kMaxFile = std::size_t{64} * 1024 * 1024;

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return "-";
  return value->is_string() ? std::string(value->as_string()) : json::serialize(*value);
}

std::string label(const json::object& row) {
  const std::string name = text_of(row, "authority_name");
  return name.empty() ? text_of(row, "authority") : name;
}

std::string health(const json::object& row) {
  const std::string reason = text_of(row, "reason");
  return text_of(row, "health") + (reason.empty() ? "" : ": " + reason);
}

std::string line(const json::object& crl) {
  return label(crl) + "  " + text_of(crl, "crl") + "  number " + text_of(crl, "number") + ", " +
         text_of(crl, "this_update") + " to " + text_of(crl, "next_update") + ", " +
         text_of(crl, "entries") + " entries, " + text_of(crl, "size") + " bytes  " + health(crl) +
         "\n";
}

Result<json::object> import_file(const CrlFileOptions& options, const Common& common) {
  const Bytes content = TRY(os::read_file(options.file, kMaxFile));
  const bool pem = as_text(content).contains("-----BEGIN");
  const std::string text(pem ? std::string(as_text(content)) : asn1::pem("X509 CRL", content));
  const auto client = TRY(AdminClient::open(common.connection));
  return client.post("/authorities/" + encode_query(options.authority) + "/crl", {{"crl", text}});
}

}  // namespace

Exit crl_list(const Common& common) {
  const auto get = [&]() -> Result<json::object> {
    const auto client = TRY(AdminClient::open(common.connection));
    return client.get("/crls");
  };
  const auto answer = get();
  if (!answer) return fail_with(answer.error());
  bool healthy = true;
  for (const auto list : {"crls", "responders"}) {
    for (const json::value& row : answer->at(list).as_array())
      healthy = healthy && text_of(row.as_object(), "health") == "ok";
  }
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
    return healthy ? Exit::kOk : Exit::kFailed;
  }
  for (const json::value& row : answer->at("crls").as_array()) print(line(row.as_object()));
  for (const json::value& row : answer->at("responders").as_array())
    print(label(row.as_object()) + "  OCSP  " + health(row.as_object()) + "\n");
  return healthy ? Exit::kOk : Exit::kFailed;
}

Exit crl_show(const CrlFileOptions& options, const Common& common) {
  const auto get = [&]() -> Result<json::object> {
    const auto client = TRY(AdminClient::open(common.connection));
    return client.get("/authorities/" + encode_query(options.authority) +
                      "/crl?crl=" + encode_query(options.crl));
  };
  const auto answer = get();
  if (!answer) return fail_with(answer.error());
  if (options.pem) {
    print(text_of(*answer, "pem"));
  } else if (common.format != Format::kText) {
    print_value(*answer, common.format);
  } else {
    print(line(answer->at("report").as_object()));
  }
  return Exit::kOk;
}

Exit crl_import(const CrlFileOptions& options, const Common& common) {
  const auto answer = import_file(options, common);
  if (!answer) return fail_with(answer.error());
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
  } else {
    print("Imported " + options.file + " as the CRL of " + text_of(*answer, "authority") + "\n");
  }
  return Exit::kOk;
}

}  // namespace chancery::cli
