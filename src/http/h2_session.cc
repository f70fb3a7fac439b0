// The only file that sees nghttp2.
#include "http/h2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>
#include <vector>

#include "base/text.h"
#include "http/response_writer.h"

namespace chancery::http {

namespace {

// Frames of one header block after the first: with the limit for the list, more is abuse.
constexpr std::size_t kMaxContinuations = 8;
// Answers to PING and SETTINGS that may wait for the peer to read them.
constexpr std::size_t kMaxWaitingAcks = 200;
constexpr std::size_t kHpackTable = 4096;
constexpr std::size_t kOneFrame = 16 * 1024;
// What a client may send ahead of us on all streams together.
constexpr std::int32_t kConnectionWindow = 256 * 1024;
constexpr std::array<std::uint8_t, 8> kDrainPing{'d', 'r', 'a', 'i', 'n', 'i', 'n', 'g'};

struct OptionDeleter {
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};
struct CallbacksDeleter {
  void operator()(nghttp2_session_callbacks* all) const { nghttp2_session_callbacks_del(all); }
};
struct SessionDeleter {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};

// nghttp2 takes pointers to bytes that it only reads, without const.
std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}
std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

nghttp2_nv header(std::string_view name, std::string_view value,
                  std::uint8_t flags = NGHTTP2_NV_FLAG_NONE) {
  return {bytes_of(name), bytes_of(value), name.size(), value.size(), flags};
}

// Headers about the connection of HTTP/1.1, which HTTP/2 forbids (RFC 9113, 8.2.2), and those that
// the session writes itself.
bool is_left_out(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kNames{"Connection",       "Transfer-Encoding",
                                                          "Keep-Alive",       "Upgrade",
                                                          "Proxy-Connection", "Content-Length"};
  return name.empty() || std::ranges::any_of(kNames, [&](std::string_view one) {
           return one.size() == name.size() && equal_ignoring_case(one, name);
         });
}

void check(int result) {
  if (result == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
}

H2Guard::Kind kind_of(std::uint8_t type) {
  switch (type) {
    case NGHTTP2_RST_STREAM:
      return H2Guard::Kind::kReset;
    case NGHTTP2_PING:
      return H2Guard::Kind::kPing;
    case NGHTTP2_SETTINGS:
      return H2Guard::Kind::kSettings;
    case NGHTTP2_WINDOW_UPDATE:
      return H2Guard::Kind::kWindowUpdate;
    default:
      return H2Guard::Kind::kOther;
  }
}

}  // namespace

struct H2Session::State {
  explicit State(H2SessionOwner& session_owner) : owner(session_owner) {}

  H2SessionOwner& owner;
  std::unique_ptr<nghttp2_session, SessionDeleter> session;
  H2Guard guard;
  Clock::time_point now;
  std::string* out = nullptr;  // during produce
  std::string_view complaint;
  bool ended = false;  // by us; only the GOAWAY is still to be sent
  bool goaway_sent = false;
  bool draining = false;
  std::vector<nghttp2_nv> headers;  // kept for its memory

  H2Stream* stream(std::int32_t id) const {
    return static_cast<H2Stream*>(nghttp2_session_get_stream_user_data(session.get(), id));
  }

  // Ends the session with a GOAWAY that says why.
  void end(std::uint32_t code, std::string_view why) {
    if (std::exchange(ended, true)) return;
    complaint = why;
    check(nghttp2_submit_goaway(session.get(), NGHTTP2_FLAG_NONE,
                                nghttp2_session_get_last_proc_stream_id(session.get()), code,
                                bytes_of(why), why.size()));
  }
  // The same from within a callback: what is being received is dropped.
  int abort(std::string_view why) {
    end(NGHTTP2_ENHANCE_YOUR_CALM, why);
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }
  int count(H2Guard::Kind kind) {
    return guard.count(kind, now) ? 0 : abort(H2Guard::complaint(kind));
  }

  int on_begin_frame(const nghttp2_frame_hd& frame) {
    switch (frame.type) {
      case NGHTTP2_HEADERS:
      case NGHTTP2_CONTINUATION:
        return 0;
      case NGHTTP2_DATA:
        if (frame.length > 0 || (frame.flags & NGHTTP2_FLAG_END_STREAM) != 0) return 0;
        return count(H2Guard::Kind::kEmptyData);
      default:
        return count(kind_of(frame.type));
    }
  }

  int on_begin_headers(const nghttp2_frame& frame) {
    if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) return 0;  // trailers
    const std::int32_t id = frame.hd.stream_id;
    H2Stream* opened = owner.open(id);
    if (opened == nullptr) {
      check(
          nghttp2_submit_rst_stream(session.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM));
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    check(nghttp2_session_set_stream_user_data(session.get(), id, opened));
    return 0;
  }

  int on_header(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
    H2Stream* const at = stream(frame.hd.stream_id);
    if (at == nullptr) return 0;
    // Trailers are read and dropped, but not without end either.
    if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) name = {};
    return at->header(name, value) ? 0 : abort("the headers of one request are far too large");
  }

  int on_frame(const nghttp2_frame& frame) {
    if (frame.hd.type == NGHTTP2_PING) return on_ping(frame.ping);
    if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return 0;
    H2Stream* const at = stream(frame.hd.stream_id);
    if (at == nullptr) return 0;
    if (frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST)
      at->head_complete();
    if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) at->request_complete();
    return 0;
  }

  // The answer to the ping that followed the notice of shutdown: the client has seen it.
  int on_ping(const nghttp2_ping& ping) {
    const bool is_answer = (ping.hd.flags & NGHTTP2_FLAG_ACK) != 0;
    if (draining && is_answer && std::ranges::equal(ping.opaque_data, kDrainPing)) goaway();
    return 0;
  }

  void goaway() {
    draining = false;
    check(nghttp2_submit_goaway(session.get(), NGHTTP2_FLAG_NONE,
                                nghttp2_session_get_last_proc_stream_id(session.get()),
                                NGHTTP2_NO_ERROR, nullptr, 0));
  }

  int on_body(std::int32_t id, std::string_view piece) {
    if (H2Stream* const at = stream(id)) at->body(piece);
    return 0;
  }

  int on_sent(const nghttp2_frame& frame) {
    if (frame.hd.type == NGHTTP2_GOAWAY) goaway_sent = goaway_sent || ended;
    if (frame.hd.type == NGHTTP2_RST_STREAM && frame.rst_stream.error_code != NGHTTP2_NO_ERROR &&
        !ended) {
      if (!guard.count(H2Guard::Kind::kReset, now))
        end(NGHTTP2_ENHANCE_YOUR_CALM, H2Guard::complaint(H2Guard::Kind::kReset));
    }
    const bool is_end = (frame.hd.type == NGHTTP2_DATA || frame.hd.type == NGHTTP2_HEADERS) &&
                        (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    // Answered before the request was all here: the rest is not wanted (RFC 9113, 8.1).
    if (is_end && nghttp2_session_get_stream_remote_close(session.get(), frame.hd.stream_id) == 0) {
      check(nghttp2_submit_rst_stream(session.get(), NGHTTP2_FLAG_NONE, frame.hd.stream_id,
                                      NGHTTP2_NO_ERROR));
    }
    return 0;
  }

  int on_close(std::int32_t id, std::uint32_t error_code) {
    if (H2Stream* const at = stream(id)) at->closed(error_code == NGHTTP2_NO_ERROR);
    return 0;
  }

  ssize_t prepare_body(H2Stream& at, std::size_t budget, std::uint32_t& flags) {
    const BodyReader::Piece piece = at.response_body().prepare(budget);
    switch (piece.status) {
      case BodyReader::Status::kReady:
        break;
      case BodyReader::Status::kNotYet:
        at.body_stalled();
        return NGHTTP2_ERR_DEFERRED;
      case BodyReader::Status::kFailed:
        at.body_failed(at.response_body().failure());
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (piece.last) flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(piece.bytes);
  }

  int send_body(H2Stream& at, std::string_view frame_header, std::size_t size) {
    const std::size_t before = out->size();
    *out += frame_header;
    if (const auto taken = at.response_body().take(*out, size); !taken) {
      out->resize(before);
      at.body_failed(taken.error());
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    guard.sent(size);
    at.body_moved();
    return 0;
  }
};

namespace {

constexpr std::size_t kFrameHeader = 9;

// C++ exceptions must not pass through a C library. There is only one kind here, lack of memory.
template <class Work>
auto guarded(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (...) {
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }
}

}  // namespace

// Callbacks is a bridge from nghttp2's functions to State.
struct H2Callbacks {
  using State = H2Session::State;
  static State& state(void* user) { return *static_cast<State*>(user); }

  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* frame, void* user) {
    return guarded([&] { return state(user).on_begin_frame(*frame); });
  }
  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    return guarded([&] { return state(user).on_begin_headers(*frame); });
  }
  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                    std::uint8_t, void* user) {
    return guarded([&] {
      return state(user).on_header(*frame, text_of(name, name_size), text_of(value, value_size));
    });
  }
  static int frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    return guarded([&] { return state(user).on_frame(*frame); });
  }
  static int body(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                  std::size_t size, void* user) {
    return guarded([&] { return state(user).on_body(id, text_of(data, size)); });
  }
  static int sent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    return guarded([&] { return state(user).on_sent(*frame); });
  }
  static int close(nghttp2_session*, std::int32_t id, std::uint32_t error_code, void* user) {
    return guarded([&] { return state(user).on_close(id, error_code); });
  }
  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source* source, void* user) {
    return guarded([&]() -> ssize_t {
      return state(user).prepare_body(*static_cast<H2Stream*>(source->ptr), size, *flags);
    });
  }
  static int send_body(nghttp2_session*, nghttp2_frame*, const std::uint8_t* frame_header,
                       std::size_t size, nghttp2_data_source* source, void* user) {
    return guarded([&] {
      return state(user).send_body(*static_cast<H2Stream*>(source->ptr),
                                   text_of(frame_header, kFrameHeader), size);
    });
  }

  static nghttp2_session_callbacks* make() {
    nghttp2_session_callbacks* all = nullptr;
    check(nghttp2_session_callbacks_new(&all));
    nghttp2_session_callbacks_set_on_begin_frame_callback(all, begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(all, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(all, header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(all, frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, body);
    nghttp2_session_callbacks_set_on_frame_send_callback(all, sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(all, close);
    nghttp2_session_callbacks_set_send_data_callback(all, send_body);
    return all;
  }
  static nghttp2_option* make_option() {
    nghttp2_option* option = nullptr;
    check(nghttp2_option_new(&option));
    nghttp2_option_set_max_deflate_dynamic_table_size(option, kHpackTable);
    nghttp2_option_set_max_continuations(option, kMaxContinuations);
    nghttp2_option_set_max_outbound_ack(option, kMaxWaitingAcks);
    nghttp2_option_set_no_closed_streams(option, 1);
    return option;
  }
};

H2Session::H2Session(const H2Options& options, H2SessionOwner& owner)
    : state_(std::make_unique<State>(owner)) {
  static const std::unique_ptr<nghttp2_session_callbacks, CallbacksDeleter> kCallbacks(
      H2Callbacks::make());
  static const std::unique_ptr<nghttp2_option, OptionDeleter> kOption(H2Callbacks::make_option());
  nghttp2_session* session = nullptr;
  check(nghttp2_session_server_new2(&session, kCallbacks.get(), state_.get(), kOption.get()));
  state_->session.reset(session);
  const std::array<nghttp2_settings_entry, 3> settings{
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, options.max_streams},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
        static_cast<std::uint32_t>(options.max_header_bytes)},
       {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}}};
  check(nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size()));
  check(nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kConnectionWindow));
}

H2Session::~H2Session() = default;

void H2Session::receive(std::string_view bytes, Clock::time_point now) {
  State& s = *state_;
  s.now = now;
  if (s.ended) return;
  const ssize_t result = nghttp2_session_mem_recv(s.session.get(), bytes_of(bytes), bytes.size());
  if (result >= 0) return;
  switch (result) {
    case NGHTTP2_ERR_NOMEM:
      throw std::bad_alloc();
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC:
      return s.end(NGHTTP2_PROTOCOL_ERROR, "the connection preface is wrong");
    case NGHTTP2_ERR_CALLBACK_FAILURE:
      // Said already, unless memory ran out.
      return s.end(NGHTTP2_INTERNAL_ERROR, "out of memory");
    default:
      return s.end(NGHTTP2_ENHANCE_YOUR_CALM, "too many frames of one kind");
  }
}

void H2Session::produce(std::string& out, std::size_t enough, Clock::time_point now) {
  State& s = *state_;
  s.now = now;
  s.out = &out;
  while (out.size() < enough && !s.goaway_sent) {
    const std::uint8_t* data = nullptr;
    const std::size_t before = out.size();
    const ssize_t size = nghttp2_session_mem_send(s.session.get(), &data);
    if (size == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
    if (size < 0) {
      s.ended = s.goaway_sent = true;
      break;
    }
    out += text_of(data, static_cast<std::size_t>(size));
    if (out.size() == before) break;
  }
  s.out = nullptr;
}

bool H2Session::over() const {
  const State& s = *state_;
  if (s.ended) return s.goaway_sent;
  return nghttp2_session_want_read(s.session.get()) == 0 &&
         nghttp2_session_want_write(s.session.get()) == 0;
}

std::string_view H2Session::complaint() const { return state_->complaint; }

void H2Session::respond(std::int32_t id, const Response& response, const Head& head) {
  State& s = *state_;
  std::array<char, 20> number{};
  const unsigned status = std::clamp(response.status(), 100U, 999U);
  const std::array<char, 3> digits{static_cast<char>('0' + status / 100),
                                   static_cast<char>('0' + status / 10 % 10),
                                   static_cast<char>('0' + status % 10)};
  s.headers.clear();
  s.headers.push_back(header(":status", {digits.data(), digits.size()}));
  s.headers.push_back(header("date", head.date));
  // Different each time: it would only push others out of the compression's table.
  s.headers.push_back(header("x-request-id", head.request_id, NGHTTP2_NV_FLAG_NO_INDEX));
  for (const Header& one : response.headers()) {
    if (!is_left_out(one.name)) s.headers.push_back(header(one.name, one.value));
  }
  if (head.length) {
    const auto end = std::to_chars(number.data(), number.data() + number.size(), *head.length).ptr;
    const auto size = static_cast<std::size_t>(end - number.data());
    s.headers.push_back(header("content-length", {number.data(), size}));
  }
  H2Stream* const at = s.stream(id);
  nghttp2_data_provider provider{};
  provider.source.ptr = at;
  provider.read_callback = H2Callbacks::read_body;
  // nghttp2 copies the headers, names in lower case.
  const int result = nghttp2_submit_response(s.session.get(), id, s.headers.data(),
                                             s.headers.size(), head.has_body ? &provider : nullptr);
  check(result);
  if (result != 0) return cancel(id);
  // By default one response would follow the other; "incremental" makes them take turns.
  static constexpr nghttp2_extpri kTurns{NGHTTP2_EXTPRI_DEFAULT_URGENCY, 1};
  if (head.has_body && (!head.length || *head.length > kOneFrame))
    check(nghttp2_session_change_extpri_stream_priority(s.session.get(), id, &kTurns, 1));
}

void H2Session::send_continue(std::int32_t id) {
  const nghttp2_nv status = header(":status", "100");
  check(nghttp2_submit_headers(state_->session.get(), NGHTTP2_FLAG_NONE, id, nullptr, &status, 1,
                               nullptr));
}

void H2Session::body_ready(std::int32_t id) {
  check(nghttp2_session_resume_data(state_->session.get(), id));
}

void H2Session::cancel(std::int32_t id) {
  check(nghttp2_submit_rst_stream(state_->session.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL));
}

void H2Session::drain() {
  State& s = *state_;
  if (s.ended || std::exchange(s.draining, true)) return;
  check(nghttp2_submit_shutdown_notice(s.session.get()));
  check(nghttp2_submit_ping(s.session.get(), NGHTTP2_FLAG_NONE, kDrainPing.data()));
}

void H2Session::refuse_new() {
  if (!state_->ended) state_->goaway();
}

}  // namespace chancery::http
