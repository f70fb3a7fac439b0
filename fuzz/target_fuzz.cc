#include <string>

#include "http/path_pattern.h"
#include "http/target.h"

// A request target: a decoded path is one that cannot be decoded into another, and a pattern's
// variables are segments of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  http::Request request;
  request.method = "GET";
  request.target = as_text(BytesView(data, size));
  request.headers = {{"Host", "a.example"}};
  const http::Site site;
  if (!http::decode_target(request, site)) return 0;
  const std::string& path = request.path;
  CHANCERY_CHECK(path.starts_with('/'));
  const std::string walked = path.ends_with('/') ? path : path + "/";
  for (const std::string_view step : {"/../", "/./", "//"}) {
    CHANCERY_CHECK(walked.find(step) == std::string::npos);
  }
  static const http::PathPattern kPattern("issuer/{ref}/sign/{role}");
  if (const auto variables = kPattern.match(std::string_view(path).substr(1))) {
    for (const std::string_view variable : *variables) {
      CHANCERY_CHECK(!variable.empty() && variable.find('/') == std::string_view::npos);
    }
  }
  return 0;
}
