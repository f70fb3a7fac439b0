#include "acme/revocations.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "ca/mass_revocation.h"
#include "x509/general_name.h"

namespace chancery::acme {
namespace {

std::optional<Name> name_of(const x509::GeneralName& general) {
  using Kind = x509::GeneralName::Kind;
  Name name;
  if (general.kind() == Kind::kDns) {
    name.value = to_lower(general.text());
    if (name.value.starts_with("*.")) {
      name.wildcard = true;
      name.value.erase(0, 2);
    }
    return name;
  }
  if (general.kind() != Kind::kIp) return std::nullopt;
  name.kind = static_cast<std::uint32_t>(validation::Identifier::Kind::kIp);
  name.value = x509::ip_to_string(general.octets());
  return name;
}

void add(record::WriteSet& to, record::WriteSet&& from) {
  std::ranges::move(from.preconditions, std::back_inserter(to.preconditions));
  std::ranges::move(from.changes, std::back_inserter(to.changes));
  std::ranges::move(from.entries, std::back_inserter(to.entries));
}

}  // namespace

Result<x509::ReasonCode> Revocations::read_reason(std::string_view digits) {
  if (digits == "0") return x509::ReasonCode::kUnspecified;
  if (digits == "1") return x509::ReasonCode::kKeyCompromise;
  if (digits == "4") return x509::ReasonCode::kSuperseded;
  if (digits == "5") return x509::ReasonCode::kCessationOfOperation;
  return refuse("badRevocationReason",
                "the reason " + printable(digits, 32) +
                    " is not one that a subscriber gives: 0 (unspecified), 1 (keyCompromise), 4 "
                    "(superseded), 5 (cessationOfOperation)",
                Code::kInvalidArgument);
}

Result<void> Revocations::check_account(const LoadedDirectory& directory,
                                        const LoadedAccount& account,
                                        const x509::Certificate& certificate) const {
  const record::Scope scope = directory.scope();
  const auto stored = TRY(store_.state().get(certificate_key(scope, hex(certificate.serial()))));
  if (stored && TRY(access::decode_row<OwnCertificate>(stored->value)).account == account.id)
    return {};
  bool all = !certificate.subject_alt_names().empty();
  for (const x509::GeneralName& general : certificate.subject_alt_names()) {
    const auto name = name_of(general);
    all = all && name && TRY(orders_.is_authorized(scope, account.id, *name));
  }
  if (all) return {};
  return refuse("unauthorized",
                "the certificate is another account's, and this one is not authorized for all of "
                "its names",
                Code::kPermissionDenied);
}

Result<ca::Staged<ca::Service::Revoked>> Revocations::revoke(const LoadedDirectory& directory,
                                                             const LoadedAccount* account,
                                                             const x509::Certificate& certificate,
                                                             x509::ReasonCode reason,
                                                             std::string_view request_id) {
  const record::Scope mount = TRY(directories_.mount_scope(directory));
  if (account != nullptr) TRY(check_account(directory, *account, certificate));
  const std::string_view who =
      account != nullptr ? std::string_view(account->id) : "certificate-key";
  const auto grant = TRY(directory.in_mount(who, mount, "revoke"));
  // The inventory need not have it: a profile may say no_store.
  auto staged = ca_.revoke_certificate(grant, certificate, reason, request_id);
  if (!staged) {
    const Error& error = staged.error();
    if (step_of(error, "rule") == "foreign_certificate")
      return refuse("malformed", "this directory issued no such certificate", Code::kNotFound);
    if (error.code != Code::kRefused) return staged;
    return refuse("malformed", error.detail, Code::kInvalidArgument);
  }
  bool already = false;
  staged->extend(
      [&](const ca::Service::Revoked& revoked, record::WriteSet&) { already = revoked.already; });
  if (account == nullptr && reason == x509::ReasonCode::kKeyCompromise) {
    const std::string print = ca::spki_fingerprint(certificate.spki());
    already = already && TRY(ca_.blocked_keys().find(mount, print)).has_value();
    if (!already) {
      // The job blocks the key and revokes whatever else has it.
      ca::MassWish wish;
      wish.revocation = reason;
      wish.spki_sha256 = print;
      auto job = TRY(ca_.mass_revocation().start(grant, std::move(wish), request_id));
      add(staged->writes(), std::move(job.writes()));
    }
  }
  if (already)
    return refuse("alreadyRevoked", "the certificate is revoked already", Code::kConflict);
  return staged;
}

}  // namespace chancery::acme
