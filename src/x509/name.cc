#include "x509/name.h"

#include <algorithm>

#include "asn1/writer.h"
#include "base/text.h"
#include "x509/charset.h"

namespace chancery::x509 {
namespace {

constexpr std::uint8_t kEmptyName[] = {0x30, 0x00};

Result<Attribute> read_attribute(asn1::Reader& rdn, std::size_t index) {
  asn1::Reader pair = TRY(rdn.enter_sequence());
  const BytesView type = TRY(pair.read_oid());
  const asn1::Element value = TRY(pair.next());
  TRY(pair.finish());
  return Attribute{TRY(asn1::Oid::from_der(type)), value.tag, value.content, index};
}

// Calls visit(Attribute) for each; visit returns false to stop.
template <class Visit>
Result<void> walk(BytesView whole, Visit&& visit) {
  asn1::Reader in(whole);
  asn1::Reader rdns = TRY(in.enter_sequence());
  TRY(in.finish());
  for (std::size_t index = 0; !rdns.empty(); ++index) {
    asn1::Reader rdn = TRY(rdns.enter_set());
    if (rdn.empty()) return rdn.error("name has an empty RelativeDistinguishedName");
    while (!rdn.empty()) {
      const Attribute attribute = TRY(read_attribute(rdn, index));
      if (!visit(attribute)) return {};
    }
  }
  return {};
}

// The text with runs of spaces made one, outer ones dropped, ASCII letters lower.
std::string folded(BytesView value) {
  std::string out;
  for (const char c : trim(as_text(value))) {
    if (c == ' ' && !out.empty() && out.back() == ' ') continue;
    out.push_back(to_lower(c));
  }
  return out;
}

bool is_folded_type(std::uint8_t tag) {
  return tag == asn1::kUtf8String || tag == asn1::kPrintableString;
}

bool matches(const Attribute& a, const Attribute& b) {
  if (a.rdn != b.rdn || a.type != b.type) return false;
  if (is_folded_type(a.tag) && is_folded_type(b.tag)) return folded(a.value) == folded(b.value);
  return a.tag == b.tag && equal(a.value, b.value);
}

}  // namespace

std::optional<std::string> Attribute::text() const { return string_to_utf8(tag, value); }

Result<Name> Name::from_der(BytesView whole) {
  std::size_t count = 0;
  std::optional<Attribute> bad;
  TRY(walk(whole, [&](const Attribute& attribute) {
    if (++count > kMaxNameAttributes) return false;
    if (fits_string_type(attribute.tag, attribute.value)) return true;
    bad = attribute;
    return false;
  }));
  if (count > kMaxNameAttributes) return fail(Code::kTooLarge, "name has more than 64 attributes");
  if (bad) {
    return std::unexpected(Error{
        Code::kMalformed,
        "name attribute has characters that its string type does not allow",
        {},
        {}}.with("attribute", bad->type.to_string()));
  }
  return count == 0 ? Name() : Name(to_bytes(whole));
}

BytesView Name::der() const { return der_.empty() ? BytesView(kEmptyName) : BytesView(der_); }

std::vector<Attribute> Name::attributes() const {
  std::vector<Attribute> out;
  const auto walked = walk(der(), [&](const Attribute& attribute) {
    out.push_back(attribute);
    return true;
  });
  CHANCERY_CHECK(walked.has_value());
  return out;
}

std::optional<std::string> Name::first(const asn1::Oid& type) const {
  for (const Attribute& attribute : attributes()) {
    if (attribute.type == type) return attribute.text();
  }
  return std::nullopt;
}

std::vector<std::string> Name::all(const asn1::Oid& type) const {
  std::vector<std::string> out;
  for (const Attribute& attribute : attributes()) {
    if (attribute.type != type) continue;
    if (auto text = attribute.text()) out.push_back(*std::move(text));
  }
  return out;
}

bool matches(const Name& a, const Name& b) {
  if (a == b) return true;
  const std::vector<Attribute> left = a.attributes();
  const std::vector<Attribute> right = b.attributes();
  return std::ranges::equal(left, right,
                            [](const Attribute& x, const Attribute& y) { return matches(x, y); });
}

}  // namespace chancery::x509
