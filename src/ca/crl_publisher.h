#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/log.h"
#include "ca/authority.h"
#include "ca/crl_builder.h"
#include "ca/crl_state.h"
#include "ca/restoration.h"
#include "ca/status_settings.h"
#include "record/store.h"

namespace chancery::ca {

// A delta CRL lists what was revoked since the complete CRL that it names, of the same shard
// (RFC 5280, 5.2.4).
enum class CrlKind : std::uint8_t { kComplete, kDelta };

// CrlName says which of an authority's CRLs is meant.
struct CrlName {
  CrlName(CrlKind which) : kind(which) {}
  CrlName(CrlKind which, Shard part) : kind(which), shard(part) {}
  CrlKind kind;
  Shard shard = {};
  friend auto operator<=>(const CrlName&, const CrlName&) = default;
};

// CrlPublisher keeps the current CRLs of each status identity in memory, which are the same for all
// of its issuers (callers name the one that signs: status_signer), and makes new ones on demand, as
// the settings of the mount say: when a revocation came since, when half of the validity is over,
// or, with automatic rebuilding, when the grace period before nextUpdate begins. The entries lie
// encoded in an append-only derived file, so that a CRL costs one hash, one signature and one copy
// however many revocations came before. While the store takes no new number, the last CRL is given
// out until it expires. Thread-safe.
class CrlPublisher final : public record::CommitObserver {
 public:
  CrlPublisher(record::Store& store, StatusSettingsStore& settings, const SigningGate& gate,
               const Clock& clock, Log& log)
      : store_(store), settings_(settings), gate_(gate), clock_(clock), log_(log) {}

  // current: see Service::crl. Null: it must be made, which takes a lane.
  [[nodiscard]] Result<std::shared_ptr<const PublishedCrl>> current(const Authority& authority,
                                                                    CrlName name,
                                                                    const OnLane* on_lane);
  // rotate makes a new CRL whatever is there. Nothing is done for an authority without key.
  [[nodiscard]] Result<void> rotate(const Authority& authority, CrlKind kind,
                                    const OnLane& on_lane);
  // compact writes the entry file anew, without the entries whose revocations were tidied away, and
  // publishes a complete CRL from it. Others publish meanwhile. Errors: kUnavailable when `stop` is
  // asked for, and those of the store.
  [[nodiscard]] Result<void> compact(const Authority& authority, const std::stop_token& stop,
                                     const OnLane& on_lane);
  // is_outdated says whether `current` would have to make this CRL, although one is in memory.
  [[nodiscard]] Result<bool> is_outdated(const Authority& authority, CrlName name);
  void committed(std::span<const record::CommittedSet> batch) override;

 private:
  struct Published : PublishedCrl {
    std::uint64_t covers = 0;  // log rows below this index are in it; 0: not known
    bool disabled = false;
    // Of a complete CRL: where its entries end in the entry file. Of a delta: nothing.
    std::uint64_t entries = 0;
    std::uint64_t base = 0;  // of a delta: the number of its complete CRL
    HeldEntries held = {};   // of a complete CRL, those of other shards too
    std::uint32_t generation = 0;
    std::uint64_t tidied_below = 0;
  };
  using PublishedPtr = std::shared_ptr<const Published>;
  struct Track {
    PublishedPtr published;
    // Only while no new CRL can be made: the last one, and when to try again.
    PublishedPtr last;
    TimePoint try_again;
  };
  // What is known of one status identity; lives as long as the publisher.
  struct Slot {
    std::mutex building;  // one build at a time, the others wait for its result
    std::mutex mutex;     // guards the rest
    std::map<CrlName, Track> tracks;
    std::map<CrlName, TimePoint> modified;  // when each was changed last, as far as it is known
    std::uint64_t must_cover = 1;           // what does not say what it covers does not cover this
  };
  // A new entry file that is to take the place of the present one.
  struct NextFile {
    std::uint32_t generation = 0;
    std::uint64_t tidied_below = 0;
  };

  [[nodiscard]] Slot& slot(const Authority& authority);
  [[nodiscard]] Slot& slot(std::string name);  // under slots_mutex_
  // slots_of gives those that a change of a row with this id affects.
  [[nodiscard]] std::vector<Slot*> slots_of(const record::Scope& scope, std::string_view status_id);
  [[nodiscard]] PublishedPtr fresh(const Authority& authority, Slot& slot, const CrlName& name,
                                   const StatusSettings& settings) const;
  [[nodiscard]] PublishedPtr last_for_now(Slot& slot, const CrlName& name) const;
  [[nodiscard]] Result<PublishedPtr> make(const Authority& authority, Slot& slot,
                                          const CrlName& name, const StatusSettings& settings,
                                          const OnLane& on_lane);
  [[nodiscard]] Result<PublishedPtr> make_complete(const Authority& authority, Slot& slot,
                                                   const StatusSettings& settings,
                                                   const OnLane& on_lane);
  [[nodiscard]] Result<PublishedPtr> build_complete(const Authority& authority, Slot& slot,
                                                    const Shard& shard,
                                                    const StatusSettings& settings,
                                                    std::optional<NextFile> next,
                                                    const OnLane& on_lane);
  [[nodiscard]] Result<PublishedPtr> build_delta(const Authority& authority, Slot& slot,
                                                 const Shard& shard, const StatusSettings& settings,
                                                 const OnLane& on_lane);
  [[nodiscard]] Result<void> record(const Authority& authority, const Shard& shard,
                                    const std::optional<record::StateRow>& before,
                                    const CrlState& state, const Published& made,
                                    const OnLane& on_lane);
  [[nodiscard]] Result<PublishedPtr> last_published(const Authority& authority, Slot& slot,
                                                    const CrlName& name, Error why);
  [[nodiscard]] Result<PublishedPtr> make_again(const Authority& authority,
                                                const StatusSettings& settings);
  [[nodiscard]] Result<PublishedPtr> load_imported(const Authority& authority, Slot& slot);
  // date says since when a new CRL is given out. `earlier`: when the one before was made, where a
  // program that has ended made it.
  void date(Slot& slot, const CrlName& name, std::optional<TimePoint> earlier,
            Published& made) const;
  static void keep(Slot& slot, const CrlName& name, PublishedPtr published);
  static void forget(Slot& slot, const Shard& shard);
  [[nodiscard]] static bool in_memory(Slot& slot);

  record::Store& store_;
  StatusSettingsStore& settings_;
  const SigningGate& gate_;
  const Clock& clock_;
  Log& log_;
  std::mutex slots_mutex_;
  std::map<std::string, std::unique_ptr<Slot>, std::less<>> slots_;
  std::map<std::string, std::string, std::less<>> heirs_;  // of elders: whose CRLs tell of theirs
};

}  // namespace chancery::ca
