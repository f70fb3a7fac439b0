#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/log.h"
#include "ca/authority.h"
#include "ca/restoration.h"
#include "record/store.h"

namespace chancery::ca {

// CrlState is what is stored of an authority's last published CRL: its number never goes back.
struct CrlState {
  std::uint64_t number = 0;
  TimePoint this_update;
  TimePoint next_update;
  Bytes imported;  // the whole CRL where another program made it; empty for our own
  // How much of the entry file is in it, in bytes: what it takes to make the same CRL again.
  // Nothing where that is not known.
  std::optional<std::uint64_t> entries = std::nullopt;
};
[[nodiscard]] Bytes encode(const CrlState& state);
[[nodiscard]] Result<CrlState> decode_crl_state(BytesView der);
[[nodiscard]] record::StateKey crl_key(const record::Scope& scope, std::string_view issuer_id);

// CrlPublisher keeps each authority's current CRL in memory and makes a new one, on demand, when a
// revocation came since or half of its validity is over. The entries lie encoded in an append-only
// derived file, so that a CRL costs one hash, one signature and one copy however many revocations
// came before. While the store takes no new number, the last CRL is given out until it expires.
// Thread-safe.
class CrlPublisher final : public record::CommitObserver {
 public:
  CrlPublisher(record::Store& store, const SigningGate& gate, const Clock& clock, Log& log)
      : store_(store), gate_(gate), clock_(clock), log_(log) {}

  // current: see Service::crl.
  [[nodiscard]] Result<std::shared_ptr<const Bytes>> current(const Authority& authority,
                                                             const OnLane* on_lane);
  void committed(std::span<const record::CommittedSet> batch) override;

 private:
  struct Published {
    std::shared_ptr<const Bytes> der;
    TimePoint this_update;
    TimePoint next_update;
    std::uint64_t covers = 0;  // log rows below this index are in it
  };
  // What is known of one authority; lives as long as the publisher.
  struct Slot {
    std::mutex building;  // one build at a time, the others wait for its result
    std::mutex mutex;     // guards the rest
    std::shared_ptr<const Published> published;
    std::uint64_t must_cover = 0;
    // Only while no new CRL can be made: the last one, and when to try again.
    std::shared_ptr<const Published> last;
    TimePoint try_again;
  };

  [[nodiscard]] Slot& slot(const record::Scope& scope, std::string_view issuer_id);
  [[nodiscard]] std::shared_ptr<const Published> fresh(Slot& slot) const;
  [[nodiscard]] Result<std::shared_ptr<const Published>> build(const Authority& authority,
                                                               const OnLane& on_lane);
  [[nodiscard]] std::shared_ptr<const Published> last_for_now(Slot& slot) const;
  [[nodiscard]] Result<std::shared_ptr<const Published>> last_published(const Authority& authority,
                                                                        Slot& slot, Error why);
  [[nodiscard]] Result<std::shared_ptr<const Published>> make_again(const Authority& authority);
  [[nodiscard]] Result<std::shared_ptr<const Published>> load_imported(const Authority& authority);
  [[nodiscard]] Result<std::uint64_t> append_new_entries(const Authority& authority,
                                                         const std::string& file);

  record::Store& store_;
  const SigningGate& gate_;
  const Clock& clock_;
  Log& log_;
  std::mutex slots_mutex_;
  std::map<std::string, std::unique_ptr<Slot>, std::less<>> slots_;
};

}  // namespace chancery::ca
