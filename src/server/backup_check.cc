#include "server/backup_check.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "access/tokens.h"
#include "ca/crl_publisher.h"
#include "ca/key_record.h"
#include "ca/mass_revocation.h"
#include "ca/service.h"
#include "ca/tidy.h"
#include "policy/role.h"
#include "x509/certificate.h"

namespace chancery::server {
namespace {

std::unexpected<Error> wrong_row(std::uint64_t index, std::string_view what) {
  return std::unexpected(
      Error{Code::kDataLoss, std::string(what), {}, {}}.with("log_index", std::to_string(index)));
}

// Only whether it decodes counts.
template <class T>
Result<bool> known(Result<T> decoded) {
  if (!decoded) return std::unexpected(std::move(decoded).error());
  return true;
}

// decodes says whether a row is of a kind that this program knows. Errors: those of its codec.
Result<bool> decodes(const record::StateRow& row) {
  switch (row.key.kind) {
    case record::StateKind::kAuthority:
      return known(ca::decode_authority(row.value));
    case record::StateKind::kKey:
      return known(ca::decode_key(row.value));
    case record::StateKind::kRole:
      return known(policy::parse_role(row.value));
    case record::StateKind::kToken:
      return known(access::decode_token(row.value));
    case record::StateKind::kPolicy:
      return known(access::parse_policy(row.key.id, as_text(row.value)));
    case record::StateKind::kAccessor:
      if (row.value.size() != 64) return fail(Code::kDataLoss, "an accessor leads nowhere");
      return true;
    case record::StateKind::kRevocation:
      return known(ca::decode_revocation(row.value));
    case record::StateKind::kProfile:
      return known(policy::parse_profile(row.value));
    case record::StateKind::kBlockedKey:
      return known(ca::decode_blocked_key(row.key.id, row.value));
    case record::StateKind::kCrl:
      return known(ca::decode_crl_state(row.value));
    case record::StateKind::kCounter:
      if (!row.value.empty()) return fail(Code::kDataLoss, "a counter has a value");
      return true;
    case record::StateKind::kHold:
      return known(ca::decode_revocation(row.value));
    case record::StateKind::kRevocationJob:
      return known(ca::decode_mass_job(row.key.id, row.value));
    case record::StateKind::kTidy:
      TRY(ca::check_tidy_row(row.key.id, row.value));
      return true;
    case record::StateKind::kSettings:
      if (row.key == ca::status_settings_key(row.key.scope))
        return known(ca::decode_status_settings(row.value));
      if (row.key == ca::auto_tidy_key(row.key.scope))
        return known(ca::decode_auto_tidy(row.value));
      if (row.key == ca::status_identities_key(row.key.scope))
        return known(ca::decode_status_identities(row.value));
      if (row.key == ca::restoration_key()) return known(ca::decode_restoration(row.value));
      return true;
    default:
      return false;
  }
}

class Checker {
 public:
  explicit Checker(const backup::StreamDecoder::Take& take) : take_(take) {}

  Result<void> take(backup::StreamItem item, bool newest) {
    if (const auto* header = std::get_if<backup::StreamHeader>(&item)) {
      TRY(continues(*header));
      findings_.last = *header;
      ++findings_.backups;
      return {};
    }
    if (const auto* row = std::get_if<record::LogRow>(&item)) {
      TRY(check(*row));
    } else if (!newest) {
      return {};
    } else if (const auto* state = std::get_if<record::StateRow>(&item)) {
      TRY(check(*state));
    } else {
      note(std::get<backup::File>(item));
    }
    return take_(std::move(item));
  }

  Result<Findings> finish() {
    if (!files_.contains("chancery.yaml") || !files_.contains("keys/seal.pem"))
      return fail(Code::kDataLoss, "the backup lacks configuration or seal");
    for (const std::string& id : key_ids_) {
      if (!files_.contains("keys/" + id + ".key")) {
        return std::unexpected(
            Error{Code::kDataLoss, "the backup lacks the key of an authority", {}, {}}.with("key",
                                                                                            id));
      }
    }
    return std::move(findings_);
  }

 private:
  Result<void> continues(const backup::StreamHeader& header) const {
    const bool first = findings_.backups == 0;
    const crypto::Sha256 before = last_row_.value_or(crypto::Sha256{});
    if (header.first != findings_.log_rows || header.before != before ||
        (!first && header.store_id != findings_.last.store_id))
      return fail(Code::kDataLoss, "the backup does not continue the one before it");
    return {};
  }

  Result<void> check(const record::LogRow& row) {
    const auto event = record::decode(row.entry.event);
    if (!event) return wrong_row(row.index, "an event does not decode");
    if (event->kind != row.entry.kind) return wrong_row(row.index, "an event is of another kind");
    if (!row.entry.certificate.empty()) TRY(check_certificate(row, *event));
    last_row_ = backup::row_hash(row);
    ++findings_.log_rows;
    return {};
  }

  Result<void> check_certificate(const record::LogRow& row, const record::Event& event) {
    const auto certificate = x509::Certificate::parse(BytesView(row.entry.certificate));
    if (!certificate) return wrong_row(row.index, "a certificate does not parse");
    if (event.certificate != certificate->fingerprint_sha256())
      return wrong_row(row.index, "a certificate is not the one of its event");
    ++findings_.certificates;
    if (event.kind != record::EventKind::kCertificateIssued) return {};
    if (event.subject != hex(certificate->serial()))
      return wrong_row(row.index, "a serial number is not the one of its event");
    findings_.newest = {row.index, event.time, hex(certificate->serial(), ':'),
                        certificate->subject().to_string()};
    return {};
  }

  Result<void> check(const record::StateRow& row) {
    auto good = decodes(row);
    if (!good) {
      return std::unexpected(Error{
          Code::kDataLoss,
          "a state row does not decode: " + good.error().detail,
          {},
          {}}.with("id", row.key.id));
    }
    ++findings_.state_rows;
    if (!*good) ++findings_.unknown_rows;
    if (row.key.kind == record::StateKind::kAuthority) {
      const auto authority = TRY(ca::decode_authority(row.value));
      if (!authority.key_id.empty()) key_ids_.insert(authority.key_id);
    }
    return {};
  }

  void note(const backup::File& file) {
    files_.insert(file.name);
    if (file.name.ends_with(".key")) ++findings_.keys;
  }

  const backup::StreamDecoder::Take& take_;
  Findings findings_;
  std::optional<crypto::Sha256> last_row_;
  std::set<std::string> key_ids_;
  std::set<std::string> files_;
};

}  // namespace

Result<std::vector<backup::BackupFile>> choose_chain(const backup::Archive& archive,
                                                     const std::string& until) {
  const auto& files = archive.files();
  const bool is_number =
      !until.empty() && std::ranges::all_of(until, [](char c) { return c >= '0' && c <= '9'; });
  std::uint64_t number = UINT64_MAX;
  TimePoint time = TimePoint::max();
  if (is_number) std::from_chars(until.data(), until.data() + until.size(), number);
  if (!until.empty() && !is_number) time = TRY(parse_rfc3339(until));
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    const bool meant = is_number ? file->header.number == number : file->header.time <= time;
    if (meant) return archive.chain(*file);
  }
  return fail(Code::kNotFound,
              until.empty() ? "there is no backup there" : "there is no such backup: " + until);
}

Result<Findings> check_chain(const std::vector<backup::BackupFile>& chain, backup::Secret& secret,
                             const backup::StreamDecoder::Take& take) {
  Checker checker(take);
  for (const backup::BackupFile& file : chain) {
    const bool newest = &file == &chain.back();
    TRY(backup::read_backup(file, secret, [&](backup::StreamItem item) {
      return checker.take(std::move(item), newest);
    }));
  }
  return checker.finish();
}

}  // namespace chancery::server
