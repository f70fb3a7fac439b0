#include <chrono>
#include <map>
#include <span>

#include "base/fakes.h"
#include "http/h2_session.h"
#include "http/response_writer.h"

namespace chancery::http {
namespace {

// The bytes of a client meet a session without sockets or threads: every complete request is
// answered with its own body, and what the session holds stays within its bounds.
class Harness final : public H2SessionOwner {
 public:
  void run(std::span<const char> bytes) {
    // The first byte says how the rest is cut up.
    if (bytes.empty()) return;
    const std::size_t piece = 1 + static_cast<unsigned char>(bytes.front()) * 16UZ;
    std::string_view rest(bytes.data() + 1, bytes.size() - 1);
    receive(kH2Preface);
    while (!rest.empty() && !session_.over()) {
      receive(rest.substr(0, piece));
      rest.remove_prefix(std::min(piece, rest.size()));
    }
    session_.drain();
    session_.refuse_new();
    produce();
  }

  H2Stream* open(std::int32_t id) override {
    if (streams_.size() >= kMaxStreams) return nullptr;
    return &streams_.try_emplace(id, *this, id).first->second;
  }

 private:
  static constexpr std::uint32_t kMaxStreams = 8;
  static constexpr std::size_t kMaxHeaderBytes = 4096;

  class Stream final : public H2Stream, public BodyOwner {
   public:
    Stream(Harness& harness, std::int32_t id) : harness_(harness), id_(id) {}
    bool header(std::string_view name, std::string_view value) override {
      size_ += name.size() + value.size() + 32;
      return size_ <= kMaxHeaderBytes;
    }
    void head_complete() override { CHANCERY_CHECK(size_ > 0); }
    void body(std::string_view piece) override {
      if (text_.size() < kMaxHeaderBytes) text_ += piece;
    }
    void request_complete() override {
      response_ = Response(200, "text/plain", text_).with_header("X-Fuzz", "1");
      body_.start(response_.content(), nullptr, *this);
      harness_.session_.respond(id_, response_, {"date", "id", text_.size(), !text_.empty()});
    }
    BodyReader& response_body() override { return body_; }
    void body_moved() override {}
    void body_stalled() override { CHANCERY_CHECK(false); }
    void body_failed(const Error&) override { CHANCERY_CHECK(false); }
    void closed(bool) override { harness_.streams_.erase(id_); }
    void body_ready() override {}

   private:
    Harness& harness_;
    const std::int32_t id_;
    std::size_t size_ = 0;
    std::string text_;
    Response response_;
    BodyReader body_;
  };

  void receive(std::string_view bytes) {
    session_.receive(bytes, now_);
    produce();
  }
  void produce() {
    while (true) {
      std::string out;
      session_.produce(out, 16'384, now_);
      CHANCERY_CHECK(out.size() < 3 * 16'384);
      if (out.empty()) break;
    }
    CHANCERY_CHECK(streams_.size() <= kMaxStreams);
  }

  const H2Session::Clock::time_point now_{};
  std::map<std::int32_t, Stream> streams_;
  H2Session session_{{kMaxStreams, kMaxHeaderBytes}, *this};
};

}  // namespace
}  // namespace chancery::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chancery::http::Harness().run({reinterpret_cast<const char*>(data), size});
  return 0;
}
