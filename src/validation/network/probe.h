#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "validation/network/address_rules.h"
#include "validation/network/deadline.h"
#include "validation/network/resolver.h"
#include "validation/network/settings.h"
#include "validation/network/trail.h"

namespace chancery::validation::network {

// Probe is what one attempt works with: the resolver and the rules of its zone, its time, and the
// trail that it leaves.
struct Probe {
  const Settings& settings;
  const ZoneSettings& zone;
  const AddressRules& rules;
  Resolver& resolver;
  const Clock& clock;
  Trail& trail;
  Deadline deadline;

  // step is the deadline of a step that begins now.
  [[nodiscard]] Deadline step() const { return deadline.sooner(settings.step_timeout); }
  // look_up asks and takes down what came of it.
  [[nodiscard]] LookUp look_up(const std::string& domain, RecordType type) const;
  // look_up_both does so for two types at once.
  [[nodiscard]] std::pair<LookUp, LookUp> look_up_both(const std::string& domain, RecordType first,
                                                       RecordType second) const;
  void saw(const std::string& domain, RecordType type, const LookUp& answer) const;
};

// texts are the TXT records of a name; none is a failure. Records that do not parse are left out.
[[nodiscard]] Step<std::vector<std::string>> texts(const Probe& probe, const std::string& domain);

// addresses are where a host may be connected to: its first IPv6 and its first IPv4 address that
// the rules allow, in this order. `host` is a DNS name, or an address, which is judged as it is.
[[nodiscard]] Step<std::vector<Bytes>> addresses(const Probe& probe, const std::string& host);

// failure_of says why a look-up is none to build on.
[[nodiscard]] Failure failure_of(const LookUp& look_up, const std::string& domain, RecordType type);

}  // namespace chancery::validation::network
