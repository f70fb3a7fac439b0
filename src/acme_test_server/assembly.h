#pragma once

#include <memory>
#include <string>
#include <vector>

#include "acme/acme.h"
#include "acme_test_server/conduct.h"
#include "acme_test_server/front.h"
#include "acme_test_server/management_api.h"
#include "acme_test_server/slow_validator.h"
#include "storage/managed_store.h"

namespace chancery::acme_test {

// Assembly is a whole ACME server but for its listeners: an empty store in memory, an authority
// with new keys, and the ACME server that chancery serve runs, with one directory.
class Assembly {
 public:
  // The name of the directory: "/acme/test/directory".
  static constexpr std::string_view kDirectory = "test";

  struct Use {
    Config config;
    Environment environment;
    bool strict = false;
    validation::Validator& network;
    acme::Background& background;
    const Clock& clock;
    Random& random;
    Metrics& metrics;
    Log& log;
  };
  // make blocks. Errors: those of keys, issuing and the directory's settings, with the key of the
  // configuration.
  [[nodiscard]] static Result<std::unique_ptr<Assembly>> make(Use use);
  ~Assembly();
  Assembly(const Assembly&) = delete;
  Assembly& operator=(const Assembly&) = delete;

  [[nodiscard]] Front& front() { return *front_; }
  [[nodiscard]] ManagementApi& management() { return *management_; }
  [[nodiscard]] Faults& faults() { return faults_; }
  [[nodiscard]] const std::vector<Chain>& chains() const { return chains_; }
  [[nodiscard]] ca::Service& ca() { return *ca_; }
  [[nodiscard]] storage::ManagedStore& store() { return *store_; }
  // tend is a job for upkeep.
  void tend() { acme_->tend(); }
  // stop_waiting ends what waits on purpose.
  void stop_waiting() { pause_.end(); }

 private:
  explicit Assembly(Use use);
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> add_roles();
  [[nodiscard]] Result<void> add_directory();
  [[nodiscard]] Result<void> add_bindings();
  template <class T>
  [[nodiscard]] Result<T> commit(Result<record::Staged<T>> staged);

  const Use use_;
  Faults faults_;
  Pause pause_;
  MemoryKeys keys_;
  RenewalOverrides renewals_;
  TestConduct conduct_;
  SlowValidator validator_;
  std::vector<Chain> chains_;
  // Destroyed in reverse: what observes the store before it.
  std::unique_ptr<storage::ManagedStore> store_;
  std::unique_ptr<ca::Service> ca_;
  std::unique_ptr<enrol::Roles> roles_;
  std::unique_ptr<enrol::Enrolment> enrolment_;
  std::unique_ptr<access::Mounts> mounts_;
  std::unique_ptr<acme::Acme> acme_;
  std::unique_ptr<acme::AcmeApi> api_;
  std::unique_ptr<Front> front_;
  std::unique_ptr<ManagementApi> management_;
};

}  // namespace chancery::acme_test
