#pragma once

#include <doctest/doctest.h>

#include "storage/conformance/sample.h"

namespace chancery::storage::conformance {

inline void check_derived_files(ManagedStore& store) {
  record::DerivedFiles& files = store.files();
  const std::string name = "crl:issuer/1 ../x";
  const auto absent = files.open(name).value();
  CHECK(absent.bytes.empty());
  CHECK(absent.covers == 0);
  CHECK(files.append(name, as_bytes("one"), 5).has_value());
  const auto one = files.open(name).value();
  CHECK(as_text(one.bytes) == "one");
  CHECK(one.covers == 5);
  CHECK(files.append(name, as_bytes(" two"), 9).has_value());
  CHECK(
      files.append(name, {}, 12).has_value());  // nothing new, but more of the log is accounted for
  const auto two = files.open(name).value();
  CHECK(as_text(two.bytes) == "one two");
  CHECK(two.covers == 12);
  CHECK(as_text(one.bytes) == "one");  // the older mapping stays
  CHECK(files.append(name, Bytes(200'000, 'x'), 13).has_value());
  CHECK(files.open(name).value().bytes.size() == 200'007);
  CHECK(as_text(two.bytes) == "one two");
  CHECK(files.open("another").value().covers == 0);
  CHECK(files.remove(name).has_value());
  CHECK(files.remove(name).has_value());
  CHECK(files.open(name).value().bytes.empty());
  CHECK(as_text(two.bytes) == "one two");
  CHECK(files.append(name, as_bytes("again"), 1).has_value());
  CHECK(as_text(files.open(name).value().bytes) == "again");
  CHECK(as_text(files.open_again(name, 5).value().bytes) == "again");
  CHECK(files.append(name, as_bytes(" more"), 2).has_value());
  for (const unsigned seen : {0U, 3U, 5U, 10U, 99U})
    CHECK(as_text(files.open_again(name, seen).value().bytes) == "again more");
}

inline void check_scratch_files(ManagedStore& store) {
  const auto file = store.files().scratch().value();
  CHECK(file->write(2, as_bytes("cd")).has_value());
  CHECK(as_text(file->map().value()) == std::string_view("\0\0cd", 4));
  CHECK(file->write(4, Bytes(100'000, 'e')).has_value());
  CHECK(file->write(0, as_bytes("ab")).has_value());
  const BytesView all = file->map().value();
  CHECK(all.size() == 100'004);
  CHECK(as_text(all.first(6)) == "abcdee");
  CHECK(file->descriptor() >= 0);
  CHECK(store.files().scratch().value()->descriptor() != file->descriptor());
}

}  // namespace chancery::storage::conformance
