#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <list>

#include "asn1/oid.h"
#include "asn1/pem.h"
#include "asn1/writer.h"
#include "base/text.h"
#include "ca/crl_signer.h"
#include "protocols/json/field_reader.h"
#include "protocols/json/go_duration.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/issuer.h"
#include "protocols/vault/warnings.h"
#include "x509/oids.h"

// CRLs that somebody else puts together, signed with an issuer's key.

namespace chancery::vault {
namespace {

namespace bj = boost::json;

constexpr std::size_t kMostCrls = 64;

enum class Format : std::uint8_t { kPem, kDer };

// Owned keeps the values that extensions look into.
using Owned = std::list<Bytes>;

Error bad(std::string_view field, std::string detail) {
  return Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field);
}

// What both endpoints have in common.
Result<Format> read_order(json::FieldReader& fields, ca::CrlOrder& order) {
  const std::int64_t number = fields.integer("crl_number");
  if (number < 0) {
    fields.refuse_with("crl_number",
                       bad("crl_number", "crl_number parameter must be 0 or greater"));
  }
  const std::int64_t base = fields.integer("delta_crl_base_number", -1);
  order.number = static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
  if (base >= 0) order.delta_base = static_cast<std::uint64_t>(base);
  const std::string next = fields.text("next_update", "72h");
  const auto validity = parse_duration(next);
  if (!validity) {
    fields.refuse_with("next_update", bad("next_update", "invalid value for next_update: " +
                                                             json::go_duration_error(next)));
  } else if (validity->count() <= 0) {
    fields.refuse_with("next_update", bad("next_update", "next_update must be greater than zero"));
  } else {
    order.validity = *validity;
  }
  const std::string format = fields.text("format", "pem");
  if (format == "pem") return Format::kPem;
  if (format == "der") return Format::kDer;
  return std::unexpected(bad("format", "unknown format value of " + printable(format, 64)));
}

http::Response answer_signed(Call& call, const ca::Authority& authority, const ca::CrlOrder& order,
                             Format format, const std::vector<std::string>& unknown) {
  auto staged = call.use.service.sign_crl(*call.grant, authority, order, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  std::vector<std::string> warnings;
  warn_of_unknown(warnings, unknown);
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id, format, warnings](const Bytes& der) {
                        Envelope answer(id, 256 + 2 * der.size());
                        answer.data().begin_object();
                        answer.data().field("crl", format == Format::kDer
                                                       ? base64(der)
                                                       : asn1::pem("X509 CRL", der));
                        answer.data().end_object();
                        return std::move(answer).finish(warnings);
                      });
}

Result<x509::CertificateList> read_crl(std::string_view text, std::size_t index) {
  const std::string where = "failed decoding crl " + std::to_string(index) + ": ";
  const auto blocks = asn1::parse_pem(text);
  if (!blocks || blocks->size() != 1)
    return std::unexpected(bad("crls", where + "invalid crl; should be one PEM block only"));
  auto list = x509::CertificateList::parse(BytesView(blocks->front().der));
  if (!list) return std::unexpected(bad("crls", where + list.error().detail));
  return list;
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
  if (const auto* number = value->if_int64(); number != nullptr && *number >= 0)
    return from_unix(*number);
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

// The body again, with what is nested in it; it was read strictly before.
Result<bj::object> nested(const Call& call) {
  boost::system::error_code code;
  auto value = bj::parse(call.request.body, code);
  if (code || !value.is_object()) return bj::object{};
  return std::move(value.as_object());
}

}  // namespace

http::Response resign_crls(Call& call) {
  if (!call.context.lane()) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  ca::CrlOrder order;
  const auto format = read_order(fields, order);
  const auto texts = fields.list("crls");
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  if (!format) return failed(call, format.error());
  const auto authority = issuer_of(call);
  if (!authority) {
    return failed(call, bad("issuer_ref",
                            "failed to resolve issuer issuer_ref: " + authority.error().detail));
  }
  if (texts.size() > kMostCrls)
    return failed(call, Error{Code::kTooLarge, "there are over 64 CRLs", {}, {}});
  std::vector<x509::CertificateList> lists;
  for (const std::string& text : texts) {
    auto list = read_crl(text, lists.size());
    if (!list) return failed(call, list.error());
    lists.push_back(*std::move(list));
  }
  const auto count = ca::merge_entries(**authority, lists, order.entries);
  if (!count) return failed(call, count.error());
  order.count = *count;
  return answer_signed(call, **authority, order, *format, *unknown);
}

http::Response sign_revocation_list(Call& call) {
  if (!call.context.lane()) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  ca::CrlOrder order;
  const auto format = read_order(fields, order);
  (void)fields.has("revoked_certs");
  (void)fields.has("extensions");
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  if (!format) return failed(call, format.error());
  const auto authority = issuer_of(call);
  if (!authority) return failed(call, authority.error());
  const auto body = nested(call);
  if (!body) return failed(call, body.error());
  if (const bj::array* list = list_of(*body, "revoked_certs")) {
    for (const bj::value& value : *list) {
      const auto entry = read_entry(value, order.count);
      if (!entry) return failed(call, entry.error());
      append(order.entries, *entry);
      ++order.count;
    }
  }
  Owned owned;
  auto extensions = read_extensions(*body, owned);
  if (!extensions) return failed(call, extensions.error());
  order.extensions = *std::move(extensions);
  return answer_signed(call, **authority, order, *format, *unknown);
}

}  // namespace chancery::vault
