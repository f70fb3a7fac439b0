#include "access/row_codec.h"

#include "base/text.h"

namespace chancery::access {

void RowReader::operator()(std::string& out) {
  if (error_) return;
  const auto text = reader_.read(asn1::kUtf8String);
  if (!text) {
    error_ = text.error();
  } else if (!is_valid_utf8(as_text(*text))) {
    fail("text of a row is not UTF-8");
  } else {
    out = as_text(*text);
  }
}

void RowReader::operator()(Bytes& out) {
  if (error_) return;
  const auto octets = reader_.read_octet_string();
  if (!octets) {
    error_ = octets.error();
  } else {
    out = to_bytes(*octets);
  }
}

void RowReader::operator()(bool& out) {
  if (!error_) keep(reader_.read_boolean(), out);
}

void RowReader::operator()(std::uint32_t& out) {
  if (error_) return;
  const auto value = reader_.read_int64();
  if (!value) {
    error_ = value.error();
  } else if (*value < 0 || *value > UINT32_MAX) {
    fail("number of a row is out of range");
  } else {
    out = static_cast<std::uint32_t>(*value);
  }
}

void RowReader::operator()(seconds& out) {
  if (!error_) keep(reader_.read_int64(), out);
  if (!error_ && out.count() < 0) fail("duration of a row is negative");
}

void RowReader::operator()(TimePoint& out) {
  if (!error_) keep(reader_.read_generalized_time(), out);
}

void RowReader::operator()(std::optional<TimePoint>& out) {
  auto inner = enter();
  if (!inner) return;
  RowReader items(*inner);
  if (!items.reader_.empty()) items(out.emplace());
  leave(items);
}

void RowReader::operator()(std::pair<std::string, std::string>& out) {
  auto inner = enter();
  if (!inner) return;
  RowReader items(*inner);
  items(out.first);
  items(out.second);
  leave(items);
}

std::optional<asn1::Reader> RowReader::enter() {
  if (error_) return std::nullopt;
  auto inner = reader_.enter_sequence();
  if (inner) return *inner;
  error_ = std::move(inner).error();
  return std::nullopt;
}

void RowReader::leave(RowReader& inner) {
  if (inner.error_) {
    error_ = std::move(inner.error_);
  } else if (auto done = inner.reader_.finish(); !done) {
    error_ = std::move(done).error();
  }
}

}  // namespace chancery::access
