#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <utility>

#include "record/store.h"

namespace chancery::enrol {

// RemoteStore is a store whose reads take long, as a database over a network does: whoever reads it
// on a reactor fails the test. Reads are allowed while `may_read` is true.
class RemoteStore final : public record::Store {
 public:
  explicit RemoteStore(std::unique_ptr<record::Store> store)
      : store_(std::move(store)), reader_(*this, store_->state()) {}

  bool may_read = true;
  // after_get is told of each row that was read, before the reader has it.
  std::function<void(const record::StateKey&)> after_get = [](const record::StateKey&) {};
  std::function<void(const record::StateKey&)> on_read;  // before a row is read

  record::StateReader& state() override { return reader_; }
  record::LogReader& log() override { return checked(store_->log()); }
  record::CertificateIndex& index() override { return checked(store_->index()); }
  record::Committer& committer() override { return store_->committer(); }
  record::DerivedFiles& files() override { return checked(store_->files()); }
  Result<void> rebuild_index() override { return store_->rebuild_index(); }
  Result<record::CheckReport> check() override { return store_->check(); }

 private:
  class Reader final : public record::StateReader {
   public:
    Reader(RemoteStore& owner, record::StateReader& reader) : owner_(owner), reader_(reader) {}
    [[nodiscard]] bool local() const override { return false; }
    [[nodiscard]] Result<std::optional<record::StateRow>> get(
        const record::StateKey& key) const override {
      if (owner_.on_read) owner_.on_read(key);
      auto row = owner_.checked(reader_).get(key);
      owner_.after_get(key);
      return row;
    }
    [[nodiscard]] Result<std::vector<record::StateRow>> list(record::StateKind kind,
                                                             const record::Scope& scope,
                                                             std::string_view after,
                                                             std::size_t limit) const override {
      return owner_.checked(reader_).list(kind, scope, after, limit);
    }

   private:
    RemoteStore& owner_;
    record::StateReader& reader_;
  };

  template <class T>
  T& checked(T& part) {
    CHECK_MESSAGE(may_read, "a reactor reads a store that is not local");
    return part;
  }

  std::unique_ptr<record::Store> store_;
  Reader reader_;
};

}  // namespace chancery::enrol
