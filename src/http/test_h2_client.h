#pragma once

// An HTTP/2 client that sends exactly the frames it is told, right or wrong; for tests only.

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/h2_session.h"
#include "http/test_server.h"

namespace chancery::http::testing {

enum FrameType : std::uint8_t {
  kData,
  kHeaders,
  kPriority,
  kRstStream,
  kSettings,
  kPushPromise,
  kPing,
  kGoaway,
  kWindowUpdate,
  kContinuation
};
inline constexpr std::uint8_t kEndStream = 1;
inline constexpr std::uint8_t kAck = 1;
inline constexpr std::uint8_t kEndHeaders = 4;

struct Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;
};

inline std::string big_endian(std::uint32_t number, int bytes = 4) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i) & 0xff);
  return out;
}
inline std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t out = 0;
  for (const char c : bytes.substr(at, 4)) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}
inline std::string frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                         std::string_view payload = {}) {
  std::string out = big_endian(static_cast<std::uint32_t>(payload.size()), 3);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  return out + big_endian(stream) + std::string(payload);
}

// HPACK without any compression (RFC 7541, 6.2.2); strings up to 16 KiB.
inline std::string hpack_string(std::string_view text) {
  std::string out;
  if (text.size() < 127) {
    out += static_cast<char>(text.size());
  } else {
    std::size_t rest = text.size() - 127;
    out += static_cast<char>(127);
    for (; rest >= 128; rest /= 128) out += static_cast<char>(rest % 128 + 128);
    out += static_cast<char>(rest);
  }
  return out + std::string(text);
}
using Fields = std::vector<std::pair<std::string, std::string>>;
inline std::string hpack(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out += '\0';
    out += hpack_string(name) + hpack_string(value);
  }
  return out;
}
inline Fields get_fields(std::string_view path, Fields more = {}) {
  Fields fields{{":method", "GET"},
                {":scheme", "http"},
                {":path", std::string(path)},
                {":authority", "test"}};
  for (auto& one : more) fields.push_back(std::move(one));
  return fields;
}

struct H2Reply {
  unsigned status = 0;
  Fields headers;
  std::string body;
  bool complete = false;
  std::optional<std::uint32_t> reset;  // error code

  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return "";
  }
};

class H2Client {
 public:
  explicit H2Client(std::uint16_t port, std::string_view settings = {}) : socket_(port) {
    nghttp2_hd_inflate_new(&inflater_);
    socket_.send(std::string(kH2Preface) + frame(kSettings, 0, 0, settings));
  }
  ~H2Client() { nghttp2_hd_inflate_del(inflater_); }
  H2Client(const H2Client&) = delete;
  H2Client& operator=(const H2Client&) = delete;

  bool send(std::string_view bytes) { return socket_.send(bytes); }
  RawClient& socket() { return socket_; }
  // Whether flow-control windows are opened as data comes.
  bool grants_windows = true;

  // Sends a request and returns its stream's number.
  std::uint32_t request(const Fields& fields, std::optional<std::string_view> body = {}) {
    const std::uint32_t id = std::exchange(next_id_, next_id_ + 2);
    std::string out = frame(kHeaders, kEndHeaders | (body ? 0 : kEndStream), id, hpack(fields));
    while (body && body->size() > 16'384) {
      out += frame(kData, 0, id, body->substr(0, 16'384));
      body->remove_prefix(16'384);
    }
    if (body) out += frame(kData, kEndStream, id, *body);
    send(out);
    return id;
  }
  std::uint32_t take_id() { return std::exchange(next_id_, next_id_ + 2); }

  // Reads until the stream's response is complete or the connection ends.
  H2Reply receive(std::uint32_t id) {
    while (!replies_[id].complete && !replies_[id].reset && read_frame()) {
    }
    return replies_[id];
  }
  // What has come for the stream so far.
  H2Reply& reply(std::uint32_t id) { return replies_[id]; }
  H2Reply get(std::string_view path, Fields more = {}) {
    return receive(request(get_fields(path, std::move(more))));
  }
  // Reads until a GOAWAY with an error code, or the end; the code.
  std::optional<std::uint32_t> receive_goaway() {
    while (!goaway_ && read_frame()) {
    }
    return goaway_;
  }
  [[nodiscard]] const std::string& goaway_text() const { return goaway_text_; }
  [[nodiscard]] std::uint32_t goaway_last_stream() const { return goaway_last_; }
  // Reads one frame; false at the end of the connection.
  bool read_frame() {
    std::string head;
    if (!socket_.receive_exactly(9, head)) return false;
    const std::size_t size = number_at(head, 0) >> 8;
    Frame got{static_cast<std::uint8_t>(head[3]),
              static_cast<std::uint8_t>(head[4]),
              number_at(head, 5),
              {}};
    if (!socket_.receive_exactly(size, got.payload)) return false;
    ++counts[got.type];
    handle(got);
    return true;
  }
  bool at_end() {
    while (read_frame()) {
    }
    return true;
  }
  std::map<std::uint8_t, int> counts;  // of frames by type

 private:
  void handle(const Frame& got) {
    H2Reply& reply = replies_[got.stream];
    switch (got.type) {
      case kHeaders:
        inflate(got.payload, reply);
        break;
      case kData:
        reply.body += got.payload;
        if (grants_windows && !got.payload.empty()) {
          const std::string size = big_endian(static_cast<std::uint32_t>(got.payload.size()));
          send(frame(kWindowUpdate, 0, 0, size) + frame(kWindowUpdate, 0, got.stream, size));
        }
        break;
      case kRstStream:
        reply.reset = number_at(got.payload, 0);
        return;
      case kSettings:
        if ((got.flags & kAck) == 0) send(frame(kSettings, kAck, 0));
        return;
      case kPing:
        if ((got.flags & kAck) == 0) send(frame(kPing, kAck, 0, got.payload));
        return;
      case kGoaway:
        goaway_last_ = number_at(got.payload, 0);
        goaway_ = number_at(got.payload, 4);
        goaway_text_ = got.payload.substr(8);
        return;
      default:
        return;
    }
    if ((got.flags & kEndStream) != 0) reply.complete = true;
  }

  void inflate(std::string_view block, H2Reply& reply) {
    while (true) {
      nghttp2_nv field{};
      int flags = 0;
      const ssize_t used = nghttp2_hd_inflate_hd2(
          inflater_, &field, &flags, reinterpret_cast<const std::uint8_t*>(block.data()),
          block.size(), 1);
      if (used < 0) return;
      block.remove_prefix(static_cast<std::size_t>(used));
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        std::string name(reinterpret_cast<const char*>(field.name), field.namelen);
        std::string value(reinterpret_cast<const char*>(field.value), field.valuelen);
        if (name == ":status") reply.status = static_cast<unsigned>(std::stoul(value));
        reply.headers.emplace_back(std::move(name), std::move(value));
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    }
    nghttp2_hd_inflate_end_headers(inflater_);
  }

  RawClient socket_;
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::uint32_t next_id_ = 1;
  std::map<std::uint32_t, H2Reply> replies_;
  std::optional<std::uint32_t> goaway_;
  std::string goaway_text_;
  std::uint32_t goaway_last_ = 0;
};

}  // namespace chancery::http::testing
