#include "protocols/admin/version.h"

#include <charconv>

#include "base/text.h"

namespace chancery::admin {
namespace {

using enrol::ExpectedVersion;

std::unexpected<Error> bad_condition(std::string_view header, std::string_view why) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::string(header) + ": " + std::string(why), {}, {}}.with(
          "field", "version"));
}

}  // namespace

Result<ExpectedVersion> expected_version(const http::Request& request) {
  if (const auto none = request.header("If-None-Match")) {
    if (trim(*none) != "*") return bad_condition("If-None-Match", "it can be * only");
    return ExpectedVersion(0);
  }
  const auto match = request.header("If-Match");
  if (!match) return ExpectedVersion();
  std::string_view text = trim(*match);
  if (text.size() < 3 || text.front() != '"' || text.back() != '"') {
    return bad_condition("If-Match", "expected a version in quotes, as ETag gives it");
  }
  text = text.substr(1, text.size() - 2);
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc{} || end != text.data() + text.size() || version == 0) {
    return bad_condition("If-Match", "expected a version in quotes, as ETag gives it");
  }
  return ExpectedVersion(version);
}

Result<ExpectedVersion> read_version(const http::Request& request, json::FieldReader& fields) {
  const ExpectedVersion by_header = TRY(expected_version(request));
  if (!fields.has("version")) return by_header;
  const std::int64_t version = fields.integer("version");
  if (version < 0 || (by_header && *by_header != static_cast<std::uint64_t>(version))) {
    return bad_condition("version", "it differs from the request's condition");
  }
  return ExpectedVersion(static_cast<std::uint64_t>(version));
}

http::Response with_version(http::Response response, std::uint64_t version) {
  if (version == 0) return response;
  return std::move(response).with_header("ETag", "\"" + std::to_string(version) + "\"");
}

}  // namespace chancery::admin
