#pragma once

#include <string>
#include <string_view>

#include "acme/orders.h"
#include "acme/tasks.h"
#include "base/log.h"
#include "enrol/enrolment.h"

namespace chancery::acme {

// Finalizer makes certificates of orders (RFC 8555 section 7.4). The claim "processing" is durable
// before anything is signed, so an order is signed for by one at a time; certificate and "valid"
// are one commit, so a crash between the two leaves an order that is signed for again, and no
// certificate that anybody saw. Thread-safe.
class Finalizer {
 public:
  struct Use {
    record::Store& store;
    Directories& directories;
    Accounts& accounts;
    Orders& orders;
    Limits& limits;
    ca::Service& ca;
    enrol::Enrolment& enrolment;
    validation::Validator& validator;
    Background& background;
    const Clock& clock;
    Log& log;
  };
  explicit Finalizer(const Use& use);

  // Claim is an order that one request takes for itself, as it is once `writes` are durable.
  struct Claim {
    OrderView order;
    record::WriteSet writes;
    Tasks* later = nullptr;      // takes what cannot be made at once: postpone it then
    std::shared_ptr<void> hold;  // as long as it is there nobody else works on the order
  };
  // claim checks the request (DER). Nothing: a reactor may not. Errors: orderNotReady, badCSR.
  [[nodiscard]] Result<std::optional<Claim>> claim(const LoadedDirectory& directory,
                                                   const LoadedAccount& account,
                                                   const OrderView& order, BytesView csr,
                                                   enrol::Thread thread);

  // Change is what becomes of a claimed order once `writes` are durable: certificate and "valid",
  // or the refusal.
  struct Change {
    OrderView order;
    record::WriteSet writes;
    std::optional<Error> refusal;
  };
  // make signs for a claimed order. Nothing: a reactor may not. Errors: what stands in the way may
  // be over soon; postpone it.
  [[nodiscard]] Result<std::optional<Change>> make(const LoadedDirectory& directory,
                                                   const LoadedAccount& account,
                                                   const OrderView& order,
                                                   std::string_view request_id,
                                                   enrol::Thread thread);
  // postpone leaves a claimed order, and the hold on it, to the background; for the reason given
  // if there is one.
  void postpone(const LoadedDirectory& directory, Claim& claim, const std::optional<Error>& why);

  // tend goes on with orders that a stop of the program left "processing". A job for upkeep.
  void tend();

 private:
  struct Claimed {
    std::shared_ptr<const LoadedDirectory> directory;
    Accounts::Entry account;
    OrderView order;
  };
  using Step = Result<void> (Finalizer::*)(const std::string& name, const Claimed& claimed,
                                           const OnLane& on_lane);
  // run takes a step of what finalize left to the background and says when to try again.
  [[nodiscard]] std::optional<seconds> run(const std::string& name, Step step,
                                           const OnLane& on_lane);
  // find_claimed gives an order that is still to be signed; nothing: it is none any more.
  [[nodiscard]] Result<std::optional<Claimed>> find_claimed(const std::string& name,
                                                            const OnLane& on_lane);
  [[nodiscard]] Result<void> step_caa(const std::string& name, const Claimed& claimed,
                                      const OnLane& on_lane);
  [[nodiscard]] Result<void> step_sign(const std::string& name, const Claimed& claimed,
                                       const OnLane& on_lane);
  [[nodiscard]] Result<Change> give_up(const LoadedDirectory& directory, const OrderView& order,
                                       const Error& why, std::string_view request_id) const;
  // stale_caa are the authorisations of an order whose CAA answer is too old.
  [[nodiscard]] Result<std::vector<AuthorizationView>> stale_caa(const LoadedDirectory& directory,
                                                                 const Order& order) const;
  [[nodiscard]] validation::Outcome ask_caa(const Claimed& claimed, const Authorization& row,
                                            const OnLane& on_lane);
  // recheck_caa asks for all of `stale`, notes in `writes` what passed, and gives the first
  // refusal.
  [[nodiscard]] Result<void> recheck_caa(const Claimed& claimed,
                                         const std::vector<AuthorizationView>& stale,
                                         record::WriteSet& writes, const OnLane& on_lane);
  [[nodiscard]] Result<void> commit(Change change, const OnLane& on_lane);

  Use use_;
  Tasks looking_;  // on the outbound lane: CAA
  Tasks signing_;  // on the cpu lane
};

// check_request refuses a request that is not for exactly the names of an order; whether it is
// signed by its key is for whoever issues. Errors: badCSR.
[[nodiscard]] Result<x509::CertificationRequest> check_request(const std::vector<Name>& names,
                                                               const Account& account,
                                                               BytesView csr);

}  // namespace chancery::acme
