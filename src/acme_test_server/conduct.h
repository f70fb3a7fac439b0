#pragma once

#include "acme/conduct.h"
#include "acme_test_server/config.h"
#include "acme_test_server/environment.h"
#include "acme_test_server/faults.h"

namespace chancery::acme_test {

// TestConduct is less even than that of a server for use, so that clients learn to live with it.
// Thread-safe.
class TestConduct final : public acme::Conduct {
 public:
  TestConduct(const Config& config, const Environment& environment, Faults& faults,
              const Clock& clock, Random& random)
      : config_(config),
        environment_(environment),
        faults_(faults),
        clock_(clock),
        random_(random) {}

  [[nodiscard]] bool takes_nonce() override { return !faults_.spoils_nonce(); }
  // As Pebble: what is pending serves one order, what is valid some of those that follow.
  [[nodiscard]] bool reuses(acme::Status status) override;
  [[nodiscard]] std::string objection(const acme::Name& name) override;
  [[nodiscard]] std::size_t orders_on_page() override { return environment_.orders_on_page; }
  // Seconds or a date, by chance.
  [[nodiscard]] std::string retry_after(Object object) override;

 private:
  const Config& config_;
  const Environment& environment_;
  Faults& faults_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace chancery::acme_test
