#include "ca/mount_change.h"

#include <algorithm>

#include "base/text.h"
#include "x509/certificate.h"

namespace chancery::ca {
namespace {

constexpr std::size_t kMost = 1000;  // issuers, and keys

std::unexpected<Error> refuse(Code code, std::string detail, std::string_view field) {
  return std::unexpected(Error{code, std::move(detail), {}, {}}.with("field", field));
}

template <class T>
const T* find_in(const std::vector<T>& items, std::string_view ref, std::string_view default_id) {
  if (ref == "default") ref = default_id;
  if (ref.empty()) return nullptr;
  const auto found = std::ranges::find_if(
      items, [&](const T& item) { return item.id == ref || item.name == ref; });
  return found == items.end() ? nullptr : &*found;
}

template <class T>
Result<void> check_name(const std::vector<T>& items, std::string_view name, std::string_view id,
                        const std::string& what) {
  const std::string field = what + "_name";
  if (name.empty()) return {};
  if (name == "default") {
    return refuse(Code::kInvalidArgument,
                  "reserved keyword 'default' can not be used as " + what + " name", field);
  }
  if (!is_object_name(name)) {
    return refuse(Code::kInvalidArgument, what + " name contained invalid characters", field);
  }
  // A name that is another's id would be found instead of it.
  const bool taken = std::ranges::any_of(items, [&](const T& item) {
    return item.id != id && (item.name == name || item.id == name);
  });
  if (taken) return refuse(Code::kAlreadyExists, what + " name already in use", field);
  return {};
}

template <class T>
Result<void> put_into(std::vector<T>& items, T record) {
  const auto old = std::ranges::find(items, record.id, &T::id);
  if (old != items.end()) {
    *old = std::move(record);
    return {};
  }
  if (items.size() >= kMost) {
    return fail(Code::kTooLarge, "a mount has at most " + std::to_string(kMost) + " of them");
  }
  items.push_back(std::move(record));
  return {};
}

// An authority of before there were records of keys names a key that has none.
Result<KeyRecord> key_of_authority(const AuthorityRecord& authority) {
  const auto certificate = TRY(x509::Certificate::parse(BytesView(authority.certificate)));
  return KeyRecord{authority.key_id, {}, to_bytes(certificate.spki()), authority.created};
}

}  // namespace

bool is_object_name(std::string_view name) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= 255 && is_word(name.front()) && is_word(name.back()) &&
         std::ranges::all_of(name, [&](char c) { return is_word(c) || c == '-' || c == '.'; });
}

Result<MountChange> MountChange::begin(const record::StateReader& reader,
                                       const record::Scope& scope) {
  MountChange change(scope);
  TRY(change.load(reader));
  return change;
}

// The defaults' row is read first: whatever changes after that changes its version.
Result<void> MountChange::load(const record::StateReader& reader) {
  if (const auto row = TRY(reader.get(defaults_key(scope_)))) {
    defaults = TRY(decode_defaults(row->value));
    version_ = row->version;
  }
  const auto authorities = TRY(reader.list(record::StateKind::kAuthority, scope_, {}, kMost));
  for (const record::StateRow& row : authorities) {
    authorities_.push_back(TRY(decode_authority(row.value)));
  }
  identities_ = TRY(read_status_identities(reader, scope_));
  stored_identities_ = encode(identities_);
  identities_ = TRY(unite(std::move(identities_), authorities_));
  const auto keys = TRY(reader.list(record::StateKind::kKey, scope_, {}, kMost));
  for (const record::StateRow& row : keys) keys_.push_back(TRY(decode_key(row.value)));
  for (const AuthorityRecord& authority : authorities_) {
    if (!version_ && authority.is_default) {
      defaults.issuer = authority.id;
      defaults.key = authority.key_id;
    }
    const bool known = authority.key_id.empty() ||
                       std::ranges::find(keys_, authority.key_id, &KeyRecord::id) != keys_.end();
    if (known) continue;
    // The next change gives it a record, so that it does not go with its issuer.
    keys_.push_back(TRY(key_of_authority(authority)));
    writes_.put(key_row(scope_, keys_.back().id), encode(keys_.back()));
  }
  return {};
}

Result<AuthorityRecord> MountChange::authority(std::string_view ref) const {
  const auto* found = find_in(authorities_, ref, defaults.issuer);
  if (found != nullptr) return *found;
  if (ref == "default" && defaults.issuer.empty()) {
    return refuse(Code::kNotFound, "no default issuer currently configured", "issuer_ref");
  }
  return refuse(Code::kNotFound, "unable to find PKI issuer for reference: " + printable(ref),
                "issuer_ref");
}

Result<KeyRecord> MountChange::key(std::string_view ref) const {
  const auto* found = find_in(keys_, ref, defaults.key);
  if (found != nullptr) return *found;
  if (ref == "default" && defaults.key.empty()) {
    return refuse(Code::kNotFound, "no default key currently configured", "key_ref");
  }
  return refuse(Code::kNotFound, "unable to find PKI key for reference: " + printable(ref),
                "key_ref");
}

const KeyRecord* MountChange::key_of(BytesView spki) const {
  const auto found =
      std::ranges::find_if(keys_, [&](const KeyRecord& key) { return equal(key.spki, spki); });
  return found == keys_.end() ? nullptr : &*found;
}

Result<void> MountChange::check_issuer_name(std::string_view name, std::string_view id) const {
  return check_name(authorities_, name, id, "issuer");
}

Result<void> MountChange::check_key_name(std::string_view name, std::string_view id) const {
  return check_name(keys_, name, id, "key");
}

Result<void> MountChange::add(AuthorityRecord record, const DeletedIssuers& deleted) {
  const auto certificate = TRY(x509::Certificate::parse(BytesView(record.certificate)));
  const crypto::Sha256 own = name_and_key(certificate);
  std::vector<std::string> twins;
  for (const AuthorityRecord& present : authorities_) {
    const auto other = TRY(x509::Certificate::parse(BytesView(present.certificate)));
    if (name_and_key(other) == own) twins.push_back(present.id);
  }
  const auto [first, last] = deleted.equal_range(own);
  for (auto it = first; it != last; ++it) twins.push_back(it->second);
  TRY(admit(identities_, record.id, twins));
  return put(std::move(record));
}

Result<void> MountChange::put(AuthorityRecord record) {
  writes_.put(authority_key(scope_, record.id), encode(record));
  return put_into(authorities_, std::move(record));
}

Result<void> MountChange::put(KeyRecord record) {
  writes_.put(key_row(scope_, record.id), encode(record));
  return put_into(keys_, std::move(record));
}

void MountChange::erase_authority(std::string_view id) {
  writes_.erase(authority_key(scope_, id));
  if (defaults.issuer == id) defaults.issuer.clear();
  std::erase_if(authorities_, [&](const AuthorityRecord& record) { return record.id == id; });
}

void MountChange::erase_key(std::string_view id) {
  writes_.erase(key_row(scope_, id));
  if (defaults.key == id) defaults.key.clear();
  std::erase_if(keys_, [&](const KeyRecord& record) { return record.id == id; });
}

void MountChange::finish(record::WriteSet& writes) && {
  const record::StateKey row = defaults_key(scope_);
  if (version_) {
    writes.require_version(row, *version_);
  } else {
    writes.require_absent(row);
  }
  for (record::StateChange& change : writes_.changes) writes.changes.push_back(std::move(change));
  if (Bytes identities = encode(identities_); identities != stored_identities_)
    writes.put(status_identities_key(scope_), std::move(identities));
  writes.put(row, encode(defaults));
}

}  // namespace chancery::ca
