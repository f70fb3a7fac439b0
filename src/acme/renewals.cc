#include "acme/renewals.h"

#include <algorithm>

#include "access/grant_event.h"
#include "base/text.h"
#include "enrol/roles.h"

namespace chancery::acme {
namespace {

constexpr seconds kHour{3600};
constexpr seconds kDay{86'400};
constexpr seconds kShortLived{10 * 86'400};

std::unexpected<Error> bad(std::string_view field, std::string detail) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field));
}

bool has_suffix(const record::CertificateRow& row, const std::string& suffix) {
  if (suffix.empty()) return true;
  return std::ranges::any_of(row.names, [&](const std::string& name) {
    return name == suffix || name.ends_with("." + suffix);
  });
}

// A third of its life before the end, of one that lives briefly half of it; the window is a
// forty-fifth of its life: two days of ninety.
Suggestion by_lifetime(const record::CertificateRow& row) {
  const seconds life = std::max(row.not_after - row.not_before, seconds{2});
  const seconds into = life < kShortLived ? life / 2 : life * 2 / 3;
  Suggestion suggestion;
  suggestion.start = row.not_before + into;
  suggestion.end = suggestion.start + std::max(life / 45, seconds{1});
  suggestion.retry_after = std::clamp(life / 20, seconds{60}, 6 * kHour);
  return suggestion;
}

}  // namespace

Result<CertificateId> read_certificate_id(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || text.find('.', dot + 1) != std::string_view::npos)
    return fail(Code::kMalformed, "a certificate id is two base64url texts with a dot between");
  const auto key = parse_base64(text.substr(0, dot), Base64::kUrl);
  const auto serial = parse_base64(text.substr(dot + 1), Base64::kUrl);
  if (!key || !serial || key->empty() || serial->empty() || key->size() > 64 ||
      serial->size() > 21) {
    return fail(Code::kMalformed,
                "a certificate id is the key identifier of the issuer and the serial number, each "
                "as base64url without padding");
  }
  const bool negative = (serial->front() & 0x80) != 0;
  const bool padded = serial->size() > 1 && serial->front() == 0 && ((*serial)[1] & 0x80) == 0;
  if (negative || padded) {
    return fail(Code::kMalformed,
                "the serial number is that of the certificate's DER, with its leading zero octet "
                "where it has one and without another");
  }
  return CertificateId{*key, *serial};
}

std::string to_string(const CertificateId& id) {
  return base64(id.authority_key, Base64::kUrl) + "." + base64(id.serial, Base64::kUrl);
}

Result<record::CertificateRow> Renewals::find(const LoadedDirectory& directory,
                                              const CertificateId& id) const {
  const record::Scope mount = TRY(directories_.mount_scope(directory));
  auto row = TRY(store_.index().find_by_serial(mount, id.serial));
  if (row) {
    const auto authority = ca_.authority(mount, row->issuer_id);
    if (authority && equal((*authority)->key_identifier(), id.authority_key))
      return *std::move(row);
  }
  return fail(Code::kNotFound, "this directory knows no such certificate");
}

Result<Suggestion> Renewals::suggest(const LoadedDirectory& directory,
                                     const CertificateId& id) const {
  const auto row = TRY(find(directory, id));
  const record::Scope mount = TRY(directories_.mount_scope(directory));
  const TimePoint now = clock_.now();
  Suggestion suggestion = by_lifetime(row);
  if (TRY(ca_.revocation(mount, row.issuer_id, row.serial))) {
    suggestion.start = now - kDay;
    suggestion.end = now - kHour;
    return suggestion;
  }
  const auto windows = TRY(list(directory.scope()));
  for (const Listed& window : windows) {
    const Renewal& wish = window.row;
    if (row.not_before >= wish.issued_before || !has_suffix(row, wish.suffix)) continue;
    if (wish.start >= suggestion.start) continue;
    suggestion.start = wish.start;
    suggestion.end = wish.end;
    suggestion.explanation = wish.explanation;
  }
  return suggestion;
}

Result<void> Renewals::replace(const LoadedDirectory& directory, const LoadedAccount& account,
                               const Orders& orders, Orders::Wanted& wanted) const {
  const auto judge = [&]() -> Result<void> {
    const auto id = read_certificate_id(wanted.replaces);
    if (!id) return refuse("malformed", "replaces: " + id.error().detail, Code::kMalformed);
    const record::Scope scope = directory.scope();
    const std::string serial = hex(id->serial);
    const auto stored = TRY(store_.state().get(certificate_key(scope, serial)));
    const auto row = find(directory, *id);
    if (!stored || !row) {
      return refuse("malformed", "replaces: this directory issued no such certificate",
                    Code::kNotFound);
    }
    Row<OwnCertificate> own{TRY(access::decode_row<OwnCertificate>(stored->value)),
                            stored->version};
    if (own.value.account != account.id) {
      return refuse("unauthorized", "replaces: the certificate is another account's",
                    Code::kPermissionDenied);
    }
    const bool shares = std::ranges::any_of(wanted.names, [&](const Name& name) {
      return std::ranges::find(row->names, name.text()) != row->names.end();
    });
    if (!shares) {
      return refuse("malformed", "replaces: the order has none of the certificate's names",
                    Code::kInvalidArgument);
    }
    if (!own.value.replaced.empty()) {
      const auto other = TRY(orders.find(scope, own.value.replaced));
      if (other && other->status != Status::kInvalid) {
        return refuse("alreadyReplaced", "the certificate is replaced by another order already",
                      Code::kConflict);
      }
    }
    wanted.replaced = std::move(own);
    wanted.replaced_serial = serial;
    return {};
  };
  auto judged = judge();
  const bool of_hint = !judged && !step_of(judged.error(), kProblem).empty() &&
                       step_of(judged.error(), kProblem) != "alreadyReplaced";
  if (!of_hint || !directory.row.unknown_replaces) return judged;
  // A hint that is no good does not stop a renewal.
  wanted.replaces.clear();
  wanted.replaced.reset();
  return {};
}

Result<std::vector<Renewals::Listed>> Renewals::list(const record::Scope& scope) const {
  const auto rows =
      TRY(store_.state().list(record::StateKind::kAcmeRenewal, scope, {}, kMostWindows + 1));
  std::vector<Listed> windows;
  for (const record::StateRow& row : rows)
    windows.push_back({row.key.id, TRY(access::decode_row<Renewal>(row.value))});
  return windows;
}

Result<record::Staged<Renewals::Listed>> Renewals::put(const access::Grant& grant,
                                                       const LoadedDirectory& directory,
                                                       std::string_view name, Renewal row,
                                                       std::string_view request_id) const {
  if (!enrol::is_role_name(name)) return bad("name", "it has letters, digits, '_', '-' and '.'");
  if (row.end <= row.start) return bad("end", "the window ends before it begins");
  if (row.explanation.size() > 1024 ||
      (!row.explanation.empty() && !row.explanation.starts_with("https://") &&
       !row.explanation.starts_with("http://")))
    return bad("explanation", "it is a URL");
  const record::Scope scope = directory.scope();
  const record::StateKey key = renewal_key(scope, name);
  const auto present = TRY(store_.state().get(key));
  if (!present && TRY(list(scope)).size() >= kMostWindows)
    return fail(Code::kRefused, "a directory can have 64 windows: delete one that is over");
  record::WriteSet writes;
  if (present) {
    writes.require_version(key, present->version);
  } else {
    writes.require_absent(key);
  }
  writes.put(key, access::encode_row(row));
  auto event = access::grant_event(grant, record::EventKind::kAcmeRenewalWritten, name, request_id,
                                   clock_.now());
  event.scope = scope;
  event.details = {{"directory", directory.name},
                   {"end", rfc3339(row.end)},
                   {"issued_before", rfc3339(row.issued_before)},
                   {"start", rfc3339(row.start)},
                   {"suffix", row.suffix}};
  writes.append(event);
  return record::Staged<Listed>({std::string(name), std::move(row)}, std::move(writes));
}

Result<record::Staged<std::string>> Renewals::erase(const access::Grant& grant,
                                                    const LoadedDirectory& directory,
                                                    std::string_view name,
                                                    std::string_view request_id) const {
  const record::Scope scope = directory.scope();
  const record::StateKey key = renewal_key(scope, name);
  const auto present = TRY(store_.state().get(key));
  if (!present) {
    return std::unexpected(
        Error{Code::kNotFound, "no window " + printable(name, 64), {}, {}}.with("field", "name"));
  }
  record::WriteSet writes;
  writes.require_version(key, present->version);
  writes.erase(key);
  auto event = access::grant_event(grant, record::EventKind::kAcmeRenewalDeleted, name, request_id,
                                   clock_.now());
  event.scope = scope;
  writes.append(event);
  return record::Staged<std::string>(std::string(name), std::move(writes));
}

}  // namespace chancery::acme
