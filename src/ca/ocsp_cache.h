#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "record/store.h"
#include "x509/ocsp.h"

namespace chancery::ca {

// OcspAnswer is what a responder gives out. Immutable.
struct OcspAnswer {
  std::shared_ptr<const Bytes> der;  // null: it takes a lane
  x509::OcspStatus status = x509::OcspStatus::kSuccessful;
  // Whether and for how long others may keep it; nothing where it answers one client's nonce.
  std::optional<TimePoint> this_update = std::nullopt;
  std::optional<TimePoint> next_update = std::nullopt;
};

// OcspCache keeps signed answers about single certificates: the least recently asked for go first.
// The commit that revokes, holds or releases a certificate drops its answers before its ticket
// completes. Thread-safe. Made before the first commit.
class OcspCache final : public record::CommitObserver {
 public:
  struct Entry {
    Bytes cert_id;  // as it was asked for: answers echo it
    OcspAnswer answer;
    TimePoint signed_at;
    TimePoint until;  // when a new one is signed
    TimePoint valid;  // how long it may stand in for that one while it is being signed
  };
  // Claim says that its holder is to sign an answer, and nobody else meanwhile.
  class Claim {
   public:
    Claim(OcspCache& cache, std::string name) : cache_(&cache), name_(std::move(name)) {}
    Claim(Claim&& other) noexcept
        : cache_(std::exchange(other.cache_, nullptr)), name_(std::move(other.name_)) {}
    Claim& operator=(Claim&&) = delete;
    ~Claim() {
      if (cache_ != nullptr) cache_->release(name_);
    }

   private:
    OcspCache* cache_;
    std::string name_;
  };
  struct Found {
    std::shared_ptr<const Entry> entry;  // null: sign
    std::optional<Claim> claim;          // hold it until the answer is put here
  };
  OcspCache(record::Committer& committer, std::size_t capacity);

  // name_of names the answers about certificates of a mount with this serial number: of several
  // issuers' one is kept.
  [[nodiscard]] static std::string name_of(const record::Scope& scope, const x509::CertId& id);
  // find returns an answer that holds at `now`, or the right to sign one. Of many who ask at once
  // one signs; the others get the answer before, where it still holds, or wait where they may. Who
  // may not wait and finds neither signs too.
  [[nodiscard]] Found find(const std::string& name, BytesView cert_id, TimePoint now,
                           bool may_wait);
  // Take the generation before reading the state: what was read before a commit is not kept.
  [[nodiscard]] std::uint64_t generation() const;
  void put(const std::string& name, std::shared_ptr<const Entry> entry, std::uint64_t generation);

  void committed(std::span<const record::CommittedSet> batch) override;

 private:
  using Item = std::pair<std::string, std::shared_ptr<const Entry>>;
  [[nodiscard]] std::shared_ptr<const Entry> look(const std::string& name, BytesView cert_id,
                                                  TimePoint now);
  void drop(const std::string& name);
  void release(const std::string& name);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::set<std::string, std::less<>> claimed_;
  std::condition_variable released_;
  std::list<Item> order_;  // most recently asked for first
  std::unordered_map<std::string, std::list<Item>::iterator> map_;
};

}  // namespace chancery::ca
