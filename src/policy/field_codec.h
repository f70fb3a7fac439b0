#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "policy/role.h"

// The JSON of each type that a field of a stored role or profile may have. Internal to this folder;
// included by the codecs alone, for Boost.JSON is heavy.
namespace chancery::policy::codec {

namespace json = boost::json;

inline json::value to_json(bool value) { return value; }
inline json::value to_json(unsigned value) { return value; }
inline json::value to_json(int value) { return value; }
inline json::value to_json(seconds value) { return value.count(); }
inline json::value to_json(const std::string& value) { return json::string(value); }
inline json::value to_json(RoleKeyType value) { return json::string(name(value)); }
inline json::value to_json(NotBeforeBound value) { return json::string(name(value)); }
inline json::value to_json(const std::vector<std::string>& values) {
  json::array array;
  array.reserve(values.size());
  for (const std::string& value : values) array.emplace_back(value);
  return array;
}

inline bool read(const json::value& in, bool& out) {
  if (!in.is_bool()) return false;
  out = in.get_bool();
  return true;
}

inline bool read(const json::value& in, seconds& out) {
  if (!in.is_int64()) return false;
  out = seconds{in.get_int64()};
  return true;
}

inline bool read(const json::value& in, unsigned& out) {
  if (!in.is_int64() || in.get_int64() < 0 || in.get_int64() > 1'000'000) return false;
  out = static_cast<unsigned>(in.get_int64());
  return true;
}

inline bool read(const json::value& in, int& out) {
  if (!in.is_int64() || in.get_int64() < -1 || in.get_int64() > 1'000'000) return false;
  out = static_cast<int>(in.get_int64());
  return true;
}

inline bool read(const json::value& in, std::string& out) {
  if (!in.is_string()) return false;
  out.assign(in.get_string());
  return true;
}

inline bool read(const json::value& in, std::vector<std::string>& out) {
  if (!in.is_array()) return false;
  out.clear();
  for (const json::value& element : in.get_array()) {
    if (!read(element, out.emplace_back())) return false;
  }
  return true;
}

template <class T>
bool read_name(const json::value& in, T& out, Result<T> (*parse)(std::string_view)) {
  if (!in.is_string()) return false;
  const Result<T> value = parse(in.get_string());
  if (!value) return false;
  out = *value;
  return true;
}

inline bool read(const json::value& in, RoleKeyType& out) {
  return read_name(in, out, parse_role_key_type);
}
inline bool read(const json::value& in, NotBeforeBound& out) {
  return read_name(in, out, parse_not_before_bound);
}

}  // namespace chancery::policy::codec
