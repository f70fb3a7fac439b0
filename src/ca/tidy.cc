#include "ca/tidy.h"

#include <array>

#include "asn1/reader.h"
#include "asn1/writer.h"

namespace chancery::ca {
namespace {

constexpr std::string_view kRun = "run";
constexpr std::string_view kLast = "last";
constexpr std::string_view kMark = "revoked";

constexpr std::array kFlags{&TidyWish::cert_store,
                            &TidyWish::revoked_certs,
                            &TidyWish::invalid_certs,
                            &TidyWish::revoked_cert_issuer_associations,
                            &TidyWish::expired_issuers,
                            &TidyWish::move_legacy_ca_bundle,
                            &TidyWish::acme};
constexpr std::array kSpans{&TidyWish::safety_buffer, &TidyWish::revoked_safety_buffer,
                            &TidyWish::issuer_safety_buffer, &TidyWish::acme_account_safety_buffer,
                            &TidyWish::pause};

void write_wish(asn1::Writer& w, const TidyWish& wish) {
  w.sequence([&] {
    w.integer(1);
    for (const auto flag : kFlags) w.boolean(wish.*flag);
    for (const auto span : kSpans) w.integer((wish.*span).count());
    w.integer(wish.page_size);
  });
}

Result<seconds> read_span(asn1::Reader& reader) {
  const std::int64_t count = TRY(reader.read_int64());
  if (count < 0) return reader.error("a tidy has a negative duration");
  return seconds{count};
}

Result<TidyWish> read_wish(asn1::Reader& outer) {
  asn1::Reader reader = TRY(outer.enter_sequence());
  if (TRY(reader.read_int64()) != 1)
    return reader.error("a tidy has an unknown version", Code::kUnsupported);
  TidyWish wish;
  for (const auto flag : kFlags) wish.*flag = TRY(reader.read_boolean());
  for (const auto span : kSpans) wish.*span = TRY(read_span(reader));
  const std::int64_t page_size = TRY(reader.read_int64());
  if (page_size < 0 || page_size > UINT32_MAX) return reader.error("a tidy has no page size");
  wish.page_size = static_cast<std::uint32_t>(page_size);
  TRY(reader.finish());
  return wish;
}

record::StateKey tidy_key(const record::Scope& scope, std::string_view id) {
  return {record::StateKind::kTidy, scope, std::string(id)};
}

}  // namespace

Bytes encode(const TidyWish& wish) {
  asn1::Writer w(96);
  write_wish(w, wish);
  return std::move(w).take();
}

Result<TidyWish> decode_tidy_wish(BytesView der) {
  asn1::Reader outer(der);
  auto wish = TRY(read_wish(outer));
  TRY(outer.finish());
  return wish;
}

Bytes encode(const AutoTidy& settings) {
  asn1::Writer w(128);
  w.sequence([&] {
    w.integer(1);
    w.boolean(settings.enabled);
    w.integer(settings.interval.count());
    write_wish(w, settings.wish);
    w.boolean(settings.maintain_counts);
    w.boolean(settings.publish_counts);
  });
  return std::move(w).take();
}

Result<AutoTidy> decode_auto_tidy(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != 1)
    return reader.error("automatic tidying has an unknown version", Code::kUnsupported);
  AutoTidy settings;
  settings.enabled = TRY(reader.read_boolean());
  settings.interval = TRY(read_span(reader));
  settings.wish = TRY(read_wish(reader));
  settings.maintain_counts = TRY(reader.read_boolean());
  settings.publish_counts = TRY(reader.read_boolean());
  TRY(reader.finish());
  return settings;
}

record::StateKey tidy_run_key(const record::Scope& scope) { return tidy_key(scope, kRun); }
record::StateKey tidy_last_key(const record::Scope& scope) { return tidy_key(scope, kLast); }
record::StateKey tidied_mark(const record::Scope& scope) { return tidy_key(scope, kMark); }

record::StateKey auto_tidy_key(const record::Scope& scope) {
  return {record::StateKind::kSettings, scope, "auto-tidy"};
}

Result<void> check_tidy_row(std::string_view id, BytesView value) {
  if (id == kRun) {
    TRY(decode_tidy_wish(value));
  } else if (id == kLast) {
    TRY(decode_time(value));
  } else if (id != kMark || !value.empty()) {
    return fail(Code::kDataLoss, "a row of tidying is none that there is");
  }
  return {};
}

Bytes encode_time(TimePoint time) {
  asn1::Writer w(24);
  w.generalized_time(time);
  return std::move(w).take();
}

Result<TimePoint> decode_time(BytesView der) {
  asn1::Reader reader(der);
  const TimePoint time = TRY(reader.read_generalized_time());
  TRY(reader.finish());
  return time;
}

}  // namespace chancery::ca
