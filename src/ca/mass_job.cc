#include <array>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "ca/mass_revocation.h"
#include "ca/record_text.h"

// The codec of a mass revocation's row.
namespace chancery::ca {
namespace {

// In the order in which they are written.
constexpr std::array kTexts{&MassWish::issuer_id, &MassWish::name, &MassWish::name_suffix,
                            &MassWish::spki_sha256};
constexpr std::array kCounts{&MassJob::top, &MassJob::before, &MassJob::examined, &MassJob::revoked,
                             &MassJob::already};

// An optional time has a tag of its own.
void write_time(asn1::Writer& w, unsigned tag, const std::optional<TimePoint>& time) {
  if (!time) return;
  w.nest(asn1::context_constructed(tag), [&] { w.generalized_time(*time); });
}

Result<std::optional<TimePoint>> read_time(asn1::Reader& reader, unsigned tag) {
  if (!reader.next_is(asn1::context_constructed(tag))) return std::nullopt;
  asn1::Reader wrapped = TRY(reader.enter(asn1::context_constructed(tag)));
  const TimePoint time = TRY(wrapped.read_generalized_time());
  TRY(wrapped.finish());
  return time;
}

Result<std::uint64_t> read_count(asn1::Reader& reader) {
  const std::int64_t value = TRY(reader.read_int64());
  if (value < 0) return reader.error("a mass revocation has a negative count");
  return static_cast<std::uint64_t>(value);
}

Result<MassWish> read_wish(asn1::Reader& outer) {
  asn1::Reader reader = TRY(outer.enter_sequence());
  MassWish wish;
  const auto reason = x509::reason_code_from_int(TRY(reader.read_int64(asn1::kEnumerated)));
  if (!reason) return reader.error("a mass revocation has an unknown reason");
  wish.revocation.reason = *reason;
  wish.dry_run = TRY(reader.read_boolean());
  wish.everything = TRY(reader.read_boolean());
  for (const auto text : kTexts) wish.*text = TRY(read_record_text(reader));
  wish.revocation.invalid_since = TRY(read_time(reader, 0));
  wish.not_after_from = TRY(read_time(reader, 1));
  wish.not_after_to = TRY(read_time(reader, 2));
  TRY(reader.finish());
  return wish;
}

}  // namespace

std::string_view name(MassState state) {
  switch (state) {
    case MassState::kRunning:
      return "running";
    case MassState::kCancelling:
      return "cancelling";
    case MassState::kFinished:
      return "finished";
    case MassState::kCancelled:
      return "cancelled";
    case MassState::kFailed:
      return "failed";
  }
  return "failed";
}

Bytes encode(const MassJob& job) {
  asn1::Writer w(320);
  w.sequence([&] {
    w.integer(job.chunk ? 2 : 1);
    w.sequence([&] {
      w.integer(static_cast<std::int64_t>(job.wish.revocation.reason), asn1::kEnumerated);
      w.boolean(job.wish.dry_run);
      w.boolean(job.wish.everything);
      for (const auto text : kTexts) w.element(asn1::kUtf8String, job.wish.*text);
      write_time(w, 0, job.wish.revocation.invalid_since);
      write_time(w, 1, job.wish.not_after_from);
      write_time(w, 2, job.wish.not_after_to);
    });
    w.element(asn1::kUtf8String, job.by.actor);
    w.element(asn1::kUtf8String, job.by.request_id);
    w.integer(static_cast<std::int64_t>(job.state), asn1::kEnumerated);
    w.generalized_time(job.started);
    for (const auto count : kCounts) w.integer(static_cast<std::int64_t>(job.*count));
    w.element(asn1::kUtf8String, job.error);
    write_time(w, 0, job.finished);
    if (!job.chunk) return;
    w.integer(static_cast<std::int64_t>(job.chunk->until));
    w.element(asn1::kUtf8String, job.chunk->issuer_id);
    w.octet_string(job.chunk->after);
  });
  return std::move(w).take();
}

Result<MassJob> decode_mass_job(std::string id, BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  const std::int64_t version = TRY(reader.read_int64());
  if (version != 1 && version != 2)
    return reader.error("a mass revocation has an unknown version", Code::kUnsupported);
  MassJob job;
  job.wish = TRY(read_wish(reader));
  job.by = {TRY(read_record_text(reader)), TRY(read_record_text(reader)), id};
  const std::int64_t state = TRY(reader.read_int64(asn1::kEnumerated));
  if (state < 0 || state > 4) return reader.error("a mass revocation has an unknown state");
  job.state = static_cast<MassState>(state);
  job.started = TRY(reader.read_generalized_time());
  for (const auto count : kCounts) job.*count = TRY(read_count(reader));
  job.error = TRY(read_record_text(reader));
  job.finished = TRY(read_time(reader, 0));
  if (version == 2) {
    job.chunk.emplace();
    job.chunk->until = TRY(read_count(reader));
    job.chunk->issuer_id = TRY(read_record_text(reader));
    job.chunk->after = to_bytes(TRY(reader.read_octet_string()));
  }
  TRY(reader.finish());
  job.id = std::move(id);
  return job;
}

}  // namespace chancery::ca
