#include "acme/accounts.h"

#include <algorithm>

#include "access/grant_event.h"
#include "base/text.h"

namespace chancery::acme {
namespace {

constexpr std::size_t kMaxContacts = 10;
constexpr std::size_t kMaxContact = 254;

Result<LoadedAccount> load(const record::StateRow& row) {
  Account account = TRY(access::decode_row<Account>(row.value));
  auto key = TRY(crypto::PublicKey::from_spki(account.spki));
  return LoadedAccount{row.key.id, std::move(account), row.version, std::move(key)};
}

bool is_address(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos)
    return false;
  const std::string_view domain = text.substr(at + 1);
  const auto printing = [](char c) { return c > ' ' && c < 0x7f && c != '<' && c != '>'; };
  return !domain.empty() && domain.front() != '.' && domain.back() != '.' &&
         !domain.contains("..") && std::ranges::all_of(text, printing);
}

}  // namespace

Result<void> check_contacts(const std::vector<std::string>& contacts) {
  if (contacts.size() > kMaxContacts)
    return refuse("invalidContact", "an account can have 10 contacts");
  for (const std::string& contact : contacts) {
    const std::string shown = printable(contact, 64);
    const std::string_view text = contact;
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.size() > kMaxContact)
      return refuse("invalidContact", "a contact is a URL like mailto:a@example.com: " + shown);
    if (!equal_ignoring_case(text.substr(0, colon), "mailto"))
      return refuse("unsupportedContact", "contacts here are mailto: URLs: " + shown);
    const std::string_view address = text.substr(colon + 1);
    if (address.contains('?'))
      return refuse("invalidContact", "a mailto: contact has no header fields: " + shown);
    if (address.contains(','))
      return refuse("invalidContact", "a mailto: contact has one address: " + shown);
    if (!is_address(address)) return refuse("invalidContact", "this is no mail address: " + shown);
  }
  return {};
}

Accounts::Accounts(record::Store& store, Eabs& eabs, const Clock& clock, Random& random,
                   std::size_t cache_capacity)
    : store_(store),
      eabs_(eabs),
      clock_(clock),
      random_(random),
      cache_(record::StateKind::kAcmeAccount, store.state(), load, cache_capacity) {
  store.committer().observe(cache_);
}

Result<Accounts::Entry> Accounts::find(const record::Scope& scope, std::string_view id) {
  return cache_.find(account_key(scope, id));
}

Result<Accounts::Entry> Accounts::by_key(const record::Scope& scope, std::string_view thumbprint) {
  const auto row = TRY(store_.state().get(thumbprint_key(scope, thumbprint)));
  if (!row) return Entry{};
  return find(scope, as_text(row->value));
}

Result<record::Staged<LoadedAccount>> Accounts::create(const LoadedDirectory& directory,
                                                       const jose::Jwk& key, const Wanted& wanted,
                                                       std::string_view request_id) {
  if (!directory.row.terms_of_service.empty() && !wanted.agrees) {
    return refuse("userActionRequired",
                  "agree to the terms of service: " + directory.row.terms_of_service);
  }
  TRY(check_contacts(wanted.contacts));
  const record::Scope scope = directory.scope();
  LoadedAccount made{draw_id(random_), {}, 1, key.key};
  made.row.contacts = wanted.contacts;
  made.row.agreed_terms = directory.row.terms_of_service;
  made.row.created = clock_.now();
  made.row.spki = to_bytes(key.key.spki());
  made.row.thumbprint = key.thumbprint;
  made.row.url = wanted.url_base + made.id;

  record::WriteSet writes;
  if (!wanted.eab.empty()) {
    auto eab = TRY(eabs_.find(scope, wanted.eab));
    if (!eab || eab->version != wanted.eab_version)
      return fail(Code::kConflict, "the external account binding was used meanwhile");
    made.row.eab = wanted.eab;
    made.row.bounds = eab->value.bounds;
    eab->value.accounts += 1;
    eab->value.account = made.id;
    if (eab->value.used_up()) {
      wipe(eab->value.key);
      eab->value.key.clear();
    }
    writes.require_version(eab_key(scope, wanted.eab), eab->version);
    writes.put(eab_key(scope, wanted.eab), access::encode_row(eab->value));
  }
  writes.require_absent(thumbprint_key(scope, key.thumbprint));
  writes.require_absent(account_key(scope, made.id));
  writes.put(thumbprint_key(scope, key.thumbprint), to_bytes(std::string_view(made.id)));
  writes.put(account_key(scope, made.id), access::encode_row(made.row));
  const access::Grant grant = TRY(directory.own(made.id));
  auto event = access::grant_event(grant, record::EventKind::kAcmeAccountCreated, made.id,
                                   request_id, made.row.created);
  event.details = {{"key", key.thumbprint}};
  if (!wanted.eab.empty()) event.details.push_back({"eab", wanted.eab});
  writes.append(event);
  return record::Staged<LoadedAccount>(std::move(made), std::move(writes));
}

record::Staged<LoadedAccount> Accounts::stage(const access::Grant& grant,
                                              const LoadedDirectory& directory,
                                              const LoadedAccount& account, Account row,
                                              record::EventKind kind,
                                              std::vector<record::Detail> details,
                                              std::string_view request_id) const {
  const record::StateKey key = account_key(directory.scope(), account.id);
  record::WriteSet writes;
  writes.require_version(key, account.version);
  writes.put(key, access::encode_row(row));
  auto event = access::grant_event(grant, kind, account.id, request_id, clock_.now());
  event.scope = directory.scope();
  event.details = std::move(details);
  writes.append(event);
  LoadedAccount changed = account;
  changed.row = std::move(row);
  changed.version += 1;
  return {std::move(changed), std::move(writes)};
}

Result<record::Staged<LoadedAccount>> Accounts::change(const LoadedDirectory& directory,
                                                       const LoadedAccount& account,
                                                       const Change& wanted,
                                                       std::string_view request_id) {
  Account row = account.row;
  if (wanted.contacts) {
    TRY(check_contacts(*wanted.contacts));
    row.contacts = *wanted.contacts;
  }
  if (wanted.agrees) row.agreed_terms = directory.row.terms_of_service;
  if (wanted.deactivate) row.status = static_cast<std::uint32_t>(Status::kDeactivated);
  const auto kind = wanted.deactivate ? record::EventKind::kAcmeAccountDeactivated
                                      : record::EventKind::kAcmeAccountChanged;
  const access::Grant grant = TRY(directory.own(account.id));
  return stage(grant, directory, account, std::move(row), kind, {}, request_id);
}

Result<record::Staged<LoadedAccount>> Accounts::deactivate(const access::Grant& grant,
                                                           const LoadedDirectory& directory,
                                                           std::string_view id,
                                                           std::string_view request_id) {
  const Entry found = TRY(find(directory.scope(), id));
  if (!found) {
    return std::unexpected(
        Error{Code::kNotFound, "no account " + printable(id, 64), {}, {}}.with("field", "id"));
  }
  if (!found->row.valid()) return record::Staged<LoadedAccount>(*found, {});
  Account row = found->row;
  row.status = static_cast<std::uint32_t>(Status::kDeactivated);
  return stage(grant, directory, *found, std::move(row), record::EventKind::kAcmeAccountDeactivated,
               {}, request_id);
}

Result<record::Staged<LoadedAccount>> Accounts::change_key(const LoadedDirectory& directory,
                                                           const LoadedAccount& account,
                                                           const jose::Jwk& key,
                                                           std::string_view request_id) {
  const record::Scope scope = directory.scope();
  Account row = account.row;
  row.spki = to_bytes(key.key.spki());
  row.thumbprint = key.thumbprint;
  const access::Grant grant = TRY(directory.own(account.id));
  auto staged = stage(grant, directory, account, std::move(row), record::EventKind::kAcmeKeyChanged,
                      {{"key", key.thumbprint}, {"old_key", account.row.thumbprint}}, request_id);
  staged.writes().require_absent(thumbprint_key(scope, key.thumbprint));
  staged.writes().put(thumbprint_key(scope, key.thumbprint),
                      to_bytes(std::string_view(account.id)));
  staged.writes().erase(thumbprint_key(scope, account.row.thumbprint));
  return staged;
}

Result<std::vector<LoadedAccount>> Accounts::list(const record::Scope& scope,
                                                  std::string_view after, std::size_t limit) const {
  const auto rows = TRY(store_.state().list(record::StateKind::kAcmeAccount, scope, after, limit));
  std::vector<LoadedAccount> accounts;
  for (const record::StateRow& row : rows) accounts.push_back(TRY(load(row)));
  return accounts;
}

}  // namespace chancery::acme
