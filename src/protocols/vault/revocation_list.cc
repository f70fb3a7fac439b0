#include "protocols/vault/revocation_list.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "asn1/oid.h"
#include "asn1/writer.h"
#include "base/text.h"
#include "x509/certificate.h"
#include "x509/oids.h"

namespace chancery::vault {
namespace {

namespace bj = boost::json;

constexpr std::int64_t kLastMoment = 253'402'300'799;  // 9999-12-31T23:59:59Z

// Owned keeps the values that extensions look into.
using Owned = std::list<Bytes>;

Error bad(std::string_view field, std::string detail) {
  return Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field);
}

std::string text_of(const bj::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return {};
  if (const auto* text = value->if_string()) return std::string(*text);
  if (const auto* number = value->if_int64()) return std::to_string(*number);
  return value->is_bool() ? (value->get_bool() ? "true" : "false") : "";
}

const bj::array* list_of(const bj::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

Result<x509::Extension> read_extension(const bj::value& value, Owned& owned) {
  const auto* object = value.if_object();
  if (object == nullptr) return fail(Code::kInvalidArgument, "it is no object");
  const std::string id = text_of(*object, "id");
  const auto oid = asn1::Oid::parse(id);
  if (!oid) {
    return fail(Code::kInvalidArgument, "failed parsing asn1 index element 0 value " +
                                            printable(id, 64) + ": strconv.Atoi: parsing \"" +
                                            printable(id, 64) + "\": invalid syntax");
  }
  if (*oid == x509::oids::kCrlNumber) {
    return fail(Code::kInvalidArgument, "crl number object identifier (2.5.29.20) is reserved");
  }
  auto content = parse_base64(text_of(*object, "value"));
  if (!content) {
    return fail(Code::kInvalidArgument,
                "failed base64 decoding 'value' field: illegal base64 data at input byte 0");
  }
  const std::string critical = text_of(*object, "critical");
  owned.push_back(*std::move(content));
  return x509::Extension{*oid, critical == "true" || critical == "1", owned.back()};
}

Result<std::vector<x509::Extension>> read_extensions(const bj::object& object, Owned& owned) {
  std::vector<x509::Extension> extensions;
  const bj::array* list = list_of(object, "extensions");
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    if (i == x509::kMaxExtensions) return fail(Code::kTooLarge, "there are too many extensions");
    auto extension = read_extension((*list)[i], owned);
    if (!extension) {
      return std::unexpected(bad(
          "extensions",
          "failed parsing extension entry " + std::to_string(i) + ": " + extension.error().detail));
    }
    extensions.push_back(*extension);
  }
  return extensions;
}

std::string upper_hex(char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto octet = static_cast<unsigned char>(c);
  return {kDigits[octet >> 4U], kDigits[octet & 15U]};
}

Result<Bytes> read_serial(const bj::object& entry) {
  const std::string text = text_of(entry, "serial_number");
  if (text.empty()) return fail(Code::kInvalidArgument, "missing 'serial_number' field");
  auto serial = x509::parse_serial(text);
  if (serial) return serial;
  const std::size_t at = text.find_first_not_of("0123456789abcdefABCDEF:-");
  if (at == std::string::npos || static_cast<unsigned char>(text[at]) >= 0x7f)
    return fail(Code::kInvalidArgument, "'serial_number' failed converting to bytes");
  const std::string shown = printable(text.substr(at, 1));
  return fail(Code::kInvalidArgument,
              "'serial_number' failed converting to bytes: encoding/hex: invalid byte: U+00" +
                  upper_hex(text[at]) + " '" + shown + "'");
}

Result<TimePoint> read_time(const bj::object& entry) {
  const auto* value = entry.if_contains("revocation_time");
  if (value == nullptr) return fail(Code::kInvalidArgument, "missing 'revocation_time' field");
  const auto* number = value->if_int64();
  if (number != nullptr && *number >= 0 && *number <= kLastMoment) return from_unix(*number);
  const std::string text = text_of(entry, "revocation_time");
  auto time = parse_rfc3339(text);
  if (time) return time;
  return fail(Code::kInvalidArgument, "failed parsing time " + printable(text, 64) +
                                          ": could not parse string as date and time");
}

Result<Bytes> read_entry(const bj::value& value, std::size_t index) {
  const std::string where = " from entry " + std::to_string(index) + ": ";
  const auto* entry = value.if_object();
  if (entry == nullptr)
    return std::unexpected(bad("revoked_certs", "failed parsing" + where + "it is no object"));
  const auto serial = read_serial(*entry);
  if (!serial) {
    return std::unexpected(
        bad("revoked_certs", "failed parsing serial_number" + where + serial.error().detail));
  }
  const auto time = read_time(*entry);
  if (!time) {
    return std::unexpected(
        bad("revoked_certs", "failed parsing revocation_time" + where + time.error().detail));
  }
  Owned owned;
  const auto extensions = TRY(read_extensions(*entry, owned));
  asn1::Writer w(96);
  w.sequence([&] {
    w.element(asn1::kInteger, *serial);
    w.time(*time);
    if (extensions.empty()) return;
    w.sequence([&] {
      for (const x509::Extension& extension : extensions) x509::write_extension(w, extension);
    });
  });
  return std::move(w).take();
}

}  // namespace

Result<RevocationList> read_revocation_list(std::string_view body) {
  boost::system::error_code code;
  const bj::value value = bj::parse(body, code);
  RevocationList read;
  if (code || !value.is_object()) return read;
  const bj::object& object = value.get_object();
  if (const bj::array* list = list_of(object, "revoked_certs")) {
    for (const bj::value& one : *list) {
      append(read.entries, TRY(read_entry(one, read.count)));
      ++read.count;
    }
  }
  read.extensions = TRY(read_extensions(object, read.owned));
  return read;
}

}  // namespace chancery::vault
