#include "cli/report.h"

#include <yaml-cpp/yaml.h>

#include <boost/json.hpp>
#include <cstdio>

#include "cli/yaml_reader.h"

namespace chancery::cli {
namespace {

void emit(YAML::Emitter& out, const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      out << YAML::Null;
      break;
    case boost::json::kind::bool_:
      out << value.get_bool();
      break;
    case boost::json::kind::int64:
      out << value.get_int64();
      break;
    case boost::json::kind::uint64:
      out << value.get_uint64();
      break;
    case boost::json::kind::double_:
      out << value.get_double();
      break;
    case boost::json::kind::string: {
      const std::string text(value.get_string());
      if (text.find('\n') != std::string::npos) {
        out << YAML::Literal;
      } else if (!is_plain_text(text)) {
        out << YAML::DoubleQuoted;  // else "true" would come back as a boolean
      }
      out << text;
      break;
    }
    case boost::json::kind::array:
      out << YAML::BeginSeq;
      for (const auto& item : value.get_array()) emit(out, item);
      out << YAML::EndSeq;
      break;
    case boost::json::kind::object:
      out << YAML::BeginMap;
      for (const auto& [key, item] : value.get_object()) {
        out << YAML::Key << std::string(key) << YAML::Value;
        emit(out, item);
      }
      out << YAML::EndMap;
      break;
  }
}

Exit exit_code(Code code) {
  switch (code) {
    case Code::kNotFound:
      return Exit::kNotFound;
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
      return Exit::kPermission;
    case Code::kUnavailable:
    case Code::kTooManyRequests:
    case Code::kDeadlineExceeded:
      return Exit::kUnavailable;
    default:
      return Exit::kFailed;
  }
}

}  // namespace

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_value(const boost::json::value& value, Format format) {
  if (format == Format::kJson) {
    print(boost::json::serialize(value) + "\n");
    return;
  }
  YAML::Emitter out;
  emit(out, value);
  print(std::string(out.c_str()) + "\n");
}

Exit fail_with(const Error& error) {
  std::fprintf(stderr, "chancery: %s\n", error.to_string().c_str());
  return exit_code(error.code);
}

void warn(std::string_view text) {
  std::fprintf(stderr, "chancery: warning: %.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace chancery::cli
