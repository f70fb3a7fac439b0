#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>

#include "backup/archive.h"
#include "base/fakes.h"
#include "base/test_directory.h"
#include "record/write_set.h"

namespace chancery::backup {
namespace {

const crypto::Argon2Cost kCheap{64, 1, 1};

record::LogRow row(std::uint64_t index, std::size_t size = 100) {
  record::Event event;
  event.kind = record::EventKind::kRoleWritten;
  event.time = from_unix(1'800'000'000);
  event.actor = "token:test";
  event.subject = "row " + std::to_string(index);
  return {index,
          {event.kind, record::encode(event), Bytes(size, static_cast<std::uint8_t>(index))}};
}

record::StateRow state(std::string id) {
  return {{record::StateKind::kRole, {"root", "pki/"}, std::move(id)}, to_bytes("v"), 3, -2, 7};
}

StreamHeader stream_header(std::uint64_t first, std::uint64_t end) {
  StreamHeader header{"store-1", "1.0", from_unix(1'800'000'000), first, end, {}};
  if (first > 0) header.before = row_hash(row(first - 1));
  return header;
}

Bytes stream(std::uint64_t first, std::uint64_t end, std::size_t size = 100) {
  Bytes out;
  StreamEncoder encoder;
  encoder.header(out, stream_header(first, end));
  for (std::uint64_t i = first; i < end; ++i) encoder.log_row(out, row(i, size));
  encoder.state_row(out, state("a"));
  encoder.state_row(out, state("b"));
  encoder.file(out, {"chancery.yaml", to_bytes("data: server\n")});
  encoder.file(out, {"keys/seal.pem", to_bytes("sealed")});
  encoder.trailer(out);
  return out;
}

struct Read {
  std::vector<StreamItem> items;
  Result<void> result;
};

Read decode(BytesView bytes, std::size_t piece = SIZE_MAX) {
  Read read;
  StreamDecoder decoder([&](StreamItem item) -> Result<void> {
    read.items.push_back(std::move(item));
    return {};
  });
  while (!bytes.empty() && read.result) {
    const std::size_t n = std::min(piece, bytes.size());
    read.result = decoder.feed(bytes.first(n));
    bytes = bytes.subspan(n);
  }
  if (read.result) read.result = decoder.finish();
  return read;
}

FileHeader file_header(std::uint64_t number, std::uint64_t first, std::uint64_t end) {
  FileHeader header;
  header.number = number;
  header.id = Bytes(16, static_cast<std::uint8_t>(number));
  if (first > 0) header.previous = Bytes(16, static_cast<std::uint8_t>(number - 1));
  header.store_id = "store-1";
  header.time = from_unix(1'800'000'000);
  header.first = first;
  header.end = end;
  header.cost = kCheap;
  header.key_salt = Bytes(16, 1);
  header.file_salt = Bytes(32, static_cast<std::uint8_t>(number));
  return header;
}

Secret passphrase(std::string_view text = "correct horse") {
  return Secret::passphrase(SecretBytes(as_bytes(text))).value();
}

Bytes sealed(BytesView plain, const FileHeader& header = file_header(1, 0, 3)) {
  Bytes out;
  Secret secret = passphrase();
  auto writer = SealedWriter::begin(header, secret, [&](BytesView bytes) -> Result<void> {
                  append(out, bytes);
                  return {};
                }).value();
  writer.write(plain).value();
  writer.finish().value();
  return out;
}

Result<Bytes> unsealed(BytesView file, Secret secret = passphrase()) {
  auto reader =
      TRY(SealedReader::open([file](std::span<std::uint8_t> out) mutable -> Result<std::size_t> {
        const std::size_t n = std::min(out.size(), file.size());
        std::copy_n(file.begin(), n, out.begin());
        file = file.subspan(n);
        return n;
      }));
  TRY(reader.unlock(secret));
  Bytes plain;
  while (const auto chunk = TRY(reader.next())) append(plain, chunk->view());
  return plain;
}

class Folder {
 public:
  [[nodiscard]] const std::string& path() const { return directory_.path(); }

  std::string add(std::uint64_t number, std::uint64_t first, std::uint64_t end) const {
    Secret secret = passphrase();
    const auto lock = ArchiveLock::take(path()).value();
    const auto made = NewBackup::begin(path(), file_header(number, first, end), secret).value();
    made->write(stream(first, end)).value();
    return made->keep().value();
  }

 private:
  TestDirectory directory_;
};

TEST_CASE("a stream gives back what was put in, in pieces of any size") {
  const Bytes bytes = stream(5, 9);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
    const Read read = decode(bytes, piece);
    REQUIRE(read.result.has_value());
    REQUIRE(read.items.size() == 1 + 4 + 2 + 2);
    const auto& header = std::get<StreamHeader>(read.items[0]);
    CHECK(header.store_id == "store-1");
    CHECK(header.before == row_hash(row(4)));
    const auto& entry = std::get<record::LogRow>(read.items[2]);
    CHECK(entry.index == 6);
    CHECK(row_hash(entry) == row_hash(row(6)));
    const auto& second = std::get<record::StateRow>(read.items[6]);
    CHECK(second.key == state("b").key);
    CHECK(second.version == 3);
    CHECK(second.counter == -2);
    CHECK(second.schema == 7);
    CHECK(std::get<File>(read.items[8]).name == "keys/seal.pem");
  }
}

TEST_CASE("a stream that is cut off anywhere is no stream") {
  const Bytes bytes = stream(0, 2, 3);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    CAPTURE(n);
    CHECK_FALSE(decode(BytesView(bytes).first(n)).result.has_value());
  }
}

TEST_CASE("a flipped bit of a stream is noticed") {
  Bytes bytes = stream(0, 2, 3);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CAPTURE(i);
    bytes[i] ^= 0x10;
    CHECK_FALSE(decode(bytes).result.has_value());
    bytes[i] ^= 0x10;
  }
  REQUIRE(decode(bytes).result.has_value());
  bytes.push_back(0);
  CHECK_FALSE(decode(bytes).result.has_value());
}

TEST_CASE("rows that are missing, doubled or out of order are refused") {
  const auto refuse = [](auto fill) {
    Bytes out;
    StreamEncoder encoder;
    encoder.header(out, stream_header(0, 2));
    fill(encoder, out);
    encoder.trailer(out);
    CHECK_FALSE(decode(out).result.has_value());
  };
  refuse([](auto& e, Bytes& out) { e.log_row(out, row(0)); });
  refuse([](auto& e, Bytes& out) {
    e.log_row(out, row(0));
    e.log_row(out, row(0));
  });
  refuse([](auto& e, Bytes& out) {
    e.log_row(out, row(1));
    e.log_row(out, row(0));
  });
  const auto rows = [](auto& e, Bytes& out) {
    e.log_row(out, row(0));
    e.log_row(out, row(1));
  };
  refuse([&](auto& e, Bytes& out) {
    rows(e, out);
    e.log_row(out, row(2));
  });
  refuse([&](auto& e, Bytes& out) {
    rows(e, out);
    e.state_row(out, state("b"));
    e.state_row(out, state("a"));
  });
  refuse([&](auto& e, Bytes& out) {
    rows(e, out);
    e.state_row(out, state("a"));
    e.state_row(out, state("a"));
  });
  refuse([&](auto& e, Bytes& out) {
    rows(e, out);
    e.file(out, {"keys/a.key", {}});
    e.state_row(out, state("a"));
  });
  for (const char* name : {"", "keys/", "keys/../x", "keys/.x", "/etc/passwd", "keys/a/b", "x"}) {
    CAPTURE(name);
    refuse([&](auto& e, Bytes& out) {
      rows(e, out);
      e.file(out, {name, {}});
    });
  }
}

TEST_CASE("huge sizes are refused before anything is set aside for them") {
  Bytes bytes = {1, 0xff, 0xff, 0xff, 0xff};
  CHECK(decode(bytes).result.error().code == Code::kTooLarge);
  Bytes file = to_bytes("CHANCERY BACKUP\n");
  append(file, Bytes{0x7f, 0xff, 0xff, 0xff});
  CHECK(unsealed(file).error().code == Code::kTooLarge);
  FileHeader greedy = file_header(1, 0, 3);
  greedy.cost.memory_kib = 4U * 1024 * 1024;
  Secret secret = passphrase();
  CHECK(secret.keys_for(greedy).error().code == Code::kTooLarge);
}

TEST_CASE("sealed files of every size around a chunk open again") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kChunk - 1, kChunk, kChunk + 1,
                                 3 * kChunk, 3 * kChunk + 5}) {
    CAPTURE(size);
    const Bytes plain(size, 0x33);
    CHECK(unsealed(sealed(plain)).value() == plain);
  }
}

TEST_CASE("a sealed file cannot be cut off, also not between chunks") {
  const Bytes file = sealed(Bytes(3 * kChunk + 5, 1));
  const std::size_t chunk = kChunk + crypto::kGcmNonceSize + crypto::kGcmTagSize;
  const std::size_t head = file.size() - 3 * chunk - (5 + 28);
  std::vector<std::size_t> ends = {0, 5, 19, head - 1, head, file.size() - 1};
  for (std::size_t i = 0; i < 3; ++i) {
    for (const std::size_t off : {std::size_t{1}, chunk / 2, chunk - 1, chunk})
      ends.push_back(head + i * chunk + off);
  }
  for (const std::size_t end : ends) {
    CAPTURE(end);
    CHECK_FALSE(unsealed(BytesView(file).first(end)).has_value());
  }
  Bytes longer = file;
  longer.push_back(0);
  CHECK_FALSE(unsealed(longer).has_value());
}

TEST_CASE("chunks keep their place and their file") {
  const Bytes file = sealed(Bytes(3 * kChunk, 1));
  const std::size_t chunk = kChunk + crypto::kGcmNonceSize + crypto::kGcmTagSize;
  const std::size_t head = file.size() - 3 * chunk;
  const auto part = [&](const Bytes& from, std::size_t i) {
    return BytesView(from).subspan(head + i * chunk, chunk);
  };
  const auto joined = [&](std::initializer_list<BytesView> parts) {
    Bytes out = to_bytes(BytesView(file).first(head));
    for (const BytesView each : parts) append(out, each);
    return out;
  };
  CHECK(unsealed(joined({part(file, 0), part(file, 1), part(file, 2)})).has_value());
  const Bytes other = sealed(Bytes(3 * kChunk, 1), file_header(2, 0, 3));
  for (const Bytes& wrong :
       {joined({part(file, 1), part(file, 0), part(file, 2)}),
        joined({part(file, 0), part(file, 0), part(file, 1), part(file, 2)}),
        joined({part(file, 0), part(file, 2)}), joined({part(file, 0), part(file, 1)}),
        joined({part(file, 0), part(file, 1), part(file, 2), part(file, 2)}),
        joined({part(file, 0), part(other, 1), part(file, 2)})}) {
    CHECK(unsealed(wrong).error().code == Code::kDataLoss);
  }
}

TEST_CASE("a flipped bit of a sealed file is noticed") {
  Bytes file = sealed(stream(0, 3));
  for (std::size_t i = 0; i < file.size(); i += 3) {
    CAPTURE(i);
    file[i] ^= 0x01;
    CHECK_FALSE(unsealed(file).has_value());
    file[i] ^= 0x01;
  }
}

TEST_CASE("only the right secret opens") {
  const Bytes file = sealed(Bytes(10, 1));
  CHECK(unsealed(file, passphrase("another horse")).error().code == Code::kUnauthenticated);
  Secret key = Secret::key(SecretBytes(32)).value();
  CHECK(unsealed(file, std::move(key)).error().code == Code::kInvalidArgument);
  CHECK_FALSE(Secret::key(SecretBytes(31)).has_value());
  CHECK_FALSE(Secret::passphrase(SecretBytes(7)).has_value());
}

TEST_CASE("a key file works as well") {
  FileHeader header = file_header(1, 0, 3);
  header.cost = {0, 0, 0};
  Secret key = Secret::key(SecretBytes(32)).value();
  Bytes file;
  auto writer = SealedWriter::begin(header, key, [&](BytesView bytes) -> Result<void> {
                  append(file, bytes);
                  return {};
                }).value();
  writer.write(as_bytes("content")).value();
  writer.finish().value();
  CHECK(unsealed(file, Secret::key(SecretBytes(32)).value()).value() == to_bytes("content"));
  const Bytes ones(32, 1);
  Secret wrong = Secret::key(SecretBytes(BytesView(ones))).value();
  CHECK(unsealed(file, std::move(wrong)).error().code == Code::kUnauthenticated);
}

TEST_CASE("an archive leads from the newest back to a full one") {
  const Folder folder;
  folder.add(1, 0, 3);
  const std::string middle = folder.add(2, 3, 5);
  folder.add(3, 5, 5);
  auto archive = Archive::open(folder.path()).value();
  REQUIRE(archive.files().size() == 3);
  const auto chain = archive.chain(archive.files().back()).value();
  REQUIRE(chain.size() == 3);
  CHECK(chain[0].header.full());
  Secret secret = passphrase();
  std::uint64_t rows = 0;
  for (const BackupFile& file : chain) {
    read_backup(file, secret, [&](StreamItem item) -> Result<void> {
      if (std::holds_alternative<record::LogRow>(item)) ++rows;
      return {};
    }).value();
  }
  CHECK(rows == 5);
  ::unlink(middle.c_str());
  archive = Archive::open(folder.path()).value();
  CHECK(archive.chain(archive.files().back()).error().code == Code::kDataLoss);
  CHECK(archive.chain(archive.files().front()).has_value());
}

TEST_CASE("what was not kept is not there, and what is no backup is told") {
  const Folder folder;
  {
    Secret secret = passphrase();
    const auto lock = ArchiveLock::take(folder.path()).value();
    CHECK(ArchiveLock::take(folder.path()).error().code == Code::kUnavailable);
    const auto made = NewBackup::begin(folder.path(), file_header(1, 0, 3), secret).value();
    made->write(stream(0, 3)).value();
  }
  CHECK(std::filesystem::is_empty(folder.path()));
  // As a killed program leaves it.
  std::ofstream(folder.path() + "/.partial-000001-full.backup") << "half";
  std::ofstream(folder.path() + "/000009-full.backup") << "nonsense";
  folder.add(1, 0, 3);
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/.partial-000001-full.backup"));
  const auto archive = Archive::open(folder.path()).value();
  CHECK(archive.files().size() == 1);
  CHECK(archive.problems().size() == 1);
  CHECK(archive.next_number() == 10);
}

TEST_CASE("content that is not what its header says is refused") {
  const Folder folder;
  Secret secret = passphrase();
  {
    const auto lock = ArchiveLock::take(folder.path()).value();
    const auto made = NewBackup::begin(folder.path(), file_header(1, 0, 4), secret).value();
    made->write(stream(0, 3)).value();
    (void)made->keep().value();
  }
  const auto archive = Archive::open(folder.path()).value();
  const auto take = [](StreamItem) -> Result<void> { return {}; };
  CHECK(read_backup(archive.files().front(), secret, take).error().code == Code::kDataLoss);
}

}  // namespace
}  // namespace chancery::backup
