#pragma once

#include <string_view>

#include "base/result.h"
#include "boost/json/fwd.hpp"
#include "cli/options.h"

namespace chancery::cli {

// print writes to standard output.
void print(std::string_view text);
// print_value writes a value as JSON or YAML.
void print_value(const boost::json::value& value, Format format);
// fail_with tells the error on standard error and returns the exit code that fits it.
[[nodiscard]] Exit fail_with(const Error& error);
// warn tells something on standard error.
void warn(std::string_view text);

}  // namespace chancery::cli
