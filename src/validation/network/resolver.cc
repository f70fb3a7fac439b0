#include "validation/network/resolver.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unbound.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "base/thread_name.h"
#include "net/fd.h"
#include "validation/network/address_rules.h"

namespace chancery::validation::network {
namespace {

// The root zone's key signing keys of 2017 and 2024, as IANA publishes their digests.
constexpr std::array kRootAnchors{
    ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    ". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"};

// Zones that libunbound would answer by itself, and that people use for their own names.
constexpr std::array kPrivateZones{"test.", "home.arpa."};

struct ContextDeleter {
  void operator()(ub_ctx* context) const { ub_ctx_delete(context); }
};
using Context = std::unique_ptr<ub_ctx, ContextDeleter>;

struct ResultDeleter {
  void operator()(ub_result* result) const { ub_resolve_free(result); }
};
using UbResult = std::unique_ptr<ub_result, ResultDeleter>;

Result<void> set(ub_ctx* context, const char* option, const std::string& value) {
  if (ub_ctx_set_option(context, option, value.c_str()) == UB_NOERROR) return {};
  return std::unexpected(
      Error{Code::kInternal, "libunbound does not take an option", {}, {}}.with(option, value));
}

// libunbound writes "address@port".
std::string forwarder(std::string_view endpoint) {
  const auto colon = endpoint.rfind(':');
  std::string_view address = endpoint.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  return std::string(address) + "@" + std::string(endpoint.substr(colon + 1));
}

Result<void> use_resolvers(ub_ctx* context, const ZoneSettings& settings) {
  for (const std::string& endpoint : settings.resolvers) {
    if (endpoint.find(':') == std::string::npos ||
        ub_ctx_set_fwd(context, forwarder(endpoint).c_str()) != UB_NOERROR) {
      return std::unexpected(
          Error{Code::kInvalidArgument, "not a resolver's address:port", {}, {}}.with("resolver",
                                                                                      endpoint));
    }
  }
  if (!settings.resolvers.empty()) return set(context, "do-not-query-localhost:", "no");
  // Name servers are named by strangers too.
  for (const std::string& network : never_public())
    TRY(set(context, "do-not-query-address:", network));
  for (const x509::Cidr& network : settings.deny)
    TRY(set(context, "do-not-query-address:", network.to_string()));
  return {};
}

Result<void> use_anchors(ub_ctx* context, const ZoneSettings& settings) {
  if (!settings.dnssec) return {};
  std::vector<std::string> anchors = settings.trust_anchors;
  if (anchors.empty()) anchors.assign(kRootAnchors.begin(), kRootAnchors.end());
  for (const std::string& anchor : anchors) {
    if (ub_ctx_add_ta(context, anchor.c_str()) == UB_NOERROR) continue;
    return std::unexpected(
        Error{Code::kInvalidArgument, "not a trust anchor (a DS or DNSKEY record)", {}, {}}.with(
            "trust_anchor", anchor));
  }
  return {};
}

// An answer of a minute ago must not decide: the client has just changed its records. libunbound
// still remembers for 5 seconds that a look-up failed, which is sooner than anybody tries again.
Result<void> use_little_cache(ub_ctx* context, const ZoneSettings& settings) {
  TRY(set(context, "cache-max-ttl:", std::to_string(settings.dns_cache.count())));
  TRY(set(context, "cache-max-negative-ttl:", "0"));
  TRY(set(context, "aggressive-nsec:", "no"));
  TRY(set(context, "infra-host-ttl:", "10"));
  return set(context, "infra-keep-probing:", "yes");
}

Result<Context> make_context(const ZoneSettings& settings) {
  Context context(ub_ctx_create());
  if (!context) return fail(Code::kInternal, "libunbound has no memory");
  // It would write to standard error.
  ub_ctx_debugout(context.get(), nullptr);
  ub_ctx_async(context.get(), 1);  // a thread, not a process
  TRY(use_resolvers(context.get(), settings));
  TRY(use_anchors(context.get(), settings));
  TRY(use_little_cache(context.get(), settings));
  TRY(set(context.get(), "num-queries-per-thread:", "1024"));
  TRY(set(context.get(), "outgoing-range:", "512"));
  for (const char* zone : kPrivateZones) {
    // The first call that is no setting makes libunbound read the settings.
    if (ub_ctx_zone_add(context.get(), zone, "transparent") == UB_NOERROR) continue;
    return fail(Code::kInvalidArgument, settings.trust_anchors.empty()
                                            ? "libunbound refuses the settings"
                                            : "the trust anchors are not DS or DNSKEY records");
  }
  return context;
}

LookUp read(const ub_result& result) {
  LookUp out;
  out.secure = result.secure != 0;
  if (result.bogus != 0) {
    out.status = LookUp::Status::kBogus;
    if (result.why_bogus != nullptr) out.reason = printable(result.why_bogus, 300);
  } else if (result.havedata != 0) {
    out.status = LookUp::Status::kRecords;
    for (int i = 0; result.data[i] != nullptr; ++i) {
      out.records.push_back(
          to_bytes(as_bytes({result.data[i], static_cast<std::size_t>(result.len[i])})));
    }
  } else if (result.nxdomain != 0) {
    out.status = LookUp::Status::kNxDomain;
  } else if (result.rcode == 0) {
    out.status = LookUp::Status::kNoData;
  } else {
    out.status = LookUp::Status::kServFail;
    if (result.rcode != 2) out.reason = "response code " + std::to_string(result.rcode);
  }
  return out;
}

// UnboundResolver hands queries to libunbound's thread; a thread of its own collects the answers
// and gives each to whoever waits for it, by number: an answer that comes too late finds nobody.
class UnboundResolver final : public Resolver {
 public:
  UnboundResolver(Context context, net::UniqueFd stop)
      : context_(std::move(context)), stop_(std::move(stop)), collector_([this] { collect(); }) {}
  ~UnboundResolver() override {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(stop_.get(), &one, sizeof one);
    collector_.join();
  }
  UnboundResolver(const UnboundResolver&) = delete;
  UnboundResolver& operator=(const UnboundResolver&) = delete;

  LookUp look_up(const std::string& domain, RecordType type, Deadline deadline) override {
    return wait(ask(domain, type), deadline);
  }

  std::pair<LookUp, LookUp> look_up_both(const std::string& domain, RecordType first,
                                         RecordType second, Deadline deadline) override {
    const std::uintptr_t one = ask(domain, first);
    const std::uintptr_t other = ask(domain, second);
    LookUp answer = wait(one, deadline);
    return {std::move(answer), wait(other, deadline)};
  }

 private:
  static constexpr int kInternetClass = 1;

  // A query lives until libunbound answers it, however late: it holds a pointer to it.
  struct Query {
    UnboundResolver* resolver;
    std::uintptr_t number;
    bool awaited = true;
    bool done = false;
    LookUp answer{};
    std::condition_variable changed{};  // its own: an answer wakes whoever waits for it alone
  };

  // ask gives the number of a query, which is to be waited for.
  std::uintptr_t ask(const std::string& domain, RecordType type) {
    Query* const query = begin();
    const std::uintptr_t number = query->number;
    const int error = ub_resolve_async(context_.get(), domain.c_str(), static_cast<int>(type),
                                       kInternetClass, query, &UnboundResolver::answered, nullptr);
    if (error != UB_NOERROR) {
      LookUp none;
      none.reason = ub_strerror(error);
      deliver(number, std::move(none));
    }
    return number;
  }

  Query* begin() {
    const std::scoped_lock lock(mutex_);
    const std::uintptr_t number = ++last_;
    return &queries_.try_emplace(number, this, number).first->second;
  }

  LookUp wait(std::uintptr_t number, Deadline deadline) {
    std::unique_lock lock(mutex_);
    Query& mine = queries_.at(number);
    if (!mine.changed.wait_until(lock, deadline.at(), [&] { return mine.done; })) {
      mine.awaited = false;
      LookUp late;
      late.status = LookUp::Status::kTimedOut;
      return late;
    }
    LookUp out = std::move(mine.answer);
    queries_.erase(number);
    return out;
  }

  static void answered(void* argument, int error, ub_result* raw) {
    auto& query = *static_cast<Query*>(argument);
    const UbResult result(raw);
    LookUp answer;
    if (error == UB_NOERROR && result) {
      answer = read(*result);
    } else {
      answer.reason = ub_strerror(error);
    }
    query.resolver->deliver(query.number, std::move(answer));
  }

  void deliver(std::uintptr_t number, LookUp answer) {
    const std::scoped_lock lock(mutex_);
    const auto found = queries_.find(number);
    if (!found->second.awaited) {
      queries_.erase(found);
      return;
    }
    found->second.answer = std::move(answer);
    found->second.done = true;
    found->second.changed.notify_one();
  }

  void collect() {
    name_this_thread("dns");
    std::array<pollfd, 2> ready{pollfd{stop_.get(), POLLIN, 0},
                                pollfd{ub_fd(context_.get()), POLLIN, 0}};
    while (true) {
      if (::poll(ready.data(), ready.size(), -1) < 0) continue;  // EINTR
      if (ready[0].revents != 0) return;
      ub_process(context_.get());
    }
  }

  Context context_;
  net::UniqueFd stop_;
  std::mutex mutex_;
  std::uintptr_t last_ = 0;                  // guarded by mutex_
  std::map<std::uintptr_t, Query> queries_;  // guarded by mutex_
  std::thread collector_;
};

std::string_view status_text(LookUp::Status status) {
  switch (status) {
    case LookUp::Status::kRecords:
      return "records";
    case LookUp::Status::kNoData:
      return "no records of this type";
    case LookUp::Status::kNxDomain:
      return "NXDOMAIN (the name does not exist)";
    case LookUp::Status::kServFail:
      return "SERVFAIL (the name's servers failed or were not reached)";
    case LookUp::Status::kTimedOut:
      return "no answer in time";
    case LookUp::Status::kBogus:
      return "DNSSEC validation failed";
    case LookUp::Status::kInternal:
      return "the resolver of this server failed";
  }
  return "";
}

}  // namespace

std::string_view name(RecordType type) {
  switch (type) {
    case RecordType::kA:
      return "A";
    case RecordType::kTxt:
      return "TXT";
    case RecordType::kAaaa:
      return "AAAA";
    case RecordType::kCaa:
      return "CAA";
  }
  return "";
}

std::string LookUp::text() const {
  if (status == Status::kRecords) {
    return std::to_string(records.size()) + (records.size() == 1 ? " record" : " records") +
           (secure ? ", validated by DNSSEC" : "");
  }
  std::string out(status_text(status));
  return reason.empty() ? out : out + ": " + reason;
}

Result<std::unique_ptr<Resolver>> make_resolver(const ZoneSettings& settings) {
  Context context = TRY(make_context(settings));
  net::UniqueFd stop(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop) return fail(Code::kInternal, "no descriptor for a resolver");
  return std::make_unique<UnboundResolver>(std::move(context), std::move(stop));
}

}  // namespace chancery::validation::network
