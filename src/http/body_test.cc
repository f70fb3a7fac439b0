// Bodies of all kinds over both versions of HTTP, and what becomes of them when the client goes.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <deque>

#include "http/test_h2_client.h"

namespace chancery::http {
namespace {

using testing::eventually;
using testing::get_fields;
using testing::H2Client;
using testing::H2Reply;
using testing::RawClient;
using testing::Reply;
using testing::TestServer;

// What a test and its sources share.
struct Tap {
  std::mutex mutex;
  std::deque<std::string> pieces;  // guarded by mutex
  bool ended = false;              // guarded by mutex
  Wake wake;                       // guarded by mutex
  std::atomic<int> pulls = 0;
  std::atomic<int> alive = 0;

  void pour(std::string piece) {
    const std::scoped_lock lock(mutex);
    pieces.push_back(std::move(piece));
    wake();
  }
  void end() {
    const std::scoped_lock lock(mutex);
    ended = true;
    wake();
  }
};

// Yields what the tap is given, when it is given.
class TapSource final : public BodySource {
 public:
  explicit TapSource(Tap& tap) : tap_(tap) { ++tap_.alive; }
  ~TapSource() override { --tap_.alive; }
  Result<Pull> next(std::string& out, std::size_t, const Wake& wake) override {
    ++tap_.pulls;
    const std::scoped_lock lock(tap_.mutex);
    tap_.wake = wake;
    if (tap_.pieces.empty()) return tap_.ended ? Pull::kEnd : Pull::kNotYet;
    out += tap_.pieces.front();
    tap_.pieces.pop_front();
    return Pull::kMore;
  }

 private:
  Tap& tap_;
};

// Yields a number of bytes, as fast as they are taken.
class CountedSource final : public BodySource {
 public:
  CountedSource(std::uint64_t size, std::optional<std::uint64_t> told, std::atomic<int>* pulls)
      : left_(size), told_(told), pulls_(pulls) {}
  Result<Pull> next(std::string& out, std::size_t budget, const Wake&) override {
    if (pulls_ != nullptr) ++*pulls_;
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(left_, budget));
    out.append(piece, 'x');
    left_ -= piece;
    if (left_ == 0 && !told_ && pulls_ == nullptr) return fail(Code::kUnavailable, "it broke");
    return left_ == 0 ? Pull::kEnd : Pull::kMore;
  }
  std::optional<std::uint64_t> size() const override { return told_; }

 private:
  std::uint64_t left_;
  std::optional<std::uint64_t> told_;
  std::atomic<int>* pulls_;
};

FileRange file_of(std::string_view content) {
  std::string path = "/tmp/chancery-body-test-XXXXXX";
  net::UniqueFd fd(::mkstemp(path.data()));
  ::unlink(path.c_str());
  REQUIRE(::write(fd.get(), content.data(), content.size()) ==
          static_cast<ssize_t>(content.size()));
  return {std::make_shared<const net::UniqueFd>(std::move(fd)), 0, content.size()};
}

std::string numbered(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; out.size() < size; ++i) out += std::to_string(i) + " ";
  out.resize(size);
  return out;
}

// Reads a chunked body to its end; "broken" when the connection ends before.
std::string read_chunked(RawClient& client) {
  std::string body;
  while (true) {
    std::string line;
    std::string byte;
    while (!line.ends_with("\r\n")) {
      if (!client.receive_exactly(1, byte)) return "broken";
      line += byte;
    }
    const std::size_t size = std::stoul(line, nullptr, 16);
    std::string piece;
    if (!client.receive_exactly(size + 2, piece)) return "broken";
    if (size == 0) return body;
    body += piece.substr(0, size);
  }
}

TEST_CASE("files and sources arrive whole, over both versions") {
  TestServer server;
  const std::string content = numbered(1'000'000);
  const FileRange file = file_of(content);
  std::atomic<int> pulls = 0;
  server.app.routes["/app/file"] = [&](const Request&, Context&) {
    return Response(200, "a/b", file);
  };
  server.app.routes["/app/part"] = [&](const Request&, Context&) {
    return Response(200, "a/b", FileRange{file.file, 10, 100'000});
  };
  server.app.routes["/app/sized"] = [&](const Request&, Context&) {
    return Response(200, "a/b", std::make_unique<CountedSource>(300'000, 300'000, &pulls));
  };
  server.app.routes["/app/unsized"] = [&](const Request&, Context&) {
    return Response(200, "a/b", std::make_unique<CountedSource>(300'000, std::nullopt, &pulls));
  };
  server.app.routes["/app/nothing"] = [&](const Request&, Context&) {
    return Response(200, "a/b", std::make_unique<CountedSource>(0, std::nullopt, &pulls));
  };
  const std::uint16_t port = server.start();
  const std::string many(300'000, 'x');
  RawClient h1(port);
  H2Client h2(port);
  for (int i = 0; i < 2; ++i) {
    CHECK(h1.get("/app/file").body == content);
    CHECK(h1.get("/app/part").body == content.substr(10, 100'000));
    CHECK(h1.get("/app/sized").body == many);
    CHECK(h1.get("/app/unsized").header("Transfer-Encoding") == "chunked");
    CHECK(read_chunked(h1) == many);
    CHECK(h1.get("/app/nothing").header("Content-Length").empty());
    CHECK(read_chunked(h1).empty());
    CHECK(h2.get("/app/file").body == content);
    CHECK(h2.get("/app/part").body == content.substr(10, 100'000));
    CHECK(h2.get("/app/sized").body == many);
    CHECK(h2.get("/app/sized").header("content-length") == "300000");
    CHECK(h2.get("/app/unsized").body == many);
    CHECK(h2.get("/app/nothing").complete);
  }
  // HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
  RawClient old(port);
  const Reply reply = old.exchange("GET /app/unsized HTTP/1.0\r\n\r\n");
  CHECK(reply.header("Transfer-Encoding").empty());
  std::string body;
  CHECK(old.receive_exactly(many.size(), body));
  CHECK(old.at_end());
  // A HEAD asks for nothing.
  pulls = 0;
  CHECK(
      h1.exchange("HEAD /app/sized HTTP/1.1\r\nHost: a\r\n\r\n", false).header("Content-Length") ==
      "300000");
  CHECK(pulls == 0);
  CHECK(h1.get("/app/hello").body == "hello");
}

TEST_CASE("a source that has nothing yet is asked again when it wakes") {
  TestServer server;
  Tap tap;
  server.app.routes["/app/events"] = [&](const Request&, Context&) {
    return Response(200, "text/event-stream", std::make_unique<TapSource>(tap));
  };
  const std::uint16_t port = server.start();
  RawClient h1(port);
  h1.send("GET /app/events HTTP/1.1\r\nHost: a\r\n\r\nGET /app/hello HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(h1.receive().status == 200);
  std::string chunk;
  for (int i = 0; i < 5; ++i) {
    REQUIRE(eventually([&] { return tap.pulls > 2 * i; }));
    tap.pour("tick" + std::to_string(i));
    REQUIRE(h1.receive_exactly(10, chunk));
    CHECK(chunk == "5\r\ntick" + std::to_string(i) + "\r\n");
  }
  tap.end();
  CHECK(read_chunked(h1).empty());
  // The last chunk is on the wire before the reactor lets the source go.
  CHECK(eventually([&] { return tap.alive == 0; }));
  // What was sent ahead is answered now.
  CHECK(h1.receive().body == "hello");

  tap.ended = false;
  H2Client h2(port);
  const std::uint32_t id = h2.request(get_fields("/app/events"));
  for (std::size_t i = 1; i <= 5; ++i) {
    tap.pour("tick");
    while (h2.reply(id).body.size() < 4 * i) REQUIRE(h2.read_frame());
    CHECK(h2.get("/app/hello").body == "hello");
  }
  tap.end();
  CHECK(h2.receive(id).body == "tickticktickticktick");
  CHECK(eventually([&] { return tap.alive == 0; }));
}

// Blocks until the test pours something, and counts where it ran.
class BlockingSource final : public BodySource {
 public:
  BlockingSource(Tap& tap, std::atomic<int>& reactor_calls)
      : inner_(tap), tap_(tap), reactor_calls_(reactor_calls) {}
  Result<Pull> next(std::string& out, std::size_t budget, const Wake& wake) override {
    std::array<char, 16> name{};
    ::pthread_getname_np(::pthread_self(), name.data(), name.size());
    if (!std::string_view(name.data()).starts_with("lane-")) ++reactor_calls_;
    // Every second time it has to be woken.
    if (++calls_ % 2 == 0) return inner_.next(out, budget, wake);
    while (true) {
      {
        const std::scoped_lock lock(tap_.mutex);
        if (!tap_.pieces.empty() || tap_.ended) break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return inner_.next(out, budget, wake);
  }
  std::optional<Lane> lane() const override { return Lane::kSearch; }

 private:
  TapSource inner_;
  Tap& tap_;
  std::atomic<int>& reactor_calls_;
  int calls_ = 0;
};

TEST_CASE("a source that blocks is pulled on its lane") {
  Tap tap;
  std::atomic<int> reactor_calls = 0;
  TestServer server;
  server.app.routes["/app/export"] = [&](const Request&, Context&) {
    return Response(200, "text/csv", std::make_unique<BlockingSource>(tap, reactor_calls));
  };
  const std::uint16_t port = server.start();
  H2Client h2(port);
  const std::uint32_t id = h2.request(get_fields("/app/export"));
  for (std::size_t i = 1; i <= 20; ++i) {
    // The reactor goes on meanwhile.
    CHECK(h2.get("/app/hello").body == "hello");
    tap.pour("line");
    while (h2.reply(id).body.size() < 4 * i) REQUIRE(h2.read_frame());
  }
  tap.end();
  CHECK(h2.receive(id).body.size() == 80);
  CHECK(eventually([&] { return tap.alive == 0; }));
  tap.ended = false;
  RawClient h1(port);
  h1.send("GET /app/export HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(h1.receive().status == 200);
  tap.pour("line");
  tap.end();
  CHECK(read_chunked(h1) == "line");
  CHECK(reactor_calls == 0);
}

TEST_CASE("a client that goes away ends the source") {
  TestServer server;
  Tap tap;
  server.app.routes["/app/events"] = [&](const Request&, Context&) {
    return Response(200, "text/event-stream", std::make_unique<TapSource>(tap));
  };
  const std::uint16_t port = server.start();
  {
    RawClient h1(port);
    h1.send("GET /app/events HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(eventually([&] { return tap.alive == 1 && tap.pulls > 0; }));
  }
  CHECK(eventually([&] { return tap.alive == 0; }));
  H2Client h2(port);
  const std::uint32_t id = h2.request(get_fields("/app/events"));
  REQUIRE(eventually([&] { return tap.alive == 1; }));
  h2.send(testing::frame(testing::kRstStream, 0, id, testing::big_endian(NGHTTP2_CANCEL)));
  CHECK(eventually([&] { return tap.alive == 0; }));
  // A wake-up that comes late has no effect.
  tap.pour("late");
  CHECK(h2.get("/app/hello").status == 200);
  const std::uint32_t last = h2.request(get_fields("/app/events"));
  REQUIRE(eventually([&] { return tap.alive == 1; }));
  server.server->stop(std::chrono::milliseconds{0});
  CHECK(tap.alive == 0);
  CHECK_FALSE(h2.receive(last).complete);
}

TEST_CASE("a source is asked for no more than the client takes") {
  TestServer server;
  std::atomic<int> pulls = 0;
  server.app.routes["/app/endless"] = [&](const Request&, Context&) {
    return Response(200, "a/b", std::make_unique<CountedSource>(1ULL << 40, std::nullopt, &pulls));
  };
  const std::uint16_t port = server.start();
  H2Client h2(port);
  h2.grants_windows = false;
  const std::uint32_t id = h2.request(get_fields("/app/endless"));
  while (h2.reply(id).body.size() < 65'535) REQUIRE(h2.read_frame());
  CHECK(h2.get("/app/hello").status == 200);
  // The window of 65,535 bytes takes four frames.
  CHECK(pulls <= 5);
}

TEST_CASE("a response that breaks in its middle does not look complete") {
  TestServer server;
  server.app.routes["/app/broken"] = [&](const Request&, Context&) {
    return Response(200, "a/b", std::make_unique<CountedSource>(100'000, std::nullopt, nullptr));
  };
  server.app.routes["/app/short"] = [&](const Request&, Context&) {
    return Response(200, "a/b", std::make_unique<CountedSource>(10, 100'000, nullptr));
  };
  server.app.routes["/app/shrunk"] = [&](const Request&, Context&) {
    FileRange file = file_of("short");
    file.size = 100'000;
    return Response(200, "a/b", file);
  };
  const std::uint16_t port = server.start();
  RawClient chunked(port);
  CHECK(chunked.get("/app/broken").status == 200);
  CHECK(read_chunked(chunked) == "broken");
  CHECK(RawClient(port).get("/app/short").status == 0);
  CHECK(RawClient(port).get("/app/shrunk").status == 0);
  H2Client h2(port);
  for (const char* path : {"/app/broken", "/app/short", "/app/shrunk"}) {
    const H2Reply reply = h2.get(path);
    CHECK(reply.status == 200);
    CHECK(reply.reset == NGHTTP2_INTERNAL_ERROR);
  }
  CHECK(h2.get("/app/hello").status == 200);
}

TEST_CASE("ranges of what stays the same") {
  TestServer server;
  const std::string content = numbered(100'000);
  const FileRange file = file_of(content);
  const auto shared = std::make_shared<const Bytes>(to_bytes(content));
  server.app.routes["/app/file"] = [&](const Request&, Context&) {
    return Response(200, "a/b", file).with_header("ETag", "\"one\"");
  };
  server.app.routes["/app/shared"] = [&](const Request&, Context&) {
    return Response(200, "a/b", shared)
        .with_header("Last-Modified", "Sat, 21 Nov 2026 10:00:00 GMT")
        .with_header("ETag", "\"one\"");
  };
  const std::uint16_t port = server.start();
  RawClient h1(port);
  H2Client h2(port);
  const auto ask = [&](const std::string& path, const std::string& more) {
    return h1.exchange("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n");
  };
  for (const std::string path : {"/app/file", "/app/shared"}) {
    CHECK(ask(path, "").header("Accept-Ranges") == "bytes");
    const Reply part = ask(path, "Range: bytes=10-19\r\n");
    CHECK(part.status == 206);
    CHECK(part.body == content.substr(10, 10));
    CHECK(part.header("Content-Range") == "bytes 10-19/100000");
    CHECK(ask(path, "Range: bytes=99990-\r\n").body == content.substr(99'990));
    CHECK(ask(path, "Range: bytes=99990-200000\r\n").body == content.substr(99'990));
    CHECK(ask(path, "Range: bytes=-5\r\n").body == content.substr(99'995));
    CHECK(ask(path, "Range: bytes=-200000\r\n").body == content);
    for (const char* none : {"bytes=100000-", "bytes=-0", "bytes=200000-300000"}) {
      const Reply refused = ask(path, "Range: " + std::string(none) + "\r\n");
      CHECK(refused.status == 416);
      CHECK(refused.header("Content-Range") == "bytes */100000");
      CHECK(refused.body.empty());
    }
    for (const char* other :
         {"bytes=0-1,3-4", "bytes=5-4", "bytes=a-b", "bytes=", "bytes=-", "lines=1-2",
          "bytes=99999999999999999999-", "bytes=1-99999999999999999999"}) {
      CHECK(ask(path, "Range: " + std::string(other) + "\r\n").status == 200);
    }
    CHECK(ask(path, "Range: bytes=0-1\r\nIf-Range: \"one\"\r\n").status == 206);
    CHECK(ask(path, "Range: bytes=0-1\r\nIf-Range: \"two\"\r\n").status == 200);
    CHECK(ask(path, "Range: bytes=0-1\r\nIf-Range: W/\"one\"\r\n").status == 200);
    const H2Reply reply = h2.get(path, {{"range", "bytes=10-19"}});
    CHECK(reply.status == 206);
    CHECK(reply.body == content.substr(10, 10));
  }
  CHECK(ask("/app/shared", "Range: bytes=0-1\r\nIf-Range: Sat, 21 Nov 2026 10:00:00 GMT\r\n")
            .status == 206);
  CHECK(ask("/app/hello", "Range: bytes=0-1\r\n").status == 200);
  CHECK(ask("/app/hello", "").header("Accept-Ranges").empty());
}

TEST_CASE("a secret response is zeroed wherever it goes") {
  std::string text(100, 's');
  const char* const memory = text.data();
  {
    Response response = Response(200, "a/b", std::move(text)).secret();
    CHECK(response.is_secret());
    CHECK(response.body().size() == 100);
    Response moved = std::move(response);
    CHECK(as_text(moved.body()).data() == memory);
    Response other = Response(200, "a/b", std::string(100, 't')).secret();
    moved = std::move(other);
    CHECK(as_text(moved.body()) == std::string(100, 't'));
  }
  CHECK_FALSE(Response(200, "a/b", "public").is_secret());
}

}  // namespace
}  // namespace chancery::http
