#include "x509/path/name_key.h"

#include <algorithm>

#include "base/text.h"

namespace chancery::x509::path {
namespace {

void append_sized(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

std::string folded(std::string_view text) {
  std::string out;
  for (const char c : trim(text)) {
    if (c == ' ' && !out.empty() && out.back() == ' ') continue;
    out.push_back(to_lower(c));
  }
  return out;
}

std::string attribute_key(const Attribute& attribute) {
  std::string out;
  append_sized(out, as_text(attribute.type.der()));
  if (const auto text = attribute.text()) {
    append_sized(out, folded(*text));
  } else {
    out.push_back(static_cast<char>(attribute.tag));
    append_sized(out, as_text(attribute.value));
  }
  return out;
}

}  // namespace

std::vector<std::string> rdn_keys(const Name& name) {
  std::vector<std::string> rdns;
  const std::vector<Attribute> attributes = name.attributes();
  for (std::size_t begin = 0; begin < attributes.size();) {
    std::vector<std::string> keys;
    std::size_t end = begin;
    for (; end < attributes.size() && attributes[end].rdn == attributes[begin].rdn; ++end) {
      keys.push_back(attribute_key(attributes[end]));
    }
    std::ranges::sort(keys);
    rdns.push_back(join(keys, ""));
    begin = end;
  }
  return rdns;
}

std::string name_key(const Name& name) {
  std::string out;
  for (const std::string& rdn : rdn_keys(name)) append_sized(out, rdn);
  return out;
}

}  // namespace chancery::x509::path
