#pragma once

#include <doctest/doctest.h>

#include "access/methods.h"
#include "access/policies.h"
#include "base/fakes.h"
#include "storage/memory/memory_store.h"

namespace chancery::access {

// MethodsWorld is a store with every authentication method over it.
struct MethodsWorld {
  FakeClock clock{from_unix(1'800'000'000)};
  FakeRandom random{3};
  NullLog log;
  std::unique_ptr<record::Store> store = storage::memory::make_store(log);
  Policies policies{*store, clock};
  Tokens tokens{*store, policies, clock, random};
  Methods methods{*store, tokens, clock, random};
  const OnLane outside = OnLane::outside_server();
  const Grant grant = local_operator({"root", ""});

  MethodsWorld() { REQUIRE(methods.mounts.open(outside).has_value()); }

  Result<Receipt> submit(record::WriteSet writes) {
    return store->committer().submit(std::move(writes)).wait(outside);
  }
  template <class T>
  T commit(Result<record::Staged<T>> staged) {
    REQUIRE_MESSAGE(staged.has_value(), (staged ? "" : staged.error().to_string()));
    const auto receipt = staged->submit(store->committer()).wait(outside);
    REQUIRE_MESSAGE(receipt.has_value(), (receipt ? "" : receipt.error().to_string()));
    return staged->release(*receipt);
  }
  Mounts::Entry enable(MountKind kind, std::string path, std::string type) {
    Mount wanted;
    wanted.kind = kind;
    wanted.path = std::move(path);
    wanted.type = std::move(type);
    return commit(methods.mounts.create(grant, std::move(wanted), "req"));
  }
  bool lives(const std::string& secret) {
    return tokens.authenticate(secret, "127.0.0.1").has_value();
  }
};

}  // namespace chancery::access
