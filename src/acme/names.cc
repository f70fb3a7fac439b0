#include "acme/names.h"

#include <algorithm>

#include "base/text.h"
#include "x509/cidr.h"
#include "x509/general_name.h"
#include "x509/idn.h"

namespace chancery::acme {
namespace {

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxLabel = 63;

std::unexpected<Error> rejected(std::string detail) {
  return refuse("rejectedIdentifier", std::move(detail));
}

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

Result<void> check_label(std::string_view label, std::string_view shown) {
  const std::string in = " in " + std::string(shown);
  if (label.empty()) return rejected("there is an empty label" + in);
  if (label.size() > kMaxLabel) return rejected("a label has over 63 characters" + in);
  for (const char c : label) {
    if (is_letter_or_digit(c) || c == '-') continue;
    if (c == '*') return rejected("a \"*\" stands only alone, as the first label:" + in);
    return rejected(std::string("the character \"") + printable({&c, 1}) +
                    "\" is not allowed in a host name:" + in);
  }
  if (label.front() == '-' || label.back() == '-')
    return rejected("a label begins or ends with a hyphen" + in);
  const bool reserved = label.size() > 3 && label.substr(2, 2) == "--";
  if (reserved && !label.starts_with("xn--"))
    return rejected("labels with \"--\" as third and fourth characters are reserved:" + in);
  return {};
}

Result<Name> read_host(std::string_view value) {
  const std::string shown = printable(value);
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < 0x80) continue;
    const std::string wanted = x509::a_label_form(value);
    return rejected("host names go in A-labels" + (wanted.empty() ? std::string() : ": " + wanted) +
                    " instead of " + shown);
  }
  Name name;
  name.value = to_lower(value);
  if (name.value.starts_with("*.")) {
    name.wildcard = true;
    name.value.erase(0, 2);
  }
  if (name.value.empty()) return rejected("the host name is empty");
  if (name.value.size() > kMaxName) return rejected("a host name has at most 253 characters");
  if (name.value.ends_with('.')) return rejected("a host name has no dot at its end: " + shown);
  if (x509::parse_ip(name.value) || name.value.contains(':')) {
    return rejected("this is an address: ask for it as an identifier of type \"ip\": " + shown);
  }
  const auto labels = split(name.value, '.');
  for (const std::string_view label : labels) TRY(check_label(label, shown));
  if (std::ranges::all_of(labels.back(), [](char c) { return c >= '0' && c <= '9'; }))
    return rejected("the last label of a host name is no number: " + shown);
  if (name.wildcard && labels.size() == 1)
    return rejected("a wildcard needs at least two labels below it: " + shown);
  if (!x509::a_labels_decode(name.value))
    return rejected("an A-label (\"xn--\") stands for no valid U-label: " + shown);
  return name;
}

Result<Name> read_address(std::string_view value) {
  const std::string shown = printable(value);
  const auto octets = x509::parse_ip(value);
  if (!octets) return refuse("malformed", "this is no IP address: " + shown, Code::kMalformed);
  if (x509::unmapped(*octets).size() != octets->size()) {
    return refuse("malformed", "ask for the IPv4 address itself instead of " + shown,
                  Code::kMalformed);
  }
  const std::string canonical = x509::ip_to_string(*octets);
  if (canonical != value) {
    return refuse("malformed",
                  "write the address in its canonical form: " + canonical + " instead of " + shown,
                  Code::kMalformed);
  }
  Name name;
  name.kind = static_cast<std::uint32_t>(validation::Identifier::Kind::kIp);
  name.value = canonical;
  return name;
}

bool is_below(std::string_view name, std::string_view suffix) {
  return name == suffix || (name.size() > suffix.size() && name.ends_with(suffix) &&
                            name[name.size() - suffix.size() - 1] == '.');
}

std::unexpected<Error> bad(std::string_view field, std::string detail) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field));
}

}  // namespace

Result<Name> read_name(std::string_view type, std::string_view value) {
  if (type == "dns") return read_host(value);
  if (type == "ip") return read_address(value);
  return refuse("unsupportedIdentifier",
                "identifiers of type " + printable(type, 32) + " are not supported: use dns or ip",
                Code::kUnsupported);
}

std::string outside(const Bounds& bounds, const Name& name) {
  if (!bounds.bounds_names()) return {};
  if (name.is_ip()) {
    const auto octets = x509::parse_ip(name.value);
    for (const std::string& network : bounds.networks) {
      const auto cidr = x509::Cidr::parse(network);
      if (cidr && octets && cidr->contains(*octets)) return {};
    }
    return "the account may not have the address " + name.value;
  }
  const std::string text = name.text();
  if (std::ranges::find(bounds.names, text) != bounds.names.end()) return {};
  for (const std::string& suffix : bounds.suffixes) {
    if (is_below(name.value, suffix)) return {};
  }
  return "the account may not have the name " + text;
}

Result<void> check_bounds(const Bounds& bounds) {
  for (const std::string& text : bounds.names) {
    const auto name = read_name("dns", text);
    if (!name || name->text() != text) {
      return bad("names", printable(text) + " is no host name in lower case" +
                              (name ? "" : ": " + name.error().detail));
    }
  }
  for (const std::string& text : bounds.suffixes) {
    const auto name = read_name("dns", text);
    if (!name || name->text() != text || name->wildcard)
      return bad("suffixes", printable(text) + " is no host name in lower case, without \"*.\"");
  }
  for (const std::string& text : bounds.networks) {
    if (!x509::Cidr::parse(text)) return bad("networks", printable(text) + " is no network");
  }
  return {};
}

}  // namespace chancery::acme
