#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/bytes.h"
#include "base/time.h"

// DER of the rows that this folder keeps. A row is a struct with a kVersion and a static `fields`
// that shows its members to a visitor, in the order in which they are stored:
//
//   Row ::= SEQUENCE { version INTEGER, members... }
//
// text is UTF8String, octets OCTET STRING, a number or a duration INTEGER, a time GeneralizedTime,
// an optional a SEQUENCE of none or one, a list a SEQUENCE OF, a pair a SEQUENCE of two, a struct
// that has `fields` itself a SEQUENCE of them. Decoding refuses what encoding would not write. A
// row that got members with its kVersion shows them in `later_fields`; rows of the version before
// are read without them.
namespace chancery::access {

class RowWriter {
 public:
  void operator()(const std::string& text) { w_.element(asn1::kUtf8String, text); }
  void operator()(const Bytes& octets) { w_.octet_string(octets); }
  void operator()(bool value) { w_.boolean(value); }
  void operator()(std::uint32_t value) { w_.integer(value); }
  void operator()(seconds value) { w_.integer(value.count()); }
  void operator()(TimePoint value) { w_.generalized_time(value); }
  void operator()(const std::optional<TimePoint>& value) {
    w_.sequence([&] {
      if (value) (*this)(*value);
    });
  }
  void operator()(const std::pair<std::string, std::string>& pair) {
    w_.sequence([&] {
      (*this)(pair.first);
      (*this)(pair.second);
    });
  }
  template <class T>
  void operator()(const std::vector<T>& list) {
    w_.sequence([&] {
      for (const T& one : list) (*this)(one);
    });
  }
  template <class T>
    requires requires(const T& part, RowWriter& out) { T::fields(part, out); }
  void operator()(const T& part) {
    w_.sequence([&] { T::fields(part, *this); });
  }

  template <class T>
  [[nodiscard]] static Bytes encode(const T& row) {
    RowWriter out;
    out.w_.sequence([&] {
      out.w_.integer(T::kVersion);
      T::fields(row, out);
      if constexpr (requires { T::later_fields(row, out); }) T::later_fields(row, out);
    });
    return std::move(out.w_).take();
  }

 private:
  asn1::Writer w_;
};

class RowReader {
 public:
  static constexpr std::size_t kMaxItems = 1024;

  void operator()(std::string& out);
  void operator()(Bytes& out);
  void operator()(bool& out);
  void operator()(std::uint32_t& out);
  void operator()(seconds& out);
  void operator()(TimePoint& out);
  void operator()(std::optional<TimePoint>& out);
  void operator()(std::pair<std::string, std::string>& out);
  template <class T>
  void operator()(std::vector<T>& out) {
    auto list = enter();
    if (!list) return;
    out.clear();  // what a new row has before it is read
    RowReader items(*list);
    while (!items.error_ && !items.reader_.empty() && out.size() < kMaxItems)
      items(out.emplace_back());
    leave(items);
  }
  template <class T>
    requires requires(T& part, RowReader& in) { T::fields(part, in); }
  void operator()(T& part) {
    auto inner = enter();
    if (!inner) return;
    RowReader members(*inner);
    T::fields(part, members);
    leave(members);
  }

  template <class T>
  [[nodiscard]] static Result<T> decode(BytesView der) {
    asn1::Reader outer(der);
    const asn1::Reader inner = TRY(outer.enter_sequence());
    TRY(outer.finish());
    RowReader in(inner);
    const std::int64_t version = TRY(in.reader_.read_int64());
    T row;
    constexpr bool kGrew = requires { T::later_fields(row, in); };
    if (version != T::kVersion && !(kGrew && version == T::kVersion - 1))
      return in.reader_.error("row has an unknown version", Code::kUnsupported);
    T::fields(row, in);
    if constexpr (kGrew) {
      if (version == T::kVersion) T::later_fields(row, in);
    }
    if (in.error_) return std::unexpected(*std::move(in.error_));
    TRY(in.reader_.finish());
    return row;
  }

 private:
  explicit RowReader(asn1::Reader reader) : reader_(reader) {}
  // keep stores what was read, or remembers the first error.
  template <class T, class Out>
  void keep(Result<T> value, Out& out) {
    if (value) {
      out = Out(*std::move(value));
    } else {
      error_ = std::move(value).error();
    }
  }
  void fail(std::string_view detail) { error_ = reader_.error(detail).error(); }
  std::optional<asn1::Reader> enter();
  void leave(RowReader& inner);

  asn1::Reader reader_;
  std::optional<Error> error_;
};

template <class T>
[[nodiscard]] Bytes encode_row(const T& row) {
  return RowWriter::encode(row);
}
template <class T>
[[nodiscard]] Result<T> decode_row(BytesView der) {
  return RowReader::decode<T>(der);
}

}  // namespace chancery::access
