#include "http/target.h"

#include "base/text.h"

namespace chancery::http {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte that the escape at text[at] ('%' and two digits) stands for, or -1.
int escaped_byte(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size()) return -1;
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

Result<void> decode_path(std::string_view raw, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (c == '%') {
      const int byte = escaped_byte(raw, i);
      if (byte < 0) return fail(Code::kMalformed, "the path has an invalid percent escape");
      c = static_cast<char>(byte);
      if (c == '\0' || c == '/' || c == '\\') {
        return fail(Code::kMalformed, "the path has an escaped NUL, slash or backslash");
      }
      i += 2;
    } else if (c == '\\' || c == '#' || static_cast<unsigned char>(c) >= 0x80) {
      return fail(Code::kMalformed, "the path has a character that must be escaped");
    }
    out += c;
  }
  if (!is_valid_utf8(out)) return fail(Code::kMalformed, "the path is not UTF-8");
  return {};
}

Result<void> check_segments(std::string_view path) {
  std::size_t begin = 1;
  while (true) {
    const std::size_t end = path.find('/', begin);
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment == "." || segment == "..")
      return fail(Code::kMalformed, "the path has a dot segment");
    if (end == std::string_view::npos) return {};
    if (segment.empty()) return fail(Code::kMalformed, "the path has an empty segment");
    begin = end + 1;
  }
}

Result<void> decode_component(std::string_view raw, std::string& out) {
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (c == '+') {
      c = ' ';
    } else if (c == '%') {
      const int byte = escaped_byte(raw, i);
      if (byte < 0) return fail(Code::kMalformed, "the query has an invalid percent escape");
      c = static_cast<char>(byte);
      i += 2;
    }
    out += c;
  }
  if (out.find('\0') != std::string::npos || !is_valid_utf8(out)) {
    return fail(Code::kMalformed, "the query is not UTF-8 text");
  }
  return {};
}

Result<void> decode_query(std::string_view raw, std::vector<Header>& out) {
  while (!raw.empty()) {
    const std::size_t end = raw.find('&');
    const std::string_view pair = raw.substr(0, end);
    raw.remove_prefix(end == std::string_view::npos ? raw.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    Header& added = out.emplace_back();
    TRY(decode_component(pair.substr(0, equals), added.name));
    if (equals != std::string_view::npos)
      TRY(decode_component(pair.substr(equals + 1), added.value));
  }
  return {};
}

// Cuts "http://authority" off an absolute form.
Result<std::string_view> origin_form(const Request& request) {
  std::string_view target = request.target;
  if (target.starts_with('/')) return target;
  const std::size_t scheme = target.find("://");
  const std::string_view name = target.substr(0, scheme);
  if (scheme == std::string_view::npos ||
      (!equal_ignoring_case(name, "http") && !equal_ignoring_case(name, "https"))) {
    return fail(Code::kMalformed, "the request target is not a path");
  }
  target.remove_prefix(scheme + 3);
  const std::size_t path = target.find_first_of("/?");
  const std::string_view authority = target.substr(0, path);
  if (!equal_ignoring_case(authority, request.header("Host").value_or(authority))) {
    return fail(Code::kMalformed, "the request target and the Host header name different hosts");
  }
  if (path == std::string_view::npos) return "/";
  if (target[path] == '?') return fail(Code::kMalformed, "the request target has no path");
  return target.substr(path);
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view opaque) {
  std::string out;
  out.reserve(opaque.size());
  for (std::size_t i = 0; i < opaque.size(); ++i) {
    char c = opaque[i];
    if (c == '%') {
      const int byte = escaped_byte(opaque, i);
      if (byte < 0) return std::nullopt;
      c = static_cast<char>(byte);
      i += 2;
    }
    out += c;
  }
  return out;
}

Result<void> decode_target(Request& request, const Site& site) {
  request.query.clear();
  request.path.clear();
  std::string_view target = TRY(origin_form(request));
  const std::size_t question = target.find('?');
  const std::string_view raw = target.substr(0, question);
  if (site.is_opaque(raw)) {
    request.path = raw;
    return {};
  }
  auto path = decode_path(raw, request.path);
  if (path) path = check_segments(request.path);
  if (!path) {
    request.path = raw;
    return path;
  }
  if (question == std::string_view::npos) return {};
  return decode_query(target.substr(question + 1), request.query);
}

}  // namespace chancery::http
