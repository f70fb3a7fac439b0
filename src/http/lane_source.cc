#include "http/lane_source.h"

#include <exception>
#include <mutex>
#include <utility>

namespace chancery::http {

namespace {

using Pull = BodySource::Pull;

// All bodies that are being made take turns with the lane's other work as one.
constexpr std::string_view kTenant = "body";

// Puller is what the reactor and the lane share of one source, which belongs to the lane while
// `pulling_` and to nobody else at other times.
class Puller final : public LaneTask, public std::enable_shared_from_this<Puller> {
 public:
  Puller(std::unique_ptr<BodySource> source, Lane lane, std::shared_ptr<LanePool> lanes)
      : source_(std::move(source)), lane_(lane), lanes_(std::move(lanes)) {}

  // On the reactor.
  Result<Pull> next(std::string& out, std::size_t budget, const Wake& wake);
  void abandon() {
    const std::scoped_lock lock(mutex_);
    abandoned_ = true;
  }
  // The source has something again; on any thread.
  void nudge();

  void run_on_lane(const OnLane&) override;
  void turned_away(const Error&) override { resume(); }

 private:
  // Nudge is the source's Wake. It does not own the source, which may keep it.
  class Nudge final : public WakeTarget {
   public:
    explicit Nudge(std::weak_ptr<Puller> puller) : puller_(std::move(puller)) {}
    void wake() override {
      if (const auto puller = puller_.lock()) puller->nudge();
    }

   private:
    const std::weak_ptr<Puller> puller_;
  };

  Result<Pull> pull(std::string& piece, std::size_t budget);
  void finish(Result<Pull> result, std::string piece);
  void resume() {
    if (!lanes_->resume(lane_, shared_from_this()))
      finish(fail(Code::kUnavailable, "the server is stopping"), {});
  }

  const std::unique_ptr<BodySource> source_;
  const Lane lane_;
  const std::shared_ptr<LanePool> lanes_;
  std::mutex mutex_;  // guards the rest
  bool pulling_ = false;
  bool has_result_ = false;
  bool nudged_ = false;
  bool abandoned_ = false;
  std::size_t budget_ = 0;
  Result<Pull> result_ = Pull::kNotYet;
  std::string piece_;
  Wake wake_;
};

Result<Pull> Puller::next(std::string& out, std::size_t budget, const Wake& wake) {
  {
    const std::scoped_lock lock(mutex_);
    if (pulling_) return Pull::kNotYet;
    if (std::exchange(has_result_, false)) {
      const bool is_piece = !result_ || *result_ != Pull::kNotYet;
      out += std::exchange(piece_, {});
      if (is_piece) return result_;
      if (!nudged_) return Pull::kNotYet;
    }
    pulling_ = true;
    nudged_ = false;
    budget_ = budget;
    wake_ = wake;
  }
  if (!lanes_->submit(lane_, kTenant, shared_from_this())) resume();
  return Pull::kNotYet;
}

void Puller::nudge() {
  Wake wake;
  {
    const std::scoped_lock lock(mutex_);
    nudged_ = true;
    wake = wake_;
  }
  wake();
}

void Puller::run_on_lane(const OnLane&) {
  std::size_t budget = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (abandoned_) return;
    budget = budget_;
  }
  std::string piece;
  auto result = pull(piece, budget);
  finish(std::move(result), std::move(piece));
}

Result<Pull> Puller::pull(std::string& piece, std::size_t budget) {
  try {
    return source_->next(piece, budget, Wake(std::make_shared<Nudge>(weak_from_this())));
  } catch (const std::exception& error) {
    return fail(Code::kInternal, error.what());
  }
}

void Puller::finish(Result<Pull> result, std::string piece) {
  Wake wake;
  {
    const std::scoped_lock lock(mutex_);
    result_ = std::move(result);
    piece_ = std::move(piece);
    has_result_ = true;
    pulling_ = false;
    wake = wake_;
  }
  wake();
}

class LaneSource final : public BodySource {
 public:
  LaneSource(std::shared_ptr<Puller> puller, std::optional<std::uint64_t> size)
      : puller_(std::move(puller)), size_(size) {}
  ~LaneSource() override { puller_->abandon(); }
  LaneSource(const LaneSource&) = delete;
  LaneSource& operator=(const LaneSource&) = delete;

  Result<Pull> next(std::string& out, std::size_t budget, const Wake& wake) override {
    return puller_->next(out, budget, wake);
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }

 private:
  const std::shared_ptr<Puller> puller_;
  const std::optional<std::uint64_t> size_;
};

}  // namespace

std::unique_ptr<BodySource> pulled_on_lane(std::unique_ptr<BodySource> source, Lane lane,
                                           std::shared_ptr<LanePool> lanes) {
  const auto size = source->size();
  return std::make_unique<LaneSource>(
      std::make_shared<Puller>(std::move(source), lane, std::move(lanes)), size);
}

}  // namespace chancery::http
