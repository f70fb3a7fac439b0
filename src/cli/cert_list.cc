#include <algorithm>
#include <boost/json.hpp>

#include "base/time.h"
#include "cli/admin_client.h"
#include "cli/report.h"
#include "cli/verbs.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;
constexpr std::uint64_t kPage = 500;

Result<std::string> query_of(const ListOptions& options) {
  std::string query;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) query += "&" + std::string(name) + "=" + encode_query(value);
  };
  add("name", options.name);
  add("name_suffix", options.name_suffix);
  add("issuer", options.issuer);
  const TimePoint now = SystemClock().now();
  if (!options.expires_within.empty()) {
    const seconds within = TRY(parse_duration(options.expires_within));
    add("not_after_from", rfc3339(now));
    add("not_after_to", rfc3339(now + within));
  }
  if (!options.expires_after.empty()) {
    const seconds after = TRY(parse_duration(options.expires_after));
    add("not_after_from", rfc3339(now + after));
  }
  return query;
}

// Pages through the search until `limit` rows are there.
Result<json::array> search(const ListOptions& options, const Common& common) {
  const auto client = TRY(AdminClient::open(common.connection));
  const std::string query = TRY(query_of(options));
  json::array rows;
  std::string before;
  while (rows.size() < options.limit) {
    const std::uint64_t page = std::min<std::uint64_t>(kPage, options.limit - rows.size());
    json::object answer =
        TRY(client.get("/certificates?limit=" + std::to_string(page) + query + before));
    for (auto& row : answer.at("certificates").as_array()) rows.push_back(std::move(row));
    const json::value& next = answer.at("next");
    if (next.is_null()) break;
    before = "&before=" + json::serialize(next);
  }
  return rows;
}

std::string column(const json::value& row, std::string_view key, std::size_t width) {
  std::string text(row.as_object().at(key).as_string());
  text.resize(std::max(width, text.size()), ' ');
  return text + "  ";
}

}  // namespace

Exit cert_list(const ListOptions& options, const Common& common) {
  const auto rows = search(options, common);
  if (!rows) return fail_with(rows.error());
  if (common.format != Format::kText) {
    print_value(*rows, common.format);
    return Exit::kOk;
  }
  std::size_t width = 11;
  for (const auto& row : *rows)
    width = std::max(width, row.as_object().at("common_name").as_string().size());
  std::string header = "COMMON NAME";
  header.resize(width, ' ');
  print(header + "  STATUS   NOT AFTER             SERIAL NUMBER\n");
  for (const auto& row : *rows) {
    print(column(row, "common_name", width) + column(row, "status", 7) +
          column(row, "not_after", 20) +
          std::string(row.as_object().at("serial_number").as_string()) + "\n");
  }
  if (rows->size() == options.limit) warn("there may be more; raise --limit");
  return Exit::kOk;
}

}  // namespace chancery::cli
